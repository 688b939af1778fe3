"""Downs that would take the version out of the table and undo nothing, or that no server would take. Pure.

The tool runs a down of `SELECT 1` gladly: the version goes, everything the up made stays, and the next up fails on it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from backend.core.errors import AppError, MigrationInvalid
from backend.engine.lint import ops
from backend.engine.lint.source import Stmt
from backend.engine.port import Engine
from backend.engine.tool import Block, ParsedFile
from backend.engine.undo.registry import undo_of
from backend.models.migration import Migration

from .down_rules import Backups, names_of, no_backups, ways_without_down


def downs_that_cannot_run(
    engine: Engine, chosen: Sequence[tuple[Migration, ParsedFile]], backups: Backups = no_backups
) -> list[AppError]:
    """Of the chosen files: those whose down does nothing though the up does something, and those that cannot be parsed."""
    if engine.dialect is None:
        return []  # JavaScript: the tool's own reading has refused what cannot be read
    idle: list[Migration] = []
    problems: list[AppError] = []
    for migration, parsed in chosen:
        down = _statements(engine, parsed.down)
        if down is None:
            continue
        refused = next((one for one in down if one.problem is not None and one.problem.certain), None)
        if refused is not None and parsed.down is not None:
            problems.append(_unparsable(migration, parsed.down, refused, backups))
        elif all(_does_nothing(one, engine.dialect) for one in down) and not _is_idle(engine, parsed.up):
            idle.append(migration)
    if idle:
        problems.insert(
            0,
            MigrationInvalid(
                f"Rolling back would undo nothing: the down part of {names_of(idle)} only selects, so the version would"
                " go and everything the migration made would stay.",
                hint="Write what undoes it, or mark the migration as not applied.",
                files=[one.filename for one in idle],
                reason="down_does_nothing",
                ways=ways_without_down(idle, backups),
            ),
        )
    return problems


def _unparsable(migration: Migration, down: Block, refused: Stmt, backups: Backups) -> MigrationInvalid:
    message = refused.problem.message if refused.problem is not None else "it cannot be read"
    offset = refused.start + (refused.problem.offset or 0 if refused.problem is not None else 0)
    # The block's text begins at its directive's line and holds the body.
    before = down.text.partition(down.body)[0] if down.body else ""
    details: dict[str, Any] = {
        "files": [migration.filename],
        "reason": "down_unparsable",
        "ways": ways_without_down([migration], backups),
        "file": migration.filename,
        "line": down.line + before.count("\n") + down.body.count("\n", 0, offset),
    }
    return MigrationInvalid(
        f"The down part of {migration.filename} cannot be read: {message}.",
        hint="Mend it; nothing has run.",
        **details,
    )


def _statements(engine: Engine, block: Block | None) -> list[Stmt] | None:
    """None where nobody can read it."""
    if block is None:
        return []
    try:
        return undo_of(engine.name).read(block.body)[1]
    except AppError:
        return None


def _is_idle(engine: Engine, up: Block | None) -> bool:
    statements = _statements(engine, up)
    return statements is not None and all(_does_nothing(one, engine.dialect or "") for one in statements)


def _does_nothing(statement: Stmt, dialect: str) -> bool:
    """A SELECT of constants. One that calls a function may do anything."""
    if statement.problem is not None or not all(isinstance(op, ops.Query) for op in statement.ops):
        return False
    return not any(True for _ in _calls(statement.text, dialect))


def _calls(text: str, dialect: str) -> Iterator[object]:
    import sqlglot
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    try:
        found = sqlglot.parse(text, dialect={"spanner": "postgres"}.get(dialect, dialect))
    except (SqlglotError, RecursionError):
        yield text
        return
    for node in found:
        if node is None:
            continue
        if not isinstance(node, exp.Query):
            yield node
        yield from node.find_all(exp.Func, exp.Into)
