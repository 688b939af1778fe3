"""SQLite's errors, from Python's driver and from dbmate's text, as the application's own."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from backend.core.catalogue import because
from backend.core.errors import (
    AppError,
    ConnectionFailed,
    ConstraintViolation,
    DiskFull,
    LockTimeout,
    PermissionDenied,
    SqlFailed,
    StorageFailed,
    SyntaxProblem,
)
from backend.engine.target import FailedBlock

from .locate import place_of
from .reasons import reason_of

_Make = Callable[[str], AppError]
_TABLE: list[tuple[str, _Make]] = []


def _rule(pattern: str) -> Callable[[_Make], _Make]:
    def keep(make: _Make) -> _Make:
        _TABLE.append((pattern, make))
        return make

    return keep


@_rule(r"database (table )?is locked|database schema is locked")
def _locked(said: str) -> AppError:
    return LockTimeout(
        "Another program holds the database file locked.",
        hint="Close the program that writes to it, or wait until it is done, then try again.",
        server_message=said,
    )


@_rule(r"file is not a database|file is encrypted")
def _not_a_database(said: str) -> AppError:
    return ConnectionFailed(
        "The file is not a SQLite database, or it is encrypted.",
        hint="Check the path. Encrypted files (SQLCipher) cannot be opened by dbmate.",
        server_message=said,
    )


@_rule(r"database disk image is malformed|malformed database schema")
def _malformed(said: str) -> AppError:
    return ConnectionFailed(
        "The database file is damaged.",
        hint="Restore a backup, or try `sqlite3 FILE .recover`.",
        server_message=said,
    )


@_rule(r"database or disk is full")
def _full(said: str) -> AppError:
    return DiskFull(
        "The disk with the database is full.", hint="Free some space, then try again.", server_message=said
    )


@_rule(r"readonly database|read-only")
def _readonly(said: str) -> AppError:
    return PermissionDenied(
        "The database file, or its folder, may not be written.",
        hint="SQLite writes its journal beside the file, so both the file and its folder must be writable.",
        server_message=said,
    )


@_rule(r"unable to open database file")
def _unable(said: str) -> AppError:
    return ConnectionFailed(
        "The database file cannot be opened.",
        hint="Check that its folder exists, and that file and folder may be read and written.",
        server_message=said,
    )


@_rule(r"disk I/O error")
def _io(said: str) -> AppError:
    return StorageFailed("The disk failed while SQLite read or wrote the file.", server_message=said)


@_rule(
    r"(UNIQUE|NOT NULL|CHECK|FOREIGN KEY|PRIMARY KEY) constraint failed|datatype mismatch|^cannot store \w+ value"
)
def _constraint(said: str) -> AppError:
    return ConstraintViolation(
        f"{said[:1].upper()}{said[1:]}.",
        hint="Rows that are there, or that the migration writes, break this rule. Correct them first.",
    )


@_rule(r"syntax error|incomplete input|unrecognized token")
def _syntax(said: str) -> AppError:
    return SyntaxProblem(f"SQLite cannot read this: {said}.")


@_rule(r"cannot VACUUM from within a transaction|cannot change into wal mode|Safety level may not be changed")
def _needs_no_transaction(said: str) -> AppError:
    return SqlFailed(
        f"{said[:1].upper()}{said[1:]}.",
        hint="Write `-- migrate:up transaction:false` so that the block runs without a transaction.",
    )


@_rule(r"cannot start a transaction within a transaction|no transaction is active")
def _own_transaction(said: str) -> AppError:
    return SqlFailed(
        f"{said[:1].upper()}{said[1:]}.",
        hint="dbmate opens the transaction itself: leave BEGIN and COMMIT out, or use `transaction:false`.",
    )


@_rule(r"already exists|duplicate column name")
def _exists(said: str) -> AppError:
    return SqlFailed(
        f"{said[:1].upper()}{said[1:]}.",
        hint="It was made earlier, by another migration or by hand. Use IF NOT EXISTS, or record this migration as "
        "applied (baseline).",
    )


@_rule(r"no such |foreign key mismatch|error in (view|trigger|index)")
def _missing(said: str) -> AppError:
    return SqlFailed(
        f"{said[:1].upper()}{said[1:]}.",
        hint="Check the spelling, and that the migration that makes it comes first.",
    )


def from_text(said: str) -> AppError:
    """The application's error for SQLite's words."""
    for pattern, make in _TABLE:
        if re.search(pattern, said, re.IGNORECASE):
            return because(make(said), reason_of(said), "sqlite")
    return because(SqlFailed(f"{said[:1].upper()}{said[1:]}".rstrip(".") + "."), reason_of(said), "sqlite")


def explain(failure: FailedBlock) -> AppError:
    """dbmate's error text as an AppError, with the line in the block where it can be found out.

    dbmate gives no position for SQLite; `details.position` says how the line was found: `parsed` or `only_mention`.
    """
    said = tool_words(failure.tool_text)
    error = from_text(said)
    if "reason" not in error.details and re.search(r"\bRAISE\s*\(", failure.block, re.IGNORECASE):
        because(error, "raised", "sqlite")
    if isinstance(error, SqlFailed):
        place = place_of(said, failure.block)
        if place is not None:
            error.details.update(place)
    return error


def tool_words(text: str) -> str:
    """SQLite's own words in dbmate's output: the last `Error: …`, without its prefix."""
    found = re.findall(r"^Error: (.*(?:\n(?!Error: ).*)*)", text, re.MULTILINE)
    return (found[-1] if found else text).strip()


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Driver and file system errors inside leave as AppErrors that name the file."""
    try:
        yield
    except sqlite3.Error as error:
        if path.is_dir():
            raise ConnectionFailed(f"{path} is a folder, not a database file.", path=str(path)) from error
        made = from_text(str(error))
        made.details.setdefault("path", str(path))
        code = getattr(error, "sqlite_errorname", None)
        if code:
            made.details["sqlite_code"] = code
        raise made from error
    except PermissionError as error:
        raise PermissionDenied(f"{path} may not be opened.", path=str(path)) from error
    except IsADirectoryError as error:
        raise ConnectionFailed(f"{path} is a folder, not a database file.", path=str(path)) from error
    except OSError as error:
        raise StorageFailed(f"{path} cannot be used: {error.strerror}.", path=str(path)) from error
