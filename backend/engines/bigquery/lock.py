"""The run lock: an empty table in the dataset that only one can create and that BigQuery itself removes.

BigQuery has no locks, but two cannot create the same table, and a table may carry the time at which it expires. The
holder moves that time forward while the run goes on; after a crash BigQuery drops the table, and nobody need do
anything. It is there only during a run, empty, and left out of every list, dump and comparison.
"""

from __future__ import annotations

import json
import logging
import secrets
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from backend.core.errors import AppError, Busy
from backend.engine.target import Target

from .connect import Api, session
from .errors import CONFLICT, PRECONDITION, ApiError

LOCK_TABLE = "dbtoolkit_run_lock"
LEASE = timedelta(minutes=5)
RENEW_S = 60.0
_log = logging.getLogger(__name__)


@contextmanager
def run_lock(target: Target, owner: Mapping[str, str]) -> Iterator[None]:
    """Hold the dataset's lock. Raises Busy at once where another holds it. A missing dataset: locks nothing."""
    keeper = _Keeper(target, owner)
    held = keeper.take()
    try:
        yield
    finally:
        if held:
            keeper.release()


class _Keeper:
    def __init__(self, target: Target, owner: Mapping[str, str]) -> None:
        self._target = target
        self._token = secrets.token_hex(8)
        since = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        self._owner = {**owner, "since": since, "token": self._token}
        self._released = threading.Event()
        self._renewer = threading.Thread(target=self._renew, name="bigquery-run-lock", daemon=True)

    def take(self) -> bool:
        """True where the lock is held now, False where there is no dataset to lock."""
        with session(self._target) as api:
            try:
                # Also learns the server's time.
                api.call("GET", api.dataset_path)
            except ApiError as error:
                if error.is_missing:
                    return False
                raise
            if not self._create(api):
                self._take_over(api)
        self._renewer.start()
        return True

    def _create(self, api: Api) -> bool:
        reference = {"projectId": api.url.project, "datasetId": api.url.dataset, "tableId": LOCK_TABLE}
        schema = {"fields": [{"name": "holder", "type": "STRING"}]}
        try:
            api.call(
                "POST",
                f"{api.dataset_path}/tables",
                body={"tableReference": reference, "schema": schema, **self._lease(api)},
            )
        except ApiError as error:
            if error.status == CONFLICT:
                return False
            raise
        return True

    def _take_over(self, api: Api) -> None:
        """Take a lock whose time is over, where BigQuery has not removed it yet; the ETag lets only one do it."""
        found = self._found(api)
        if found is None:
            if self._create(api):
                return
            found = self._found(api) or {}
        if not _is_over(api, found):
            raise _busy(api, found)
        try:
            api.call(
                "PATCH",
                self._path(api),
                body=self._lease(api),
                headers={"If-Match": str(found.get("etag", "*"))},
            )
        except ApiError as error:
            if error.status == PRECONDITION or error.is_missing:
                raise _busy(api, self._found(api) or found) from None
            raise
        # Read again: the truth is what stands there now.
        found = self._found(api) or {}
        if not self._is_ours(found):
            raise _busy(api, found)

    def _found(self, api: Api) -> dict[str, Any] | None:
        try:
            return api.call("GET", self._path(api))
        except ApiError as error:
            if error.is_missing:
                return None
            raise

    def _lease(self, api: Api) -> dict[str, str]:
        until = api.now() + LEASE
        return {
            # The end stands here once more: emulators forget expirationTime.
            "description": json.dumps({**self._owner, "until": until.timestamp()}),
            "expirationTime": str(int(until.timestamp() * 1000)),
        }

    def _path(self, api: Api) -> str:
        return f"{api.dataset_path}/tables/{LOCK_TABLE}"

    def _is_ours(self, found: Mapping[str, Any]) -> bool:
        return _holder(found).get("token") == self._token

    def _renew(self) -> None:
        while not self._released.wait(RENEW_S):
            try:
                with session(self._target) as api:
                    found = self._found(api)
                    if found is None or not self._is_ours(found):
                        _log.warning("The run lock of %s is gone.", api.url.dataset)
                        return
                    api.call("PATCH", self._path(api), body=self._lease(api))
            except AppError as error:
                _log.warning("The run lock could not be renewed: %s", error.message)

    def release(self) -> None:
        self._released.set()
        self._renewer.join(10)
        try:
            with session(self._target) as api:
                found = self._found(api)
                if found is not None and self._is_ours(found):
                    api.call("DELETE", self._path(api))
        except AppError as error:
            # The lease ends by itself; a run that is over must not fail for that.
            _log.warning("The run lock could not be given back; it ends by itself: %s", error.message)


def _is_over(api: Api, found: Mapping[str, Any]) -> bool:
    """Whether the lease has ended. A table that tells no end is nobody's to take."""
    until = _holder(found).get("until")
    return isinstance(until, int | float) and until < api.now().timestamp()


def _holder(found: Mapping[str, Any]) -> dict[str, Any]:
    try:
        holder = json.loads(found.get("description") or "{}")
    except ValueError:
        return {}
    return holder if isinstance(holder, dict) else {}


def _busy(api: Api, found: Mapping[str, Any]) -> Busy:
    holder = {key: value for key, value in _holder(found).items() if key not in ("token", "until")}
    who = " on ".join(holder[key] for key in ("user", "host") if holder.get(key))
    minutes = int(LEASE.total_seconds() // 60)
    return Busy(
        f"Another run holds the dataset {api.url.dataset}" + (f": {who}." if who else "."),
        hint=f"Wait until it is done. If its program crashed, the lock ends by itself within {minutes} minutes.",
        holder=holder,
    )
