"""What BigQuery's rules share: names as SQL, tokens. Pure."""

from __future__ import annotations

import re

from backend.engine.lint.source import Stmt
from backend.engine.sqlrules.reader import tokens_of
from backend.engine.sqlrules.tokens import Token

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# https://cloud.google.com/bigquery/docs/reference/standard-sql/lexical#reserved_keywords
_RESERVED = frozenset(
    [
        "all",
        "and",
        "any",
        "array",
        "as",
        "asc",
        "assert_rows_modified",
        "at",
        "between",
        "by",
        "case",
        "cast",
        "collate",
        "contains",
        "create",
        "cross",
        "cube",
        "current",
        "default",
        "define",
        "desc",
        "distinct",
        "else",
        "end",
        "enum",
        "escape",
        "except",
        "exclude",
        "exists",
        "extract",
        "false",
        "fetch",
        "following",
        "for",
        "from",
        "full",
        "group",
        "grouping",
        "groups",
        "hash",
        "having",
        "if",
        "ignore",
        "in",
        "inner",
        "intersect",
        "interval",
        "into",
        "is",
        "join",
        "lateral",
        "left",
        "like",
        "limit",
        "lookup",
        "merge",
        "natural",
        "new",
        "no",
        "not",
        "null",
        "nulls",
        "of",
        "on",
        "or",
        "order",
        "outer",
        "over",
        "partition",
        "preceding",
        "proto",
        "qualify",
        "range",
        "recursive",
        "respect",
        "right",
        "rollup",
        "rows",
        "select",
        "set",
        "some",
        "struct",
        "tablesample",
        "then",
        "to",
        "treat",
        "true",
        "unbounded",
        "union",
        "unnest",
        "using",
        "when",
        "where",
        "window",
        "with",
        "within",
    ]
)


def quote(name: str) -> str:
    """A name in backquotes where it must be."""
    if _PLAIN.fullmatch(name) and name.lower() not in _RESERVED:
        return name
    return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"


def tokens(statement: Stmt) -> list[Token]:
    """A statement's tokens, comments left out, without a semicolon at the end."""
    return tokens_of(statement, "bigquery")


def written_name(statement: Stmt) -> str:
    """The table behind ALTER TABLE as it is written, project and all."""
    found = tokens(statement)
    begin = next((i for i, token in enumerate(found) if token.upper == "TABLE"), 0) + 1
    while begin < len(found) - 1 and found[begin].upper in ("IF", "EXISTS"):
        begin += 1
    end = begin
    while end + 1 < len(found) and (found[end + 1].upper in (".", "-") or found[end].upper in (".", "-")):
        end += 1
    return statement.text[found[begin].start : found[end].end]
