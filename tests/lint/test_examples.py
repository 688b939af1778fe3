"""Every rule's own examples, on every engine it is for."""

from __future__ import annotations

import pytest

from backend.engine.lint.registry import all_rules
from backend.engine.lint.rule import Rule
from tests.lint.examples import Case, apply_fix, cases, content_of, findings_of, lint_content


@pytest.mark.parametrize("case", cases("bad"), ids=lambda case: case.id)
def test_the_bad_example_is_found(case: Case) -> None:
    found = findings_of(case)
    assert found, f"{case.rule.code} says nothing about: {content_of(case.example, case.engine)}"
    if case.example.hits is not None:
        assert len(found) == case.example.hits
    lines = content_of(case.example, case.engine).split("\n")
    for one in found:
        assert 1 <= one.line <= one.end_line <= len(lines) and one.column >= 1
        assert (one.end_line, one.end_column) >= (one.line, one.column)
        assert one.end_column <= len(lines[one.end_line - 1]) + 1
        assert one.message and one.title and one.engine is case.engine


@pytest.mark.parametrize("case", cases("good"), ids=lambda case: case.id)
def test_the_good_example_is_left_alone(case: Case) -> None:
    assert findings_of(case) == []


@pytest.mark.parametrize("case", cases("bad"), ids=lambda case: case.id)
def test_a_fix_silences_what_it_fixes(case: Case) -> None:
    content = content_of(case.example, case.engine)
    before = findings_of(case)
    for finding in before:
        for fix in finding.fixes:
            fixed = apply_fix(content, fix)
            after = list(findings_of(case, fixed))
            assert len(after) < len(before), f"{fix.title} leaves it:\n{fixed}"
            report = lint_content(fixed, case.example, case.engine)
            was = lint_content(content, case.example, case.engine)
            assert report.unparsed <= was.unparsed, f"{fix.title} breaks the syntax:\n{fixed}"


@pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.code)
def test_a_rule_is_complete(rule: Rule) -> None:
    assert rule.title and rule.harm.endswith(".") and rule.advice.endswith(".") and rule.origin is not None
    if rule.code not in (
        "rule-failed",
        "statement-refused",
    ):  # they speak where another rule breaks: see test_framework.py
        assert rule.bad and rule.good
