"""Failures of the real dbmate on SQLite, explained; dbmate gives no position, so the engine looks for it."""

from __future__ import annotations

import pytest

from backend.core.errors import AppError
from backend.engine.target import FailedBlock
from backend.engines.sqlite import ENGINE
from tests.engines.sqlite.project import Project


@pytest.mark.parametrize(
    ("up", "code", "says", "place"),
    [
        ("CREATE TABLE a (id int);\nCREATE TABLE b (id int,\n  CONSTRAINT);\n", "syntax_error", 'near ")"', (4, 13)),
        ("SELECT 'FORM';\nSELECT * FORM t;\nSELECT 1;", "syntax_error", "syntax error", (3, None)),
        ("INSERT INTO b (x) VALUES (1) VALUES;", "syntax_error", "syntax error", (2, 30)),
        ("SELECT 1;\nCREATE TABLE a (id int", "syntax_error", "incomplete input", (3, None)),
        ("SELECT 1;\nSELECT 'open;", "syntax_error", "unrecognized token", (3, 8)),
        ("CREATE TABLE users (id int);", "migration_failed", "table users already exists", (2, None)),
        ("SELECT 1;\nALTER TABLE users ADD COLUMN id int;", "migration_failed", "duplicate column name: id", (3, None)),
        ("SELECT 1;\nINSERT INTO users VALUES (1);", "constraint_violation", "UNIQUE constraint failed", (3, None)),
        ("SELECT 1;\nDROP TABLE nope; -- nope", "migration_failed", "no such table: nope", (3, None)),
        ("SELECT 1;\nSELECT nope FROM users;", "migration_failed", "no such column: nope", (3, None)),
        ("VACUUM;", "migration_failed", "VACUUM", (2, None)),
        ("BEGIN;", "migration_failed", "within a transaction", (2, None)),
    ],
)  # fmt: skip
def test_a_failure_is_explained_with_its_line(
    shop: Project, up: str, code: str, says: str, place: tuple[int, int | None]
) -> None:
    shop.write("1_users.sql", "CREATE TABLE users (id int PRIMARY KEY);\nINSERT INTO users VALUES (1);")
    assert shop.up().returncode == 0
    error = ENGINE.explain_failure(shop.failure("2_bad.sql", up))
    assert error.code == code and says.lower() in error.message.lower()
    line, column = place
    assert error.details.get("line") == line
    assert column is None or error.details.get("column") == column
    assert shop.applied() == ["1"]


def test_a_line_is_not_guessed_where_two_statements_could_be_meant() -> None:
    failure = FailedBlock(
        "Error: no such table: t", "-- migrate:up\nINSERT INTO t VALUES (1);\nDELETE FROM t;\n"
    )
    assert "line" not in ENGINE.explain_failure(failure).details


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Error: database is locked", "lock_timeout"),
        ("Error: file is not a database", "connection_failed"),
        ("Error: unable to open database file: no such file or directory", "connection_failed"),
        ("Error: database or disk is full", "disk_full"),
        ("Error: attempt to write a readonly database", "permission_denied"),
        ("Error: FOREIGN KEY constraint failed", "constraint_violation"),
        ("Error: something new", "migration_failed"),
    ],
)
def test_a_failure_of_the_file_has_its_own_code(text: str, code: str) -> None:
    error = ENGINE.explain_failure(FailedBlock(text, "-- migrate:up\nSELECT 1;\nSELECT 2;\n"))
    assert isinstance(error, AppError) and error.code == code and error.message.endswith(".")


@pytest.mark.parametrize(
    ("sql", "transaction", "word"),
    [
        ("PRAGMA foreign_keys = OFF;", True, "foreign_keys"),
        ("pragma foreign_keys(0);", True, "foreign_keys"),
        ("PRAGMA main.journal_mode=WAL;", True, "journal_mode"),
        ("VACUUM;", True, "VACUUM"),
        ("BEGIN; SELECT 1;", True, "BEGIN"),
        ("INSERT INTO t VALUES (1); COMMIT;", True, "COMMIT"),
        ("ATTACH 'x.db' AS x;", True, "ATTACH"),
        ("CREATE TABLE n (a); DROP TABLE t; ALTER TABLE n RENAME TO t;", True, "rebuilds the table t"),
        ("CREATE TABLE n (a); DROP TABLE t; ALTER TABLE n RENAME TO t;", False, "rebuilds the table t"),
    ],
)
def test_a_block_sqlite_trips_over_is_warned_about(sql: str, transaction: bool, word: str) -> None:
    assert any(word in warning for warning in ENGINE.block_warnings(sql, transaction=transaction))


@pytest.mark.parametrize(
    ("sql", "transaction"),
    [
        ("PRAGMA foreign_keys = OFF; VACUUM; PRAGMA journal_mode=WAL;", False),
        ("PRAGMA foreign_key_check; PRAGMA foreign_keys;", True),
        ("SELECT 'VACUUM; COMMIT'; -- PRAGMA foreign_keys=off\n/* VACUUM; */", True),
        ("PRAGMA foreign_keys=off; CREATE TABLE n (a); DROP TABLE t; ALTER TABLE n RENAME TO t;", False),
        ("CREATE TRIGGER x AFTER INSERT ON t BEGIN SELECT 1; END;", True),
    ],
)
def test_a_good_block_is_not_warned_about(sql: str, transaction: bool) -> None:
    assert ENGINE.block_warnings(sql, transaction=transaction) == []
