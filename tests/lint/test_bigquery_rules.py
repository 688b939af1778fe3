"""BigQuery's rules: the safe forms are SQL and silence the rule; which types are wider is as Google's page says.

No server here can confirm the refusals: they are BigQuery's own, which the emulator does not repeat.
"""

from __future__ import annotations

import pytest

from backend.engine import sqltext
from backend.engine.lint.rule import Bad
from backend.engine.sqlrules.reader import parse_sqlglot
from backend.engines.bigquery.lint import LINT
from backend.engines.bigquery.lint.columns import _is_wider
from backend.engines.bigquery.lint.names import quote
from backend.models.connection import EngineName
from tests.lint.examples import Case, cases, content_of, findings_of, lint_content

OWN = {rule.code for rule in LINT.rules}
# A command line, and what its dry run tells.
NO_SQL = {"bigquery-bytes-scanned"}


def _own() -> list[Case]:
    return [one for one in cases("bad", EngineName.BIGQUERY) if one.rule.code in OWN - NO_SQL]


@pytest.mark.parametrize("case", _own(), ids=lambda case: case.id)
def test_the_safe_form_is_sql_and_silences_the_rule(case: Case) -> None:
    forms = {one.safe_form for one in findings_of(case)}
    assert forms and None not in forms
    for form in forms:
        for statement in sqltext.split(form or "", "bigquery"):
            assert parse_sqlglot(statement.text, "bigquery") is not None, statement.text
        example = Bad(form or "", facts=case.example.facts)
        report = lint_content(content_of(example, EngineName.BIGQUERY), example, EngineName.BIGQUERY)
        assert [one for one in report.findings if one.code in (case.rule.code, "rule-failed")] == []


@pytest.mark.parametrize(
    ("old", "new", "wider"),
    [
        ("INT64", "numeric", True),
        ("INT64", "float64", True),
        ("INT64", "string", False),
        ("NUMERIC", "int64", False),
        ("NUMERIC", "bignumeric", True),
        ("BIGNUMERIC", "numeric", False),
        ("STRING(5)", "string", True),
        ("STRING", "string(5)", False),
        ("STRING(5)", "string(9)", True),
        ("STRING(9)", "string(5)", False),
        ("NUMERIC(10,2)", "numeric(12,2)", True),
        ("NUMERIC(10,2)", "numeric(10,4)", False),
        ("DATE", "timestamp", False),
        ("INTEGER", "int64", True),
    ],
)
def test_which_types_are_wider(old: str, new: str, wider: bool) -> None:
    assert _is_wider(old, new) is wider


def test_names_are_quoted_where_they_must_be() -> None:
    assert [quote(one) for one in ("plain", "order", "a-b", "a`b")] == [
        "plain",
        "`order`",
        "`a-b`",
        "`a\\`b`",
    ]
