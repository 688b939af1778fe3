"""What a MongoDB migration would lose. Where every statement of a half is a call that is written out, what it drops,
deletes and unsets is counted. Other JavaScript cannot be judged by reading: rolling back a database that holds documents
then always asks; applying asks where the text calls something that deletes."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Sequence

from backend.core.errors import AppError
from backend.engine.forecast.port import Counted, Counter, EngineForecast, Place, forecast_of
from backend.engine.lint import ops
from backend.engine.lint.scene import Scene
from backend.engine.port import Engine
from backend.engine.target import Target
from backend.engine.undo.registry import undo_of
from backend.models.migration import Direction

_log = logging.getLogger(__name__)
# Only ever raises the alarm: a call it overlooks (built from strings) is the reason rolling back always asks.
_DELETES = re.compile(
    r"\.\s*(drop|dropDatabase|dropCollection|deleteMany|deleteOne|remove)\s*\(|[\"']?\$out[\"']?\s*:"
)


def losses_of_javascript(
    engine: Engine, target: Target | None, direction: Direction, blocks: Iterable[tuple[str, str]]
) -> list[str]:
    asked = [(name, body) for name, body in blocks if direction == Direction.DOWN or _DELETES.search(body)]
    if not asked:
        return []
    exact = _exactly(engine, target, [body for _, body in asked]) if target is not None else None
    if exact is not None:
        return exact
    counts: dict[str, int] | None = None
    try:
        counts = (
            None
            if target is None
            else engine.row_counts(target, [table.name for table in engine.catalog(target).tables])
        )
    except AppError:
        _log.info("Documents could not be counted", exc_info=True)
    if counts is not None and not any(counts.values()):
        return []
    holds = (
        "documents" if counts is None else f"{sum(counts.values()):,} documents in {len(counts)} collections"
    )
    if direction == Direction.DOWN:
        return [
            f"{name}: what its down does to the data cannot be told beforehand; the database holds {holds}."
            for name, _ in asked
        ]
    return [f"{name}: it deletes or replaces data; the database holds {holds}." for name, _ in asked]


def _exactly(engine: Engine, target: Target, bodies: Iterable[str]) -> list[str] | None:
    """None where a statement is not understood whole, or the database does not answer."""
    forecast = forecast_of(engine.name)
    said: list[str] = []
    touched: set[str] = set()
    try:
        with forecast.counting(target) as count:
            for body in bodies:
                half, statements = undo_of(engine.name).read(body)
                for statement in statements:
                    meant = forecast.meant(half, statement)
                    if (
                        statement.problem is not None
                        or not meant
                        or not all(isinstance(op, _KNOWN) for op in meant)
                    ):
                        return None
                    for op in meant:
                        line = _of_op(forecast, count, op, Place(statement, half, Scene(None)), touched)
                        if line is None:
                            return None
                        said += [line] if line else []
    except AppError:
        _log.info("Documents could not be counted", exc_info=True)
        return None
    return list(dict.fromkeys(said))


_KNOWN = (
    ops.Drop,
    ops.CreateTable,
    ops.CreateIndex,
    ops.Delete,
    ops.Update,
    ops.Insert,
    ops.AddColumn,
    ops.DropColumn,
)


def _is_understood(meant: Sequence[ops.Op]) -> bool:
    """Fields come and go by an update, whose documents are counted."""
    fields = any(isinstance(op, ops.AddColumn | ops.DropColumn) for op in meant)
    updates = any(isinstance(op, ops.Update) for op in meant)
    return bool(meant) and all(isinstance(op, _KNOWN) for op in meant) and (updates or not fields)


def _of_op(
    forecast: EngineForecast, count: Counter, op: ops.Op, place: Place, touched: set[str]
) -> str | None:
    """A sentence, empty where nothing is lost; None where it cannot be counted."""
    if isinstance(op, ops.Drop) and op.kind in ("table", "collection"):
        found = count(forecast.rows_question(op.name))
        if found.count is None:
            return None
        return f"Collection {op.name} is dropped with {_many(found)}." if found.count else ""
    if not isinstance(op, ops.Delete | ops.Update):
        return ""
    # What an earlier call changed may match by then.
    question = forecast.lost_question(place) if op.table.key not in touched else None
    touched.add(op.table.key)
    found = count(question) if question is not None and question.ask is not None else Counted()
    if found.count is None:
        return None
    if isinstance(op, ops.Delete):
        return (
            f"{_many(found)} of {op.table} {'is' if found.count == 1 else 'are'} deleted."
            if found.count
            else ""
        )
    return f"Values in {_many(found)} of {op.table} are overwritten or removed." if found.count else ""


def _many(found: Counted) -> str:
    more = "more than " if found.at_least else ""
    return f"{more}{found.count:,} document{'s' if found.count != 1 else ''}"
