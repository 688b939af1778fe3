"""How much exactly a statement takes away: values in a column that goes, rows that a DELETE or UPDATE matches now.

Asked of the database in read-only sessions that end soon; what it does not tell in that time is not told here.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence

from backend.core.errors import AppError
from backend.engine.forecast.port import Counted, EngineForecast, Question, forecast_of
from backend.engine.lint.ops import Name
from backend.engine.port import Engine
from backend.engine.target import Target
from backend.engine.undo.registry import undo_of

from .losses_words import Danger

_log = logging.getLogger(__name__)
_MOST = 30
_PATIENCE_S = 8.0


def count_dangers(
    engine: Engine, target: Target | None, dangers: Sequence[Danger], rows: dict[str, int] | None
) -> list[Counted | None]:
    """One answer a danger; None where it is not of a kind that can be counted, or nobody could be asked."""
    found: list[Counted | None] = [None] * len(dangers)
    if target is None or rows is None:
        return found
    forecast = forecast_of(engine.name)
    asked = [
        (at, question)
        for at, danger in enumerate(dangers)
        if danger.table
        and rows.get(danger.table)
        and (question := _question(engine, forecast, danger, dangers[:at])) is not None
    ]
    if not asked:
        return found
    until = time.monotonic() + _PATIENCE_S
    try:
        with forecast.counting(target) as count:
            for at, question in asked[:_MOST]:
                if time.monotonic() > until:
                    break
                found[at] = count(question)
    except AppError:
        _log.info("What would be lost could not be counted exactly", exc_info=True)
    return found


def _question(
    engine: Engine, forecast: EngineForecast, danger: Danger, earlier: Sequence[Danger]
) -> Question | None:
    schema, _, name = (danger.table or "").rpartition(".")
    table = Name(name, schema or None)
    if danger.kind in ("drop_column", "retype") and danger.column:
        question: Question | None = forecast.values_question(table, danger.column)
    elif danger.kind in ("delete", "overwrite") and danger.text:
        if any(
            one.table == danger.table and one.kind in ("overwrite", "retype", "unknown") for one in earlier
        ):
            # By then other rows may match.
            return None
        question = _of_statement(engine, forecast, danger.text)
    else:
        return None
    return question if question is not None and question.ask is not None else None


def _of_statement(engine: Engine, forecast: EngineForecast, text: str) -> Question | None:
    from backend.engine.forecast.count import question_of

    try:
        _, statements = undo_of(engine.name).read(text)
    except AppError:
        return None
    return question_of(statements[0], forecast.dialect or "") if len(statements) == 1 else None
