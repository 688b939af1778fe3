"""pg_dump's CREATE TABLE taken apart: head, elements, tail, and the statements after it. Pure; quotes are respected."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from backend.engine import sqltext
from backend.engine.sqllex import Kind, Words, lexer

_CONSTRAINT = ("CONSTRAINT ", "LIKE ")


@dataclass(frozen=True, slots=True)
class CreateTable:
    head: str
    """`CREATE UNLOGGED TABLE public.users`"""
    elements: tuple[str, ...]
    """Columns and constraints, as written."""
    tail: str
    """INHERITS, PARTITION BY, WITH, SERVER … after the bracket."""
    after: tuple[str, ...]
    """Further statements of the entry, without semicolons."""

    @property
    def columns(self) -> dict[str, str]:
        """Column as written (quoted where needed) → definition after the name."""
        found = {}
        for element in self.elements:
            if not element.startswith("CONSTRAINT "):
                name = _name(element)
                found[name] = element[len(name) :].strip()
        return found

    @property
    def constraints(self) -> dict[str, str]:
        """Constraint's name as written → definition after it."""
        found = {}
        for element in self.elements:
            if element.startswith("CONSTRAINT "):
                rest = element.removeprefix("CONSTRAINT ")
                name = _name(rest)
                found[name] = rest[len(name) :].strip()
        return found


def parse(sql: str) -> CreateTable:
    """One TABLE or FOREIGN TABLE entry."""
    first, *after = [one.text.rstrip().removesuffix(";") for one in sqltext.split(sql, "postgres")] or [sql]
    opening, elements, closing = _bracket(first)
    if opening < 0:
        return CreateTable(first, (), "", tuple(after))
    return CreateTable(
        head=first[:opening].strip(),
        elements=tuple(elements),
        tail=first[closing + 1 :].strip(),
        after=tuple(after),
    )


def compared(sql: str) -> str:
    """The entry with its elements and later statements in alphabetical order: columns cannot be moved, so their order
    cannot be asked for."""
    quick = _line_by_line(sql)
    if quick is not None:
        return quick
    table = parse(sql)
    lines = [f"{table.head} (", *(f"    {one}" for one in sorted(table.elements)), f") {table.tail}".rstrip()]
    return "\n".join([*lines, *sorted(table.after)])


def _line_by_line(sql: str) -> str | None:
    """`compared` for a table whose elements are a line each, as pg_dump writes them; None where one goes over lines."""
    head, opening, rest = sql.partition(" (\n")
    body, closing, tail = rest.partition("\n)")
    if not opening or not closing or ";\n" in rest or "\n" in head or "$" in sql or "/*" in sql:
        return None
    elements = body.split(",\n")
    for one in elements:
        if not one.startswith("    ") or "\n" in one or one.count("'") % 2 or one.count('"') % 2:
            return None
    end = f") {tail.strip().removesuffix(';')}".rstrip()
    return "\n".join([f"{head} (", *sorted(elements), end])


def _name(text: str) -> str:
    if not text.startswith('"'):
        return text.split(None, 1)[0]
    end = 1
    while True:
        end = text.index('"', end) + 1
        if text[end : end + 1] != '"':
            return text[:end]
        end += 1


def _bracket(sql: str) -> tuple[int, list[str], int]:
    """(offset of the bracket that opens the elements, the elements, offset of the one that closes them)"""
    opening, depth, start = -1, 0, 0
    found: list[str] = []
    for kind, text, offset in _tokens(sql):
        if kind is not Kind.RUN:
            continue
        for place, char in enumerate(text, offset):
            if char in "([":
                depth += 1
                if depth == 1 and opening < 0 and char == "(":
                    opening, start = place, place + 1
            elif char in ")]":
                depth -= 1
                if depth == 0 and opening >= 0:
                    last = sql[start:place].strip()
                    return opening, [*found, *([last] if last else [])], place
            elif char == "," and depth == 1 and opening >= 0:
                found.append(sql[start:place].strip())
                start = place + 1
    return -1, [], -1


def _tokens(sql: str) -> Iterator[tuple[Kind, str, int]]:
    pattern = lexer("postgres", words=Words.ALL, delimiter=";")
    position = 0
    while position < len(sql):
        match = pattern.match(sql, position)
        if match is None:
            return
        yield Kind(match.lastindex or Kind.RUN), match.group(), position
        position = match.end()
