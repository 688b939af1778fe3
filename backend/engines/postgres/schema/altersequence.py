"""Sequences and identity columns changed in place; where they are stays, as far as the new bounds allow it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend.engine.schema.model import SchemaObject, Step

from .names import literal

_IDENTITY = re.compile(
    r"(?P<head>ALTER TABLE .+ ALTER COLUMN .+) ADD GENERATED (?P<when>ALWAYS|BY DEFAULT) AS IDENTITY \("
    r"\s*SEQUENCE NAME (?P<sequence>\S.*?)\n(?P<options>.*)\n\);",
    re.DOTALL,
)
_LARGEST = {"smallint": 2**15 - 1, "integer": 2**31 - 1, "bigint": 2**63 - 1}


def altered_sequence(old: SchemaObject, new: SchemaObject) -> list[Step]:
    """`CREATE SEQUENCE s` with its options, an option a line."""
    steps: list[Step] = []
    name = new.facts["identity"]
    was, becomes = (one.sql.rstrip().removesuffix(";").partition("\n")[2] for one in (old, new))
    if was != becomes:
        steps += _inside(name, was, becomes, new.id)
        options = "\n" + becomes
        if "CYCLE" not in becomes and "CYCLE" in was:
            options += "\n    NO CYCLE"
        if _apart(was, becomes):
            options += "\n    RESTART"
        if "    AS " not in becomes and "    AS " in was:
            options = "\n    AS bigint" + options
        steps.append(Step(f"ALTER SEQUENCE {name}{options}", (new.id,)))
    unlogged_was, unlogged = (one.sql.startswith("CREATE UNLOGGED ") for one in (old, new))
    if unlogged_was != unlogged:
        # The table's own statement takes an owned sequence along; then this changes nothing.
        steps.append(Step(f"ALTER SEQUENCE {name} SET {'UNLOGGED' if unlogged else 'LOGGED'}", (new.id,)))
    return steps


def altered_identity(old: SchemaObject, new: SchemaObject) -> list[Step] | None:
    """`ALTER TABLE t ALTER COLUMN c ADD GENERATED ALWAYS AS IDENTITY ( … );` None: it has to be made anew."""
    was, becomes = _IDENTITY.search(old.sql), _IDENTITY.search(new.sql)
    if was is None or becomes is None:
        return None
    if (was["head"], was["sequence"]) != (becomes["head"], becomes["sequence"]):
        return None
    steps: list[Step] = []
    parts = [f"SET GENERATED {becomes['when']}"] if was["when"] != becomes["when"] else []
    if was["options"] != becomes["options"]:
        steps += _inside(becomes["sequence"], was["options"], becomes["options"], new.id)
        options = [line.strip() for line in becomes["options"].splitlines()]
        if "CYCLE" not in options and "CYCLE" in was["options"]:
            options.append("NO CYCLE")
        parts += [f"SET {one}" for one in options if one]
        parts += ["RESTART"] if _apart(was["options"], becomes["options"]) else []
    return [*steps, Step(f"{becomes['head']} {' '.join(parts)}", (new.id,))]


def _inside(name: str, was: str, becomes: str, one: str) -> Iterator[Step]:
    """A sequence that is outside the new bounds would refuse them: it is led to the nearest number inside."""
    (lowest_was, highest_was), (lowest, highest) = _bounds(was), _bounds(becomes)
    value = "last_value"
    if lowest > lowest_was:
        value = f"greatest({value}, {lowest})"
    if highest < highest_was:
        value = f"least({value}, {highest})"
    if value != "last_value" and not _apart(was, becomes):
        called = f"is_called AND last_value BETWEEN {lowest} AND {highest}"
        yield Step(f"SELECT pg_catalog.setval({literal(name)}, {value}, {called}) FROM {name}", (one,))


def _apart(was: str, becomes: str) -> bool:
    """No number is inside the old bounds and the new ones."""
    (lowest_was, highest_was), (lowest, highest) = _bounds(was), _bounds(becomes)
    return lowest > highest_was or highest < lowest_was


def _bounds(options: str) -> tuple[int, int]:
    """(smallest, largest) as PostgreSQL takes them where none are given."""
    kind = re.search(r"\bAS (\w+)", options)
    largest = _LARGEST[kind[1] if kind and kind[1] in _LARGEST else "bigint"]
    falls = re.search(r"\bINCREMENT BY -", options) is not None
    lowest, highest = (-largest - 1, -1) if falls else (1, largest)
    given_lowest, given_highest = (
        re.search(rf"(?<!NO ){word} (-?\d+)", options) for word in ("MINVALUE", "MAXVALUE")
    )
    return int(given_lowest[1]) if given_lowest else lowest, int(
        given_highest[1]
    ) if given_highest else highest


def continued(one: SchemaObject) -> Iterator[Step]:
    """An identity given to a filled table goes on after the largest number that is there."""
    match = re.match(
        r"ALTER TABLE (?P<table>.+) ALTER COLUMN (?P<column>\"(?:[^\"]|\"\")+\"|\S+) ADD GENERATED", one.sql
    )
    if match:
        table, column = match["table"], match["column"]
        sequence = f"pg_get_serial_sequence({literal(table)}, {literal(column.strip(chr(34)))})"
        yield Step(
            f"SELECT setval({sequence}, (SELECT max({column}) FROM {table})) WHERE EXISTS (SELECT FROM {table})",
            (one.id,),
        )
