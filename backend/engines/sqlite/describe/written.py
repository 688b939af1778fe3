"""What only the text of a CREATE statement tells: checks, names of constraints, generated columns, conditions. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from backend.engine.sqlrules.tokens import Cursor, ReadError, T, Token, tokenize

_WORTH_READING = re.compile(r"check|constraint|\bas\b|collate|autoincrement|deferrable", re.IGNORECASE)
_TABLE_ITEMS = {"CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"}


@dataclass(slots=True)
class Written:
    """Column names are folded to lower case."""

    checks: list[tuple[str | None, str]] = field(default_factory=list)
    """(name, `CHECK (…)`)."""
    generated: dict[str, str] = field(default_factory=dict)
    """column → expression."""
    collations: dict[str, str] = field(default_factory=dict)
    autoincrement: str | None = None
    """The column."""
    key_names: dict[tuple[str, ...], str] = field(default_factory=dict)
    """Columns of a primary key, unique constraint or foreign key → its name."""
    deferrable: set[tuple[str, ...]] = field(default_factory=set)
    """Columns of deferrable foreign keys."""


def written(sql: str) -> Written:
    """What a CREATE TABLE says beyond the pragmas; nothing where it has no list of columns or cannot be read."""
    found = Written()
    if not _WORTH_READING.search(sql):
        return found
    tokens = tokenize(sql, "sqlite")
    opened = next((i for i, token in enumerate(tokens) if token.upper == "("), None)
    if opened is None or any(token.upper == "VIRTUAL" for token in tokens[:opened]):
        return found
    cursor = Cursor(sql, tokens, "sqlite")
    cursor.at = opened
    try:
        for item in cursor.parens().items():
            if item.tokens:
                _Item(item, found).read()
    except ReadError:
        return Written()
    return found


class _Item:
    """One column or table constraint."""

    def __init__(self, cursor: Cursor, found: Written) -> None:
        self._cursor = cursor
        self._found = found
        self._column: str | None = None
        first = cursor.peek()
        if first.kind is not T.WORD or first.upper not in _TABLE_ITEMS:
            self._column = _name(cursor.next()).lower()

    def read(self) -> None:
        cursor, found, column = self._cursor, self._found, self._column
        constraint: str | None = None
        columns: tuple[str, ...] = (column,) if column else ()
        while not cursor.done:
            at = cursor.at
            word = cursor.word
            if word == "CONSTRAINT":
                cursor.next()
                constraint = _name(cursor.next())
                continue
            if word == "CHECK" and cursor.peek(1).upper == "(":
                cursor.next()
                cursor.parens()
                found.checks.append((constraint, cursor.text(at, cursor.at)))
            elif word == "AS" and cursor.peek(1).upper == "(" and column:
                cursor.next()
                start = cursor.at
                cursor.parens()
                found.generated[column] = cursor.text(start + 1, cursor.at - 1)
            elif word == "COLLATE" and column:
                cursor.next()
                found.collations[column] = _name(cursor.next())
            elif word == "AUTOINCREMENT" and column:
                cursor.next()
                found.autoincrement = column
            elif word in ("PRIMARY", "UNIQUE", "FOREIGN", "REFERENCES"):
                columns = self._key(word, constraint, columns)
            elif word == "DEFERRABLE" and not (at and cursor.tokens[at - 1].upper == "NOT"):
                cursor.next()
                found.deferrable.add(columns)
            elif word == "(":
                cursor.parens()
                continue
            else:
                cursor.next()
                continue
            constraint = None

    def _key(self, word: str, constraint: str | None, columns: tuple[str, ...]) -> tuple[str, ...]:
        """Past the key's first words; the columns it is of."""
        cursor = self._cursor
        cursor.next()
        cursor.take("KEY")
        if word == "REFERENCES":
            if constraint:
                self._found.key_names[columns] = constraint
            return columns
        if self._column is None and cursor.word == "(":
            columns = tuple(_name(one.peek()).lower() for one in cursor.parens().items() if one.tokens)
        if constraint:
            self._found.key_names[columns] = constraint
        return columns


@dataclass(frozen=True, slots=True)
class IndexText:
    parts: tuple[str, ...]
    """Columns and expressions as they are written."""
    where: str | None


def index_text(sql: str) -> IndexText:
    """What a CREATE INDEX says of its parts and its condition."""
    cursor = Cursor(sql, tokenize(sql, "sqlite"), "sqlite")
    cursor.until("(")
    try:
        inside = cursor.parens()
        parts = tuple(one.text(0, len(one.tokens)) for one in inside.items())
    except ReadError:
        return IndexText((), None)
    if cursor.take("WHERE"):
        return IndexText(parts, cursor.text(cursor.at, len(cursor.tokens)))
    return IndexText(parts, None)


_TIMES = {"BEFORE", "AFTER", "INSTEAD"}
_EVENTS = {"INSERT", "UPDATE", "DELETE"}


def trigger_when(sql: str) -> str | None:
    """`AFTER INSERT`: SQLite's own default is BEFORE."""
    moment = "BEFORE"
    for token in tokenize(sql, "sqlite"):
        if token.kind is not T.WORD:
            continue
        if token.upper in _TIMES:
            moment = "INSTEAD OF" if token.upper == "INSTEAD" else token.upper
        elif token.upper in _EVENTS:
            return f"{moment} {token.upper}"
    return None


def _name(token: Token) -> str:
    return token.text[1:-1] if token.kind is T.STRING else token.text
