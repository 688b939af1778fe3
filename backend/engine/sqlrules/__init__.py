"""The shared reader of SQL and the rules every SQL engine has. Pure; nothing here knows one engine."""

from __future__ import annotations

from backend.engine.lint.rule import Rule

RULES: tuple[Rule, ...] = ()
