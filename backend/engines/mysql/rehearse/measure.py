"""What a server tells about one statement of one session: redo, table ids, metadata locks. Asked in a second session."""

from __future__ import annotations

import re
import threading
import time
from typing import TYPE_CHECKING, Any, Literal

from backend.engines.mysql.connect import rows
from backend.models.rehearsal import HeldLock, Rewrite

if TYPE_CHECKING:
    from pymysql.connections import Connection

_LOOK_EVERY_S = 0.004
_LOG = ("Innodb_lsn_current", "Innodb_redo_log_current_lsn", "Innodb_os_log_written")
_IDS = (
    "SELECT name, table_id FROM information_schema.innodb_tables WHERE name LIKE %s",
    "SELECT name, table_id FROM information_schema.innodb_sys_tables WHERE name LIKE %s",
)
_LOCKS = (
    """SELECT concat_ws('.', m.object_schema, m.object_name), m.lock_type FROM performance_schema.metadata_locks m
       JOIN performance_schema.threads t ON t.thread_id = m.owner_thread_id
       WHERE t.processlist_id = %s AND m.lock_status = 'GRANTED' AND m.object_type = 'TABLE'
             AND m.object_schema = %s""",
    """SELECT concat_ws('.', table_schema, table_name), lock_mode FROM information_schema.metadata_lock_info
       WHERE thread_id = %s AND table_schema = %s AND lock_type = 'Table metadata lock'""",
)
_Effect = Literal["reads", "writes", "schema changes"]
_BLOCKS: dict[str, list[_Effect]] = {
    "EXCLUSIVE": ["reads", "writes", "schema changes"],
    "SHARED_NO_READ_WRITE": ["reads", "writes", "schema changes"],
    "SHARED_NO_WRITE": ["writes", "schema changes"],
    "SHARED_READ_ONLY": ["writes", "schema changes"],
    "SHARED_UPGRADABLE": ["schema changes"],
    "SHARED_READ": ["schema changes"],
    "SHARED_WRITE": ["schema changes"],
    "SHARED_WRITE_LOW_PRIO": ["schema changes"],
    "SHARED_HIGH_PRIO": ["schema changes"],
}


class Measures:
    """Of one session, by another. Not for several threads."""

    def __init__(self, watcher: Connection[Any], database: str, session_id: int) -> None:
        self._watcher = watcher
        self._database = database
        self._session_id = session_id
        self.log_query = next(
            (f"SHOW GLOBAL STATUS LIKE '{one}'" for one in _LOG if self._status(one) is not None), ""
        )
        self.ids_query, self.ids_refusal = self._first(_IDS, (self._pattern(),))
        self.locks_query, self.locks_refusal = self._first(_LOCKS, (session_id, database))
        if self.locks_query.find("performance_schema") >= 0 and not self._collects_metadata_locks():
            self.locks_query, self.locks_refusal = self._first(_LOCKS[1:], (session_id, database))
            self.locks_refusal = (
                "performance_schema does not collect metadata locks here (performance_schema is off, or its instrument "
                "wait/lock/metadata/sql/mdl)"
            )

    def log_position(self) -> int | None:
        return self._status(self.log_query.split("'")[1]) if self.log_query else None

    def table_ids(self) -> dict[str, int] | None:
        """By table, and partition (`orders#P#p0`)."""
        if not self.ids_query:
            return None
        found = rows(self._watcher, self.ids_query, (self._pattern(),))
        return {_plain(str(name).partition("/")[2]): int(table_id) for name, table_id in found}

    def locks(self) -> dict[str, str]:
        """The strongest lock on each table of the database that the session holds now."""
        found: dict[str, str] = {}
        for name, mode in rows(self._watcher, self.locks_query, (self._session_id, self._database)):
            mode = str(mode).removeprefix("MDL_")
            table = str(name).removeprefix(f"{self._database}.")
            before = found.get(table)
            if before is None or _strength(mode) > _strength(before):
                found[table] = mode
        return found

    def _status(self, name: str) -> int | None:
        found = rows(self._watcher, "SHOW GLOBAL STATUS LIKE %s", (name,))
        return int(found[0][1]) if found else None

    def _pattern(self) -> str:
        encoded = "".join(
            one if re.match(r"[\w$]", one, re.ASCII) else f"@{ord(one):04x}" for one in self._database
        )
        return encoded.replace("_", "\\_") + "/%"

    def _first(self, queries: tuple[str, ...], arguments: tuple[object, ...]) -> tuple[str, str]:
        """The first query that this server answers to this user, else why not."""
        import pymysql

        refusal = ""
        for query in queries:
            try:
                rows(self._watcher, query, arguments)
                return query, ""
            except pymysql.err.MySQLError as error:
                said = str(error.args[-1])
                refusal = said if error.args[0] in (1142, 1143, 1227) or not refusal else refusal
        return "", refusal

    def _collects_metadata_locks(self) -> bool:
        import pymysql

        try:
            found = rows(
                self._watcher,
                "SELECT @@performance_schema, (SELECT enabled FROM performance_schema.setup_instruments "
                "WHERE name = 'wait/lock/metadata/sql/mdl')",
            )
        except pymysql.err.MySQLError:
            return True  # it may not be asked; what the table holds will tell
        return bool(int(found[0][0])) and str(found[0][1]) == "YES"


def changed_ids(before: dict[str, int], after: dict[str, int]) -> list[Rewrite]:
    """Tables that are there before and after and were made anew in between."""
    return [
        Rewrite(table=name, detail=f"TABLE_ID {number} → {after[name]}")
        for name, number in sorted(before.items())
        if name in after and after[name] != number
    ]


def held(name: str, mode: str, *, is_new: bool) -> HeldLock:
    return HeldLock(object=name, mode=mode, blocks=list(_BLOCKS.get(mode, [])), new=is_new)


def _strength(mode: str) -> int:
    """Those not known here are weaker than all that are (SHARED)."""
    order = [*_BLOCKS]
    return len(order) - order.index(mode) if mode in order else 0


def _plain(name: str) -> str:
    return re.sub(r"@([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), name)


class LockWatch:
    """Looks at the session's locks while a statement runs there."""

    def __init__(self, measures: Measures) -> None:
        self._measures = measures
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, name="rehearsal-locks", daemon=True)
        self._before: set[tuple[str, str]] = set()
        self._seen: dict[tuple[str, str], None] = {}
        self.looks = 0

    def __enter__(self) -> LockWatch:
        if self._measures.locks_query:
            self._before = set(self._measures.locks().items())
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        if self._thread.is_alive():
            self._thread.join()

    def found(self) -> list[HeldLock] | None:
        """None where they could not be looked at."""
        if not self._measures.locks_query:
            return None
        self._note()
        return [held(name, mode, is_new=(name, mode) not in self._before) for name, mode in self._seen]

    def _look(self) -> None:
        import pymysql

        while not self._over.is_set():
            try:
                self._note()
            except pymysql.err.MySQLError:
                return  # the server is gone, which the statement itself will say
            time.sleep(_LOOK_EVERY_S)

    def _note(self) -> None:
        self.looks += 1
        for name, mode in self._measures.locks().items():
            self._seen.setdefault((name, mode))
