# ruff: noqa: E501 (tables of cases)
"""What the text alone gives: hostile text never raises, bad cases of the readers, the channel's answer."""

from __future__ import annotations

import logging
import random

import pytest

from backend.engine.undo.generate import generate
from backend.engine.undo.registry import undo_of
from backend.models.connection import EngineName
from tests.kit import ChannelFailed, Toolkit

ENGINES = list(EngineName)
HOSTILE = [
    "", ";", ";;;", "'", '"', "`", "$$", "$a$ ' $b$", "/*", "--", "CREATE", "CREATE TABLE", "CREATE TABLE (", "ALTER TABLE t",
    "ALTER TABLE t ADD", "ALTER TABLE t DROP,", "DROP TABLE ,", "INSERT INTO", "INSERT INTO t VALUES", "INSERT INTO t VALUES (", "RENAME TABLE a",
    "ALTER TABLE t RENAME", "CREATE INDEX ON", "GRANT", "GRANT TO", "REVOKE a FROM", "\x00", "\ud800", "\u2028 DROP TABLE t", "{" * 300, "(" * 3000,
    "create table " + "x" * 5000 + "(a int)", "await db", "await db.collection()", "db.collection('a').createIndex()", "await db.command()",
    "await db.command({})", "}; process.exit(1); {", "await db.collection('a').updateMany({}, [{ $set: { a: 1 } }])", "`${`${`", "EXCHANGE", "PRAGMA",
    "ALTER TABLE t ALTER c", "ALTER TYPE", "COMMENT ON", "ALTER TABLE t ADD CONSTRAINT", "CREATE TRIGGER", "CREATE FUNCTION f(", "SELECT",
]  # fmt: skip
WORDS = [
    "CREATE",
    "ALTER",
    "DROP",
    "TABLE",
    "INDEX",
    "t",
    "a",
    "b",
    "(",
    ")",
    ",",
    ";",
    "'",
    '"',
    "`",
    "$$",
    "$x$",
    "--",
    "/*",
    "*/",
    "#",
    "\n",
    "ADD",
    "COLUMN",
    "RENAME",
    "TO",
    "int",
    "NOT",
    "NULL",
    "DEFAULT",
    "1",
    "INSERT",
    "INTO",
    "VALUES",
    "await",
    "db",
    ".collection('a')",
    ".createIndex({a:1})",
    "{",
    "}",
    "MODIFY",
    "CHANGE",
    "CONSTRAINT",
    "c",
    "UNIQUE",
    "CHECK",
    "(a>0)",
    "VIEW",
    "AS",
    "SELECT",
    "FROM",
    "ON",
    "CLUSTER",
    "GRANT",
    "TRIGGER",
]


@pytest.mark.parametrize("engine", ENGINES)
def test_hostile_text_never_raises(engine: EngineName, caplog: pytest.LogCaptureFixture) -> None:
    chance = random.Random(7)
    texts = HOSTILE + [" ".join(chance.choices(WORDS, k=chance.randint(1, 14))) for _ in range(150)]
    caplog.set_level(logging.ERROR, "backend.engine.undo")
    for text in texts:
        found = generate(undo_of(engine), text, None, transaction=True)
        assert len(found.steps) == len(found.steps), text
        assert found.complete or "Cannot be undone" in found.text, text
        assert not any(line.startswith("-- migrate:") for line in found.text.splitlines())
    # What nobody thought of becomes a comment, and a line in the log: there is none.
    assert [record.getMessage() for record in caplog.records] == []


@pytest.mark.parametrize("engine", [one for one in ENGINES if one is not EngineName.MONGODB])
def test_a_directive_in_a_statement_does_not_reach_the_file(engine: EngineName) -> None:
    up = 'DROP TABLE t -- x\n-- migrate:down\n; CREATE TABLE "a\n-- migrate:up\n" (a int);'
    found = generate(undo_of(engine), up, None, transaction=True)
    assert not any(line.startswith("-- migrate:") for line in found.text.splitlines())


def test_the_steps_say_where_and_why(toolkit: Toolkit) -> None:
    up = "-- first\nCREATE TABLE t (a int);\n\nDELETE FROM old\n WHERE a = 1;\n"
    found = toolkit.call("migration:generate-down", engine="postgres", up=up)
    assert not found["complete"] and not found["used_schema"] and found["schema_problem"] is None
    assert [(one["line"], one["source"], one["down"]) for one in found["steps"]] == [
        (2, "text", "DROP TABLE t;"),
        (4, "none", None),
    ]
    assert found["down"] == (
        "-- Cannot be undone from the text: DELETE FROM old WHERE a = 1. The rows it deletes are nowhere in the text.\n"
        "DROP TABLE t;\n"
    )


def test_a_live_schema_that_has_it_already_is_not_believed(toolkit: Toolkit, sqlite_url: str) -> None:
    shop = toolkit.connect(sqlite_url)
    up = "CREATE TABLE t (a INT); DROP TABLE old;"
    shop.new("t", "CREATE TABLE t (a INT); CREATE TABLE old (b INT);", "DROP TABLE t;")
    shop.up()
    found = shop.call("migration:generate-down", up=up)
    assert found["used_schema"] is False and "t is there already" in found["schema_problem"]
    assert "CREATE TABLE old" not in found["down"] and not found["complete"]


def test_a_database_that_cannot_be_reached_leaves_the_text(toolkit: Toolkit) -> None:
    shop = toolkit.connect("postgres://nobody@127.0.0.1:9/none?sslmode=disable")
    found = shop.call("migration:generate-down", up="CREATE TABLE t (a int);")
    assert found["down"] == "DROP TABLE t;\n" and "not looked at" in found["schema_problem"]


def test_neither_connection_nor_engine_is_refused(toolkit: Toolkit) -> None:
    with pytest.raises(ChannelFailed) as failed:
        toolkit.call("migration:generate-down", up="SELECT 1")
    assert failed.value.code == "invalid_request"


def test_without_a_live_schema_what_was_there_is_a_comment(toolkit: Toolkit) -> None:
    for engine in ("postgres", "mysql", "sqlite", "clickhouse", "bigquery", "spanner"):
        found = toolkit.call(
            "migration:generate-down", engine=engine, up="DROP TABLE t; ALTER TABLE u DROP COLUMN a;"
        )
        assert [one["undone"] for one in found["steps"]] == [False, False], engine
        assert "CREATE" not in found["down"]


def test_a_concurrent_drop_among_others_is_an_ordinary_one(toolkit: Toolkit) -> None:
    up = "CREATE TABLE t (a int);\nCREATE INDEX CONCURRENTLY i ON u (a);"
    found = toolkit.call("migration:generate-down", engine="postgres", up=up, transaction=False)
    assert found["down"] == "DROP INDEX i;\nDROP TABLE t;\n" and found["transaction"] is True
