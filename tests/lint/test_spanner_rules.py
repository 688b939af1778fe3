"""Spanner's rules: the safe forms are PostgreSQL's SQL, and the rule has nothing to say about them.

No server here can confirm the refusals: there is no Spanner emulator among the packages.
"""

from __future__ import annotations

import postgast
import pytest

from backend.engine.lint.rule import Bad
from backend.engines.spanner.lint import LINT
from backend.models.connection import EngineName
from tests.lint.examples import Case, cases, content_of, findings_of, lint_content

OWN = {rule.code for rule in LINT.rules}
# The statement stays: what is safe is the count before it, the mark, or a file for each half.
SAME_STATEMENT = {"spanner-long-validation", "spanner-schema-and-rows", "spanner-drop-with-dependents"}


def _own() -> list[Case]:
    return [one for one in cases("bad", EngineName.SPANNER) if one.rule.code in OWN]


@pytest.mark.parametrize("case", _own(), ids=lambda case: case.id)
def test_the_safe_form_is_sql_and_silences_the_rule(case: Case) -> None:
    for one in findings_of(case):
        if case.rule.code == "spanner-long-validation" and one.safe_form is None:
            continue  # an index: nothing to count, only time to give
        assert one.safe_form
        postgast.parse(one.safe_form.replace("= …", "= NULL"))
        if case.rule.code in SAME_STATEMENT:
            continue
        example = Bad(one.safe_form, facts=case.example.facts, transaction=False)
        report = lint_content(content_of(example, EngineName.SPANNER), example, EngineName.SPANNER)
        assert [again for again in report.findings if again.code in (case.rule.code, "rule-failed")] == []


def test_every_rule_speaks_of_its_severity_when_it_cannot_know() -> None:
    """Nothing known of the table: the finding says so."""
    for up in (
        "DROP TABLE orders;",
        "ALTER TABLE orders ALTER COLUMN code TYPE bigint;",
        "CREATE INDEX i ON orders (code);",
    ):
        example = Bad(up, transaction=False)
        report = lint_content(content_of(example, EngineName.SPANNER), example, EngineName.SPANNER)
        mine = [one for one in report.findings if one.code in OWN]
        assert mine and all(one.unknown for one in mine), up
