"""A statement that the SQL parser does not know, judged by its tokens: comments, quotes and bodies cannot deceive it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backend.models.migration import Direction

if TYPE_CHECKING:
    from sqlglot import Token

# What these drop or change holds no rows of its own.
ROWLESS_KINDS = {
    "VIEW",
    "INDEX",
    "TRIGGER",
    "FUNCTION",
    "PROCEDURE",
    "TYPE",
    "SEQUENCE",
    "CONSTRAINT",
    "DOMAIN",
    "POLICY",
    "RULE",
    "EXTENSION",
    "AGGREGATE",
    "OPERATOR",
    "CAST",
    "COLLATION",
    "EVENT",
    "ROLE",
    "USER",
    "PUBLICATION",
    "STATISTICS",
    "MATERIALIZED",
    "DICTIONARY",
    "DEFAULT",
    "LANGUAGE",
    "TRANSFORM",
}
_HARMLESS_WORDS = {
    "CREATE",
    "COMMENT",
    "GRANT",
    "REVOKE",
    "SET",
    "RESET",
    "PRAGMA",
    "ANALYZE",
    "VACUUM",
    "REINDEX",
    "SHOW",
    "USE",
    "BEGIN",
    "COMMIT",
    "ROLLBACK",
    "START",
    "SAVEPOINT",
    "RELEASE",
    "LOCK",
    "UNLOCK",
    "NOTIFY",
    "LISTEN",
    "REFRESH",
    "SELECT",
    "VALUES",
    "INSERT",
    "OPTIMIZE",
    "EXPLAIN",
    "RENAME",
    "SYSTEM",
    "SECURITY",
    "REASSIGN",
    "CLUSTER",
    "CHECKPOINT",
    "DISCARD",
}


# After ALTER TABLE … DROP: what is dropped is no column.
_NO_COLUMNS = {
    "CONSTRAINT",
    "INDEX",
    "KEY",
    "PRIMARY",
    "FOREIGN",
    "CHECK",
    "DEFAULT",
    "NOT",
    "IDENTITY",
    "EXPRESSION",
    "PROJECTION",
    "STATISTICS",
    "TTL",
}
_PASSED_OVER = {"TABLE", "COLUMN", "IF", "EXISTS", "ONLY"}


@dataclass(frozen=True, slots=True)
class Danger:
    """Something a statement does to rows. `kind`: drop_table, drop_column, delete, truncate, overwrite, drop_all, retype,
    unknown."""

    kind: str
    table: str | None = None
    column: str | None = None
    statement: str = ""
    text: str = ""
    """The whole statement, where its condition can be asked."""


def of_words(text: str, dialect: str, excerpt: str, direction: Direction) -> Iterator[Danger]:
    """What the statement does to rows; what cannot be told is `unknown`, when rolling back always."""
    tokens = _tokens(text, dialect)
    words = [token.text.upper() for token in tokens[:4]]
    if not words or words[0] in _HARMLESS_WORDS:
        return
    if words[0] in {"DROP", "ALTER"} and len(words) > 1 and words[1] in ROWLESS_KINDS:
        return
    if words[:2] == ["DROP", "TABLE"]:
        for table in _dropped_tables(tokens[2:]):
            yield Danger("drop_table", table, statement=excerpt)
        return
    if words[:2] == ["ALTER", "TABLE"]:
        found = list(_of_alter(tokens[2:], excerpt))
        yield from found
        if found or direction == Direction.UP:
            return
    if direction == Direction.DOWN or words[0] in {"DROP", "TRUNCATE", "DELETE"}:
        yield Danger("unknown", statement=excerpt)


def of_alter_table(text: str, dialect: str, excerpt: str) -> Iterator[Danger]:
    """What `ALTER TABLE …` takes away."""
    tokens = _tokens(text, dialect)
    if [token.text.upper() for token in tokens[:2]] == ["ALTER", "TABLE"]:
        yield from _of_alter(tokens[2:], excerpt)


def _tokens(text: str, dialect: str) -> list[Token]:
    from sqlglot import tokenize
    from sqlglot.errors import SqlglotError

    try:
        return list(tokenize(text, read=dialect))
    except (SqlglotError, ValueError):
        return []


def _dropped_tables(tokens: list[Token]) -> Iterator[str]:
    """`[IF EXISTS] a, s.b [CASCADE]`."""
    while tokens:
        name, tokens = _name(tokens)
        if name:
            yield name
        while tokens and tokens[0].text != ",":
            tokens = tokens[1:]
        tokens = tokens[1:]


def _of_alter(tokens: list[Token], excerpt: str) -> Iterator[Danger]:
    """`[ONLY] t DROP c, DROP INDEX i, DELETE WHERE …`: the column's word COLUMN may be left out."""
    table, tokens = _name(tokens)
    depth = 0
    for index, token in enumerate(tokens):
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        # An action begins after the table's name or after a comma; a name that is a word stands elsewhere.
        if (
            depth
            or _is_quoted(token)
            or (index and tokens[index - 1].text != "," and token.text.upper() != "DELETE")
        ):
            continue
        verb = token.text.upper()
        after = tokens[index + 1 :]
        # PRIMARY KEY is one token.
        what = after[0].text.upper().partition(" ")[0] if after and not _is_quoted(after[0]) else ""
        if verb in {"DROP", "TRUNCATE", "DETACH"} and what in {"PARTITION", "PARTITIONS", "SUBPARTITION"}:
            yield Danger("drop_table" if verb != "TRUNCATE" else "truncate", table, statement=excerpt)
        elif verb in {"DROP", "CLEAR"} and what not in _NO_COLUMNS:
            yield Danger("drop_column", table, _name(after)[0], excerpt)
        elif verb == "DELETE":
            yield Danger("delete", table, statement=excerpt)


def _name(tokens: list[Token]) -> tuple[str | None, list[Token]]:
    """A name of one or more parts, and what follows it."""
    while tokens and not _is_quoted(tokens[0]) and tokens[0].text.upper() in _PASSED_OVER:
        tokens = tokens[1:]
    if not tokens:
        return None, []
    name, tokens = tokens[0].text, tokens[1:]
    while len(tokens) > 1 and tokens[0].text == ".":
        name, tokens = f"{name}.{tokens[1].text}", tokens[2:]
    return name, tokens


def _is_quoted(token: Token) -> bool:
    return token.token_type.name in {"IDENTIFIER", "STRING"}
