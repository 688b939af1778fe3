"""SQLite's rules, over the shared reader. Pure: what is known of the database is given."""

from __future__ import annotations

from backend.engine.lint.engine_lint import EngineLint
from backend.engine.sqlrules.reader import reader
from backend.models.connection import EngineName

from . import columns, rebuild, transactions
from .names import quote

RULES = (*rebuild.RULES, *columns.RULES, *transactions.RULES)

LINT = EngineLint(EngineName.SQLITE, "sqlite", read=reader("sqlite"), rules=RULES, quote=quote)
