"""What SQLite's rules share: names as SQL, the recipe of a rebuild, facts for examples. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from backend.engine.lint.context import At
from backend.engine.lint.facts import Facts
from backend.engine.lint.ops import Name
from backend.engines.sqlite.keywords import KEYWORDS
from backend.models.schema import Catalog, CatalogColumn, CatalogIndex, CatalogTable

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def quote(name: str) -> str:
    """A name in double quotes where it must be."""
    if _PLAIN.fullmatch(name) and name.upper() not in KEYWORDS:
        return name
    return '"' + name.replace('"', '""') + '"'


@dataclass(frozen=True, slots=True)
class KnownColumn:
    """A column of a table as it is now, from this file or the catalog."""

    name: str
    sql: str
    """Its definition as CREATE TABLE takes it, the name included."""


def known_columns(at: At, table: Name) -> list[KnownColumn] | None:
    """The table's columns; None where they are not known, so a recipe cannot name them."""
    known = at.facts.table(table) if at.facts else None
    if known is None or not known.columns or table.key in at.scene.made:
        return None
    alone = sum(column.primary_key for column in known.columns) == 1
    found: list[KnownColumn] = []
    for column in known.columns:
        sql = f"{quote(column.name)} {column.type}".rstrip()
        if column.primary_key and alone:
            sql += " PRIMARY KEY"
        if not column.nullable and not (column.primary_key and alone):
            sql += " NOT NULL"
        if column.default is not None:
            sql += f" DEFAULT ({column.default})"
        found.append(KnownColumn(column.name, sql))
    return found


def recipe(at: At, table: Name, definitions: Sequence[str], copied: Sequence[str]) -> str:
    """The whole rebuild, for a block with `transaction:false`: SQLite's own twelve steps, foreign keys off outside the
    transaction and checked before its end. `definitions` are the new table's items, `copied` the columns kept (as SQL)."""
    old, new = at.q(table), quote(table.name + "_new")
    items = ",\n  ".join(definitions)
    columns = ", ".join(copied)
    known = at.scene.indexes_of(table) or []
    indexes = "".join(
        f"CREATE {'UNIQUE ' if unique else ''}INDEX {quote(name)} ON {old} ({', '.join(quote(one) for one in keys)});\n"
        for name, keys, unique in known
        if name and keys and not name.startswith("sqlite_") and all(quote(one) in copied for one in keys)
    )
    return (
        "-- migrate:up transaction:false\n"
        "PRAGMA foreign_keys = OFF;\nBEGIN;\n"
        f"-- add the CHECKs and foreign keys that SELECT sql FROM sqlite_schema WHERE tbl_name = '{table.name}' shows\n"
        f"CREATE TABLE {new} (\n  {items}\n);\n"
        f"INSERT INTO {new} ({columns}) SELECT {columns} FROM {old};\n"
        f"DROP TABLE {old};\nALTER TABLE {new} RENAME TO {old};\n"
        f"{indexes}-- make its triggers and further indexes again, then: no row may come\n"
        "PRAGMA foreign_key_check;\nCOMMIT;\nPRAGMA foreign_keys = ON;"
    )


def facts(
    rows: int | None = 9, *, indexes: Sequence[CatalogIndex] = (), views: Sequence[str] = (), **columns: str
) -> Facts:
    """For examples: a table `orders` with the key `id` and these columns, `code="text not null"`."""
    made = [CatalogColumn(name="id", type="INTEGER", primary_key=True)]
    for name, text in columns.items():
        kind = text.removesuffix(" not null")
        made.append(CatalogColumn(name=name, type=kind, nullable=kind == text))
    tables = [CatalogTable(name="orders", rows=rows, columns=made, indexes=list(indexes))]
    tables += [CatalogTable(name=name, kind="view") for name in views]
    return Facts.of_catalog(Catalog(tables=tables))


ORDERS = "CREATE TABLE orders (id INTEGER PRIMARY KEY, code text, total int);\nINSERT INTO orders VALUES (1, 'a', 5);\n"
KNOWN = facts(code="text", total="int")
"""What the examples' statements work on, and what is known of it."""
