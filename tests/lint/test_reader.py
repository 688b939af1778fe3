"""The shared reader: what each dialect's statements do, read from tokens."""

from __future__ import annotations

import pytest

from backend.engine.lint import ops
from backend.engine.lint.ops import Name
from backend.engine.lint.source import Half
from backend.engine.sqlrules.reader import parse_sqlglot, read_half, read_statement
from backend.models.migration import Direction


def read(sql: str, dialect: str = "mysql") -> list[ops.Op]:
    statement = read_statement(sql, 0, dialect)
    assert statement.problem is None, statement.problem
    return list(statement.ops)


def test_mysql_reads_every_action_of_an_alter_table() -> None:
    found = read(
        "ALTER TABLE `a`.b ADD COLUMN c INT NOT NULL DEFAULT 0 AFTER x, DROP d, MODIFY e ENUM('a','B, C') NOT NULL,\n"
        "-- , DROP z\n CHANGE f g BIGINT UNSIGNED, ADD UNIQUE KEY u (c), DROP FOREIGN KEY fk, RENAME TO z, LOCK=NONE"
    )
    assert [type(one).__name__ for one in found] == [
        "AddColumn", "DropColumn", "AlterColumnType", "Rename", "AlterColumnType", "AddConstraint", "DropConstraint",
        "Rename", "AlterOther",
    ]  # fmt: skip
    add, _, modify, _, change, *_ = found
    assert isinstance(add, ops.AddColumn) and add.table == Name("b", "a")
    assert (add.column.name, add.column.type, add.column.not_null, add.column.default) == (
        "c",
        "int",
        True,
        "0",
    )
    assert isinstance(modify, ops.AlterColumnType) and modify.type == "enum('a','B, C')"
    assert isinstance(change, ops.AlterColumnType) and change.type == "bigint unsigned"


@pytest.mark.parametrize(
    ("dialect", "sql", "name"),
    [
        ("bigquery", "DROP TABLE `p-1.d.t`", Name("t", "d")),
        ("bigquery", "DROP TABLE p-1.d.t", Name("t", "d")),
        ("clickhouse", "DROP TABLE db.t ON CLUSTER c SYNC", Name("t", "db")),
        ("sqlite", 'DROP TABLE IF EXISTS [a b]."c""d"', Name('c"d', "a b")),
        ("mysql", "DROP TABLE /* x */ IF EXISTS `T`", Name("T")),
    ],
)
def test_names_are_read_as_each_dialect_writes_them(dialect: str, sql: str, name: Name) -> None:
    (found,) = read(sql, dialect)
    assert isinstance(found, ops.Drop) and found.name == name


@pytest.mark.parametrize(
    ("sql", "has_where"),
    [
        ("UPDATE t SET a = 1", False),
        ("UPDATE t SET a = (SELECT b FROM u WHERE u.id = 1)", False),
        ("UPDATE t SET a = 1 WHERE b = 2", True),
        ("UPDATE t SET a = ' WHERE ' -- WHERE b", False),
        ("DELETE FROM t WHERE 1 = 1", False),
        ("DELETE FROM t WHERE (true)", False),
        ("WITH x AS (SELECT 1 WHERE true) DELETE FROM t WHERE id IN (SELECT * FROM x)", True),
    ],
)
def test_a_where_counts_only_where_it_chooses(sql: str, has_where: bool) -> None:
    found = read(sql, "sqlite")[0]
    assert isinstance(found, ops.Update | ops.Delete) and found.has_where is has_where


def test_rows_of_an_insert_are_counted_and_a_long_one_is_not_read_through() -> None:
    (few,) = read("INSERT INTO t (a, b) VALUES (1, (2)), (3, ')(') ON DUPLICATE KEY UPDATE a = 1")
    assert isinstance(few, ops.Insert) and (few.rows, few.columns, few.tolerant) == (2, ("a", "b"), True)
    (many,) = read("INSERT INTO t VALUES " + ",".join(f"({i}, 'x')" for i in range(20_000)))
    assert isinstance(many, ops.Insert) and many.rows is None and many.columns is None


def test_a_clickhouse_table_keeps_its_options() -> None:
    (table,) = read(
        "CREATE TABLE db.t ON CLUSTER c (id UInt64 CODEC(ZSTD(1)), tags Array(Nullable(String)) DEFAULT [],"
        " INDEX i id TYPE minmax)"
        " ENGINE = ReplacingMergeTree(v) PARTITION BY toYYYYMM(at) ORDER BY (id, tags) SETTINGS x = 1",
        "clickhouse",
    )[:1]
    assert isinstance(table, ops.CreateTable)
    assert [(one.name, one.type) for one in table.columns] == [
        ("id", "uint64"),
        ("tags", "array(nullable(string))"),
    ]
    assert table.options["engine"] == "ReplacingMergeTree" and table.options["order by"] == "(id, tags)"


def test_a_trigger_with_a_body_is_one_statement() -> None:
    half = Half(
        Direction.UP,
        "CREATE TRIGGER tr AFTER INSERT ON t BEGIN DELETE FROM t; UPDATE t SET a = 1; END;\nSELECT 1;",
        0,
    )
    first, second = read_half(half, dialect="sqlite")
    assert [type(one).__name__ for one in first.ops] == ["CreateObject"] and second.keyword == "SELECT"


@pytest.mark.parametrize(
    "sql",
    [
        "ALTER TABEL t",
        "CREATE TABLE t (a int,, b int)",
        "CREATE TABLE t (a int",
        "ALTER TABLE t",
        "FOO BAR",
        "DROP",
        "CREATE",
    ],
)
@pytest.mark.parametrize("dialect", ["mysql", "sqlite", "clickhouse", "bigquery"])
def test_what_is_not_understood_is_said_so(sql: str, dialect: str) -> None:
    problem = read_statement(sql, 0, dialect).problem
    assert problem is not None and not problem.certain
    assert problem.offset is None or 0 <= problem.offset <= len(sql)


def test_sqlglot_is_at_hand_for_a_rule_that_needs_a_tree() -> None:
    assert parse_sqlglot("SELECT 1", "mysql") is not None
    assert parse_sqlglot("SELECT FROM WHERE (", "mysql") is None
