"""Reads ALTER TABLE, action by action, and the other ALTERs. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from backend.engine.lint import ops
from backend.engine.lint.ops import Name, ObjectKind, Op

from .columns import TABLE_ITEMS, read_column, read_constraint, read_type
from .ddl import KINDS, inline_index, is_column, other
from .tokens import Cursor, ReadError, T


def read_alter(cursor: Cursor) -> list[Op]:
    cursor.expect("ALTER")
    while cursor.take_any("IGNORE", "ONLINE", "OFFLINE", "FOREIGN"):
        pass
    if not cursor.take("TABLE"):
        return _alter_other(cursor)
    cursor.exists()
    cursor.take("ONLY")
    table = cursor.name()
    cursor.take("*")
    if cursor.take("ON", "CLUSTER"):
        cursor.next()
    found: list[Op] = []
    for item in cursor.items():
        if not item.tokens:
            raise ReadError("An action is missing between the commas", len(cursor.sql) - 1)
        found += _action(item, table)
    return found


def _alter_other(cursor: Cursor) -> list[Op]:
    materialized = cursor.take("MATERIALIZED")
    word = cursor.next().upper
    if word not in KINDS:
        return other("ALTER", word, cursor)
    cursor.exists()
    kind: ObjectKind = "materialized_view" if materialized else KINDS[word]
    try:
        name = cursor.name()
    except ReadError:
        return [ops.Other(keyword=f"ALTER {word}")]
    if cursor.take("RENAME", "TO"):
        return [ops.Rename(kind=kind, old=name, new=cursor.name().name)]
    return [ops.Other(keyword=f"ALTER {word}")]


def _action(item: Cursor, table: Name) -> Iterator[Op]:
    span = item.span
    word = item.word
    if word == "ADD":
        item.next()
        yield from _add(item, table, span)
    elif word == "DROP":
        item.next()
        yield from _drop(item, table, span)
    elif word == "MODIFY" and item.peek(1).upper not in (
        "ORDER",
        "TTL",
        "SETTING",
        "QUERY",
        "COMMENT",
        "SQL",
        "REFRESH",
        "SAMPLE",
    ):
        item.next()
        item.take("COLUMN")
        item.exists()
        column = read_column(item)
        if column.type or column.not_null:
            yield ops.AlterColumnType(
                table=table, column=column.name, type=column.type, definition=column, span=span
            )
        else:
            yield ops.AlterOther(table=table, what="MODIFY COLUMN", span=span)
    elif word == "CHANGE":
        item.next()
        item.take("COLUMN")
        item.exists()
        old = item.part()
        column = read_column(item)
        if old.casefold() != column.name.casefold():
            yield ops.Rename(kind="column", old=Name(old), new=column.name, table=table, span=span)
        yield ops.AlterColumnType(
            table=table, column=column.name, type=column.type, definition=column, span=span
        )
    elif word == "ALTER" and item.peek(1).upper not in ("INDEX", "CONSTRAINT", "CHECK"):
        item.next()
        item.take("COLUMN")
        item.exists()
        yield from _alter_column(item, table, span)
    elif word == "RENAME":
        item.next()
        yield _rename(item, table, span)
    elif word == "UPDATE":
        where = next((i for i, token in enumerate(item.tokens) if token.upper == "WHERE"), None)
        yield ops.Update(table=table, has_where=where is not None, span=span)
    elif word == "DELETE":
        yield ops.Delete(table=table, has_where=True, span=span)
    elif word == "VALIDATE":
        item.at += 2
        yield ops.ValidateConstraint(table=table, name=item.part(), span=span)
    elif word in ("ALGORITHM", "LOCK"):
        item.next()
        item.take("=")
        yield ops.AlterOther(table=table, what=f"{word}={item.next().upper}", span=span)
    else:
        words = [token.upper for token in item.tokens[:3] if token.kind is T.WORD]
        if not words:
            raise ReadError("This is not an action of ALTER TABLE", item.peek().start)
        yield ops.AlterOther(table=table, what=" ".join(words), span=span)


def _add(item: Cursor, table: Name, span: ops.Span | None) -> Iterator[Op]:
    if item.word in TABLE_ITEMS and item.peek().kind is T.WORD and not is_column(item):
        constraint = read_constraint(item)
        if constraint is not None:
            yield ops.AddConstraint(table=table, constraint=constraint, span=span)
        elif (index := inline_index(item, table)) is not None:
            yield index
        else:
            yield ops.AlterOther(table=table, what=f"ADD {item.word}", span=span)
        return
    if (
        item.word in ("PARTITION", "ROW", "SYSTEM")
        and item.peek().kind is T.WORD
        and item.peek(1).upper in ("PARTITION", "(", "DELETION", "VERSIONING", "IF")
    ) or item.ahead("PARTITION"):
        yield ops.AlterOther(table=table, what=f"ADD {item.word}", span=span)
        return
    item.take("COLUMN")
    if_not_exists = item.take("IF", "NOT", "EXISTS")
    if item.word == "(":
        for inner in item.parens().items():
            yield ops.AddColumn(
                table=table, column=read_column(inner), if_not_exists=if_not_exists, span=span
            )
        return
    yield ops.AddColumn(table=table, column=read_column(item), if_not_exists=if_not_exists, span=span)


def _drop(item: Cursor, table: Name, span: ops.Span | None) -> Iterator[Op]:
    cascade = any(token.upper == "CASCADE" for token in item.tokens)
    if item.take("PRIMARY", "KEY"):
        yield ops.DropConstraint(table=table, name="PRIMARY", kind="primary_key", span=span)
    elif item.take("FOREIGN", "KEY"):
        if_exists = item.exists()
        yield ops.DropConstraint(
            table=table, name=item.part(), kind="foreign_key", if_exists=if_exists, span=span
        )
    elif item.word in ("CONSTRAINT", "CHECK") and item.peek(1).kind in (T.WORD, T.NAME):
        kind: ops.ConstraintKind = "check" if item.next().upper == "CHECK" else "other"
        if_exists = item.exists()
        yield ops.DropConstraint(
            table=table, name=item.part(), kind=kind, if_exists=if_exists, cascade=cascade, span=span
        )
    elif item.word in ("INDEX", "KEY") and item.peek(1).kind in (T.WORD, T.NAME):
        item.next()
        if_exists = item.exists()
        yield ops.Drop(kind="index", name=item.name(), if_exists=if_exists, table=table, span=span)
    elif (
        item.word in ("PARTITION", "PROJECTION", "STATISTICS", "DETACHED", "SYSTEM", "ROW", "PART")
        and item.peek(1).kind is not T.SIGN
    ):
        yield ops.AlterOther(table=table, what=f"DROP {item.word}", span=span)
    else:
        item.take("COLUMN")
        if_exists = item.exists()
        yield ops.DropColumn(table=table, column=item.part(), if_exists=if_exists, cascade=cascade, span=span)


def _alter_column(item: Cursor, table: Name, span: ops.Span | None) -> Iterator[Op]:
    column = item.part()
    if item.take("SET", "NOT", "NULL"):
        yield ops.SetNotNull(table=table, column=column, span=span)
    elif item.take("DROP", "NOT", "NULL"):
        yield ops.DropNotNull(table=table, column=column, span=span)
    elif item.take("SET", "DEFAULT"):
        yield ops.SetDefault(
            table=table, column=column, default=item.text(item.at, len(item.tokens)), span=span
        )
    elif item.take("DROP", "DEFAULT"):
        yield ops.SetDefault(table=table, column=column, default=None, span=span)
    elif item.take("SET", "DATA", "TYPE") or item.take("TYPE"):
        type_ = read_type(item)
        item.until("USING")
        using = item.text(item.at, len(item.tokens)) if item.take("USING") else ""
        yield ops.AlterColumnType(table=table, column=column, type=type_, using=using, span=span)
    elif item.word in ("SET", "DROP", "ADD", "RESET", "RESTART"):
        yield ops.AlterOther(table=table, what=f"ALTER COLUMN {item.word}", span=span)
    else:
        item.at -= 1
        definition = read_column(item)
        yield ops.AlterColumnType(
            table=table, column=column, type=definition.type, definition=definition, span=span
        )


def _rename(item: Cursor, table: Name, span: ops.Span | None) -> Op:
    """After RENAME."""
    if item.take_any("TO", "AS") or (item.word == "=" and item.take("=")):
        return ops.Rename(kind="table", old=table, new=item.name().name, span=span)
    kinds: dict[str, ObjectKind] = {
        "COLUMN": "column",
        "INDEX": "index",
        "KEY": "index",
        "CONSTRAINT": "constraint",
    }
    if item.word in kinds and item.peek(1).upper != "TO":
        kind = kinds[item.next().upper]
        item.exists()
        old = item.part()
        item.expect("TO")
        return ops.Rename(kind=kind, old=Name(old), new=item.part(), table=table, span=span)
    first = item.name()
    if item.take("TO"):
        return ops.Rename(kind="column", old=Name(first.name), new=item.part(), table=table, span=span)
    return ops.Rename(kind="table", old=table, new=first.name, span=span)  # MySQL: RENAME new_name
