"""`main.py check --rehearse`, as a pipeline calls it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from backend.shell.cli import main
from tests.kit import Shop, Toolkit


@pytest.fixture
def shop(toolkit: Toolkit, tmp_path: Path) -> Shop:
    shop = toolkit.connect(f"sqlite:{tmp_path / 'shop.db'}")
    shop.new(
        "users",
        "CREATE TABLE users (id INTEGER, a TEXT);\nINSERT INTO users VALUES (1, 'x');",
        "DROP TABLE users;",
    )
    shop.up()
    return shop


def check(*more: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["check", "--rehearse", "--connection", "shop", *more])
    return result.exit_code, result.output


def test_the_exit_code_says_whether_a_pipeline_may_go_on(shop: Shop) -> None:
    assert check() == (0, "Nothing is pending, so there is nothing to rehearse.\n")
    shop.new("lossy", "ALTER TABLE users DROP COLUMN a;", "ALTER TABLE users ADD COLUMN a TEXT;")
    code, text = check()
    assert code == 0
    assert ".sql: lossy (" in text
    assert "users.a" in text
    assert check("--strict")[0] == 1
    shop.new("broken", "CREATE TABLE b (id INTEGER);", "SELECT 1;")
    code, text = check()
    assert code == 1
    assert "left something behind" in text
    assert CliRunner().invoke(main, ["check", "--rehearse"]).exit_code == 2


def test_reports_name_file_and_line_in_every_format(shop: Shop) -> None:
    made = shop.new("wrong", "SELECT 1;\nINSERT INTO nowhere VALUES (1);", "SELECT 1;")
    code, text = check("--format", "json")
    assert (code, json.loads(text)["verdict"]) == (1, "failed")
    code, text = check("--format", "sarif")
    [result] = json.loads(text)["runs"][0]["results"]
    place = result["locations"][0]["physicalLocation"]
    assert (code, result["ruleId"], result["level"]) == (1, "rehearsal-failed", "error")
    assert place["artifactLocation"]["uri"].endswith(made["filename"])
    assert place["region"]["startLine"] == 3
    code, text = check("--format", "github")
    assert text.startswith("::error file=")
    assert ",line=3," in text
