"""What the other half brings back: by the objects each half makes, changes and drops, and the rows in between. Pure.

Objects are compared by what the rule `down-does-not-undo` compares them by; rows and values are added here, with the
numbers that were counted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from backend.engine.forecast.known import Known
from backend.engine.forecast.port import Counted, EngineForecast
from backend.engine.lint import ops
from backend.engine.lint.context import At, RuleContext
from backend.engine.lint.engine_lint import EngineLint
from backend.engine.lint.ops import Name, Op
from backend.engine.lint.scene import Scene
from backend.engine.lint.source import Half
from backend.engine.sqlrules.undo import Change, Undone, changes
from backend.models.finding import Severity
from backend.models.preview import DownCheck, MatchingRows

from .reading import ReadFile

Lost = tuple[str, Name, str | None]
"""What is lost: `table` or `column`, the table, the column."""
_AGAIN = {
    "made": "is removed again",
    "dropped": "is made again",
    "renamed": "gets its name back",
    "changed": "is changed back",
}
_LISTED = 200
_QUIET = frozenset(
    """ANALYZE VACUUM COMMENT GRANT REVOKE SET LOCK UNLOCK USE SHOW REINDEX CLUSTER REFRESH OPTIMIZE NOTIFY LISTEN
    RESET PREPARE DEALLOCATE CHECK EXPLAIN FLUSH DISCARD CHECKPOINT ping CONSTRAINTS""".split()  # noqa: SIM905
)


@dataclass(slots=True)
class Draft:
    """What was found before rows are counted."""

    verdict: str | None = None
    """Set where nothing needs comparing: missing, invalid."""
    restores: list[str] = field(default_factory=list)
    not_undone: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    tables_lost: list[Name] = field(default_factory=list)
    columns_lost: list[tuple[Name, str]] = field(default_factory=list)
    rows_lost: list[tuple[str, int, Name]] = field(default_factory=list)
    """(delete or update, index of the statement, table)."""


def draft_of(
    file: ReadFile, forecast: EngineForecast, lint: EngineLint | None, other: str, known: Known
) -> Draft:
    """`other`: the word for the other half, `down` or `up`."""
    draft = Draft()
    half, back = file.half, file.other
    if any(one.severity == "error" for one in file.parsed.problems) and back is not None:
        draft.verdict = "invalid"
    if back is None:
        draft.verdict = "missing"
    if half is None or lint is None:
        draft.unknown.append("The file could not be read.")
        return draft
    done = _ops(half, forecast)
    undoing = _ops(back, forecast) if back is not None else []
    at = At(RuleContext(file.source, lint), Severity.INFO, None, None, Scene(None))
    answers = Undone(undoing)
    found = changes(at, done)
    again = {(one.kind, one.name.key) for one in found if one.what == "made"}
    optional = {(op.kind, op.name.key) for op in done if isinstance(op, ops.Drop) and op.if_exists}
    optional |= {
        ("constraint", op.name.casefold())
        for op in done
        if isinstance(op, ops.DropConstraint) and op.if_exists
    }
    optional |= {
        ("column", op.column.casefold()) for op in done if isinstance(op, ops.DropColumn) and op.if_exists
    }
    for one in found:
        key = (one.kind, one.name.key)
        if one.what == "dropped" and _is_absent(one, known):
            continue
        is_optional = one.what == "dropped" and key in optional
        if is_optional and (key in again or (one.kind != "table" and not answers.answers(one))):
            # DROP … IF EXISTS, often before it is made: nobody knows whether it was there, and how.
            draft.unknown.append(
                f"Whether {_named(one)} was there before, and comes back as it was, is not known."
            )
            _values(draft, one)
            continue
        said = f"{_named(one)} {_AGAIN[one.what]}"
        if answers.answers(one):
            draft.restores.append(said[:1].upper() + said[1:])
            _values(draft, one)
        else:
            _left(draft, one)
    _rows(
        draft,
        half,
        forecast,
        undoing,
        {one.name.key for one in found if one.what == "made" and one.kind == "table"},
    )
    _too_much(draft, done, undoing, other, known, is_sql=forecast.dialect is not None)
    _not_compared(draft, half, done, f"{'up' if other == 'down' else 'down'}")
    if back is not None:
        _unread(draft, back, other)
    return draft


def _is_absent(one: Change, known: Known) -> bool:
    """Not in the database now, so there is nothing to bring back."""
    if not known.is_read:
        return False
    if one.kind in ("table", "view"):
        return known.entry(one.name) is None
    parent = str(one.table) if one.table is not None else None
    return known.has(one.kind, one.name.name, parent) is False


def _too_much(
    draft: Draft, done: Sequence[Op], undoing: Sequence[Op], other: str, known: Known, *, is_sql: bool
) -> None:
    """What the other half takes away although this one did not make it."""
    made = {op.name.key for op in done if isinstance(op, ops.CreateTable)}
    made |= {op.new.casefold() for op in done if isinstance(op, ops.Rename) and op.kind == "table"}
    if not is_sql:
        # A collection is made by its first document or index.
        made |= {op.table.key for op in done if isinstance(op, ops.Insert | ops.CreateIndex)}
    columns = {(op.table.key, op.column.name.casefold()) for op in done if isinstance(op, ops.AddColumn)}
    columns |= {
        (op.table.key, op.new.casefold())
        for op in done
        if isinstance(op, ops.Rename) and op.table is not None
    }
    remade = {op.name.key for op in undoing if isinstance(op, ops.CreateTable)}
    dropped = {op.name.key for op in undoing if isinstance(op, ops.Drop) and op.kind == "table"}
    for op in undoing:
        if isinstance(op, ops.Drop) and op.kind == "table":
            if op.name.key in made | remade or (
                op.if_exists and known.is_read and known.entry(op.name) is None
            ):
                continue
            draft.not_undone.append(f"{other.capitalize()} drops the table {op.name}, which was there before")
            draft.tables_lost.append(op.name)
        elif is_sql and isinstance(op, ops.DropColumn) and op.table.key not in made | dropped:
            if (op.table.key, op.column.casefold()) in columns or op.if_exists:
                continue
            said = f"{other.capitalize()} drops the column {op.table}.{op.column}, which was there before"
            draft.not_undone.append(said)
            draft.columns_lost.append((op.table, op.column))


def _ops(half: Half, forecast: EngineForecast) -> list[Op]:
    return [op for statement in half.statements for op in forecast.meant(half, statement)]


def _named(change: Change) -> str:
    word = change.kind.replace("_", " ")
    if change.table is not None and change.kind != "column":
        return f"the {word} {change.name} of {change.table}"
    return str(change)


def _left(draft: Draft, one: Change) -> None:
    was = {
        "made": "stays",
        "dropped": "does not come back",
        "renamed": "keeps its new name",
        "changed": "stays changed",
    }
    said = f"{_named(one)} {was[one.what]}"
    draft.not_undone.append(said[:1].upper() + said[1:])
    _values(draft, one)


def _values(draft: Draft, one: Change) -> None:
    if (
        one.what == "dropped"
        and one.kind in ("table", "foreign_table", "materialized_view")
        and one.kind == "table"
    ):
        draft.tables_lost.append(one.name)
    elif one.what == "dropped" and one.kind == "column" and one.table is not None:
        draft.columns_lost.append((one.table, one.name.name))


def _rows(draft: Draft, half: Half, forecast: EngineForecast, undoing: Sequence[Op], new: set[str]) -> None:
    deletes = {op.table.key for op in undoing if isinstance(op, ops.Delete | ops.Truncate)}
    drops = {op.name.key for op in undoing if isinstance(op, ops.Drop)}
    inserts = {op.table.key for op in undoing if isinstance(op, ops.Insert)}
    updates = {op.table.key for op in undoing if isinstance(op, ops.Update)}
    made: set[str] = set(new)
    columns: set[tuple[str, str]] = set()
    told: set[tuple[str, str]] = set()
    for statement in half.statements:
        for op in forecast.meant(half, statement):
            if isinstance(op, ops.CreateTable):
                made.add(op.name.key)
            elif isinstance(op, ops.Rename) and op.kind == "table" and op.old.key in made:
                made.add(op.new.casefold())
            elif isinstance(op, ops.AddColumn):
                columns.add((op.table.key, op.column.name.casefold()))
            table = getattr(op, "table", None)
            if not isinstance(table, Name) or table.key in made or table.key in drops:
                continue
            word = type(op).__name__
            if isinstance(op, ops.Insert) and (word, table.key) not in told:
                told.add((word, table.key))
                if table.key not in deletes:
                    draft.not_undone.append(f"The rows added to {table} stay")
                else:
                    draft.unknown.append(
                        f"Whether exactly the rows added to {table} are deleted again is not known."
                    )
            elif isinstance(op, ops.Delete | ops.Truncate):
                if table.key in inserts:
                    draft.unknown.append(
                        f"Whether the rows put back into {table} are those deleted is not known."
                    )
                else:
                    draft.rows_lost.append(("delete", statement.index, table))
            elif isinstance(op, ops.Update):
                written = {(table.key, one.casefold()) for one in op.columns}
                if written and written <= columns:
                    continue
                if table.key in updates:
                    draft.unknown.append(f"Whether the values of {table} become what they were is not known.")
                else:
                    draft.rows_lost.append(("update", statement.index, table))
            elif isinstance(op, ops.AlterColumnType) and op.type:
                draft.unknown.append(
                    f"Whether every value of {table}.{op.column} survives the change of its type is not known."
                )


def _not_compared(draft: Draft, half: Half, done: Sequence[Op], word: str) -> None:
    _unread(draft, half, word)
    made = {op.name.key for op in done if isinstance(op, ops.CreateTable)}
    seen: set[str] = set()
    for op in done:
        said = ""
        if isinstance(op, ops.AlterOther) and op.table.key not in made:
            what = op.what.split("=")[0]
            if what not in ("ALGORITHM", "LOCK", "COLLMOD"):
                said = f"Whether `{op.what.lower()}` of {op.table} is undone is not compared here."
            elif what == "COLLMOD":
                said = f"Whether the options of {op.table} are set back is not compared here."
        elif isinstance(op, ops.AddConstraint) and op.constraint.name is None and op.table.key not in made:
            of = f"({', '.join(op.constraint.columns)})"
            said = f"Whether the constraint {of} of {op.table}, which has no name here, is removed again is not compared."
        elif isinstance(op, ops.SetDefault | ops.ValidateConstraint | ops.DropConstraint):
            said = ""
        elif isinstance(op, ops.Other) and op.keyword.split()[0] not in _QUIET:
            said = f"Whether {op.keyword} is undone is not compared here."
        if said and said not in seen:
            seen.add(said)
            draft.unknown.append(said)
    queries = [
        one for one in half.statements
        if one.ops and all(isinstance(op, ops.Query | ops.NullComparison) for op in one.ops) and "(" in one.text
    ]  # fmt: skip
    if queries:
        draft.unknown.append("What the functions do that a query calls is not looked at.")


def _unread(draft: Draft, half: Half, word: str) -> None:
    many = sum(one.problem is not None for one in half.statements)
    if many:
        verb = "was" if many == 1 else "were"
        draft.unknown.append(f"{many} statement{'' if many == 1 else 's'} of {word} {verb} not understood.")


def finished(
    draft: Draft,
    other: str,
    matching: Mapping[int, MatchingRows],
    counted: Callable[[Lost], Counted | None],
    *,
    of_documents: bool = False,
) -> DownCheck:
    """With the numbers. `matching`: by the index of a statement; `counted`: rows and values that are lost."""
    lost: list[str] = []
    for table in draft.tables_lost:
        lost += _lost(counted(("table", table, None)), str(table), f"The rows of {table}", "row")
    for table, column in draft.columns_lost:
        of = f"{table}.{column}"
        lost += _lost(counted(("column", table, column)), of, f"The values of {of}", "value")
    for how, index, table in draft.rows_lost:
        lost += _matched(how, table, matching.get(index))
    lost = list(dict.fromkeys(lost))
    unknown = list(dict.fromkeys(draft.unknown))
    verdict = draft.verdict
    if verdict is None:
        if draft.not_undone:
            verdict = "partly"
        elif unknown:
            verdict = "unknown"
        else:
            verdict = "schema_only" if lost else "restores"
    if verdict == "missing" and other == "down":
        unknown = []
    say = _documents if of_documents else _same
    return DownCheck(
        verdict=verdict,
        restores=_short(draft.restores, say),
        lost=_short(lost, say),
        not_undone=_short(draft.not_undone, say),
        unknown=_short(unknown, say),
    )


def _lost(found: Counted | None, of: str, whole: str, noun: str) -> list[str]:
    if found is None or found.count is None:
        why = f" ({found.reason.rstrip('.')})" if found is not None and found.reason else ""
        return [f"{whole}: how many is not known{why}"]
    if found.count == 0:
        return []
    many = f"{found.count:,} {noun}{'' if found.count == 1 else 's'}"
    return [f"{'At least ' if found.at_least else ''}{many} of {of}"]


def _matched(how: str, table: Name, rows: MatchingRows | None) -> list[str]:
    what = "deleted from" if how == "delete" else "overwritten in"
    noun = "rows" if how == "delete" else "rows' values"
    if rows is None or rows.count is None:
        return [f"The {noun} {what} {table}: how many is not known"]
    if rows.count == 0:
        return []
    least = "at least " if rows.at_least else ""
    return [f"The {noun} {what} {table}: {least}{rows.count:,} match now"]


_WORDS = {"table": "collection", "column": "field", "rows": "documents", "row": "document"}
_WORD = re.compile(r"\b(the |The |drops the |[0-9,]+ )(table|column|rows|row)\b")


def _documents(said: str) -> str:
    """The same for a database of documents."""
    return _WORD.sub(lambda found: f"{found[1]}{_WORDS[found[2]]}", said)


def _same(said: str) -> str:
    return said


def _short(found: Sequence[str], say: Callable[[str], str]) -> list[str]:
    listed = [say(one) for one in dict.fromkeys(found)]
    more = len(listed) - _LISTED
    return [*listed[:_LISTED], f"and {more:,} more"] if more > 0 else listed
