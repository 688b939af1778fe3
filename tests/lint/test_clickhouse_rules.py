"""ClickHouse's rules: the safe forms they write are run on the real engine, and so is what the rules say it refuses."""

from __future__ import annotations

from typing import Any

import pytest

from backend.core.errors import AppError
from backend.engine import sqltext
from backend.engine.lint.rule import Bad
from backend.engines.clickhouse import ENGINE
from backend.engines.clickhouse.connect import session
from backend.engines.clickhouse.lint import LINT
from backend.engines.clickhouse.lint.names import EVENTS, quote
from backend.models.connection import EngineName
from backend.models.finding import Finding
from tests.engines.sqlite.project import Project
from tests.lint.examples import Case, cases, content_of, findings_of, lint_content

OWN = {rule.code for rule in LINT.rules}
# The statements stay the same, each in a migration of its own.
ONE_EACH = {"clickhouse-several-statements"}


@pytest.fixture
def shop(clickhouse_url: str, tmp_path: Any) -> Project:
    return Project(tmp_path, clickhouse_url, ENGINE)


def run(shop: Project, sql: str) -> list[Any]:
    database = ENGINE.split_url(shop.url)["database"]
    rows: list[Any] = []
    with session(shop.target) as server:
        for statement in sqltext.split(sql, "clickhouse"):
            rows = list(server.query(statement.text, database=database) or [])
    return rows


def found(up: str, code: str, **given: Any) -> list[Finding]:
    example = Bad(up, down="SELECT 1;", **given)
    report = lint_content(content_of(example, EngineName.CLICKHOUSE), example, EngineName.CLICKHOUSE)
    return [one for one in report.findings if one.code == code]


def _with_safe_form() -> list[Case]:
    return [
        one
        for one in cases("bad", EngineName.CLICKHOUSE)
        if one.rule.code in OWN and one.example.runs_safe_form
    ]


@pytest.mark.parametrize("case", _with_safe_form(), ids=lambda case: case.id)
def test_the_safe_form_runs(case: Case, shop: Project) -> None:
    forms = {one.safe_form for one in findings_of(case)}
    assert forms and None not in forms
    (form,) = forms
    run(shop, case.example.setup)
    run(shop, form or "")
    if case.rule.code not in ONE_EACH:
        assert found(form or "", case.rule.code, facts=case.example.facts) == []


def test_every_rule_but_the_cluster_has_a_safe_form_that_runs() -> None:
    assert OWN - {one.rule.code for one in _with_safe_form()} == {"clickhouse-on-cluster-missing"}


@pytest.mark.parametrize(
    "case",
    [c for c in _with_safe_form() if c.rule.code in ("clickhouse-order-by-changed", "clickhouse-key-column")],
    ids=lambda case: case.id,
)
def test_the_engine_does_refuse_the_bad_statement(case: Case, shop: Project) -> None:
    run(shop, case.example.setup)
    with pytest.raises(AppError):
        run(shop, case.example.up)


def test_the_safe_form_of_a_new_key_sorts_and_keeps_every_row(shop: Project) -> None:
    (one,) = found("ALTER TABLE events MODIFY ORDER BY (kind, id);", "clickhouse-order-by-changed")
    run(shop, EVENTS)
    run(shop, one.safe_form or "")
    assert run(shop, "SELECT toInt32(count()) FROM events")[0][0] in (2, "2")
    key = run(
        shop, "SELECT sorting_key FROM system.tables WHERE name = 'events' AND database = currentDatabase()"
    )
    assert key[0][0] == "kind, id"


def test_dbmate_refuses_two_statements_and_an_empty_block(shop: Project) -> None:
    shop.write("1_two.sql", "SELECT 1; SELECT 2;", "SELECT 1")
    assert shop.up().returncode == 2
    (shop.folder / "m" / "1_two.sql").unlink()
    shop.write("2_empty.sql", "-- nothing", "SELECT 1")
    assert shop.up().returncode == 2


def test_names_are_quoted_where_they_must_be(shop: Project) -> None:
    for name in ("order", "a b", "x`y", "Group", "plain", "settings"):
        run(
            shop,
            f"CREATE TABLE {quote(name)} ({quote(name)} Int32) ENGINE = MergeTree ORDER BY {quote(name)}",
        )
    assert quote("plain") == "plain"
