"""What a run would lose: by the parsed statements and the rows that are there."""

from __future__ import annotations

import pytest

from backend.engine.registry import engine_named
from backend.models.migration import Direction
from backend.services.runs.losses import dangers_in
from tests.kit import ChannelFailed, Shop

UP, DOWN = Direction.UP, Direction.DOWN


def dangers(sql: str, direction: Direction, engine: str = "postgres") -> list[tuple[str, str | None]]:
    return [(danger.kind, danger.table) for danger in dangers_in(engine_named(engine), sql, direction)]


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("DROP TABLE users;", [("drop_table", "users")]),
        ('drop table if exists "Users" cascade;', [("drop_table", "Users")]),
        ("DROP TABLE a, b;", [("drop_table", "a"), ("drop_table", "b")]),
        ("ALTER TABLE users DROP COLUMN name;", [("drop_column", "users")]),
        ("ALTER TABLE users\n  -- the name\n  DROP name;", [("drop_column", "users")]),
        (
            "ALTER TABLE users DROP name, ADD COLUMN drop_it int, DROP CONSTRAINT c;",
            [("drop_column", "users")],
        ),
        ("ALTER TABLE users ADD COLUMN x int, DROP CONSTRAINT c, DROP y;", [("drop_column", "users")]),
        ('ALTER TABLE "drop" ADD COLUMN "drop" int;', []),
        ("DELETE FROM users WHERE id > 3;", [("delete", "users")]),
        (
            "WITH gone AS (DELETE FROM users RETURNING *) INSERT INTO old SELECT * FROM gone;",
            [("delete", "users")],
        ),
        ("MERGE INTO users u USING gone g ON u.id = g.id WHEN MATCHED THEN DELETE;", [("delete", "users")]),
        ("TRUNCATE users;", [("truncate", "users")]),
        ("DROP SCHEMA shop CASCADE;", [("drop_all", None)]),
        ("-- DROP TABLE users;\nCREATE TABLE a (id int);", []),
        ("INSERT INTO log VALUES ('DROP TABLE users; DELETE FROM users');", []),
        ("CREATE FUNCTION f() RETURNS void AS $x$ DELETE FROM users; $x$ LANGUAGE sql;", []),
        ("CREATE INDEX i ON users (id);", []),
        ("DROP INDEX users_name;", []),
        ("DROP VIEW v;", []),
        ("ALTER TABLE users DROP CONSTRAINT users_name_key;", []),
        ("UPDATE users SET name = 'x';", []),
    ],
)
def test_applying_asks_for_what_takes_rows_away(sql: str, expected: list[tuple[str, str | None]]) -> None:
    assert dangers(sql, UP) == expected


@pytest.mark.parametrize(
    ("engine", "sql", "expected"),
    [
        ("mysql", "ALTER TABLE `users` DROP `name`, DROP INDEX `i`;", [("drop_column", "users")]),
        ("mysql", "DROP TABLE IF EXISTS `a`, shop.`b`;", [("drop_table", "a"), ("drop_table", "shop.b")]),
        ("mysql", "CREATE OR REPLACE TABLE users (id int);", [("drop_table", "users")]),
        ("mysql", "ALTER TABLE log DROP PARTITION p2019;", [("drop_table", "log")]),
        ("mysql", "ALTER TABLE log TRUNCATE PARTITION p2019;", [("truncate", "log")]),
        ("mysql", "ALTER TABLE users DROP PRIMARY KEY, DROP FOREIGN KEY f;", []),
        ("clickhouse", "ALTER TABLE users DELETE WHERE id = 3;", [("delete", "users")]),
        (
            "clickhouse",
            "ALTER TABLE users CLEAR COLUMN name IN PARTITION '2019';",
            [("drop_column", "users")],
        ),
        ("clickhouse", "ALTER TABLE users DROP PARTITION '2019';", [("drop_table", "users")]),
        ("sqlite", "ALTER TABLE users DROP name;", [("drop_column", "users")]),
    ],
)
def test_each_dialects_own_ways_of_losing_rows_are_known(
    engine: str, sql: str, expected: list[tuple[str, str | None]]
) -> None:
    assert dangers(sql, UP, engine) == expected


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("UPDATE users SET name = 'x';", [("overwrite", "users")]),
        ("ALTER TABLE users ALTER COLUMN age TYPE smallint;", [("retype", "users")]),
        ("CREATE TABLE users (id int);", []),
        ("SELECT 1;", []),
        ("DO $$ BEGIN EXECUTE 'DROP TABLE users'; END $$;", [("unknown", None)]),
        ("CALL clean_up();", [("unknown", None)]),
    ],
)
def test_rolling_back_asks_also_for_what_nobody_understands(
    sql: str, expected: list[tuple[str, str | None]]
) -> None:
    assert dangers(sql, DOWN) == expected


def test_an_empty_table_is_no_loss_and_a_full_one_is_counted(sqlite_shop: Shop) -> None:
    sqlite_shop.new("users", "CREATE TABLE users (id INTEGER);", "DROP TABLE users;")
    sqlite_shop.up()
    assert sqlite_shop.call("migration:down")["ok"]
    sqlite_shop.new("rows", "INSERT INTO users VALUES (1), (2), (3);", "DELETE FROM users WHERE id > 1;")
    sqlite_shop.up()
    with pytest.raises(ChannelFailed) as asked:
        sqlite_shop.call("migration:down", count=2)
    assert asked.value.details["losses"] == [
        "2 rows of users are deleted, of 3 rows.",
        "Table users is dropped with 3 rows.",
    ]
    assert sqlite_shop.status()["applied"] == 2


def test_of_a_column_its_values_are_counted_and_one_without_is_no_loss(sqlite_shop: Shop) -> None:
    sqlite_shop.new(
        "users",
        "CREATE TABLE users (id INTEGER, nick TEXT, never TEXT);\nINSERT INTO users VALUES (1, 'a', NULL), (2, NULL, NULL);",
        "DROP TABLE users;",
    )
    sqlite_shop.up()
    sqlite_shop.new(
        "two columns", "ALTER TABLE users DROP COLUMN never;\nALTER TABLE users DROP COLUMN nick;", "-- none"
    )
    with pytest.raises(ChannelFailed) as asked:
        sqlite_shop.call("migration:up")
    assert asked.value.details["losses"] == [
        "Column users.nick is dropped with 1 value; the table has 2 rows."
    ]
