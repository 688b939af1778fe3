"""`migration:validate`: the parser's word, the checks, suppressions by every way, and bad input."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend.engine.lint import registry
from backend.store.lint_cache import LintCache
from tests.kit import ChannelFailed, Shop, Toolkit


@pytest.fixture
def toolkit(tmp_path: Path) -> Toolkit:
    (tmp_path / "home").mkdir()
    return Toolkit(tmp_path / "home")


@pytest.fixture
def shop(toolkit: Toolkit, tmp_path: Path) -> Shop:
    return toolkit.connect(f"sqlite:{(tmp_path / 'shop.db').as_posix()}")


def findings(shop: Shop, **payload: object) -> dict[str, dict[str, object]]:
    answer = shop.call("migration:validate", **payload)
    return {finding["code"]: finding for file in answer["files"] for finding in file["findings"]}


def test_a_missing_column_is_said_by_the_scratch_copy_before_the_run(shop: Shop) -> None:
    shop.new("users", "CREATE TABLE users (id INTEGER PRIMARY KEY);", "DROP TABLE users;")
    shop.up()
    shop.new("age", "ALTER TABLE users ADD COLUMN age INT;", "ALTER TABLE users DROP COLUMN age;")
    shop.new("names", "UPDATE users SET nam = 'a' WHERE age = 1;", "UPDATE users SET age = 2 WHERE age = 1;")
    found = findings(shop)["statement-refused"]
    assert found["message"] == "No such column: nam." and found["source"] == "sqlite scratch copy"
    assert found["severity"] == "high" and found["line"] == 2


def test_the_editors_text_is_tried_after_the_pending_files_before_it(shop: Shop) -> None:
    shop.new("users", "CREATE TABLE users (id INTEGER PRIMARY KEY);", "DROP TABLE users;")
    good = "-- migrate:up\nINSERT INTO users (id) VALUES (1);\n-- migrate:down\nDELETE FROM users WHERE id = 1;\n"
    assert "statement-refused" not in findings(shop, content=good)
    assert "statement-refused" in findings(shop, content=good.replace("users (id)", "user (id)"))


@pytest.mark.parametrize("fixture", ["mysql_url", "clickhouse_url"])
def test_the_servers_word_on_a_typo_says_who_spoke(
    fixture: str, toolkit: Toolkit, request: pytest.FixtureRequest
) -> None:
    shop = toolkit.connect(request.getfixturevalue(fixture))
    text = "-- migrate:up\nALTER TABEL t ADD COLUMN x INT;\n-- migrate:down\nSELECT 1;\n"
    source = "mysql server" if fixture == "mysql_url" else "clickhouse server"
    found = findings(shop, content=text)["statement-refused"]
    assert found["source"] == source and (found["line"], found["severity"]) == (2, "high")
    (file,) = shop.call("migration:validate", content=text)["files"]
    assert file["parser"] == source


def test_a_server_that_is_away_is_said_and_the_rules_go_on(toolkit: Toolkit) -> None:
    shop = toolkit.connect("mysql://u:p@127.0.0.1:1/shop")
    text = "-- migrate:up\nDELETE FROM orders;\n-- migrate:down\nSELECT 1;\n"
    answer = shop.call("migration:validate", content=text)
    (file,) = answer["files"]
    assert file["parser"] == "sqlglot" and "was not asked" in file["parser_unknown"]
    assert "delete-without-where" in {one["code"] for one in file["findings"]}
    assert any("was not asked" in note for note in answer["notes"])


def test_without_the_server_sqlglot_doubts_and_does_not_judge(toolkit: Toolkit) -> None:
    shop = toolkit.connect("mysql://u:p@127.0.0.1:1/shop")
    text = "-- migrate:up\nCREATE TABLE a (id int);\nSELECT FROM WHERE;\n-- migrate:down\nDROP TABLE a;\n"
    found = [
        one for one in shop.call("migration:validate", content=text)["files"][0]["findings"] if one["source"]
    ]
    assert [(one["source"], one["severity"], one["line"], one["unknown"]) for one in found] == [
        ("sqlglot", "low", 3, True)
    ]
    assert "The server may still take it" in found[0]["message"]


def test_postgres_says_that_its_own_parser_spoke(toolkit: Toolkit, postgres_url: str) -> None:
    shop = toolkit.connect(postgres_url)
    text = "-- migrate:up\nCREATE TABEL a (id int);\n-- migrate:down\nSELECT 1;\n"
    assert findings(shop, content=text)["unparsed-statement"]["source"] == "postgresql parser"


def test_checks_tell_what_a_run_needs(shop: Shop) -> None:
    shop.write("20260101000000_a.sql", "-- migrate:up\nCREATE TABLE a (id INTEGER);\n-- migrate:down\n")
    shop.write(
        "20260101000000_b.sql",
        "-- migrate:up\nCREATE TABLE b (id INTEGER);\n-- migrate:down\nDROP TABLE b;\n",
    )
    shop.write("20260102000000_c.sql", "CREATE TABLE c (id INTEGER);\n")
    answer = shop.call("migration:validate", checks=True)
    states = {one["code"]: one["state"] for one in answer["checks"]}
    assert states == {
        "connection": "ok",
        "database": "warning",
        "read_only": "ok",
        "pending": "ok",
        "out_of_order": "ok",
        "duplicate_version": "problem",
        "invalid_files": "problem",
        "down_missing": "warning",
        "disk_space": states["disk_space"],
        "backup": "ok",
        "tool": "ok",
    }
    said = {one["code"]: one["message"] for one in answer["checks"]}
    assert "for the database" in said["disk_space"] and said["backup"] == "No backup yet."
    assert shop.call("migration:validate")["checks"] == []


def test_checks_of_a_server_that_is_away_are_unknown_not_ok(toolkit: Toolkit) -> None:
    shop = toolkit.connect("mysql://u:p@127.0.0.1:1/shop", environment="production")

    def states() -> dict[str, str]:
        return {one["code"]: one["state"] for one in shop.call("migration:validate", checks=True)["checks"]}

    found = states()
    assert (found["connection"], found["database"], found["read_only"]) == ("problem", "unknown", "unknown")
    # There is none yet, and one is made before the run; where none would be, production is warned.
    assert found["backup"] == "ok"
    toolkit.call("settings:update", changes={"backups": {"before_up": "never"}})
    assert states()["backup"] == "warning"


TEXT = "-- migrate:up\nDELETE FROM orders;\n-- migrate:down\nDROP TABLE x;\n"


def test_a_rule_is_off_by_settings_by_connection_and_by_comment(shop: Shop) -> None:
    code = "delete-without-where"
    assert code in findings(shop, content=TEXT)
    shop.toolkit.call("settings:update", changes={"lint": {"disabled": [code]}})
    assert code not in findings(shop, content=TEXT)
    shop.toolkit.call("settings:update", changes={"lint": {"disabled": []}})
    assert code in findings(shop, content=TEXT)
    assert shop.call("connection:update", disabled_rules=[code])["disabled_rules"] == [code]
    assert code not in findings(shop, content=TEXT)
    assert shop.call("connection:update", disabled_rules=[])["disabled_rules"] == []
    found = findings(
        shop, content=TEXT.replace("DELETE", f"-- dbtoolkit:ignore {code}: emptied nightly\nDELETE")
    )
    assert code not in found and "suppression-unused" not in found
    unused = TEXT.replace("DELETE", "-- dbtoolkit:ignore truncate: not here\nDELETE")
    assert "suppression-unused" in findings(shop, content=unused)


def test_a_connection_refuses_a_rule_that_does_not_exist(shop: Shop) -> None:
    with pytest.raises(ChannelFailed) as refused:
        shop.call("connection:update", disabled_rules=["no-such-rule"])
    assert refused.value.code == "invalid_request" and "no-such-rule" in refused.value.message


def test_rules_can_be_read_offline(toolkit: Toolkit) -> None:
    rules = toolkit.call("rule:list", engine="sqlite")["rules"]
    assert {"drop-table", "sqlite-rebuild-cascades"} <= {one["code"] for one in rules}
    assert "pg-index-not-concurrent" not in {one["code"] for one in rules}
    assert len(toolkit.call("rule:list")["rules"]) == len(registry.all_rules())
    page = toolkit.call("rule:read", code="drop-table")
    assert page["info"]["code"] == "drop-table" and "`drop-table`" in page["markdown"]
    with pytest.raises(ChannelFailed) as missing:
        toolkit.call("rule:read", code="../../README")
    assert missing.value.code == "not_found"


def test_columns_count_characters_or_as_editors_do(shop: Shop) -> None:
    text = "-- migrate:up\n/* 🎉🎉 */ DELETE FROM orders;\n-- migrate:down\nSELECT 1;\n"
    ours = findings(shop, content=text)["delete-without-where"]
    editors = findings(shop, content=text, columns="utf16")["delete-without-where"]
    assert (ours["column"], editors["column"]) == (10, 12)
    line = text.split("\n")[1]
    assert line[int(str(ours["column"])) - 1 :].startswith("DELETE")
    assert (
        line.encode("utf-16-le")[2 * (int(str(editors["column"])) - 1) :]
        .decode("utf-16-le")
        .startswith("DELETE")
    )


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"\x00\x01\x02\xff\xfe" * 500, "binary"),
        ("-- migrate:up\nSELECT 1;\n".encode("utf-16"), "utf16"),
        (b"", "no_up"),
    ],
)
def test_a_file_that_is_not_text_is_a_problem_and_the_others_are_judged(
    shop: Shop, data: bytes, code: str
) -> None:
    shop.write("20260101000000_bad.sql", data)
    shop.write("20260102000000_good.sql", TEXT)
    bad, good = shop.call("migration:validate")["files"]
    assert any(one["severity"] == "error" for one in bad["problems"]), bad["problems"]
    assert "delete-without-where" in {one["code"] for one in good["findings"]}


def test_a_thousand_errors_are_listed_up_to_a_thousand_and_counted_beyond(shop: Shop) -> None:
    body = "".join(f"SELEC {number};\n" for number in range(1500))
    shop.write("20260101000000_bad.sql", f"-- migrate:up\n{body}\n-- migrate:down\nSELECT 1;\n")
    (file,) = shop.call("migration:validate")["files"]
    assert len(file["findings"]) == 1000 and file["left_out"] > 0
    assert {one["code"] for one in file["findings"][5:50]} == {"statement-refused"}


def test_a_report_is_kept_across_processes_and_a_damaged_cache_is_begun_anew(
    toolkit: Toolkit, shop: Shop
) -> None:
    shop.write("20260101000000_a.sql", TEXT)
    first = findings(shop)
    cache = toolkit.home / "lint-cache.db"
    assert cache.exists()
    for part in toolkit.home.glob("lint-cache.db-*"):
        part.unlink()
    cache.write_bytes(b"this is no database" * 400)
    again = Toolkit(toolkit.home)
    assert findings(Shop(again, shop.connection)) == first
    assert cache.read_bytes()[:6] == b"SQLite"


def test_the_cache_is_bounded_and_forgets_the_oldest(tmp_path: Path) -> None:
    cache = LintCache(tmp_path / "c.db", most_rows=50)
    for start in range(0, 200, 10):
        cache.write({f"key {number}": b"x" * 10 for number in range(start, start + 10)})
    kept = cache.read([f"key {number}" for number in range(200)])
    assert len(kept) <= 50 and "key 199" in kept and "key 0" not in kept
