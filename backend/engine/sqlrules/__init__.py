"""The shared reader of SQL and the rules every SQL engine has. Pure; nothing here knows one engine's parser."""

from __future__ import annotations

from backend.engine.lint.rule import Rule

from . import constraints, design, destructive, rows, state, transactions, undo

RULES: tuple[Rule, ...] = (
    *destructive.RULES,
    *constraints.RULES,
    *rows.RULES,
    *transactions.RULES,
    *design.RULES,
    *undo.RULES,
    *state.RULES,
)
