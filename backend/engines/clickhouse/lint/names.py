"""What ClickHouse's rules share: names as SQL, tokens, ON CLUSTER, facts for examples. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from backend.engine.lint.context import At
from backend.engine.lint.facts import Facts
from backend.engine.lint.source import Stmt
from backend.engine.sqlrules.reader import tokens_of
from backend.engine.sqlrules.tokens import Token, tokenize
from backend.engines.clickhouse.text import identifier
from backend.models.schema import Catalog, CatalogColumn, CatalogTable

_PLAIN = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
# A text without the word need not be read for it.
_CLUSTER = re.compile("cluster", re.IGNORECASE)
# What the parser would take for a clause where a name may stand.
_WORDS = frozenset(
    [
        "all",
        "and",
        "anti",
        "any",
        "array",
        "as",
        "asc",
        "between",
        "by",
        "case",
        "cast",
        "create",
        "cross",
        "date",
        "desc",
        "distinct",
        "drop",
        "else",
        "end",
        "exists",
        "final",
        "for",
        "format",
        "from",
        "full",
        "global",
        "group",
        "having",
        "if",
        "in",
        "inner",
        "insert",
        "interval",
        "into",
        "is",
        "join",
        "left",
        "like",
        "limit",
        "not",
        "null",
        "offset",
        "on",
        "or",
        "order",
        "outer",
        "prewhere",
        "right",
        "sample",
        "select",
        "semi",
        "settings",
        "table",
        "then",
        "to",
        "union",
        "using",
        "values",
        "when",
        "where",
        "with",
    ]
)


def quote(name: str) -> str:
    """A name in backquotes where it must be."""
    return name if _PLAIN.fullmatch(name) and name.lower() not in _WORDS else identifier(name)


def tokens(statement: Stmt) -> list[Token]:
    """A statement's tokens, comments left out, without a semicolon at the end."""
    return tokens_of(statement, "clickhouse")


def says_cluster(text: str) -> bool:
    """May it name a cluster? Where not, its tokens need not be looked at."""
    return _CLUSTER.search(text) is not None


def cluster_of(statement: Stmt) -> str | None:
    """What stands behind ON CLUSTER, as it is written."""
    if not says_cluster(statement.text):
        return None
    found = tokens(statement)
    for index, token in enumerate(found[:-2]):
        if token.upper == "ON" and found[index + 1].upper == "CLUSTER":
            return statement.text[found[index + 2].start : found[index + 2].end]
    return None


def known_key(at: At, table_key: str) -> tuple[str, ...] | None:
    """The columns of a table's sorting key, casefolded; None where they are not known."""
    made = at.scene.made.get(table_key)
    if made is not None:
        text = made.op.options.get("order by", "") + " " + made.op.options.get("primary key", "")
        return tuple(
            token.text.casefold()
            for token in tokenize(text, "clickhouse")
            if token.upper not in ("(", ")", ",")
        )
    for table in at.facts.tables.get(table_key, ()) if at.facts else ():
        return tuple(column.name.casefold() for column in table.columns if column.primary_key)
    return None


def facts(rows: int | None = 9, *, key: Sequence[str] = ("id",), **columns: str) -> Facts:
    """For examples: a table `events` with these columns, sorted by `key`."""
    made = [CatalogColumn(name="id", type="UInt64", nullable=False)]
    made += [
        CatalogColumn(name=name, type=text, nullable=text.startswith("Nullable"))
        for name, text in columns.items()
    ]
    for column in made:
        column.primary_key = column.name in key
    return Facts.of_catalog(Catalog(tables=[CatalogTable(name="events", rows=rows, columns=made)]))


EVENTS = (
    "CREATE TABLE events (id UInt64, kind String, n Int32) ENGINE = MergeTree ORDER BY id;\n"
    "INSERT INTO events (id, kind, n) VALUES (1, 'a', 5), (2, 'b', 6)"
)
"""What the examples' statements work on."""
