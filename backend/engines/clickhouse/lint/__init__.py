"""ClickHouse's rules, over the shared reader. Pure: what is known of the database is given."""

from __future__ import annotations

from backend.engine.lint.engine_lint import EngineLint
from backend.engine.sqlrules.reader import reader
from backend.models.connection import EngineName

from . import mutations, running, tables
from .names import quote

RULES = (*mutations.RULES, *running.RULES, *tables.RULES)

LINT = EngineLint(
    EngineName.CLICKHOUSE,
    "clickhouse",
    read=reader("clickhouse"),
    rules=RULES,
    quote=quote,
    # clickhouse-no-transaction says what happens here.
    without=frozenset({"transaction-control"}),
)
