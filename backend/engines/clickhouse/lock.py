"""The run lock: a query that sleeps on the server under an id that only one running query can have.

ClickHouse has no advisory lock, but it refuses a second query with the id of a running one (code 216). Holding that
query holds the lock, and nothing is created in anybody's database. The query lasts LEASE_S and is replaced in time
(`replace_running_query`), so the lock of a holder that crashed is gone after LEASE_S at the latest; over the native
protocol the server notices at once. It is the lock of one server: replicas behind one address have one each.
"""

from __future__ import annotations

import json
import logging
import re
import secrets
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from urllib.parse import quote, unquote

from backend.core.errors import Busy, TimedOut
from backend.engine.target import Target

from . import errors, url
from .connect import Connection, open_connection, session
from .errors import SAME_ID_RUNNING, ServerSaid, Unreachable
from .text import literal

LEASE_S = 15.0
RENEW_S = 5.0
_TICK_S = 0.25
_START_TIMEOUT_S = 10.0
_MARK = "DB Toolkit run lock"
_HOLDER = re.compile(rf"/\* {_MARK} [0-9a-f]+ (\{{.*?\}}) \*/")
_log = logging.getLogger(__name__)


@contextmanager
def run_lock(target: Target, owner: Mapping[str, str]) -> Iterator[None]:
    """Hold the lock of the database's name on this server. Raises Busy at once where another holds it."""
    keeper = _Keeper(target, {**owner, "since": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")})
    keeper.take()
    try:
        yield
    finally:
        keeper.release()


class _Hold(threading.Thread):
    """One sleeping query, from its start to its end."""

    def __init__(self, keeper: _Keeper, *, replace: bool) -> None:
        super().__init__(name="clickhouse-run-lock", daemon=True)
        self.token = secrets.token_hex(8)
        self.error: Exception | None = None
        self._keeper = keeper
        self._replace = replace
        self._connection: Connection | None = None

    def run(self) -> None:
        keeper = self._keeper
        ticks = int(LEASE_S / _TICK_S)
        sql = (
            f"/* {_MARK} {self.token} {keeper.holder} */ SELECT sleepEachRow({_TICK_S}) FROM system.numbers "
            f"LIMIT {ticks} SETTINGS max_block_size = 1, max_threads = 1 FORMAT Null"
        )
        settings = {"replace_running_query": "1"} if self._replace else {}
        try:
            self._connection = open_connection(keeper.target, keeper.url, url_settings=False)
            self._connection.query(sql, query_id=keeper.id, settings=settings, timeout_s=LEASE_S * 3)
        except (ServerSaid, Unreachable) as error:
            self.error = error
        except Exception as error:  # a socket closed under the driver's feet may raise anything
            self.error = Unreachable(type(error).__name__)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()


class _Keeper:
    """Takes the lock, renews it from a thread of its own, and gives it back."""

    def __init__(self, target: Target, owner: Mapping[str, str]) -> None:
        self.target = target
        self.url = url.parse(target.url)
        self.id = f"db-toolkit-run-lock:{self.url.database}"
        # It stands in a comment: percent-encoded, no name can end that, and every log can show it.
        self.holder = quote(json.dumps(dict(owner)), safe=" {}:,")
        self._hold: _Hold | None = None
        self._released = threading.Event()
        self._renewer = threading.Thread(target=self._renew, name="clickhouse-run-lock-renewal", daemon=True)

    def take(self) -> None:
        hold = self._start(replace=False)
        if hold.error is not None:
            if isinstance(hold.error, ServerSaid) and hold.error.code == SAME_ID_RUNNING:
                raise self._busy()
            assert isinstance(hold.error, ServerSaid | Unreachable)
            raise errors.translate(hold.error, self.target.read_only, self.url.database)
        self._hold = hold
        self._renewer.start()

    def release(self) -> None:
        self._released.set()
        if self._renewer.is_alive():
            self._renewer.join(_START_TIMEOUT_S)
        if self._hold is None:
            return
        try:
            with session(self.target) as server:
                self._end(server, self._hold)
        except Exception:
            # The lease ends by itself; a run that is over must not fail for that.
            _log.warning("The run lock of %s could not be given back; it ends by itself.", self.url.database)
        finally:
            self._hold.close()

    def _end(self, server: Connection, hold: _Hold) -> None:
        # readonly sessions may not KILL; a read-only connection never takes the lock.
        server.query(
            f"KILL QUERY WHERE query_id = {literal(self.id)} AND query LIKE {literal(f'%{hold.token}%')}"
        )
        deadline = time.monotonic() + 3
        while self._is_running(server, hold) and time.monotonic() < deadline:
            time.sleep(0.03)

    def _renew(self) -> None:
        while not self._released.wait(RENEW_S):
            hold = self._start(replace=True)
            if hold.error is None:
                self._hold = hold
            else:
                # The old query may still sleep on; the next attempt is soon.
                _log.warning("The run lock of %s could not be renewed: %s", self.url.database, hold.error)

    def _start(self, *, replace: bool) -> _Hold:
        """Start the query and wait until the server lists it, or until it fails."""
        hold = _Hold(self, replace=replace)
        hold.start()
        deadline = time.monotonic() + _START_TIMEOUT_S
        with session(self.target) as server:
            while time.monotonic() < deadline:
                if hold.error is not None:
                    return hold
                if self._is_running(server, hold):
                    return hold
                time.sleep(0.02)
        hold.close()
        raise TimedOut(
            "The server did not start the query that holds the run lock.", hint="Is it overloaded?"
        )

    def _is_running(self, server: Connection, hold: _Hold) -> bool:
        mark = literal(f"/* {_MARK} {hold.token} %")
        return bool(server.query(f"SELECT 1 FROM system.processes WHERE query LIKE {mark}"))

    def _busy(self) -> Busy:
        holder: dict[str, str] = {}
        with session(self.target) as server:
            rows = server.query(
                f"SELECT query FROM system.processes WHERE query LIKE {literal(f'/* {_MARK} %')}"
                f" AND query_id = {literal(self.id)}"
            )
        for row in rows:
            if found := _HOLDER.search(str(row[0])):
                holder = json.loads(unquote(found[1]))
        who = " on ".join(holder[key] for key in ("user", "host") if holder.get(key))
        return Busy(
            f"Another run holds the database {self.url.database}" + (f": {who}." if who else "."),
            hint=f"Wait until it is done. If its program crashed, the lock ends by itself within {LEASE_S:.0f} s.",
            holder=holder,
        )
