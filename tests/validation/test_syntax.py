"""The engines' own parsers, asked without executing anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend.engine import sqltext
from backend.engine.registry import engine_for_url
from backend.engine.syntax import Answer, Block, opener_of
from backend.engine.target import Target
from backend.models.migration import Direction


def target_of(url: str, folder: Path, **more: object) -> Target:
    engine = engine_for_url(url)
    return Target(str(engine.name), url, folder, engine.default_migrations_table, **more)  # type: ignore[arg-type]


def ask(target: Target, *files: tuple[str, str], pending: bool = True) -> list[Answer]:
    """One answer a file of (up, down)."""
    engine = engine_for_url(target.url)
    opener = opener_of(engine.name)
    assert opener is not None
    with opener(target) as checker:
        return [
            checker.check(
                [
                    Block(direction, sqltext.split(sql, engine.dialect or ""))
                    for direction, sql in zip(Direction, file, strict=True)
                ],
                pending=pending,
            )
            for file in files
        ]


SERVERS = ["mysql_url", "clickhouse_url"]


@pytest.mark.parametrize("fixture", SERVERS)
def test_the_server_names_the_place_of_a_syntax_error_and_executes_nothing(
    fixture: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    target = target_of(request.getfixturevalue(fixture), tmp_path)
    bad = "CREATE TABLE made (id INT);\nSELECT 1\n  FROM WHERE 2;"
    (answer,) = ask(target, (bad, "DROP TABLE made;"))
    assert answer.source == ("mysql server" if fixture == "mysql_url" else "clickhouse server")
    (refusal,) = answer.refusals
    assert refusal.start == bad.index("SELECT") and refusal.offset is not None
    assert bad[refusal.start + refusal.offset :].startswith(("FROM", "WHERE", "2")), refusal
    assert engine_for_url(target.url).catalog(target).tables == []


@pytest.mark.parametrize("fixture", SERVERS)
def test_what_a_server_takes_is_not_refused(
    fixture: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    target = target_of(request.getfixturevalue(fixture), tmp_path)
    if fixture == "mysql_url":
        good = (
            "CREATE TABLE a (id INT PRIMARY KEY, n VARCHAR(20)) ENGINE=InnoDB;\n"
            "ALTER TABLE a ADD COLUMN m INT NOT NULL DEFAULT 0, ALGORITHM=INPLACE, LOCK=NONE;\n"
            "INSERT INTO a (id, n) VALUES (1, 'x;--');\nINSERT INTO a (id, n) VALUES (2, 'it''s');\n"
            "/*!40101 SET NAMES utf8mb4 */;\nCREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW SET NEW.n = 'a';"
        )
    else:
        good = (
            "CREATE TABLE a (id UInt64, n String) ENGINE = MergeTree ORDER BY id;\n"
            "ALTER TABLE a ADD COLUMN m Nullable(Int32) AFTER n;\nINSERT INTO a (id, n) VALUES (1, 'x;--');\n"
            "ALTER TABLE a UPDATE n = 'b' WHERE id = 1;\nCREATE MATERIALIZED VIEW v TO a AS SELECT id, n FROM a;"
        )
    (answer,) = ask(target, (good, "DROP TABLE a;"))
    assert answer.refusals == () and answer.asked >= 5, answer


def test_mysql_names_a_missing_table_only_where_nothing_pending_can_have_made_it(
    mysql_url: str, tmp_path: Path
) -> None:
    first, later = ask(
        target_of(mysql_url, tmp_path),
        ("UPDATE nowhere SET a = 1 WHERE b = 2;\nCREATE TABLE t (a INT);\nINSERT INTO u (a) VALUES (1);", ""),
        ("INSERT INTO t (a) VALUES (1);", ""),
    )
    assert [one.message for one in first.refusals] and "nowhere" in first.refusals[0].message
    assert len(first.refusals) == 1 and later.refusals == ()


def sqlite_with(tmp_path: Path, sql: str) -> Target:
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(tmp_path / "shop.db")) as database:
        database.executescript(sql)
    return target_of(f"sqlite:{(tmp_path / 'shop.db').as_posix()}", tmp_path)


def test_sqlite_tries_a_file_on_the_schema_with_the_pending_ones_before_it(tmp_path: Path) -> None:
    target = sqlite_with(
        tmp_path, "CREATE TABLE users (id INTEGER PRIMARY KEY); INSERT INTO users VALUES (1);"
    )
    before = (tmp_path / "shop.db").read_bytes()
    first, second, third = ask(
        target,
        ("ALTER TABLE users ADD COLUMN age INT;", "ALTER TABLE users DROP COLUMN age;"),
        ("CREATE INDEX i ON users (age);", "DROP INDEX i;"),
        ("UPDATE users SET name = 'a' WHERE age = 1;", "DROP INDEX i;\nDROP INDEX j;"),
    )
    assert first.refusals == second.refusals == () and first.unknown is None
    assert [one.message for one in third.refusals] == ["No such column: name", "No such index: j"]
    assert (tmp_path / "shop.db").read_bytes() == before


def test_sqlite_stops_judging_names_after_what_fails_and_says_so(tmp_path: Path) -> None:
    target = sqlite_with(tmp_path, "CREATE TABLE users (id INTEGER PRIMARY KEY);")
    first, second = ask(
        target, ("CREATE INDEX i ON nowhere (a);", ""), ("SELECT a FROM t;\nSELEC 1;\nCREATE TABLE (a);", "")
    )
    assert [one.message for one in first.refusals] == ["No such table: main.nowhere"]
    assert [one.message for one in second.refusals] == [
        'Near "SELEC": syntax error',
        'Near "(": syntax error',
    ]
    assert second.unknown is not None and "not checked" in second.unknown


def test_sqlite_touches_no_disk_and_forgives_what_it_may_not_do(tmp_path: Path) -> None:
    target = sqlite_with(tmp_path, "CREATE TABLE users (id INTEGER PRIMARY KEY);")
    aside = (tmp_path / "aside.db").as_posix()
    (answer,) = ask(
        target,
        (
            f"ATTACH '{aside}' AS e;\nCREATE TABLE e.t (a);\nVACUUM INTO '{aside}2';\n"
            f"PRAGMA temp_store_directory = '{tmp_path.as_posix()}';\nSELECT load_extension('x');",
            "",
        ),
    )
    assert answer.refusals == () and answer.unknown is not None
    assert sorted(path.name for path in tmp_path.iterdir()) == ["shop.db"]


def test_sqlite_ends_a_statement_that_never_ends(tmp_path: Path) -> None:
    endless = (
        "CREATE TABLE t AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n;"
    )
    first, second = ask(sqlite_with(tmp_path, "CREATE TABLE a (b);"), (endless, ""), ("DROP TABLE t;", ""))
    assert first.refusals == second.refusals == () and second.unknown is not None


def test_of_an_applied_file_only_the_form_is_judged(tmp_path: Path) -> None:
    target = sqlite_with(tmp_path, "CREATE TABLE users (id INTEGER PRIMARY KEY);")
    (answer,) = ask(
        target, ("CREATE TABLE users (id INTEGER);\nCREATE TABL x (a);", "DROP TABLE users;"), pending=False
    )
    assert [one.message for one in answer.refusals] == ['Near "TABL": syntax error']
