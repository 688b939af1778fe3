"""What the rules call severe is consented to before it runs, with the finding's own sentence."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.kit import ChannelFailed, Toolkit


def test_cascade_asks_with_the_findings_sentence(tmp_path: Path, postgres_url: str) -> None:
    (tmp_path / "home").mkdir()
    shop = Toolkit(tmp_path / "home").connect(postgres_url)
    shop.new(
        "t",
        "CREATE TABLE t (id int PRIMARY KEY); CREATE VIEW v AS SELECT id FROM t;",
        "DROP TABLE t CASCADE;",
    )
    shop.call("migration:up")
    shop.new("gone", "DROP VIEW v CASCADE;", "SELECT 1;")
    with pytest.raises(ChannelFailed) as asked:
        shop.call("migration:up")
    assert asked.value.code == "confirmation_required"
    (said,) = asked.value.details["losses"]
    assert "CASCADE" in said and "gone.sql" in said
    plan = shop.call("migration:plan")
    assert plan["losses"] == [said] and plan["needs_confirmation"]
    assert shop.call("migration:up", confirm="shop")["ok"]


def test_what_only_adds_does_not_ask(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    shop = Toolkit(tmp_path / "home").connect(f"sqlite:{(tmp_path / 'shop.db').as_posix()}")
    shop.new("t", "CREATE TABLE t (id INTEGER PRIMARY KEY); -- CASCADE, DROP TABLE t", "DROP TABLE t;")
    assert shop.call("migration:up")["ok"]


def test_checks_run_and_report_stay_valid_json(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "shop.db")) as database:
        database.execute("CREATE TABLE a (b)")
    (tmp_path / "home").mkdir()
    shop = Toolkit(tmp_path / "home").connect(f"sqlite:{(tmp_path / 'shop.db').as_posix()}")
    assert json.dumps(shop.call("migration:validate", checks=True))
