"""PostgreSQL's reader and rules, over its own parser (libpg_query). Pure: what is known of the database is given.

Written natively and not taken from squawk's output: a rule needs the catalog's facts, a safe form for the statement and
what the file did before, and one parse a file serves all. squawk is the cross-check in the tests.
"""

from __future__ import annotations

from backend.engine.lint.engine_lint import EngineLint
from backend.models.connection import EngineName

from . import columns, constraints, enums, indexes, locks, names_and_roles, not_null, types
from .names import quote
from .reader import read_half

RULES = (
    *indexes.RULES,
    *constraints.RULES,
    *not_null.RULES,
    *columns.RULES,
    *types.RULES,
    *locks.RULES,
    *enums.RULES,
    *names_and_roles.RULES,
)

LINT = EngineLint(EngineName.POSTGRES, "postgres", read=read_half, rules=RULES, quote=quote)
