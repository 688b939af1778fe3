"""Names of NOT NULL constraints (PostgreSQL 18): pg_dump leaves out those that PostgreSQL would choose, and it chooses
another where some table of the schema has one of that name already. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Set

from backend.engine.schema.model import SchemaObject

_NAMED = re.compile(r"CONSTRAINT (\"(?:[^\"]|\"\")+\"|[^\s\"]+) NOT NULL")
_UNNAMED = re.compile(
    r"^    (?P<column>\"(?:[^\"]|\"\")+\"|[^\s\"]+) (?P<rest>[^\n]*?)(?P<required> NOT NULL(?: NO INHERIT)?,?)$",
    re.MULTILINE,
)
_LONGEST = 63


def taken(tables: Iterable[SchemaObject]) -> Set[tuple[str | None, str]]:
    """(schema, name as SQL) of every NOT NULL constraint whose name is written out."""
    return {(one.schema, name) for one in tables if one.kind == "table" for name in _NAMED.findall(one.sql)}


def named(one: SchemaObject, names: Set[tuple[str | None, str]]) -> str:
    """A table's text with the names written out that PostgreSQL would not choose because others have them."""

    def written(match: re.Match[str]) -> str:
        column = match["column"].strip('"').replace('""', '"')
        bare = f"{one.name}_{column}_not_null"
        name = bare if re.fullmatch(r"[a-z_][a-z0-9_$]*", bare) else '"' + bare.replace('"', '""') + '"'
        if (one.schema, name) not in names or len(bare) > _LONGEST or " NOT NULL" in match["rest"]:
            return match[0]
        return f"    {match['column']} {match['rest']} CONSTRAINT {name}{match['required']}"

    return _UNNAMED.sub(written, one.sql) if names else one.sql
