"""One half of a file run on the scratch as dbmate's driver runs it, statement by statement, each measured."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from contextlib import suppress

from backend.core.envelope import envelope_error
from backend.core.errors import AppError, Cancelled, NotSupported, SqlFailed, TimedOut
from backend.engine import sqltext
from backend.engine.rehearsal.port import Block, Heard, Played
from backend.engine.target import CancelToken, Statement, Target
from backend.engines.sqlite.errors import from_text
from backend.models.rehearsal import Evidence, RehearsedStatement

from .opening import begin, opened
from .pages import BYTES, REWRITES, Pages

NO_LOCKS = "SQLite locks the whole file while a statement writes: no locks of single tables can be measured."
_ROWS = Evidence(fact="rows", query="sqlite3_total_changes() before and after")
_DML = ("INSERT", "UPDATE", "DELETE", "REPLACE", "WITH")
_LOOK_EVERY = 20_000
_BROKEN_KEYS = "PRAGMA foreign_key_check"


class _Refused(Exception):
    """What a rehearsal does not let a migration do."""


class _Player:
    def __init__(
        self, connection: sqlite3.Connection, block: Block, heard: Heard, is_over: Callable[[], bool]
    ) -> None:
        self._connection, self._block, self._heard, self._is_over = connection, block, heard, is_over
        self._pages = Pages(connection)
        self.statements: list[RehearsedStatement] = []
        self.refused: str | None = None
        self.ms = 0.0

    def run(self, number: int, statement: Statement) -> AppError | None:
        kind = kind_of(statement.text)
        is_dml = kind.startswith(_DML)
        told = RehearsedStatement(
            index=number,
            text=statement.text,
            line=self._block.first_line + statement.line - 1,
            kind=kind,
            unknown=[NO_LOCKS],
        )
        changes, began = self._connection.total_changes, time.perf_counter()
        error: AppError | None = None
        try:
            with_rows = self._connection.execute(statement.text)
            while with_rows.fetchmany(1000):
                if self._is_over():
                    break
        except sqlite3.Error as raised:
            error = self._explained(raised, told)
        told.duration_ms = round((time.perf_counter() - began) * 1000, 3)
        self.ms += told.duration_ms
        if error is not None:
            told.ok, told.error = False, envelope_error(error)
        else:
            if is_dml:
                told.rows = self._connection.total_changes - changes
                told.evidence.append(_ROWS)
            self._measure(told, is_dml=is_dml)
        self.statements.append(told)
        self._heard(told)
        return error

    def _measure(self, told: RehearsedStatement, *, is_dml: bool) -> None:
        written = self._pages.written(is_dml=is_dml)
        if written is None:
            told.unknown.append(self._pages.why_not or "")
            return
        told.bytes_written = written.bytes
        told.evidence.append(BYTES)
        if written.rewrites is None:
            told.unknown.append(
                "This SQLite has no dbstat, so it is not known whether a table was rewritten."
            )
        else:
            told.rewrites = written.rewrites
            told.evidence.append(REWRITES)

    def _explained(self, raised: sqlite3.Error, told: RehearsedStatement) -> AppError:
        if self.refused is not None:
            return NotSupported(self.refused, hint=_REFUSED_HINT, line=told.line)
        error = from_text(str(raised))
        if isinstance(error, SqlFailed):
            error.details.update(line=told.line, statement=told.text[:500])
        return error


_REFUSED_HINT = "A rehearsal must not reach other files. The migration itself can still be run."


def play(scratch: Target, block: Block, heard: Heard, cancel: CancelToken, time_limit_s: float) -> Played:
    """See RehearsalTools.play."""
    deadline = time.monotonic() + time_limit_s

    def is_over() -> bool:
        return cancel.is_cancelled or time.monotonic() > deadline

    with opened(scratch) as connection:
        keys_before = _broken_keys(connection)
        player = _Player(connection, block, heard, is_over)
        _guard(connection, player)
        connection.set_progress_handler(is_over, _LOOK_EVERY)
        if block.transaction:
            connection.execute(begin(scratch))
        error = _statements(player, block, is_over)
        connection.set_progress_handler(None, 0)
        if error is None and block.transaction:
            error = _commit(connection, player)
        if error is not None:
            with suppress(sqlite3.Error):
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
        connection.set_authorizer(None)
        if player.statements:
            player.statements[-1].warnings += _new_broken_keys(connection, keys_before)
    stopped = is_over() and error is not None
    if stopped:
        error = (
            Cancelled("It was cancelled while it ran.")
            if cancel.is_cancelled
            else TimedOut(f"It was stopped after {time_limit_s:.0f} s, the time limit of the rehearsal.")
        )
    return Played(
        ok=error is None,
        duration_ms=round(player.ms, 3),
        statements=player.statements,
        error=envelope_error(error) if error is not None else None,
        stopped=stopped,
    )


def _statements(player: _Player, block: Block, is_over: Callable[[], bool]) -> AppError | None:
    for number, statement in enumerate(sqltext.split(block.sql, "sqlite")):
        if is_over():
            return Cancelled("It was stopped.")
        error = player.run(number, statement)
        if error is not None:
            return error
    return None


def _commit(connection: sqlite3.Connection, player: _Player) -> AppError | None:
    """The driver's own COMMIT; what it meets there (a deferred foreign key) is the migration's failure."""
    began = time.perf_counter()
    try:
        connection.execute("COMMIT")
    except sqlite3.Error as error:
        return from_text(str(error))
    player.ms += (time.perf_counter() - began) * 1000
    return None


def _guard(connection: sqlite3.Connection, player: _Player) -> None:
    """A scratch is one file: ATTACH, and VACUUM INTO, would reach others."""

    def allowed(action: int, first: str | None, *_: str | None) -> int:
        if action == sqlite3.SQLITE_ATTACH and first not in ("", ":memory:"):
            player.refused = f"It opens or writes another file ({first or 'of a computed name'}): a rehearsal does not let it."
            return sqlite3.SQLITE_DENY
        return sqlite3.SQLITE_OK

    connection.set_authorizer(allowed)


def _broken_keys(connection: sqlite3.Connection) -> dict[tuple[str, str], int]:
    """How many rows point nowhere, by (table, parent)."""
    found: dict[tuple[str, str], int] = {}
    with suppress(sqlite3.Error):
        for table, _, parent, _ in connection.execute(_BROKEN_KEYS):
            found[(table, parent)] = found.get((table, parent), 0) + 1
    return found


def _new_broken_keys(connection: sqlite3.Connection, before: dict[tuple[str, str], int]) -> list[str]:
    return [
        f"After this block {number} row{'s' if number != 1 else ''} of {table} point{'s' if number == 1 else ''} at rows "
        f"of {parent} that do not exist ({_BROKEN_KEYS})."
        for (table, parent), number in _broken_keys(connection).items()
        if number > before.get((table, parent), 0)
    ]


def kind_of(text: str) -> str:
    """`ALTER TABLE`, `CREATE UNIQUE INDEX`, `INSERT`: the statement's first words."""
    words = sqltext.strip_comments(text[:400], "sqlite").upper().split()
    if not words:
        return ""
    if words[0] in ("CREATE", "DROP", "ALTER"):
        known = ("TABLE", "INDEX", "VIEW", "TRIGGER")
        place = next((at for at, word in enumerate(words[:5]) if word in known), 1)
        return " ".join(words[: place + 1])
    return words[0]
