"""SQLite's own parser over a migration: on a scratch in memory that holds the target's schema and no row.

DDL runs there, so that what comes after it finds its tables; rows are only compiled (EXPLAIN). Nothing reaches a disk:
the authorizer refuses ATTACH (and with it VACUUM INTO), extensions and the pragmas that name folders.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager

from backend.core.errors import AppError, DatabaseMissing
from backend.engine.syntax import Answer, Block, Budget, Refusal, left_out
from backend.engine.target import Statement, Target
from backend.models.migration import Direction

from .catalog import shadow_tables
from .connect import read

SOURCE = "sqlite scratch copy"
_FILE_BUDGET_S = 1.5
_ROWS = frozenset({"INSERT", "REPLACE", "UPDATE", "DELETE", "SELECT", "WITH", "VALUES"})
# The scratch is one transaction of its own, and has no file to reorganise.
_NOT_RUN = frozenset(
    {"BEGIN", "COMMIT", "END", "ROLLBACK", "SAVEPOINT", "RELEASE", "VACUUM", "EXPLAIN", "ANALYZE"}
)
_FOLDER_PRAGMAS = frozenset({"temp_store_directory", "data_store_directory"})
_FORM = ("syntax error", "incomplete input", "unrecognized token", "unterminated", "parser stack overflow")
# What dbmate's SQLite may have and this one lacks, and what the authorizer refused.
_OTHERS = ("not authorized", "no such function", "no such module", "no such collation")
_MOST_REFUSALS = 1000
_NOT_ASKED = "not asked"


@contextmanager
def open_checker(target: Target | None) -> Iterator[SqliteChecker]:
    """A checker over the target's schema; without a target, or where it cannot be read, only the form is judged."""
    schema: list[tuple[str, str, str, str | None]] = []
    knows, why = target is not None, None
    if target is not None:
        try:
            schema = read(target, _schema)
        except DatabaseMissing:
            pass  # nothing is there yet, and that is known
        except AppError as error:
            knows, why = (
                False,
                f"The database's schema could not be read, so names are not checked: {error.message}",
            )
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as scratch:
        yield SqliteChecker(scratch, schema, knows=knows, why=why)


def _schema(connection: sqlite3.Connection) -> list[tuple[str, str, str, str | None]]:
    return [
        (str(kind), str(name), str(table), sql)
        for kind, name, table, sql in connection.execute(
            "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL"
            " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY"
            " CASE type WHEN 'table' THEN 0 WHEN 'index' THEN 1 WHEN 'view' THEN 2 ELSE 3 END, rowid"
        )
    ]


class SqliteChecker:
    def __init__(
        self,
        scratch: sqlite3.Connection,
        schema: Sequence[tuple[str, str, str, str | None]],
        *,
        knows: bool,
        why: str | None,
    ) -> None:
        self._scratch = scratch
        self._knows_names = knows
        """False as soon as the scratch may differ from what the target will be: names then say nothing."""
        self._why = why
        self._budget = Budget(_FILE_BUDGET_S)
        shadows = shadow_tables(schema)
        for _, name, _, sql in schema:
            if name in shadows or sql is None:
                continue
            try:
                scratch.execute(sql)
            except sqlite3.Error as error:
                self._lose(
                    f"{name} of the database cannot be made on the scratch ({error}), so names are not checked."
                )
        scratch.set_authorizer(_authorize)
        scratch.set_progress_handler(self._is_late, 10_000)

    def check(self, blocks: Sequence[Block], *, pending: bool) -> Answer:
        self._budget.start()
        refusals: list[Refusal] = []
        unknown = asked = 0
        knew = self._knows_names
        self._scratch.execute("SAVEPOINT file")
        for block in blocks:
            self._scratch.execute("SAVEPOINT half")
            trusted = knew and pending
            for statement in block.statements:
                said = "" if len(refusals) < _MOST_REFUSALS and not self._budget.spent else _NOT_ASKED
                said = said or self._say(statement)
                if said == _NOT_ASKED:
                    unknown += 1
                    trusted = trusted and _keyword(statement.text) in _ROWS
                    continue
                asked += 1
                if said and (trusted or any(word in said for word in _FORM)):
                    refusals.append(_refusal(block.direction, statement, said))
                # What comes after a statement that failed is judged by its form alone.
                trusted = trusted and not said
            if block.direction == Direction.UP and pending and knew and not trusted:
                self._lose(
                    "An earlier statement fails or cannot be tried, so names after it are not checked."
                )
            self._leave("half", keep=block.direction == Direction.UP and pending)
        self._leave("file", keep=pending)
        return Answer(SOURCE, tuple(refusals), left_out(unknown) if knew else self._why, asked)

    def _leave(self, savepoint: str, *, keep: bool) -> None:
        self._scratch.set_progress_handler(None, 0)
        try:
            if not keep:
                self._scratch.execute(f"ROLLBACK TO {savepoint}")
            self._scratch.execute(f"RELEASE {savepoint}")
        except sqlite3.OperationalError:
            # A statement that was interrupted took the whole transaction, and its savepoints, with it.
            self._lose("A statement took too long for the scratch, so names after it are not checked.")
        self._scratch.set_progress_handler(self._is_late, 10_000)

    def _is_late(self) -> int:
        return int(self._budget.spent)

    def _say(self, statement: Statement) -> str:
        """SQLite's words on a statement; empty where it takes it, `_NOT_ASKED` where that cannot be told here."""
        word = _keyword(statement.text)
        if word in _NOT_RUN:
            return _NOT_ASKED if word == "VACUUM" else ""
        sql = f"EXPLAIN {statement.text}" if word in _ROWS else statement.text
        try:
            self._scratch.execute(sql).close()
        except (sqlite3.Warning, sqlite3.ProgrammingError):
            return _NOT_ASKED  # several statements in one: the splitter sees it otherwise
        except sqlite3.DatabaseError as error:
            said = str(error)
            # Rows that are not there, a refused side effect or the time are no fault of the statement's form.
            is_form = getattr(error, "sqlite_errorname", "") == "SQLITE_ERROR"
            return said if is_form and not said.startswith(_OTHERS) else _NOT_ASKED
        except (ValueError, OverflowError, MemoryError):
            return _NOT_ASKED
        return ""

    def _lose(self, why: str) -> None:
        self._knows_names = False
        self._why = self._why or why


def _keyword(text: str) -> str:
    return text.split(None, 1)[0].upper().rstrip(";(") if text.split() else ""


def _refusal(direction: Direction, statement: Statement, said: str) -> Refusal:
    """With the place of the word SQLite quotes, where it stands once."""
    offset = None
    if said.startswith('near "') and (end := said.find('"', 6)) > 6:
        word = said[6:end]
        if statement.text.count(word) == 1:
            offset = statement.text.index(word)
    return Refusal(direction, statement.start, said[:1].upper() + said[1:], offset)


def _authorize(action: int, first: str | None, second: str | None, *_: object) -> int:
    if action in (sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_DETACH):
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_PRAGMA and (first or "").lower() in _FOLDER_PRAGMAS:
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_FUNCTION and (second or "").lower() in (
        "load_extension",
        "writefile",
        "edit",
    ):
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK
