"""Which statements of a half landed: by what each would leave in the schema and in the rows, before and now. Pure.

The tools run statements one after the other and stop at the first that fails. So what lies before one that is seen in
the database has run, and what lies after one that is not there has not; between the two only the server's own word, or
the rows, can tell, and what nobody tells is unknown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from backend.engine.lint import ops
from backend.engine.lint.ops import Name
from backend.engine.lint.source import Stmt
from backend.models.failure import FailedStatement, Landed

from .traces import Trace, traces_of

_LONGEST = 20_000
Changes = Mapping[str, tuple[str | None, str | None]]
_Write = ops.Insert | ops.Update | ops.Delete | ops.Truncate


@dataclass(slots=True)
class _Found:
    state: Landed = Landed.UNKNOWN
    why: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """What the database shows."""

    before: Mapping[str, str]
    """The whole schema before, where it is known (its keys); else what changed of it."""
    now: Mapping[str, str]
    rows: Mapping[str, tuple[int | None, int | None]]
    """Of tables the half writes to: before, now."""
    commits_itself: bool
    """Statements that change the schema commit what came before them (MySQL)."""
    each_alone: bool = False
    """No statement shares a transaction with another: the first that is missing is the one that failed."""


def landed(
    statements: Sequence[Stmt], lines: Sequence[int], seen: Seen, failed_line: int | None
) -> list[FailedStatement]:
    """One entry a statement. `lines`: of the file, one for each; `failed_line`: where the server's error points."""
    found = [_Found() for _ in statements]
    traces = [[trace for op in one.ops for trace in traces_of(op)] for one in statements]
    failed = _at(lines, failed_line)
    for at, own in enumerate(traces):
        earlier = [trace for one in traces[:at] for trace in one]
        later = [trace for one in traces[at + 1 :] for trace in one]
        _by_schema(found[at], own, earlier, later, seen)
    _by_rows(found, statements, seen)
    if failed is not None:
        _failed_here(found, failed)
    _by_order(found)
    if failed is None:
        failed = _first_missing(found, statements, seen)
    else:
        _ran_before(found, statements, failed, seen)
    return [
        FailedStatement(
            index=at,
            sql=one.text[:_LONGEST],
            line=lines[at],
            state=found[at].state,
            why=found[at].why or "Nothing in the database tells.",
            failed_here=at == failed,
        )
        for at, one in enumerate(statements)
    ]


def _by_schema(
    found: _Found, own: Sequence[Trace], earlier: Sequence[Trace], later: Sequence[Trace], seen: Seen
) -> None:
    """What two statements do to one object is put down to the first of them."""
    missing: Trace | None = None
    for trace in own:
        keys = [key for key in {**seen.before, **seen.now} if trace.finds(key)]
        is_second = _shares(trace, keys, earlier)
        hit = next((key for key in keys if trace.is_seen(seen.before.get(key), seen.now.get(key))), None)
        if hit is not None and not is_second:
            found.state = Landed.LANDED
            found.why = f"The schema shows it: {_SIGN[trace.effect]} {hit}."
            return
        before = seen.before.get(keys[0]) if keys else None
        if hit is None and not is_second and not _shares(trace, keys, later) and trace.could_be_seen(before):
            missing = missing or trace
    # What an ALTER changes need not show (the type it had before), what makes or drops must.
    if missing is not None and missing.effect != "changed":
        found.state = Landed.NOT_LANDED
        word = "is not there" if missing.effect == "made" else "is still there"
        found.why = f"The schema shows that {missing.kinds[0]} {missing.name} {word}."


def _shares(trace: Trace, keys: Sequence[str], others: Sequence[Trace]) -> bool:
    return any(_same(trace, other) or any(other.finds(key) for key in keys) for other in others)


_SIGN = {"made": "+", "gone": "-", "changed": "~"}


def _same(one: Trace, other: Trace) -> bool:
    tables = one.table is None or other.table is None or one.table.same(other.table)
    return tables and one.name.same(other.name) and bool({*one.kinds} & {*other.kinds})


def _by_rows(found: list[_Found], statements: Sequence[Stmt], seen: Seen) -> None:
    """Rows tell where one statement alone writes to a table, or several add a known number to it."""
    writes: dict[str, list[tuple[int, _Write]]] = {}
    for at, statement in enumerate(statements):
        for op in statement.ops:
            if isinstance(op, _Write):
                writes.setdefault(str(op.table), []).append((at, op))
    for table, those in writes.items():
        before, now = seen.rows.get(table, (None, None))
        made = before is None and _made_empty(statements[: those[0][0]], those[0][1].table, found)
        if now is None or (before is None and not made):
            _say(found, those, _counts(table, before, now))
            continue
        told = (
            f"Rows of {table}: none when it was made, {now:,} now." if made else _counts(table, before, now)
        )
        before = before or 0
        if len(those) == 1:
            state = _one_write(those[0][1], before, now)
            if state is not None and found[those[0][0]].state == Landed.UNKNOWN:
                found[those[0][0]] = _Found(state, told)
        elif all(isinstance(op, ops.Insert) and op.rows is not None and not op.tolerant for _, op in those):
            _several(found, those, now - before, told)
        _say(found, those, f"{told} They do not tell whether it ran.")


def _counts(table: str, before: int | None, now: int | None) -> str:
    if before is None and now is None:
        return f"The rows of {table} could not be counted: it is not there, or too large."
    first, last = ("not counted" if one is None else f"{one:,}" for one in (before, now))
    return f"Rows of {table}: {first} before, {last} now."


def _made_empty(earlier: Sequence[Stmt], table: Name, found: Sequence[_Found]) -> bool:
    """The half itself made the table, as the schema shows, and with no row in it."""
    return any(
        isinstance(op, ops.CreateTable)
        and op.name.same(table)
        and not (op.from_query or op.temporary)
        and found[at].state == Landed.LANDED
        for at, one in enumerate(earlier)
        for op in one.ops
    )


def _say(found: Sequence[_Found], those: Sequence[tuple[int, _Write]], told: str) -> None:
    """What is known of the rows, where it does not decide."""
    for at, _ in those:
        if found[at].state == Landed.UNKNOWN and not found[at].why:
            found[at].why = told


def _one_write(op: ops.Op, before: int, now: int) -> Landed | None:
    if isinstance(op, ops.Insert):
        if now == before:
            return Landed.NOT_LANDED if op.rows is not None and not op.tolerant else None
        return Landed.LANDED if op.rows in (None, now - before) else None
    if isinstance(op, ops.Delete) and now < before:
        return Landed.LANDED
    if isinstance(op, ops.Truncate) and before > 0:
        return Landed.LANDED if now == 0 else Landed.NOT_LANDED
    return None


def _several(found: list[_Found], those: Sequence[tuple[int, _Write]], added: int, told: str) -> None:
    total = 0
    for count in range(len(those) + 1):
        if total == added:
            for place, (at, _) in enumerate(those):
                if found[at].state == Landed.UNKNOWN:
                    found[at] = _Found(Landed.LANDED if place < count else Landed.NOT_LANDED, told)
            return
        if count < len(those):
            op = those[count][1]
            total += op.rows or 0 if isinstance(op, ops.Insert) else 0


def _failed_here(found: list[_Found], failed: int) -> None:
    for at in range(failed, len(found)):
        if found[at].state != Landed.LANDED:
            why = "The server's error names it." if at == failed else "It stands after the one that failed."
            found[at] = _Found(Landed.NOT_LANDED, why)


def _by_order(found: list[_Found]) -> None:
    last = max((at for at, one in enumerate(found) if one.state == Landed.LANDED), default=-1)
    for one in found[: max(last, 0)]:
        if one.state == Landed.UNKNOWN:
            one.state, one.why = Landed.LANDED, "It ran before one that is in the database."
        elif one.state == Landed.NOT_LANDED:
            # Against the order: undone by a later one, or by somebody since. Nothing is claimed then.
            one.state, one.why = Landed.UNKNOWN, f"A later one landed, yet: {one.why}"
    first = next((at for at in range(last + 1, len(found)) if found[at].state == Landed.NOT_LANDED), None)
    if first is not None:
        for one in found[first + 1 :]:
            if one.state == Landed.UNKNOWN:
                one.state, one.why = Landed.NOT_LANDED, "It stands after one that is not in the database."


def _ran_before(found: list[_Found], statements: Sequence[Stmt], failed: int, seen: Seen) -> None:
    """What changes the schema and stands before the one that failed has run, and has committed by itself."""
    if not seen.commits_itself:
        return
    for at in range(failed):
        if found[at].state == Landed.UNKNOWN and _is_ddl(statements[at]):
            found[at] = _Found(
                Landed.LANDED, "It ran before the one that failed, and is committed by itself."
            )
    _by_order(found)


def is_of_the_session(statement: Stmt) -> bool:
    """It leaves nothing in the database (SET, USE, SELECT), so it neither lands nor does not."""
    return bool(statement.ops) and all(
        isinstance(op, ops.Setting | ops.TransactionControl | ops.Query)
        or (isinstance(op, ops.Other) and op.keyword in _SESSION)
        for op in statement.ops
    )


_SESSION = frozenset(
    {"SET", "USE", "LOCK", "UNLOCK", "START", "BEGIN", "ANALYZE", "SHOW", "DECLARE", "RESET"}
)


def _is_ddl(statement: Stmt) -> bool:
    return bool(statement.ops) and all(isinstance(op, ops.SCHEMA_OPS) for op in statement.ops)


def _first_missing(found: Sequence[_Found], statements: Sequence[Stmt], seen: Seen) -> int | None:
    """The one that failed, where the first that is missing stands right after the last that landed, and cannot be one
    that ran and was rolled back with the one that failed."""
    for at, one in enumerate(found):
        if one.state == Landed.UNKNOWN and not is_of_the_session(statements[at]):
            return None
        if one.state == Landed.NOT_LANDED:
            return at if seen.each_alone or (seen.commits_itself and _is_ddl(statements[at])) else None
    return None


def _at(lines: Sequence[int], line: int | None) -> int | None:
    if line is None:
        return None
    return max((at for at, one in enumerate(lines) if one <= line), default=None)
