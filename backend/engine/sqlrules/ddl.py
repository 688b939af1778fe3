"""Reads CREATE, DROP, RENAME and TRUNCATE into operations. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from backend.engine.lint import ops
from backend.engine.lint.ops import Name, ObjectKind, Op

from .columns import TABLE_ITEMS, read_column, read_constraint, read_keys
from .dml import read_query
from .tokens import Cursor, ReadError, T, words

_BEFORE_KIND = words(
    "OR REPLACE TEMPORARY TEMP UNLOGGED GLOBAL LOCAL EXTERNAL TRANSIENT SNAPSHOT UNIQUE FULLTEXT SPATIAL SEARCH "
    "VECTOR NULL_FILTERED VIRTUAL AGGREGATE MATERIALIZED RECURSIVE CONSTRAINT FOREIGN ONLINE OFFLINE LIVE"
)
KINDS: dict[str, ObjectKind] = {
    "VIEW": "view", "SCHEMA": "schema", "DATABASE": "database", "SEQUENCE": "sequence", "TYPE": "type",
    "DOMAIN": "domain", "FUNCTION": "function", "PROCEDURE": "procedure", "TRIGGER": "trigger",
    "EXTENSION": "extension", "POLICY": "policy", "RULE": "rule", "ROLE": "role", "USER": "role",
    "DICTIONARY": "dictionary", "EVENT": "event", "INDEX": "index", "TABLE": "table", "PUBLICATION": "publication",
}  # fmt: skip

_OTHERS = words(
    "USER SERVER SYSTEM DEFAULT SESSION TABLESPACE LOGFILE INSTANCE QUOTA PROFILE SETTINGS ROW MODEL RESERVATION "
    "CAPACITY ASSIGNMENT CHANGE STATISTICS NAMED WORKLOAD RESOURCE ACCESS VECTOR SEARCH PROPERTY PROJECT CONNECTION "
    "COLLATION CAST OPERATOR LANGUAGE SUBSCRIPTION FOREIGN LARGE CONVERSION TEXT TRANSFORM UNDO SPATIAL PLACEMENT "
    "PACKAGE PREPARE ORGANIZATION LOCALITY GROUP WINDOW MASKING PROTO SPATIAL FUNCTION"
)


def other(verb: str, word: str, cursor: Cursor) -> list[Op]:
    if word not in _OTHERS:
        raise ReadError(f"{verb} {word} is no statement known here", cursor.peek(-1).start)
    return [ops.Other(keyword=f"{verb} {word}")]


def read_create(cursor: Cursor) -> list[Op]:
    cursor.expect("CREATE")
    before: set[str] = set()
    while True:
        if cursor.ahead("DEFINER", "="):
            cursor.until(*KINDS, "SQL")
        elif cursor.take("SQL", "SECURITY") or cursor.take("ALGORITHM", "="):
            cursor.next()
        elif cursor.word in _BEFORE_KIND:
            before.add(cursor.next().upper)
        else:
            break
    word = cursor.word
    if word == "TABLE":
        cursor.next()
        return list(_create_table(cursor, before))
    if word == "INDEX":
        cursor.next()
        return [_create_index(cursor, "UNIQUE" in before)]
    cursor.at += 1
    cursor.take("FUNCTION")  # AGGREGATE FUNCTION, TABLE FUNCTION
    if_not_exists = cursor.take("IF", "NOT", "EXISTS")
    if word not in KINDS or cursor.done:
        return other("CREATE", word, cursor)
    kind: ObjectKind = "materialized_view" if word == "VIEW" and "MATERIALIZED" in before else KINDS[word]
    name = cursor.name()
    table: Name | None = None
    if kind in ("trigger", "policy", "rule"):
        cursor.until("ON")
        table = cursor.name() if cursor.take("ON") else None
    found: list[Op] = [
        ops.CreateObject(
            kind=kind, name=name, if_not_exists=if_not_exists, or_replace="REPLACE" in before,
            temporary=bool(before & {"TEMP", "TEMPORARY"}), table=table,
        )
    ]  # fmt: skip
    if kind in ("view", "materialized_view"):
        if cursor.word != "AS":
            cursor.until("AS")
        found += read_query(cursor)
    return found


def _create_table(cursor: Cursor, before: set[str]) -> Iterator[Op]:
    if_not_exists = cursor.take("IF", "NOT", "EXISTS")
    name = cursor.name()
    if cursor.take("ON", "CLUSTER"):
        cursor.next()
    if cursor.take("UUID"):
        cursor.next()
    columns: list[ops.Column] = []
    constraints: list[ops.Constraint] = []
    indexes: list[ops.CreateIndex] = []
    like = False
    if cursor.word == "(" and cursor.peek(1).upper not in ("SELECT", "WITH"):
        for item in cursor.parens().items():
            if not item.tokens:
                raise ReadError("Something is missing between the commas", cursor.peek(-1).start)
            if item.take("LIKE"):
                like = True
            elif item.word in TABLE_ITEMS and item.peek().kind is T.WORD and not is_column(item):
                constraint = read_constraint(item)
                if constraint is not None:
                    constraints.append(constraint)
                elif (index := inline_index(item, name)) is not None:
                    indexes.append(index)
            else:
                columns.append(read_column(item))
    options: dict[str, str] = {}
    from_query = False
    while not cursor.done:
        if cursor.word in ("SELECT", "WITH") or (cursor.word == "(" and cursor.peek(1).upper == "SELECT"):
            from_query = True
            break
        if cursor.take("LIKE") or cursor.take("CLONE") or cursor.take("PARTITION", "OF"):
            like = True
        elif cursor.word in ("ENGINE", "CHARSET", "COLLATE") or cursor.ahead("CHARACTER", "SET"):
            key = "charset" if cursor.word == "CHARACTER" else cursor.word.lower()
            cursor.at += 2 if cursor.word == "CHARACTER" else 1
            cursor.take("=")
            if not cursor.done:
                options[key] = cursor.next().text
        elif cursor.word in ("ORDER", "PRIMARY", "PARTITION") and cursor.peek(1).upper in ("BY", "KEY"):
            key = f"{cursor.next().text} {cursor.next().text}".lower()
            begin, end = cursor.until(
                "ORDER",
                "PRIMARY",
                "PARTITION",
                "SETTINGS",
                "TTL",
                "SAMPLE",
                "COMMENT",
                "AS",
                "OPTIONS",
                "CLUSTER",
                "INTERLEAVE",
            )
            options[key] = cursor.text(begin, end)
        elif cursor.word == "(":
            cursor.parens()
        elif cursor.word in ("WITHOUT", "STRICT", "SETTINGS", "TTL", "CLUSTER", "INTERLEAVE"):
            options[cursor.next().upper.lower()] = cursor.peek().text
        else:
            cursor.next()
    yield ops.CreateTable(
        name=name, columns=tuple(columns), constraints=tuple(constraints), if_not_exists=if_not_exists,
        or_replace="REPLACE" in before, temporary=bool(before & {"TEMP", "TEMPORARY"}), from_query=from_query,
        like=like, options=options,
    )  # fmt: skip
    yield from indexes
    if from_query:
        yield from read_query(cursor)


def is_column(item: Cursor) -> bool:
    """A column that is named `key`, `index`, `period`: what follows is a type, no name and parenthesis."""
    if item.word in ("KEY", "INDEX", "PERIOD", "PROJECTION", "VECTOR"):
        second, third = item.peek(1), item.peek(2)
        return (
            second.kind is T.WORD
            and third.upper not in ("(", "ON", "USING", "FOR")
            and item.dialect not in ("clickhouse",)
        )
    return False


def inline_index(item: Cursor, table: Name) -> ops.CreateIndex | None:
    """`KEY k (a)`, `UNIQUE INDEX k (a)`, ClickHouse's `INDEX i expr TYPE minmax`."""
    span = item.span
    kind = item.take_any("FULLTEXT", "SPATIAL", "VECTOR", "UNIQUE")
    if not item.take_any("KEY", "INDEX") and not kind:
        return None
    item.exists()
    name: str | None = None
    while not item.done and item.word != "(":
        if item.take("USING"):
            item.next()
        elif item.dialect == "clickhouse" and name is not None:
            break
        else:
            name = item.part()
    columns = read_keys(item) if item.word == "(" else ()
    return ops.CreateIndex(
        table=table, name=name, columns=columns, unique=kind == "UNIQUE", method=kind.lower() if kind != "UNIQUE" else "",
        span=span,
    )  # fmt: skip


def _create_index(cursor: Cursor, unique: bool) -> ops.CreateIndex:
    """After CREATE … INDEX."""
    concurrently = cursor.take("CONCURRENTLY")
    if_not_exists = cursor.take("IF", "NOT", "EXISTS")
    name: str | None = None
    if cursor.word != "ON":
        name = cursor.name().name
    method = ""
    if cursor.take("USING"):
        method = cursor.next().text.lower()
    cursor.expect("ON")
    cursor.take("ONLY")
    table = cursor.name()
    if cursor.take("USING"):
        method = cursor.next().text.lower()
    columns = read_keys(cursor) if cursor.word == "(" else ()
    partial = any(token.upper == "WHERE" for token in cursor.tokens[cursor.at :])
    return ops.CreateIndex(
        table=table, name=name, columns=columns, unique=unique, concurrently=concurrently,
        if_not_exists=if_not_exists, partial=partial, method=method,
    )  # fmt: skip


def read_drop(cursor: Cursor) -> list[Op]:
    cursor.expect("DROP")
    while cursor.word in (
        "TEMPORARY",
        "FOREIGN",
        "EXTERNAL",
        "SNAPSHOT",
        "SEARCH",
        "VECTOR",
        "AGGREGATE",
        "TABLE",
    ) and cursor.peek(1).upper in ("TABLE", "INDEX", "FUNCTION"):
        cursor.next()
    materialized = cursor.take("MATERIALIZED")
    word = cursor.next().upper
    if word not in KINDS:
        return other("DROP", word, cursor)
    kind: ObjectKind = "materialized_view" if materialized else KINDS[word]
    concurrently = cursor.take("CONCURRENTLY")
    if_exists = cursor.take("IF", "EXISTS")
    cascade = any(token.upper == "CASCADE" for token in cursor.tokens[cursor.at :])
    names = [cursor.name()]
    if cursor.word == "(":
        cursor.parens()
    while cursor.take(","):
        names.append(cursor.name())
    table = None
    if kind in ("index", "trigger", "policy", "rule") and cursor.take("ON"):
        table = cursor.name()
    return [
        ops.Drop(
            kind=kind, name=name, if_exists=if_exists, cascade=cascade, concurrently=concurrently, table=table
        )
        for name in names
    ]


def read_truncate(cursor: Cursor) -> list[Op]:
    cursor.expect("TRUNCATE")
    cursor.take_any("TABLE")
    if cursor.ahead("DATABASE") or cursor.ahead("ALL"):
        return [ops.Other(keyword="TRUNCATE DATABASE")]
    cursor.exists()
    cascade = any(token.upper == "CASCADE" for token in cursor.tokens)
    found: list[Op] = []
    while True:
        cursor.take("ONLY")
        found.append(ops.Truncate(table=cursor.name(), cascade=cascade))
        cursor.take("*")
        if not cursor.take(","):
            return found


def read_rename(cursor: Cursor) -> list[Op]:
    """RENAME TABLE a TO b, c TO d."""
    cursor.expect("RENAME")
    word = cursor.take_any("TABLE", "TABLES", "DICTIONARY", "DATABASE", "COLUMN")
    if word not in ("TABLE", "TABLES", "DICTIONARY"):
        return [ops.Other(keyword=f"RENAME {word}".strip())]
    kind: ObjectKind = "dictionary" if word == "DICTIONARY" else "table"
    cursor.exists()
    found: list[Op] = []
    while True:
        old = cursor.name()
        cursor.expect("TO")
        found.append(ops.Rename(kind=kind, old=old, new=cursor.name().name))
        if not cursor.take(","):
            return found
