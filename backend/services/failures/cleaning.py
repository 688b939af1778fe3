"""Undoing exactly what a failed file left: from the schema as it is to the one before, and the rows it added.

What is planned is planned between two snapshots, not from the statements: whatever landed, in whatever order, is seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from backend.core.errors import AppError
from backend.engine.lint import ops
from backend.engine.schema.model import PlanOptions, SchemaObject, Snapshot, Step
from backend.engine.schema.port import schema_tools
from backend.engine.undo.generate import generate
from backend.engine.undo.registry import undo_of
from backend.models.failure import Landed
from backend.models.migration import Direction
from backend.services.runs.losses import losses_of_sql

from .look import Look, block_of


@dataclass(slots=True)
class CleanUp:
    """The statements in their order; `reason` where there can be none."""

    steps: list[Step] = field(default_factory=list)
    losses: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """What it cannot bring back."""
    reason: str | None = None


def plan_clean_up(look: Look) -> CleanUp:
    """Reads the database; changes nothing."""
    if look.unknown is not None:
        return CleanUp(reason=look.unknown)
    if not look.is_partial and not _rows_may_have_changed(look):
        return CleanUp(reason="Nothing of it is in the database.")
    left = look.left
    if left is None or left.snapshot is None:
        return CleanUp(
            reason="The whole schema before the run was not kept, so what undoes it cannot be worked out."
        )
    try:
        return _planned(look, left.snapshot, left.ids)
    except AppError as error:
        return CleanUp(reason=f"What undoes it cannot be worked out: {error.message}")


def _planned(look: Look, before: Snapshot, changed: dict[str, tuple[str | None, str | None]]) -> CleanUp:
    engine = look.resolved.engine
    tools = schema_tools(str(engine.name))
    now = tools.snapshot(look.target)
    texts = {one.id: one.text for one in now.objects}
    others = [one for one, (was, became) in changed.items() if texts.get(one) not in (was, became)]
    if others:
        return CleanUp(
            reason=f"{others[0]} was changed by something else since, so undoing it could take that away too."
        )
    todo = frozenset(one for one, (was, _) in changed.items() if texts.get(one) != was)
    wanted = _wanted(before, now, todo)
    plan = tools.plan(now, wanted, PlanOptions(include=todo, one_file=True))
    if plan.not_expressed:
        return CleanUp(reason=f"It cannot all be undone by statements: {plan.not_expressed[0]}")
    row_steps, notes = _rows(look)
    found = CleanUp([*row_steps, *plan.steps] if todo else row_steps, notes=notes)
    found.losses = _losses(look, found.steps)
    found.notes += _empty(before, todo, texts)
    if not found.steps:
        found.reason = " ".join(notes) or "There is nothing to run."
    return found


def _wanted(before: Snapshot, now: Snapshot, todo: frozenset[str]) -> Snapshot:
    """The schema as it is, with what the file changed as it was."""
    there = now.by_id()
    objects: list[SchemaObject] = []
    for one in before.objects:
        if one.id in todo:
            objects.append(one)
        elif one.id in there:
            objects.append(there[one.id])
    known = {one.id for one in before.objects}
    objects += [one for one in now.objects if one.id not in known and one.id not in todo]
    return replace(now, objects=tuple(objects))


# -- rows ------------------------------------------------------------------------------------------------------------


def _rows_may_have_changed(look: Look) -> bool:
    return any(one.state == Landed.LANDED and _writes(look, at) for at, one in enumerate(look.statements))


def _writes(look: Look, at: int) -> list[ops.Op]:
    """What the statement does to rows of tables that were there before."""
    if at >= len(look.read):
        return []
    made = {
        key.partition(" ")[2].casefold()
        for key, (was, _) in (look.left.objects if look.left is not None else {}).items()
        if was is None and key.startswith("table ")
    }
    return [
        op
        for op in look.read[at].ops
        if isinstance(op, ops.Insert | ops.Update | ops.Delete | ops.Truncate)
        and op.table.key not in made
        and str(op.table).casefold() not in made
    ]


def _rows(look: Look) -> tuple[list[Step], list[str]]:
    """DELETE for rows that were written out and landed; a sentence for each other change of rows."""
    engine, block = look.resolved.engine, block_of(look)
    landed = [
        at for at, one in enumerate(look.statements) if one.state == Landed.LANDED and _writes(look, at)
    ]
    unsure = [
        at for at, one in enumerate(look.statements) if one.state == Landed.UNKNOWN and _writes(look, at)
    ]
    notes = [f"Whether `{_short(look, at)}` changed rows is not known; it is not undone." for at in unsure]
    if not landed or block is None or engine.dialect is None:
        return [], notes
    undo = undo_of(engine.name)
    with undo.live(look.target) as live:
        undone = generate(undo, block.body, live, transaction=False).steps
    steps: list[Step] = []
    for at in reversed(landed):
        inserts = all(isinstance(op, ops.Insert) for op in _writes(look, at))
        text = undone[at].down if at < len(undone) and undone[at].is_undone else None
        if inserts and text:
            steps += [Step(one.text) for one in engine.split_statements(text)]
        else:
            notes.append(
                f"What `{_short(look, at)}` did to rows stays: no statement brings back what they were."
            )
    return steps, notes


def _short(look: Look, at: int) -> str:
    text = " ".join(look.statements[at].sql.split())
    return text if len(text) <= 100 else text[:99] + "…"


# -- what it costs ---------------------------------------------------------------------------------------------------


def _losses(look: Look, steps: Sequence[Step]) -> list[str]:
    engine = look.resolved.engine
    if engine.dialect is None:
        return _of_collections(look)
    text = ";\n".join(step.sql.rstrip().rstrip(";") for step in steps)
    return losses_of_sql(engine, look.target, Direction.DOWN, [("Cleaning up", text)])


def _of_collections(look: Look) -> list[str]:
    """Documents of collections that the file made, by the fingerprint's counts."""
    made = [
        key.partition(" ")[2]
        for key, (was, _) in (look.left.objects if look.left is not None else {}).items()
        if was is None and key.startswith("collection ") and key in look.now
    ]
    counts = [(name, int(look.now.get(f"documents {name}", "0"))) for name in made]
    return [
        f"Collection {name} is dropped with {count:,} document{'s' if count != 1 else ''}."
        for name, count in counts
        if count
    ]


def _empty(before: Snapshot, todo: frozenset[str], now: dict[str, str]) -> list[str]:
    """What comes back without what was in it."""
    gone = [one for one in before.objects if one.id in todo and one.id not in now]
    holders = [one.id for one in gone if one.kind in ("table", "collection", "materialized view")]
    return [
        f"{one[0].upper()}{one[1:]} comes back empty: what was in it went when it was dropped."
        for one in holders
    ]
