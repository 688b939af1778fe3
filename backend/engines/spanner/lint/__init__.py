"""Spanner's rules (its PostgreSQL dialect), over the shared reader. Pure: what is known of the database is given."""

from __future__ import annotations

from backend.engine.lint.engine_lint import EngineLint
from backend.engine.sqlrules.reader import reader
from backend.models.connection import EngineName

from .rules import RULES

LINT = EngineLint(EngineName.SPANNER, "spanner", read=reader("spanner"), rules=RULES)
