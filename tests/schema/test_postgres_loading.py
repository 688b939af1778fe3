"""PostgreSQL: schema files as they are found, with what this server lacks; nothing goes missing without a word."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from backend.core.errors import SqlFailed
from backend.engine.schema.port import Loaded, schema_tools
from backend.engine.target import Target

TOOLS = schema_tools("postgres")
DUMP = r"""
\restrict abc
SET transaction_timeout = 0;
SET default_with_oids = false;
CREATE EXTENSION IF NOT EXISTS pgcrypto WITH SCHEMA public;
COMMENT ON EXTENSION pgcrypto IS 'cryptographic functions';
CREATE EXTENSION IF NOT EXISTS "uuid-ossp" WITH SCHEMA public;
CREATE TABLE public.people (
    id uuid DEFAULT public.uuid_generate_v4() PRIMARY KEY,
    secret bytea DEFAULT public.digest('x', 'sha256')
);
ALTER TABLE public.people OWNER TO somebody_else;
COPY public.people (id, secret) FROM stdin;
\.
SELECT pg_catalog.setval('public.none_seq', 1, false);
GRANT SELECT ON public.people TO dbtoolkit_test_reader;
CREATE POLICY p ON public.people TO dbtoolkit_test_reader USING (true);
"""


@pytest.fixture
def server(postgres_url: str) -> Target:
    return Target("postgres", postgres_url, Path("/"), "schema_migrations")


def loaded(server: Target, text: str) -> tuple[Loaded, list[str]]:
    """(what became of the text, the ids of what was made)"""
    with TOOLS.scratch(server, "load") as target:
        result = TOOLS.load(target, text, "schema.sql")
        return result, [one.id for one in TOOLS.snapshot(target).objects]


@pytest.fixture
def without_its_role(server: Target) -> Iterator[None]:
    """The test server is shared: a role that a test makes there goes with it."""
    yield
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute("DROP ROLE IF EXISTS dbtoolkit_test_reader")


@pytest.mark.usefixtures("without_its_role")
def test_a_private_server_gets_roles_and_stand_ins(server: Target) -> None:
    """Extensions that are not installed print as the real ones do, and the roles of a dump are there."""
    own = replace(server, private=True)
    result, made = loaded(own, DUMP)
    assert result.skipped == ()
    assert [note.split(" is not installed")[0] for note in result.notes] == [
        "The extension pgcrypto", "The extension uuid-ossp",
    ]  # fmt: skip
    assert {"extension pgcrypto", "extension uuid-ossp", "table public.people", "policy public.people p"} <= {
        *made
    }
    with TOOLS.scratch(own, "one") as one, TOOLS.scratch(own, "two") as two:
        TOOLS.load(one, DUMP, "schema.sql")
        snapshot = TOOLS.snapshot(one)
        assert TOOLS.restore(two, snapshot).skipped == ()
        assert TOOLS.snapshot(two).sha256 == snapshot.sha256


def test_a_shared_server_gets_neither_and_every_gap_is_named(server: Target) -> None:
    result, made = loaded(
        server, "CREATE TABLE t (a int);" + DUMP.replace("dbtoolkit_test_reader", "nobody_here")
    )
    assert made == ["table public.t"]
    lines = "\n".join(result.skipped)
    assert 'extension "pgcrypto" is not available' in lines and "uuid_generate_v4() does not exist" in lines
    assert 'role "nobody_here" does not exist' in lines or "people" in lines


def test_what_comes_too_early_in_a_file_is_made_later(server: Target) -> None:
    result, made = loaded(server, "CREATE VIEW v AS SELECT a FROM late; CREATE TABLE late (a int);")
    assert result.skipped == () and made == ["table public.late", "view public.v"]


def test_an_unknown_type_costs_its_table_and_nothing_else(server: Target) -> None:
    text = "CREATE TABLE a (x int); CREATE TABLE b (g geometry(Point,4326)); CREATE INDEX i ON b (g); CREATE TABLE c (x int);"
    result, made = loaded(server, text)
    assert made == ["table public.a", "table public.c"]
    assert ["geometry" in result.skipped[0], "what it needs was left out" in result.skipped[1]] == [
        True,
        True,
    ]


def test_an_error_of_the_file_itself_is_told_with_its_line(server: Target) -> None:
    with pytest.raises(SqlFailed) as told:
        loaded(server, "CREATE TABLE a (x int);\n\nCREATE TABEL b (x int);")
    assert "schema.sql, line 3" in told.value.message
