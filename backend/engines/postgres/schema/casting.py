"""Types of columns: what casts to what, what is rewritten for it, and what a row gets where it had nothing. Pure."""

from __future__ import annotations

import re

from .facts import Column

TEXT = {"text", "character varying", "character", "name", '"char"', "bpchar", "citext"}
NUMBERS = {"smallint", "integer", "bigint", "numeric", "real", "double precision"}
_MOMENTS = {"date", "timestamp without time zone", "timestamp with time zone"}
_DIRECT = (
    {"json", "jsonb"},
    {"inet", "cidr"},
    {"bit", "bit varying"},
    {"boolean", "integer"},
    NUMBERS,
    _MOMENTS,
)
_ZERO = {
    "S": "''", "N": "0", "B": "false", "A": "'{}'", "T": "'0'",
}  # fmt: skip
_BY_TYPE = {
    "date": "'1970-01-01'", "uuid": "'00000000-0000-0000-0000-000000000000'", "json": "'{}'", "jsonb": "'{}'", "bytea": "''",
    "time without time zone": "'00:00'", "time with time zone": "'00:00+00'", "inet": "'0.0.0.0'", "cidr": "'0.0.0.0'",
    "xml": "''",
    "point": "'(0,0)'", "tsvector": "''", "macaddr": "'00:00:00:00:00:00'",
    "timestamp without time zone": "'1970-01-01'", "timestamp with time zone": "'1970-01-01'",
}  # fmt: skip


def cast(expression: str, was: Column, becomes: Column) -> str:
    """`expression` as the new type: directly where PostgreSQL has such a cast, else by way of its text."""
    old, new = base(was.type), base(becomes.type)
    direct = (
        old == new or old in TEXT or new in TEXT or any(old in family and new in family for family in _DIRECT)
    )
    if was.type.endswith("[]") != becomes.type.endswith("[]"):
        return (
            f"ARRAY[{expression}]::{becomes.type}"
            if becomes.type.endswith("[]")
            else f"{expression}::text::{becomes.type}"
        )
    if direct:
        return f"{expression}::{becomes.type}"
    return f"{expression}::text{'[]' if was.type.endswith('[]') else ''}::{becomes.type}"


def mentions(expression: str, quoted: str) -> bool:
    """Whether a column's name stands in an expression as the server prints it."""
    if quoted.startswith('"'):
        return quoted in expression
    return re.search(rf'(?<![\w"$]){re.escape(quoted)}(?![\w"$])', expression) is not None


def base(name: str) -> str:
    return re.sub(r"\(.*?\)", "", name.removesuffix("[]")).strip()


def widens(was: str, becomes: str) -> bool:
    """Whether PostgreSQL only changes the catalog: a longer varchar, text for varchar."""
    if base(was) != "character varying" or was.endswith("[]") or becomes.endswith("[]"):
        return False
    if becomes in ("text", "character varying"):
        return True
    old, new = re.search(r"\((\d+)\)", was), re.search(r"\((\d+)\)", becomes)
    return base(becomes) == "character varying" and bool(old and new and int(new[1]) >= int(old[1]))


def zero(column: Column) -> str | None:
    """What existing rows get in a column that takes no NULL; None where no value is known to be of its type."""
    if column.type.endswith("[]"):
        return "'{}'"
    plain = base(column.type)
    if plain in _BY_TYPE:
        return _BY_TYPE[plain]
    if column.kind != "b":
        return None
    return _ZERO.get(column.category)


def storage(kind: str) -> str:
    """A type's own storage; servers before 16 do not take DEFAULT for it."""
    plain = base(kind)
    if kind.endswith("[]") or plain in TEXT | {"json", "jsonb", "bytea", "xml", "tsvector", "tsquery"}:
        return "EXTENDED"
    return "MAIN" if plain in ("numeric", "inet", "cidr") else "DEFAULT"
