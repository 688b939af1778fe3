"""MariaDB described: everything of a table is there, as information_schema has it."""

from __future__ import annotations

import secrets
from pathlib import Path

import pytest

from backend.engines.mysql import ENGINE
from backend.engines.mysql.url import parse
from tests.engines.mysql.helpers import run
from tests.engines.sqlite.project import Project

SCHEMA = [
    "CREATE TABLE `odd.na``me` (`a b` INT PRIMARY KEY) ENGINE=InnoDB ROW_FORMAT=DYNAMIC",
    """CREATE TABLE users (
        id BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY,
        mail VARCHAR(80) CHARACTER SET latin1 NOT NULL COMMENT 'where; to write',
        age INT DEFAULT 5,
        note TEXT DEFAULT NULL,
        twice INT AS (age * 2) STORED,
        half INT AS (age / 2) VIRTUAL,
        hidden INT INVISIBLE,
        changed TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
        odd INT,
        UNIQUE KEY by_mail (mail(20), age),
        KEY by_age (age DESC),
        FULLTEXT KEY words (note),
        CONSTRAINT to_odd FOREIGN KEY (odd) REFERENCES `odd.na``me` (`a b`) ON UPDATE CASCADE ON DELETE SET NULL,
        CONSTRAINT grown CHECK (age > 0)
    ) COMMENT 'People <b>we</b> know' DEFAULT CHARSET utf8mb4""",
    "CREATE TABLE events (at DATE NOT NULL) PARTITION BY RANGE (YEAR(at)) "
    "(PARTITION p1 VALUES LESS THAN (2026), PARTITION p2 VALUES LESS THAN MAXVALUE)",
    "CREATE VIEW grown_ups AS SELECT id FROM users WHERE age > 17",
    "CREATE TABLE gone (a INT)",
    "CREATE VIEW broken AS SELECT a FROM gone",
    "DROP TABLE gone",
    "CREATE TRIGGER touched BEFORE INSERT ON users FOR EACH ROW SET NEW.age = 1",
    "CREATE FUNCTION one() RETURNS INT DETERMINISTIC RETURN 1",
    "CREATE PROCEDURE two() SELECT 1",
    "CREATE SEQUENCE tickets",
    "CREATE TABLE schema_migrations (version VARCHAR(128) PRIMARY KEY)",
]


@pytest.fixture
def shop(mysql_url: str, tmp_path: Path) -> Project:
    project = Project(tmp_path, mysql_url, ENGINE)
    run(project, *SCHEMA)
    return project


def test_a_table_has_its_columns_keys_indexes_and_all_that_belongs_to_it(shop: Project) -> None:
    detail = ENGINE.describe(shop.target)
    assert detail.problems == []
    tables = {one.id: one for one in detail.tables}
    assert set(tables) == {r"odd\.na`me", "users", "events", "grown_ups", "broken"}
    users = tables["users"]
    columns = {one.name: one for one in users.columns}
    assert users.comment == "People <b>we</b> know"
    assert (columns["id"].type, columns["id"].identity) == ("bigint(20) unsigned", "auto_increment")
    assert columns["mail"].comment == "where; to write"
    assert columns["mail"].collation is not None and columns["mail"].collation.startswith("latin1")
    assert (columns["note"].default, columns["age"].default, columns["note"].collation) == (None, "5", None)
    assert columns["twice"].generated is not None and columns["twice"].notes == ["stored"]
    assert columns["half"].notes == ["virtual"]
    assert columns["hidden"].notes == ["invisible"]
    assert columns["changed"].notes == ["on update current_timestamp()"]
    assert users.primary_key is not None and users.primary_key.columns == ["id"]
    assert [(one.name, one.columns) for one in users.uniques] == [("by_mail", ["mail(20)", "age"])]
    assert [(one.name, one.definition) for one in users.checks] == [("grown", "CHECK (`age` > 0)")]
    key = users.foreign_keys[0]
    assert (key.name, key.columns, key.table, key.to_columns) == ("to_odd", ["odd"], r"odd\.na`me", ["a b"])
    assert (key.on_update, key.on_delete) == ("CASCADE", "SET NULL")
    indexes = {one.name: one for one in users.indexes}
    assert indexes["by_age"].columns == ["age DESC"]
    assert indexes["words"].method == "fulltext"
    assert (users.triggers[0].name, users.triggers[0].when) == ("touched", "BEFORE INSERT")
    assert {one.name for one in users.properties} >= {"engine", "row format", "collation"}


def test_partitions_views_and_other_objects_are_told_apart(shop: Project) -> None:
    detail = ENGINE.describe(shop.target)
    tables = {one.id: one for one in detail.tables}
    assert tables["events"].partition_by == "RANGE (year(`at`))"
    assert tables["events"].children == ["p1: 2026", "p2: MAXVALUE"]
    assert tables["grown_ups"].kind == "view" and "17" in (tables["grown_ups"].definition or "")
    assert tables["broken"].problem is not None
    assert {(one.kind, one.name) for one in detail.objects} == {
        ("function", "one"),
        ("procedure", "two"),
        ("sequence", "tickets"),
    }


def test_named_tables_come_alone_and_what_is_not_there_is_said(shop: Project) -> None:
    detail = ENGINE.describe(shop.target, [r"odd\.na`me", "nothing"])
    assert ([one.id for one in detail.tables], detail.missing) == ([r"odd\.na`me"], ["nothing"])
    assert ENGINE.describe(shop.target, []).tables == []


def test_the_outline_knows_the_same_tables_and_relations(shop: Project) -> None:
    outline = ENGINE.outline(shop.target)
    assert [one.id for one in outline.tables] == [one.id for one in ENGINE.describe(shop.target).tables]
    assert [(one.table, one.to_table) for one in outline.relations] == [("users", r"odd\.na`me")]


def test_the_statements_of_a_table_are_the_servers_own(shop: Project) -> None:
    text = ENGINE.table_ddl(shop.target, "users").text
    assert ("CREATE TABLE `users`" in text and "TRIGGER `touched`" in text) or "TRIGGER touched" in text
    assert ENGINE.table_ddl(shop.target, "grown_ups").source == "SHOW CREATE VIEW"
    assert "`odd.na``me`" in ENGINE.table_ddl(shop.target, r"odd\.na`me").text


def test_a_user_who_may_see_one_table_is_shown_that_one(shop: Project) -> None:
    name, database = f"u{secrets.token_hex(4)}", parse(shop.url).database
    run(
        shop,
        f"CREATE USER {name}@'%' IDENTIFIED BY 'secret'",
        f"GRANT SELECT ON `{database}`.users TO {name}@'%'",
        f"GRANT SELECT ON `{database}`.grown_ups TO {name}@'%'",
    )
    try:
        fields = {**ENGINE.split_url(shop.url), "user": name, "password": "secret"}
        detail = ENGINE.describe(shop.with_(url=ENGINE.build_url(fields)).target)
    finally:
        run(shop, f"DROP USER {name}@'%'")
    tables = {one.id: one for one in detail.tables}
    assert set(tables) == {"users", "grown_ups"}
    assert tables["users"].columns
    assert "SHOW VIEW" in (tables["grown_ups"].problem or "")
