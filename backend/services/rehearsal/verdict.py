"""What three passes say of a file: from snapshots and digests to a verdict with its reasons. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from backend.diff.compare import Change, compare
from backend.engine.schema.model import Snapshot
from backend.models.migration import Direction
from backend.models.rehearsal import RowDifference, SchemaDifference, Verdict

Digests = Mapping[str, Mapping[str, str]]
"""As `SchemaTools.row_digest`."""
WORST_FIRST = (
    Verdict.FAILED,
    Verdict.BROKEN,
    Verdict.STOPPED,
    Verdict.LOSSY,
    Verdict.NO_DOWN,
    Verdict.SCHEMA_ONLY,
    Verdict.REVERSIBLE,
)
_NAMED = 4


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    return min(verdicts, key=WORST_FIRST.index)


@dataclass(slots=True)
class Judged:
    verdict: Verdict
    reasons: list[str] = field(default_factory=list)


def differences(old: Snapshot, new: Snapshot) -> list[SchemaDifference]:
    return [_difference(one) for one in compare(old, new)]


def _difference(one: Change) -> SchemaDifference:
    return SchemaDifference.model_validate(
        {"id": one.id, "kind": one.kind, "change": one.change.value, "before": one.before, "after": one.after}
    )


def rows_lost(before: Digests, after: Digests) -> list[RowDifference]:
    """Where what was there before is not what is there after, in the tables and columns that both have."""
    found = []
    for table, was in before.items():
        now = after.get(table)
        name = bare(table)
        if now is None:
            if _number(was):
                found.append(
                    RowDifference(table=name, before=_number(was), detail="The table did not come back.")
                )
            continue
        if was.get("*") != now.get("*"):
            found.append(RowDifference(table=name, before=_number(was), after=_number(now)))
            continue
        if not _number(was):
            continue
        for column, digest in was.items():
            if column == "*":
                continue
            if column not in now:
                found.append(RowDifference(table=name, column=column, detail="The column did not come back."))
            elif now[column] != digest:
                found.append(
                    RowDifference(
                        table=name,
                        column=column,
                        before=_number(was),
                        after=_number(now),
                        detail="Its values are others than before.",
                    )
                )
    return found


def rows_tried(before: Digests, schema_after: Snapshot) -> int:
    """Rows before, in the tables that are there after as well."""
    return sum(_number(columns) for table, columns in before.items() if table in tables_of(schema_after))


def tables_of(schema: Snapshot) -> set[str]:
    return {one.id for one in schema.objects if one.kind in ("table", "collection")}


def touched(
    before: Snapshot, after: Snapshot, rows_before: Digests, rows_after: Digests, named: Collection[str]
) -> list[str]:
    """The tables of before that a pass changed, or that its text names: ids, in order."""
    tables = tables_of(before)
    found = {one for one in tables if one in named}
    for change in compare(before, after):
        found |= tables & {change.id, change.parent or ""}
    found |= {one for one in tables if one in rows_before and rows_before[one] != rows_after.get(one)}
    return [one for one in rows_before if one in found]


def judge(
    *,
    first: Direction,
    left: Sequence[SchemaDifference],
    again: Sequence[SchemaDifference],
    lost: Sequence[RowDifference],
    before: Digests,
    touched_tables: Sequence[str],
) -> Judged:
    """The verdict of a file whose passes all ran."""
    back, forth = ("down", "up") if first is Direction.UP else ("up", "down")
    reasons = []
    if left:
        reasons.append(
            f"{back.capitalize()} left another schema than there was before {forth}: {_named(left, 'is still there')}."
        )
    if again:
        reasons.append(
            f"Run again by the real tool, {forth} left another schema than the first time: {_named(again, 'is new')}."
        )
    if left or again:
        return Judged(Verdict.BROKEN, reasons + [_sentence(one) for one in lost[:_NAMED]])
    if lost:
        said = [_sentence(one) for one in lost[:_NAMED]]
        if len(lost) > _NAMED:
            said.append(f"{len(lost) - _NAMED} more columns or tables are not what they were.")
        return Judged(
            Verdict.LOSSY, [f"{back.capitalize()} brought the schema back, but not all rows.", *said]
        )
    empty = [bare(one) for one in touched_tables if not _number(before.get(one, {}))]
    if empty or not any(_number(columns) for columns in before.values()):
        what = _listed(empty) if empty else "The tables"
        return Judged(
            Verdict.SCHEMA_ONLY,
            [
                f"{back.capitalize()} brought the schema back. {what} had no rows in the scratch, so nothing tells whether "
                "rows would come back too."
            ],
        )
    tried = [one for one in touched_tables if _number(before.get(one, {}))]
    what = _listed([bare(one) for one in tried]) if tried else "all tables"
    return Judged(
        Verdict.REVERSIBLE,
        [
            f"{back.capitalize()} brought the schema and the rows of {what} back, and {forth} ran again to the same schema."
        ],
    )


def _sentence(one: RowDifference) -> str:
    if one.column is not None:
        if one.after is None:
            return f"{one.table}.{one.column} did not come back."
        number = f" of {one.before} rows" if one.before is not None else ""
        return f"The values of {one.table}.{one.column}{number} are not what they were."
    if one.after is None:
        return f"{one.table} with its {one.before} rows did not come back."
    if one.before is not None and one.after > one.before:
        more = one.after - one.before
        return f"{one.table} has {more} row{'s' if more != 1 else ''} more than before."
    return f"{one.table} had {one.before} rows, and has {one.after}."


def _named(changes: Sequence[SchemaDifference], added: str) -> str:
    words = {"added": added, "removed": "is missing", "changed": "is another"}
    said = [f"{one.id} {words[one.change]}" for one in changes[:_NAMED]]
    return ", ".join(said) + (f" and {len(changes) - _NAMED} more" if len(changes) > _NAMED else "")


def _listed(names: Sequence[str]) -> str:
    shown = list(names[:_NAMED])
    if len(names) > _NAMED:
        return f"{', '.join(shown)} and {len(names) - _NAMED} more"
    return f"{', '.join(shown[:-1])} and {shown[-1]}" if len(shown) > 1 else shown[0]


def bare(table_id: str) -> str:
    """A table's name as people say it: PostgreSQL's default schema goes without saying."""
    return table_id.partition(" ")[2].removeprefix("public.")


def _number(columns: Mapping[str, str]) -> int:
    try:
        return int(columns.get("*", "0"))
    except ValueError:
        return 0
