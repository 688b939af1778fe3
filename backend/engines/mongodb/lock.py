"""The run lock: one lease document with a unique _id, renewed while it is held, running out by itself after a crash.

Time is the server's alone, so machines with wrong clocks agree about when a lease ends.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from backend.core.errors import AppError, Busy
from backend.engine.target import Target

from .connect import LOCK_COLLECTION, writable

if TYPE_CHECKING:
    from pymongo.collection import Collection
    from pymongo.database import Database

_log = logging.getLogger(__name__)

LEASE_S = 30.0
"""How long a crashed holder keeps others out."""
_RENEWALS_PER_LEASE = 3
_ID = "run"


@contextmanager
def run_lock(target: Target, owner: Mapping[str, str], *, lease_s: float = LEASE_S) -> Iterator[None]:
    """Hold the database's lease. Raises Busy at once, with the holder, where another holds it.

    It also works where the database does not exist yet: the lease then lives in it alone, does not make the database
    count as existing, and is cleared away at the end where nothing else came.
    """
    token = secrets.token_hex(12)
    with writable(target) as found:
        leases = _leases(found)
        _take(leases, token, owner, lease_s)
        stop = threading.Event()
        renewer = threading.Thread(
            target=_renew_until, args=(stop, leases, token, lease_s), name="mongodb-lease", daemon=True
        )
        renewer.start()
        try:
            yield
        finally:
            stop.set()
            renewer.join(timeout=5)
            _release(found, leases, token)


def _leases(found: Database[dict[str, Any]]) -> Collection[dict[str, Any]]:
    from pymongo import ReadPreference
    from pymongo.read_concern import ReadConcern
    from pymongo.write_concern import WriteConcern

    # A lease that a fail-over could undo would let two in.
    return found.get_collection(
        LOCK_COLLECTION,
        write_concern=WriteConcern("majority"),
        read_concern=ReadConcern("local"),
        read_preference=ReadPreference.PRIMARY,
    )


def server_time(leases: Collection[dict[str, Any]]) -> datetime:
    """The primary's clock, UTC."""
    # `command` does not take over the client's time zone by itself.
    admin = leases.database.client.admin
    moment: datetime = admin.command("hello", codec_options=leases.codec_options)["localTime"]
    return moment


def _take(leases: Collection[dict[str, Any]], token: str, owner: Mapping[str, str], lease_s: float) -> None:
    """Insert the lease; one that ran out is removed first. The unique _id lets only one of several get in."""
    from pymongo.errors import DuplicateKeyError

    for _ in range(20):
        now = server_time(leases)
        lease = {
            "_id": _ID,
            "token": token,
            "since": now,
            "expires_at": now + timedelta(seconds=lease_s),
            "holder": {name: str(value) for name, value in owner.items()},
        }
        try:
            leases.insert_one(lease)
            return
        except DuplicateKeyError:
            held = leases.find_one({"_id": _ID})
        if held is None:
            continue
        if held["expires_at"] > now:
            raise _busy(held)
        # Only exactly what was read is removed: a holder that renewed meanwhile keeps its lease.
        leases.delete_one({"_id": _ID, "token": held["token"], "expires_at": held["expires_at"]})
    raise Busy("The run lock of this database is changing hands too quickly.", hint="Try again.")


def _busy(held: Mapping[str, Any]) -> Busy:
    holder = {**held.get("holder", {}), "since": held["since"].isoformat().replace("+00:00", "Z")}
    who = " on ".join(holder[name] for name in ("user", "host") if holder.get(name))
    return Busy(
        f"Another run is under way on this database{f' ({who})' if who else ''}.",
        hint="Wait until it has ended. If it crashed, its lock ends by itself within half a minute.",
        holder=holder,
    )


def _renew_until(
    stop: threading.Event, leases: Collection[dict[str, Any]], token: str, lease_s: float
) -> None:
    while not stop.wait(lease_s / _RENEWALS_PER_LEASE):
        try:
            expires_at = server_time(leases) + timedelta(seconds=lease_s)
            renewed = leases.update_one({"_id": _ID, "token": token}, {"$set": {"expires_at": expires_at}})
            if renewed.matched_count == 0:
                # This process was asleep for longer than the lease, and someone took over.
                _log.warning("The run lock of %s was lost", leases.database.name)
                return
        except Exception as error:
            # The next renewal may reach the server again; the lease has two more tries.
            _log.warning(
                "The run lock of %s could not be renewed: %s", leases.database.name, type(error).__name__
            )


def _release(found: Database[dict[str, Any]], leases: Collection[dict[str, Any]], token: str) -> None:
    """Give the lease back. A server that is gone is no error here: the lease ends by itself."""
    from pymongo.errors import PyMongoError

    try:
        leases.delete_one({"_id": _ID, "token": token})
        if found.list_collection_names() == [LOCK_COLLECTION] and leases.find_one({}) is None:
            leases.drop()
    except (PyMongoError, AppError) as error:
        _log.warning("The run lock of %s was left to run out: %s", found.name, type(error).__name__)
