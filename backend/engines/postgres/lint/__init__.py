"""PostgreSQL's reader and rules, over its own parser (libpg_query). Pure: what is known of the database is given."""

from __future__ import annotations

from backend.engine.lint.engine_lint import EngineLint
from backend.models.connection import EngineName

from .names import quote
from .reader import read_half

LINT = EngineLint(EngineName.POSTGRES, "postgres", read=read_half, rules=(), quote=quote)
