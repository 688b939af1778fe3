"""The rules' pages, read from docs/rules as they are shipped."""

from __future__ import annotations

from backend.core import paths
from backend.engine.lint.registry import all_rules, rule_named, rules_for
from backend.models.connection import EngineName
from backend.models.finding import RuleInfo


def rules_of(engine: EngineName | None) -> list[RuleInfo]:
    """Every rule, or those of one engine, by code."""
    return [rule.info() for rule in (all_rules() if engine is None else rules_for(engine))]


def page_of(code: str) -> tuple[RuleInfo, str]:
    """The rule and its page as Markdown; where the page is not shipped, what its metadata say. Raises NotFound."""
    rule = rule_named(code)
    # By the rule's own code, never by the text that was asked for.
    page = paths.app_root() / "docs" / "rules" / f"{rule.code}.md"
    try:
        return rule.info(), page.read_text(encoding="utf-8")
    except OSError:
        return rule.info(), f"# {rule.title}\n\n{rule.harm}\n\n{rule.advice}\n"
