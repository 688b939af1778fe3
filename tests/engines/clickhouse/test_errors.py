"""dbmate's words about failures, as recorded (fixtures/dbmate) and as they come from the server now."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend.core.errors import (
    AppError,
    AuthenticationFailed,
    ConnectionFailed,
    ConstraintViolation,
    DatabaseMissing,
    SqlFailed,
    SyntaxProblem,
    TimedOut,
)
from backend.engine.target import FailedBlock
from backend.engines.clickhouse import ENGINE
from tests.engines.sqlite.project import Project

RECORDED = Path(__file__).parent / "fixtures" / "dbmate"


@pytest.mark.parametrize(
    ("name", "kind", "words"),
    [
        ("several_statements", SyntaxProblem, "one statement at a time"),
        ("syntax", SyntaxProblem, "failed at position"),
        ("empty", SyntaxProblem, "no statement"),
        ("comment_only", SyntaxProblem, "no statement"),
        ("exists", SqlFailed, "Table shop.schema_migrations already exists."),
        ("identifier", SqlFailed, "Unknown expression identifier `nope`"),
        ("unknown_table", SqlFailed, "Table shop.nope does not exist"),
        ("unknown_type", SqlFailed, "Maybe you meant: ['String']."),
        ("unknown_function", SqlFailed, "Function with name `fooo` does not exist"),
        ("constraint", ConstraintViolation, "Constraint `positive`"),
        ("timeout", TimedOut, "Timeout exceeded"),
        ("transaction", SqlFailed, "Transactions are not supported."),
        ("memory", SqlFailed, "memory limit exceeded"),
        ("wrong_password", AuthenticationFailed, "does not accept"),
        ("missing_database", DatabaseMissing, "Database nodb does not exist."),
        ("refused", ConnectionFailed, "could not talk"),
        ("refused_http", ConnectionFailed, "could not talk"),
        ("wrong_protocol", ConnectionFailed, "could not talk"),
    ],
)
def test_a_recorded_failure_is_explained(name: str, kind: type[AppError], words: str) -> None:
    said = (RECORDED / f"{name}.txt").read_text()
    error = ENGINE.explain_failure(FailedBlock(said, "-- migrate:up\nSELECT 1\n"))
    assert type(error) is kind
    if "failed at position" not in words:
        assert words in error.message
    shown = f"{error.message} {error.hint} {error.details}"
    assert (
        "(version" not in shown
        and "HTTP 4" not in shown
        and "127.0.0.1:" not in shown
        and "secret" not in shown
    )


def test_the_native_drivers_wording_is_understood() -> None:
    said = "Error: code: 57, message: Table shop.t already exists"
    error = ENGINE.explain_failure(
        FailedBlock(said, "-- migrate:up\n\nCREATE TABLE t (a Int8) ENGINE = Memory\n")
    )
    assert (error.message, error.details["errno"], error.details["line"]) == (
        "Table shop.t already exists.",
        57,
        3,
    )


def test_line_and_column_are_those_of_the_block(shop: Project) -> None:
    error = ENGINE.explain_failure(
        shop.failure("1_x.sql", "\nCREATE TABLE a (\n  x Int8,\n  y Strin g\n) ENGINE = Memory")
    )
    assert type(error) is SyntaxProblem
    # The directive is line 1.
    assert (error.details["line"], error.details["column"]) == (5, 11)
    assert "Expected one of" not in error.message


def test_without_a_position_the_line_of_the_only_statement_is_told(shop: Project) -> None:
    error = ENGINE.explain_failure(shop.failure("1_x.sql", "\n\n-- wrong\nSELECT nope FROM system.one"))
    assert error.details["line"] == 5
    assert error.details["error_name"] == "UNKNOWN_IDENTIFIER"


def test_no_words_at_all_are_still_an_answer() -> None:
    assert isinstance(ENGINE.explain_failure(FailedBlock("")), SqlFailed)
    odd = ENGINE.explain_failure(FailedBlock("Error: something at clickhouse://u:secret@h/db happened"))
    assert "secret" not in odd.message


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("CREATE TABLE a (x Int8) ENGINE = Memory;\nDROP TABLE b;", "2 statements"),
        ("-- only a comment\n", "no statement"),
        ("ALTER TABLE t UPDATE a = 1 WHERE b = ';'", "in the background"),
        ("ALTER TABLE t\n  DELETE WHERE id = 1", "in the background"),
        ("BEGIN TRANSACTION", "no transactions"),
        ("CREATE MATERIALIZED VIEW v ENGINE = Memory POPULATE AS SELECT 1", "POPULATE"),
    ],
)
def test_a_block_that_will_trip_is_warned_about(sql: str, words: str) -> None:
    [warning] = ENGINE.block_warnings(sql, transaction=True)
    assert words in warning


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TABLE a (x String DEFAULT 'a;b') ENGINE = Memory;",
        "ALTER TABLE t UPDATE a = 1 WHERE 1 SETTINGS mutations_sync = 1",
        "ALTER TABLE t ADD COLUMN `UPDATE x WHERE` Int8",
        "INSERT INTO t SELECT 'ALTER TABLE t DELETE WHERE 1'",
    ],
)
def test_a_good_block_is_not_warned_about(sql: str) -> None:
    assert ENGINE.block_warnings(sql, transaction=True) == []
