"""Failures of the real dbmate on MariaDB, explained; and what a block is warned about."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from backend.core.errors import AppError
from backend.engine.target import FailedBlock
from backend.engines.mysql import ENGINE
from tests.engines.mysql.helpers import run
from tests.engines.sqlite.project import Project

TRANSCRIPTS = json.loads((Path(__file__).parent / "fixtures" / "failures.json").read_text())

CASES = [
    ("SELECT 1;\nSELECT 2;\n\nSELECT * FORM users;\nSELECT 3;", "syntax_error", (5, 10)),
    ("\n\nSELECT * FORM users;", "syntax_error", (4, 10)),
    ("SELECT 1; SELECT\n2; SELECT * FROM\n  WHERE x;", "syntax_error", (4, 3)),
    ("SELECT 1 AS b;\nSELECT 1 AS\nb b;", "syntax_error", (4, 3)),
    ("SELECT 1 AS b;\n\n  SELECT 2 FORM users WHERE 'a much longer text' = 'that is cut off by the server';\n"
     "SELECT 2 FORM users WHERE 'a much longer text' = 'that is cut off by the server';", "syntax_error", (4, 17)),
    ("SELECT 1 AS users;\n\n" + "SELECT 2 FORM users;\n" * 10, "syntax_error", (4, 15)),
    ("SELECT 1 AS\na /* 'users;\nSELECT 2 FORM users' */;\n" + "SELECT 2 FORM users;\nSELECT 2 FORM users' */;\n" * 5,
     "syntax_error", (5, 15)),
    ("SELECT 1;\nCREATE TABLE z (id int", "syntax_error", (3, None)),
    ("DELIMITER //\nCREATE TRIGGER q BEFORE INSERT ON users FOR EACH ROW SET @x = 1//\nDELIMITER ;", "syntax_error", (2, 1)),
    ("CREATE TABLE other (id int);\nCREATE TABLE users (id int);", "migration_failed", (3, None)),
    ("SELECT 1;\nDROP TABLE nope;\nSELECT 2;", "migration_failed", (3, None)),
    ("SELECT 1;\nSELECT * FROM nope;", "migration_failed", (3, None)),
    ("SELECT 1;\nINSERT INTO users (nope) VALUES (1);", "migration_failed", (3, None)),
    ("SELECT 1;\nALTER TABLE users ADD id int;", "migration_failed", (3, None)),
    ("SELECT 1;\nINSERT INTO users VALUES (1);", "constraint_violation", (3, None)),
    ("ALTER TABLE users ADD CONSTRAINT big CHECK (id > 5);", "constraint_violation", (2, None)),
    ("INSERT INTO child VALUES (99);", "constraint_violation", (2, None)),
    ("SELECT 1;\nDROP TABLE users;\nSELECT 2;", "constraint_violation", (3, None)),
    ("SELECT * FROM nodb.t;", "migration_failed", (2, None)),
    ("SET SESSION foo = 1;", "migration_failed", None),
]  # fmt: skip


@pytest.mark.parametrize(("up", "code", "place"), CASES)
def test_a_failure_is_explained_with_its_line(
    shop: Project, up: str, code: str, place: tuple[int, int | None] | None
) -> None:
    run(shop, "CREATE TABLE users (id int PRIMARY KEY)", "INSERT INTO users VALUES (1)")
    run(shop, "CREATE TABLE child (user_id int, FOREIGN KEY (user_id) REFERENCES users (id))")
    error = ENGINE.explain_failure(shop.failure("1_bad.sql", up))
    assert error.code == code, error.message
    assert error.details["errno"] and len(error.details["sqlstate"]) == 5
    if place is not None:
        assert error.details.get("line") == place[0], error.details
        assert place[1] is None or error.details.get("column") == place[1]
    assert shop.applied() == []


@pytest.mark.parametrize("transcript", TRANSCRIPTS, ids=[one["name"] for one in TRANSCRIPTS])
def test_a_transcript_of_dbmate_is_understood(transcript: dict[str, str]) -> None:
    error = ENGINE.explain_failure(FailedBlock(transcript["stderr"], transcript.get("block", "")))
    assert error.code == transcript["code"]
    assert (
        isinstance(error, AppError) and error.message.endswith(".") and not error.message.startswith("Error")
    )


def test_delimiter_is_explained(shop: Project) -> None:
    failure = shop.failure("1_a.sql", "DELIMITER //\nCREATE PROCEDURE p() SELECT 1//\nDELIMITER ;")
    assert "DELIMITER is a command of the mysql client" in (ENGINE.explain_failure(failure).hint or "")


@pytest.mark.parametrize(
    ("sql", "word"),
    [
        ("DELIMITER //\nCREATE PROCEDURE p() BEGIN SELECT 1; END//\nDELIMITER ;", "DELIMITER"),
        ("CREATE TABLE a (id int);\nALTER TABLE b ADD c int;", "2 statements"),
        ("INSERT INTO t VALUES (1);\nCREATE INDEX i ON t (a);", "commits at the statement"),
        ("LOCK TABLES t WRITE; INSERT INTO t VALUES (1);", "UNLOCK TABLES"),
        ("USE other; CREATE TABLE t (id int);", "USE changes"),
        ("INSERT INTO t VALUES (1); COMMIT;", "end it early"),
    ],
)
def test_a_block_mysql_trips_over_is_warned_about(sql: str, word: str) -> None:
    assert any(word in warning for warning in ENGINE.block_warnings(sql, transaction=True))


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TABLE a (id int);",
        "INSERT INTO t VALUES (1); UPDATE t SET a = 'CREATE TABLE x; DROP TABLE y';",
        "-- DELIMITER //\nSELECT 1; /* LOCK TABLES t */",
        "CREATE TRIGGER q BEFORE INSERT ON t FOR EACH ROW BEGIN SET NEW.a = 1; INSERT INTO l VALUES (1); END;",
    ],
)
def test_a_good_block_is_not_warned_about(sql: str) -> None:
    assert ENGINE.block_warnings(sql, transaction=True) == []
