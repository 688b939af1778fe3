"""PostgreSQL: the safe form of every bad example runs on the real server, one statement at a time, as autocommit."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from backend.engine import sqltext
from backend.engine.lint.rule import Good
from backend.engine.lint.source import Source
from backend.models.connection import EngineName
from tests.lint.examples import Case, apply_fix, cases, content_of, findings_of, lint_content, source_of
from tests.servers import Server

_CASES = [
    case for case in cases("bad", EngineName.POSTGRES) if case.example.runs_safe_form and findings_of(case)
]
_WITH_FORM = [case for case in _CASES if any(one.safe_form for one in findings_of(case))]


@pytest.fixture(scope="module")
def shared(postgres_server: Server) -> Iterator[psycopg.Connection]:
    database = postgres_server.new_database()
    with psycopg.connect(
        database.url.replace("postgres://", "postgresql://", 1), autocommit=True
    ) as connection:
        yield connection
    postgres_server.drop_database(database.name)


@pytest.fixture
def clean(shared: psycopg.Connection) -> psycopg.Connection:
    """The same database for all, emptied: a fresh one takes half a second."""
    shared.execute(
        "RESET ALL; DROP SCHEMA IF EXISTS public CASCADE; DROP SCHEMA IF EXISTS app CASCADE; CREATE SCHEMA public"
    )
    return shared


@pytest.mark.parametrize("case", _WITH_FORM, ids=lambda case: case.id)
def test_the_safe_form_runs(case: Case, clean: psycopg.Connection) -> None:
    form = next(one.safe_form for one in findings_of(case) if one.safe_form)
    _run(clean, case.example.setup)
    if case.rule.code.startswith("down-"):
        # What undoes the up needs the up, and what the down of the example has done already.
        source: Source = source_of(content_of(case.example, case.engine), case.example, case.engine)
        for half in source.halves:
            _run(clean, half.body)
    _run(clean, form)


def _run(connection: psycopg.Connection, sql: str) -> None:
    for one in sqltext.split(sql, "postgres"):
        connection.execute(one.text.encode())


def test_every_rule_with_a_safe_form_is_among_them() -> None:
    assert len({case.rule.code for case in _WITH_FORM}) >= 40


def fixed(content: str) -> tuple[str, list[str]]:
    """The file after the first fix of its first finding on the index, and the names of new files."""
    report = lint_content(content, Good(""), EngineName.POSTGRES)
    finding = next(one for one in report.findings if one.code == "pg-index-not-concurrent")
    return apply_fix(content, finding.fixes[0]), [one.down for one in finding.fixes[0].new_files]


def test_the_index_fix_mends_the_drop_in_the_same_files_down() -> None:
    alone = "-- migrate:up\nCREATE INDEX i ON orders (a);\n-- migrate:down\nDROP INDEX i;\n"
    text, _ = fixed(alone)
    assert text.count("transaction:false") == 2 and "DROP INDEX CONCURRENTLY i;" in text
    among = "-- migrate:up\nCREATE TABLE t (id int);\nCREATE INDEX i ON orders (a);\n-- migrate:down\nDROP INDEX i;\nDROP TABLE t;\n"
    text, downs = fixed(among)
    assert "INDEX" not in text and "DROP TABLE t;" in text and downs == ["DROP INDEX CONCURRENTLY i;"]
