"""dbmate's words about failures on BigQuery: from the emulator, and as Google's API documents them."""

from __future__ import annotations

import pytest

from backend.core.errors import (
    AppError,
    AuthenticationFailed,
    ConnectionFailed,
    DatabaseMissing,
    PermissionDenied,
    SqlFailed,
    SyntaxProblem,
)
from backend.engine.target import FailedBlock
from backend.engines.bigquery import ENGINE
from tests.engines.sqlite.project import Project


@pytest.mark.parametrize(
    ("said", "kind", "words", "place"),
    [
        (
            'googleapi: Error 400: Syntax error: Expected end of input but got "x" at [3:9], invalidQuery',
            SyntaxProblem, "Expected end of input", (3, 9),
        ),
        (
            "googleapi: Error 400: Unrecognized name: nope at [2:8], invalidQuery",
            SqlFailed, "Unrecognized name: nope.", (2, 8),
        ),
        ("googleapi: Error 409: Already Exists: Table p:shop.a, duplicate", SqlFailed, "Already Exists", None),
        (
            "googleapi: Error 404: Not found: Dataset p:shop was not found in location EU, notFound",
            DatabaseMissing, "Dataset", None,
        ),
        (
            "googleapi: Error 404: Not found: Table p:shop.a was not found in location EU, notFound",
            SqlFailed, "Table", None,
        ),
        (
            "googleapi: Error 403: Access Denied: Project p: User does not have bigquery.jobs.create, accessDenied",
            PermissionDenied, "bigquery.jobs.create", None,
        ),
        (
            "googleapi: Error 403: Exceeded rate limits: too many table update operations, rateLimitExceeded",
            SqlFailed, "Exceeded rate limits", None,
        ),
        (
            "bigquery: constructing client: credentials: could not find default credentials. See https://x",
            AuthenticationFailed, "no Google credentials", None,
        ),
        (
            'Get "https://bigquery.googleapis.com/x": dial tcp: lookup bigquery.googleapis.com: no such host',
            ConnectionFailed, "host name", None,
        ),
        ("invalid connection string: bigquery://p", ConnectionFailed, "cannot read the URL", None),
    ],
)  # fmt: skip
def test_a_failure_is_explained(
    said: str, kind: type[AppError], words: str, place: tuple[int, int] | None
) -> None:
    error = ENGINE.explain_failure(FailedBlock(f"Error: {said}\n"))
    assert type(error) is kind
    assert words in error.message and "googleapi" not in error.message
    assert (error.details.get("line"), error.details.get("column")) == (place or (None, None))


def test_real_failures_of_the_emulator_are_explained(shop: Project) -> None:
    syntax = ENGINE.explain_failure(shop.failure("1_x.sql", "\nCREATE TABEL x (a INT64)"))
    assert isinstance(syntax, SyntaxProblem) and syntax.details["line"] == 3
    function = ENGINE.explain_failure(shop.failure("1_x.sql", "SELECT nothing_like_it(1)"))
    assert isinstance(function, SqlFailed) and "nothing_like_it" in function.message


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("BEGIN TRANSACTION;\nCREATE TABLE a (x INT64);\nCOMMIT TRANSACTION;", "Line 2: BigQuery refuses"),
        ("DELETE FROM t", "without WHERE"),
        ("CREATE INDEX i ON t (x)", "no such indexes"),
    ],
)
def test_a_block_that_will_trip_is_warned_about(sql: str, words: str) -> None:
    [warning] = ENGINE.block_warnings(sql, transaction=True)
    assert words in warning


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM t WHERE true",
        "CREATE TABLE a (x INT64); CREATE TABLE b (x INT64);",
        "SELECT 'DELETE FROM t'",
        "-- nothing",
    ],
)
def test_a_good_block_is_not_warned_about(sql: str) -> None:
    assert ENGINE.block_warnings(sql, transaction=True) == []
