"""BigQuery's rules, over the shared reader. Pure: what is known of the database is given."""

from __future__ import annotations

from backend.engine.lint.engine_lint import EngineLint
from backend.engine.sqlrules.reader import reader
from backend.models.connection import EngineName

from . import columns, running
from .names import quote

RULES = (*columns.RULES, *running.RULES)

LINT = EngineLint(
    EngineName.BIGQUERY,
    "bigquery",
    read=reader("bigquery"),
    rules=RULES,
    quote=quote,
    # Refused here even on an empty table: bigquery-required-column says so.
    without=frozenset({"not-null-without-default"}),
)
