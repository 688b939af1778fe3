"""Which statements of a dump make tables and rows, and which make the code around them: views, triggers, routines, events.

Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

_MARKS = re.compile(r"/\*M?!\d*|\*/")
_DEFINER = re.compile(r"\bDEFINER\s*=\s*(?:`(?:[^`]|``)*`(?:@`(?:[^`]|``)*`)?|\w+(?:\(\))?)", re.IGNORECASE)
_KIND = re.compile(
    r"\s*(?:CREATE|DROP)\s+(?:OR\s+REPLACE\s+)?(?:ALGORITHM\s*=\s*\w+\s+)?(?:DEFINER\s*=\s*\S+\s+)?"
    r"(?:SQL\s+SECURITY\s+\w+\s+)?(?:AGGREGATE\s+)?(VIEW|TRIGGER|PROCEDURE|FUNCTION|EVENT|PACKAGE)\b",
    re.IGNORECASE,
)
_SET = re.compile(r"\s*SET\b", re.IGNORECASE)
_OWN_DATABASE = re.compile(r"^-- (?:Host: .* +)?Database: (.*)$", re.MULTILINE)
_LOOK_AT = 2000


class Of(Enum):
    TABLES = "tables"
    SESSION = "session"
    CODE = "code"
    TRIGGER = "trigger"
    EVENT = "event"


def of(statement: str) -> Of:
    """What it is for. A SET is for whatever comes after it."""
    start = _MARKS.sub(" ", statement[:_LOOK_AT])
    start = _DEFINER.sub("", start)
    if _SET.match(start):
        return Of.SESSION
    found = _KIND.match(start)
    if found is None:
        return Of.TABLES
    return {"TRIGGER": Of.TRIGGER, "EVENT": Of.EVENT}.get(found[1].upper(), Of.CODE)


def without_definer(statement: str) -> tuple[str, str | None]:
    """The statement as the user's own, and whose it was."""
    found = _DEFINER.search(statement[:_LOOK_AT])
    if found is None:
        return statement, None
    return statement[: found.start()] + statement[found.end() :], found[0].partition("=")[2].strip()


def own_database(text: str) -> str | None:
    """The name that the dump says it is of."""
    found = _OWN_DATABASE.search(text)
    return found[1].strip() if found else None


def unqualified(statement: str, database: str) -> str:
    """A table whose columns count by a sequence, named with its database, as one that takes the sequence beside it."""
    name = re.escape("`" + database.replace("`", "``") + "`.")
    return re.sub(rf"((?:nextval|lastval|setval)\()\s*{name}", r"\1", statement)


@dataclass(frozen=True, slots=True)
class Piece:
    """One statement that makes code, or a SET before it."""

    kind: Of
    sql: str
