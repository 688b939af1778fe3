"""analytics:* over real runs and over a past."""

from __future__ import annotations

import csv
import io
import re
import sqlite3
from pathlib import Path

import pytest

from backend.store.database import Database
from tests.history.ledgers import fill
from tests.history.past import live_past
from tests.history.test_history import a_history, file
from tests.kit import ChannelFailed, Shop, Toolkit


def overview(toolkit: Toolkit, **payload: object) -> dict:  # type: ignore[type-arg]
    """The overview, when every text has been read."""
    for _ in range(2000):
        found: dict = toolkit.call("analytics:overview", **{"states": False, **payload})  # type: ignore[type-arg]
        if found["reading"]["known"] == found["reading"]["total"]:
            return found
    raise AssertionError("the texts are never read")


def ledger(toolkit: Toolkit) -> sqlite3.Connection:
    return sqlite3.connect(toolkit.home / "toolkit.db")


def test_rates_and_times_are_of_what_ran(sqlite_shop: Shop) -> None:
    a_history(sqlite_shop)
    found = overview(sqlite_shop.toolkit, connection=sqlite_shop.id)
    assert found["migrations"] == {"ok": 2, "tried": 3, "rate": 2 / 3}
    assert found["rollbacks"] == {"ok": 1, "tried": 1, "rate": 1.0}
    assert found["restores"] is None
    assert found["distribution"] == {"applied": 2, "rolled_back": 1, "failed": 1}
    assert [(one["code"], one["files"], one["rate"]) for one in found["errors"]] == [
        ("migration_failed", 1, 0.25)
    ]
    assert found["times"]["files"] == 2 and 0 < found["times"]["median_ms"] <= found["times"]["slowest_ms"]
    assert found["last_run"]["state"] == "failed"
    assert found["last_migration"]["filename"] == "20260102000000_items.sql"
    assert len(found["frequency"]) == 1 and found["frequency"][0]["applied"] == 2
    assert found["resources"]["waited_ms"] is None and found["resources"]["not_told"]


def test_a_baseline_is_no_try(sqlite_shop: Shop) -> None:
    sqlite_shop.write("1_a.sql", file("SELECT 1;", "SELECT 1;"))
    sqlite_shop.agree("migration:baseline")
    found = overview(sqlite_shop.toolkit)
    assert found["files"] == 0 and found["migrations"]["rate"] is None


def test_states_come_from_the_databases_and_a_silent_one_says_so(toolkit: Toolkit, sqlite_url: str) -> None:
    shop = toolkit.connect(sqlite_url)
    shop.write("1_a.sql", file("SELECT 1;", "SELECT 1;"))
    toolkit.connect("postgres://app@127.0.0.1:1/away?sslmode=disable", "away")
    states = {one["connection"]: one for one in toolkit.call("analytics:states")["states"]}
    assert (states["shop"]["total"], states["shop"]["pending"], states["shop"]["problem"]) == (1, 1, None)
    assert states["away"]["problem"]["code"] == "connection_failed"
    assert toolkit.call("analytics:overview", connection="shop")["states"] == [states["shop"]]


def test_a_new_run_is_counted_at_once(sqlite_shop: Shop) -> None:
    a_history(sqlite_shop)
    before = overview(sqlite_shop.toolkit)["files"]
    sqlite_shop.write(
        "20260102000000_items.sql", file("CREATE TABLE items (id INTEGER);", "DROP TABLE items;")
    )
    sqlite_shop.up()
    assert overview(sqlite_shop.toolkit)["files"] == before + 1


def test_an_unknown_connection_is_refused_and_a_deleted_one_is_not(sqlite_shop: Shop) -> None:
    a_history(sqlite_shop)
    sqlite_shop.agree("connection:delete")
    assert overview(sqlite_shop.toolkit, connection=sqlite_shop.id)["files"] == 4
    with pytest.raises(ChannelFailed) as unknown:
        sqlite_shop.toolkit.call("analytics:overview", connection="nobody")
    assert unknown.value.code == "connection_not_found"


# -- outliers ----------------------------------------------------------------------------------------------------


def a_steady_past(shop: Shop, times: list[float], up: str = "CREATE TABLE items (id INTEGER);") -> None:
    """One migration redone until it has as many runs, then given these times, oldest first."""
    shop.write("20260102000000_items.sql", file(up, "DROP TABLE IF EXISTS items;"))
    for _ in times:
        shop.up()
        shop.down()
    with ledger(shop.toolkit) as db:
        ids = [
            row[0] for row in db.execute("SELECT id FROM run_migration WHERE direction = 'up' ORDER BY id")
        ]
        db.executemany("UPDATE run_migration SET duration_ms = ? WHERE id = ?", zip(times, ids, strict=True))
        db.execute("UPDATE run_migration SET duration_ms = NULL WHERE direction = 'down'")
    db.close()


def test_a_time_far_above_its_own_past_is_an_outlier_without_an_invented_reason(sqlite_shop: Shop) -> None:
    a_steady_past(sqlite_shop, [100, 104, 98, 101, 99, 103, 900])
    (outlier,) = overview(sqlite_shop.toolkit)["outliers"]
    assert (outlier["compared_with"], outlier["others"]) == ("own", 6)
    assert outlier["file"]["duration_ms"] == 900 and outlier["times_slower"] == pytest.approx(9, 0.05)
    assert outlier["reason"] == "Reason unknown." and outlier["evidence"] == []


def test_too_few_earlier_runs_tell_nothing(sqlite_shop: Shop) -> None:
    a_steady_past(sqlite_shop, [100, 104, 98, 900])
    assert overview(sqlite_shop.toolkit)["outliers"] == []


def test_a_lock_wait_that_was_seen_is_the_reason(sqlite_shop: Shop) -> None:
    a_steady_past(sqlite_shop, [100, 104, 98, 101, 99, 8900])
    with ledger(sqlite_shop.toolkit) as db:
        db.execute(
            "UPDATE run_migration SET waited_ms = 8500, server ="
            """ '{"looks": 9, "blockers": [{"by": "report", "object": "items", "waited_ms": 8500}], "rows": {}}'"""
            " WHERE duration_ms = 8900"
        )
    db.close()
    found = overview(sqlite_shop.toolkit)
    (evidence,) = found["outliers"][0]["evidence"]
    assert evidence["kind"] == "lock_wait"
    assert evidence["text"] == "It was seen waiting 8.5 s for a lock on items, held by report."
    assert found["resources"]["blockers"][0]["by"] == "report"


def test_more_rows_than_before_are_a_reason(sqlite_shop: Shop) -> None:
    a_steady_past(sqlite_shop, [100, 104, 98, 101, 99, 900])
    with ledger(sqlite_shop.toolkit) as db:
        db.execute(
            """UPDATE run_migration SET server = '{"rows": {"items": 1000}}' WHERE duration_ms = 104"""
        )
        db.execute(
            """UPDATE run_migration SET server = '{"rows": {"items": 90000}}' WHERE duration_ms = 900"""
        )
    db.close()
    (outlier,) = overview(sqlite_shop.toolkit)["outliers"]
    assert (
        outlier["reason"] == "There were about 90,000 rows in items then; at its earlier runs 1,000 at most."
    )


def test_another_text_than_before_is_a_reason(sqlite_shop: Shop) -> None:
    a_steady_past(sqlite_shop, [100, 104, 98, 101, 99])
    sqlite_shop.write(
        "20260102000000_items.sql", file("CREATE TABLE items (id INTEGER, x TEXT);", "DROP TABLE items;")
    )
    sqlite_shop.up()
    with ledger(sqlite_shop.toolkit) as db:
        db.execute(
            "UPDATE run_migration SET duration_ms = 950 WHERE id = (SELECT max(id) FROM run_migration)"
        )
    db.close()
    (outlier,) = overview(sqlite_shop.toolkit)["outliers"]
    assert [one["kind"] for one in outlier["evidence"]] == ["edited"]
    (changed,) = overview(sqlite_shop.toolkit)["comparison"]["contents"]
    assert (changed["before_ms"], changed["after_ms"]) == (100, 950)


def test_without_a_past_of_its_own_a_file_is_held_against_its_kind(sqlite_shop: Shop) -> None:
    for number in range(25):
        sqlite_shop.write(f"{100 + number}_t.sql", file(f"CREATE TABLE t{number} (id INTEGER);", "SELECT 1;"))
    sqlite_shop.write("200_big.sql", file("UPDATE t1 SET id = 1;", "SELECT 1;"))
    sqlite_shop.write("201_late.sql", file("CREATE TABLE late (id INTEGER);", "SELECT 1;"))
    sqlite_shop.up()
    with ledger(sqlite_shop.toolkit) as db:
        db.execute("UPDATE run_migration SET duration_ms = 10 + id % 3")
        db.execute("UPDATE run_migration SET duration_ms = 700 WHERE version IN ('200', '201')")
    db.close()
    found = overview(sqlite_shop.toolkit)
    (outlier,) = found["outliers"]
    assert outlier["file"]["filename"] == "201_late.sql", (
        "an UPDATE has too few of its kind to be held against"
    )
    assert (outlier["compared_with"], outlier["others"]) == ("kind", 25)
    assert {one["kind"]: one["files"] for one in found["kinds"]} == {"rows_changed": 1, "create_table": 26}


# -- comparison and suggestions ------------------------------------------------------------------------------------


def test_environments_of_one_folder_are_compared_version_by_version(toolkit: Toolkit, tmp_path: Path) -> None:
    one = toolkit.connect(f"sqlite:{tmp_path / 'a.db'}", "one")
    two = toolkit.connect(
        f"sqlite:{tmp_path / 'b.db'}", "two", migrations_dir=str(one.folder), environment="staging"
    )
    one.write("1_a.sql", file("CREATE TABLE a (id INTEGER);", "DROP TABLE a;"))
    one.write("2_b.sql", file("CREATE TABLE b (id INTEGER);", "DROP TABLE b;"))
    one.up()
    two.up(count=1)
    with ledger(toolkit) as db:
        db.execute("UPDATE run_migration SET duration_ms = CASE connection WHEN 'one' THEN 10 ELSE 40 END")
    db.close()
    comparison = overview(toolkit, connection=one.id)["comparison"]
    (version,) = comparison["versions"]
    assert version["ratio"] == 4 and [time["duration_ms"] for time in version["times"]] == [10, 40]
    assert [(c["connection"], c["files"], c["median_ms"]) for c in comparison["connections"]] == [
        ("one", 1, 10), ("two", 1, 40),
    ]  # fmt: skip
    assert overview(toolkit, folder=one.connection["migrations_dir"])["connections"] == ["one", "two"]


def test_suggestions_name_the_rule_and_the_safe_form(toolkit: Toolkit, postgres_url: str) -> None:
    shop = toolkit.connect(postgres_url)
    shop.new("orders", "CREATE TABLE orders (id integer, name text);", "DROP TABLE orders;")
    shop.new("index orders", "CREATE INDEX orders_name ON orders (name);", "DROP INDEX orders_name;")
    shop.up()
    suggestions = {one["code"]: one for one in overview(toolkit)["suggestions"]}
    found = suggestions["pg-index-not-concurrent"]
    assert "CONCURRENTLY" in found["safe_form"] and found["docs"] == "docs/rules/pg-index-not-concurrent.md"
    assert found["files"][0]["filename"].endswith("index_orders.sql")
    toolkit.call("settings:update", changes={"lint": {"disabled": ["pg-index-not-concurrent"]}})
    assert "pg-index-not-concurrent" not in {one["code"] for one in overview(toolkit)["suggestions"]}


# -- clocks, size, report --------------------------------------------------------------------------------------------


def test_a_wrong_clock_is_in_no_chart(sqlite_shop: Shop) -> None:
    a_history(sqlite_shop)
    with ledger(sqlite_shop.toolkit) as db:
        db.execute(
            "UPDATE run_migration SET started_at = '2999-01-01T00:00:00.000Z', duration_ms = -4 WHERE id = 1"
        )
        db.execute("UPDATE run_migration SET started_at = '1970-01-01T00:00:00.000Z' WHERE id = 2")
    db.close()
    found = overview(sqlite_shop.toolkit)
    assert found["undated"] == 2 and found["files"] == 4
    assert len(found["frequency"]) == 1 and found["times"]["files"] == 1
    assert all(one["duration_ms"] >= 0 for one in found["slowest"])


def test_a_hundred_thousand_rows_are_added_up(toolkit: Toolkit) -> None:
    toolkit.connect("sqlite:/tmp/none.db", "shop")
    fill(Database(toolkit.home / "toolkit.db"), 100_000, files=400)
    found = overview(toolkit)
    assert found["files"] == 100_000 and found["migrations"]["tried"] == 90_000
    assert sum(one["applied"] + one["rolled_back"] + one["failed"] for one in found["frequency"]) == 100_000
    assert len(found["outliers"]) <= 20 and len(found["slowest"]) == 10


NASTY = "<script>alert(1)</script>"


@pytest.fixture
def nasty(toolkit: Toolkit, sqlite_url: str) -> Shop:
    """HTML in every text that a user, a file or a database gives."""
    toolkit.call("settings:update", changes={"author": f"{NASTY}\"'"})
    shop = toolkit.connect(sqlite_url, f"=1+1 {NASTY}")
    shop.write(
        "1_<img src=x onerror=alert(1)>.sql",
        file("UPDATE nowhere SET a = '</pre><script>x</script>';", "SELECT 1;"),
    )
    with pytest.raises(ChannelFailed):
        shop.up()
    shop.write("1_<img src=x onerror=alert(1)>.sql", file("CREATE TABLE `<b>` (id INTEGER);", "SELECT 1;"))
    shop.up()
    return shop


def test_the_report_is_one_file_without_scripts_whatever_is_in_the_names(nasty: Shop) -> None:
    overview(nasty.toolkit)
    report = nasty.toolkit.call("analytics:report", format="html")
    text = report["text"]
    assert report["filename"].endswith(".html") and text.startswith("<!doctype html>")
    assert "<script" not in text and "<img" not in text and "&lt;img src=x" in text
    assert not re.search(r"""(?:src|href)\s*=\s*["']?(?!#)""", re.sub(r"&lt;.*?&gt;", "", text))
    markdown = nasty.toolkit.call("analytics:report", format="markdown")["text"]
    assert "<script" not in markdown.replace("\\", "") and "## Slowest" in markdown


def test_the_report_as_csv_runs_no_formulas(nasty: Shop) -> None:
    rows = list(
        csv.reader(io.StringIO(nasty.toolkit.call("analytics:report", format="csv")["text"], newline=""))
    )
    sections = {row[0] for row in rows}
    assert {"Figures", "Slowest", "Frequency", "Errors"} <= sections
    assert all(not cell.startswith(("=", "+", "-", "@", "\t", "\r")) for row in rows for cell in row)


def test_the_report_of_a_past_has_its_charts_and_sections(toolkit: Toolkit, tmp_path: Path) -> None:
    live_past(toolkit, tmp_path.as_posix())
    overview(toolkit)
    text = toolkit.call("analytics:report", format="html")["text"]
    assert text.count("<svg") == 2 and "<polyline" in text and "<rect" in text
    titles = re.findall(r"<h2>(.*?)</h2>", text)
    assert {
        "Now",
        "Slowest",
        "Outliers",
        "Execution time",
        "Frequency",
        "Environments",
        "Suggestions",
    } <= set(titles)
    assert "held by nightly-report" in text
    path = tmp_path / "report.md"
    written = toolkit.call("analytics:report", format="markdown", path=str(path))
    assert path.stat().st_size == written["size_bytes"] and written["text"] is None


def test_nothing_that_ran_is_a_report_too(toolkit: Toolkit) -> None:
    for form in ("html", "markdown", "csv"):
        assert "none yet" in toolkit.call("analytics:report", format=form)["text"]
