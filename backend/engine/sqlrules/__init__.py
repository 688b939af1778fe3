"""The shared reader of SQL and the rules every SQL engine has. Pure; nothing here knows one engine's parser."""

from __future__ import annotations

from backend.engine.lint.rule import Rule

from . import constraints, design, destructive, down, foreign_keys, renames, rows, state, transactions

RULES: tuple[Rule, ...] = (
    *destructive.RULES,
    *renames.RULES,
    *constraints.RULES,
    *foreign_keys.RULES,
    *rows.RULES,
    *transactions.RULES,
    *design.RULES,
    *down.RULES,
    *state.RULES,
)
