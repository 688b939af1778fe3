"""Finds every engine's rules: `LINT` in `backend/engines/<name>/lint/`, and the shared ones of `sqlrules`.

An engine without the folder is linted by nothing and says so.
"""

from __future__ import annotations

import importlib
import importlib.util
import logging
from functools import cache

from backend.core.errors import NotFound
from backend.engine.registry import engine_names
from backend.models.connection import EngineName

from .engine_lint import EngineLint
from .framework_rules import RULES as FRAMEWORK_RULES
from .rule import Rule

_log = logging.getLogger(__name__)


@cache
def lint_of(engine: EngineName | str) -> EngineLint | None:
    """The engine's reader and rules; None where it has none, or they cannot be imported (logged)."""
    if not has_lint(engine):
        return None
    try:
        found: EngineLint = importlib.import_module(f"backend.engines.{EngineName(engine).value}.lint").LINT
    except ImportError:
        # A broken installation of one engine's parser must not silence the others.
        _log.exception("The rules of %s cannot be used", engine)
        return None
    return found


def has_lint(engine: EngineName | str) -> bool:
    """Are there rules for it? Told without importing them, which takes longer than a whole folder's cached reports."""
    package = f"backend.engines.{EngineName(engine).value}"
    spec = importlib.util.find_spec(f"{package}.lint") if importlib.util.find_spec(package) else None
    # An empty folder is a package to Python, and no rules to us.
    return spec is not None and spec.origin is not None


@cache
def rules_for(engine: EngineName | str) -> tuple[Rule, ...]:
    """Every rule that is run for an engine, the framework's own included, by code."""
    lint = lint_of(engine)
    if lint is None:
        return ()
    rules = [*FRAMEWORK_RULES, *lint.rules]
    if lint.shared:
        from backend.engine.sqlrules import RULES as SHARED

        rules += [one for one in SHARED if lint.engine in one.engines and one.code not in lint.without]
    return tuple(sorted(rules, key=lambda one: one.code))


@cache
def all_rules() -> tuple[Rule, ...]:
    """Every rule of every engine, once each, by code."""
    found: dict[str, Rule] = {}
    for engine in engine_names():
        for one in rules_for(engine):
            if found.setdefault(one.code, one) is not one:
                raise ValueError(f"Two rules have the code {one.code}.")
    return tuple(found[code] for code in sorted(found))


def rule_named(code: str) -> Rule:
    for one in all_rules():
        if one.code == code:
            return one
    raise NotFound(f"There is no rule {code!r}.", hint="The page docs/rules/README.md lists every rule.")
