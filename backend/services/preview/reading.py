"""A file's statements in the order they run, neighbouring INSERTs of written-out rows together. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field

from backend.engine.lint import ops
from backend.engine.lint.engine_lint import EngineLint
from backend.engine.lint.ops import Name, Op
from backend.engine.lint.source import Half, Source, Stmt, of_parsed
from backend.engine.tool import ParsedFile
from backend.models.finding import Finding
from backend.models.migration import Direction, Migration

MOST_SHOWN = 1000
_KEPT_FINDINGS = 50
"""Of INSERTs that are shown together."""


@dataclass(slots=True)
class Group:
    """One statement, or INSERTs in a row into one table."""

    statements: list[Stmt]
    line: int
    end_line: int
    findings: list[Finding] = field(default_factory=list)

    @property
    def first(self) -> Stmt:
        return self.statements[0]

    @property
    def rows(self) -> int | None:
        """Rows that INSERTs in a row add; None for any other statement."""
        added = [op.rows for one in self.statements for op in one.ops if isinstance(op, ops.Insert)]
        return sum(one for one in added if one is not None) if len(self.statements) > 1 else None


@dataclass(slots=True)
class ReadFile:
    parsed: ParsedFile
    migration: Migration | None
    source: Source
    half: Half | None
    other: Half | None
    groups: list[Group]
    """All of them; `MOST_SHOWN` are shown."""


def read_file(
    parsed: ParsedFile, migration: Migration | None, direction: Direction, lint: EngineLint | None
) -> ReadFile:
    source = of_parsed(parsed, frozenset(migration.flags) if migration else frozenset())
    if lint is not None:
        if lint.prepare is not None:
            lint.prepare(source)
        for half in source.halves:
            half.statements = lint.statements(half)
    up, down = source.up, source.down
    runs, back = (up, down) if direction == Direction.UP else (down, up)
    return ReadFile(parsed, migration, source, runs, back, _groups(source, runs))


def _groups(source: Source, half: Half | None) -> list[Group]:
    groups: list[Group] = []
    table: str | None = None
    for statement in half.statements if half is not None else ():
        key = _plain_insert(statement.ops)
        line, end_line = _lines(source, half, statement)
        if key is not None and key == table:
            groups[-1].statements.append(statement)
            groups[-1].end_line = end_line
        else:
            groups.append(Group([statement], line, end_line))
        table = key
    return groups


def _plain_insert(found: Sequence[Op]) -> str | None:
    """The table of a statement that only adds rows that are written out."""
    if len(found) == 1 and isinstance(found[0], ops.Insert) and found[0].rows is not None:
        return str(found[0].table)
    return None


def _lines(source: Source, half: Half | None, statement: Stmt) -> tuple[int, int]:
    start = (half.offset if half is not None else 0) + statement.start
    return source.position(start)[0], source.position(start + max(0, len(statement.text) - 1))[0]


def give_findings(file: ReadFile, direction: Direction, findings: Sequence[Finding]) -> list[Finding]:
    """Put each finding to its statement; returns those about the whole half or file."""
    rest: list[Finding] = []
    places: list[tuple[int, int]] = []
    owners: list[Group] = []
    offset = file.half.offset if file.half is not None else 0
    for group in file.groups:
        for statement in group.statements:
            places.append(file.source.position(offset + statement.start))
            owners.append(group)
    for one in findings:
        if one.direction not in (None, direction):
            continue
        at = bisect_right(places, (one.line, one.column)) - 1
        owner = owners[at] if at >= 0 else None
        if one.direction is None or not one.statement or owner is None or one.line > owner.end_line:
            rest.append(one)
        elif len(owner.findings) < _KEPT_FINDINGS or len(owner.statements) == 1:
            owner.findings.append(one)
    return rest


def tables_of(found: Sequence[Op]) -> list[Name]:
    """Every table, view or collection that operations name."""
    named: dict[str, Name] = {}
    for op in found:
        listed: list[object] = [getattr(op, "table", None), getattr(op, "collection", None)]
        if isinstance(op, ops.CreateTable | ops.CreateObject | ops.Drop):
            listed.append(op.name)
        if isinstance(op, ops.Rename):
            listed.append(op.old)
        constraint = getattr(op, "constraint", None)
        if constraint is not None:
            listed.append(constraint.references)
        for one in listed:
            if isinstance(one, Name) and one.name:
                named.setdefault(str(one), one)
    return list(named.values())
