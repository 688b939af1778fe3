"""dbmate's words about a failed block, from real runs, in the application's own."""

from __future__ import annotations

import pytest

from backend.core.errors import (
    AppError,
    AuthenticationFailed,
    ConnectionFailed,
    ConstraintViolation,
    DatabaseMissing,
    LockTimeout,
    PermissionDenied,
    SqlFailed,
    SyntaxProblem,
    TimedOut,
)  # fmt: skip
from backend.drivers.pgwire.errors import connecting
from backend.engine.target import FailedBlock
from backend.engines.postgres import ENGINE
from tests.engines.sqlite.project import Project

CASES: list[tuple[str, type[AppError], str, int | None, str]] = [
    ("create table a (id int);\ncreate tabel b (id int);", SyntaxProblem, "42601", 3, "place marked"),
    ("select 1;\n  select nope from pg_class;", SqlFailed, "42703", 3, "capitals"),
    ("create table u (id int primary key);\ninsert into u values (1),(1);", ConstraintViolation, "23505", None, "GROUP BY"),
    ("create table u (id int not null);\ninsert into u values (null);", ConstraintViolation, "23502", None, "default"),
    ("set role pg_read_all_data;\ncreate table z (a int);", PermissionDenied, "42501", 3, "Grant"),
    ("create table ci (a int);\n\ncreate index concurrently on ci(a);", SqlFailed, "25001", 4, "transaction:false"),
    ("select 1;\nvacuum;", SqlFailed, "25001", 3, "transaction:false"),
    ("select 1;\ncreate table schema_migrations (a int);", SqlFailed, "42P07", 3, "exists already"),
    ("create extension nosuch;", SqlFailed, "0A000", None, "installed on the server"),
    ("create table d (a int); create view v as select a from d;\ndrop table d;", SqlFailed, "2BP01", 3, "CASCADE"),
    ("set statement_timeout = '50ms'; select pg_sleep(1);", TimedOut, "57014", None, "statement_timeout"),
    ("\\connect x", SyntaxProblem, "42601", 2, "psql"),
    ("do $$ begin raise exception 'my words\nand more'; end $$;", SqlFailed, "P0001", None, "RAISE"),
    ("set transaction_timeout_x = 0;", SqlFailed, "42704", None, "no such setting"),
    ("select 'x'::int;", SqlFailed, "22P02", 2, "type"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("sql", "kind", "state", "line", "hint"), CASES, ids=[case[2] + str(n) for n, case in enumerate(CASES)]
)
def test_a_failure_of_the_real_tool_is_explained(
    shop: Project, sql: str, kind: type[AppError], state: str, line: int | None, hint: str
) -> None:
    error = ENGINE.explain_failure(shop.failure("1_a.sql", sql))
    assert type(error) is kind, error
    assert (error.details["sqlstate"], error.details.get("line")) == (state, line)
    assert hint in str(error.hint) and "pq:" not in error.message and "at position" not in error.message


def test_the_column_counts_from_one_where_the_server_gives_it(shop: Project) -> None:
    error = ENGINE.explain_failure(shop.failure("1_a.sql", "select 1;\n  select nope from pg_class;"))
    assert (error.details["line"], error.details["column"]) == (3, 10)


def test_a_file_that_commits_is_explained_with_the_line_of_its_commit(shop: Project) -> None:
    error = ENGINE.explain_failure(
        shop.failure("1_a.sql", "create table a (x int);\ncommit;\ncreate table b (x int);")
    )
    assert error.details["line"] == 3 and "committed" in error.message and "COMMIT" in str(error.hint)


# From runs of dbmate 2.37 and earlier; the server or network they need is not always at hand.
@pytest.mark.parametrize(
    ("text", "kind", "word"),
    [
        ("Error: pq: password authentication failed for user \"postgres\" (28P01)", AuthenticationFailed, "user"),
        ("Error: pq: database \"nodb1\" does not exist (3D000)", DatabaseMissing, "nodb1"),
        ("Error: dial tcp 127.0.0.1:1: connect: connection refused", ConnectionFailed, "refused"),
        ("Error: dial tcp: lookup nosuch.invalid on 10.0.0.53:53: no such host", ConnectionFailed, "no such host"),
        ("Error: dial unix /nowhere/.s.PGSQL.5432: connect: no such file or directory", ConnectionFailed, "no such file"),
        ("Error: pq: SSL is not enabled on the server", ConnectionFailed, "SSL"),
        ("Error: driver: bad connection", ConnectionFailed, "lost"),
        ("Error: unexpected EOF", ConnectionFailed, "lost"),
        ("Error: read tcp 1.2.3.4:5->6.7.8.9:10: read: connection reset by peer", ConnectionFailed, "lost"),
        ("Error: pq: canceling statement due to lock timeout (55P03)", LockTimeout, "lock timeout"),
        ("Error: pq: terminating connection due to administrator command (57P01)", ConnectionFailed, "administrator"),
        ("Error: line: 3, column: 1, position: 40: pq: syntax error at or near \"x\"", SyntaxProblem, "near"),
        ("Error: pq: relation \"a\" already exists", SqlFailed, "already"),
        ("Error: pq: deadlock detected (40P01)", LockTimeout, "Deadlock"),
        ("Error: unable to find migration file", SqlFailed, "Unable"),
        ("", SqlFailed, "without saying why"),
        ("Applying: 1_a.sql\nError: pq: division by zero (22012)", SqlFailed, "Division"),
    ],
)  # fmt: skip
def test_a_transcript_is_explained(text: str, kind: type[AppError], word: str) -> None:
    error = ENGINE.explain_failure(FailedBlock(text, "-- migrate:up\nselect 1;\n"))
    assert type(error) is kind and word in error.message, error


def test_an_unclear_culprit_is_not_guessed() -> None:
    block = "-- migrate:up\ncreate table a (x int);\ncreate table a (y int);\n"
    error = ENGINE.explain_failure(FailedBlock('Error: pq: relation "a" already exists (42P07)', block))
    assert "line" not in error.details


def test_what_a_database_is_called_says_nothing_about_the_failure() -> None:
    said = 'connection to server at "127.0.0.1", port 1 failed: FATAL:  database "a role of certificates" does not exist'
    error = connecting(said)
    assert type(error) is DatabaseMissing
    assert "a role of certificates" in error.message
