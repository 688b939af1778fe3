"""What a file's up does to named objects, by the engine's own reading of its statements. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from backend.engine.lint import ops
from backend.engine.lint.engine_lint import EngineLint
from backend.engine.lint.ops import Name, Op
from backend.engine.lint.source import Half, Source, Stmt, of_parsed
from backend.engine.tool import ParsedFile
from backend.models.lookup import PlaceKind

_LONGEST_STATEMENT = 400


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing done to one object; names are casefolded for comparing, `shown` is as it was written."""

    kind: PlaceKind
    object: str
    name: str
    schema: str | None
    shown: str
    table: str | None = None
    """The table of a column or index."""
    new: str | None = None
    """What it is called after a rename."""
    implicit: bool = False
    """A MongoDB collection comes into being by the first thing done to it, where nothing else made it."""
    line: int = 0
    column: int = 0
    statement: str = ""


@dataclass(frozen=True, slots=True)
class FileFacts:
    facts: tuple[Fact, ...]
    unread: tuple[str, ...]
    """The text of statements that were not understood, casefolded."""


def facts_of(parsed: ParsedFile, lint: EngineLint) -> FileFacts:
    """Read a file's up. What cannot be understood is `unread`, never an error."""
    source = of_parsed(parsed)
    if lint.prepare is not None:
        lint.prepare(source)
    half = source.up
    if half is None:
        return FileFacts((), ())
    found: list[Fact] = []
    unread: list[str] = []
    for statement in lint.read(half):
        if statement.problem is not None:
            unread.append(statement.text.casefold())
            continue
        meant = lint.meaning(half, statement) if lint.meaning is not None else statement.ops
        for op in meant:
            found += (_placed(fact, span, source, half, statement) for fact, span in _of_op(op))
    return FileFacts(tuple(found), tuple(unread))


def _placed(fact: Fact, span: ops.Span | None, source: Source, half: Half, statement: Stmt) -> Fact:
    offset = half.offset + statement.start + (span[0] if span else 0)
    line, column = source.position(offset)
    text = statement.text
    if len(text) > _LONGEST_STATEMENT:
        text = text[:_LONGEST_STATEMENT] + "…"
    return replace(fact, line=line, column=column, statement=text)


def _fact(
    kind: PlaceKind, object_: str, name: Name, table: Name | None = None, new: str | None = None
) -> Fact:
    return Fact(
        kind,
        object_,
        name.key,
        name.schema.casefold() if name.schema else None,
        name.name,
        table.key if table else None,
        new.casefold() if new is not None else None,
    )


def _of_op(op: Op) -> Iterator[tuple[Fact, ops.Span | None]]:
    """What an operation does, each with its place in the statement (None: its beginning)."""
    match op:
        case ops.CreateTable():
            yield _fact("created", "table", op.name), op.span
            for column in op.columns:
                yield _column("created", op.name, column.name), column.span or op.span
        case ops.CreateIndex():
            if op.name:
                yield _fact("created", "index", Name(op.name, op.table.schema), op.table), op.span
            yield _fact("altered", "table", op.table), op.span
            for name in op.columns:
                if not name.startswith("("):
                    yield _column("altered", op.table, name), op.span
        case ops.CreateObject():
            yield _fact("created", op.kind, op.name, op.table), op.span
            if op.table is not None:
                yield _fact("altered", "table", op.table), op.span
        case ops.Drop():
            yield _fact("dropped", op.kind, op.name, op.table), op.span
            if op.table is not None:
                yield _fact("altered", "table", op.table), op.span
        case ops.Rename(kind="column") if op.table is not None:
            table = op.table
            yield replace(_column("renamed", table, op.old.name), new=op.new.casefold()), op.span
            yield _fact("altered", "table", table), op.span
        case ops.Rename():
            yield _fact("renamed", op.kind, op.old, op.table, op.new), op.span
        case ops.Insert():
            yield replace(_fact("altered", "table", op.table), implicit=True), op.span
        case ops.AlterTable():
            yield _fact("altered", "table", op.table), op.span
            yield from _of_alter(op)


def _of_alter(op: ops.AlterTable) -> Iterator[tuple[Fact, ops.Span | None]]:
    match op:
        case ops.AddColumn():
            yield _column("created", op.table, op.column.name), op.span or op.column.span
        case ops.DropColumn():
            yield _column("dropped", op.table, op.column), op.span
        case ops.AlterColumnType() | ops.SetNotNull() | ops.DropNotNull() | ops.SetDefault():
            yield _column("altered", op.table, op.column), op.span
        case ops.AddConstraint():
            for name in op.constraint.columns:
                yield _column("altered", op.table, name), op.span


def _column(kind: PlaceKind, table: Name, column: str) -> Fact:
    return _fact(kind, "column", Name(column, table.schema), table)
