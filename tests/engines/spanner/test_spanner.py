"""Spanner as far as it goes without Google: URL, environment, capabilities; and the protocol, answered by PostgreSQL."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend.core.errors import ConnectionFailed, InvalidUrl, NotSupported, SyntaxProblem
from backend.engine.port import CAPABILITIES
from backend.engine.registry import engine_for_url
from backend.engine.target import FailedBlock
from backend.engines.spanner import ENGINE
from tests.engines.postgres.helpers import run
from tests.engines.sqlite.project import Project


@pytest.fixture
def shop(postgres_url: str, tmp_path: Path) -> Project:
    return Project(tmp_path, postgres_url.replace("postgres://", "spanner-postgres://", 1), ENGINE)


def sql(shop: Project, *statements: str) -> list[tuple[object, ...]]:
    return run(Project(shop.folder, shop.url.replace("spanner-", "", 1), ENGINE), *statements)


def test_its_scheme_finds_the_engine() -> None:
    assert engine_for_url("spanner-postgres://localhost/shop") is ENGINE


def test_a_form_becomes_a_url_and_back() -> None:
    fields = {
        "host": "localhost",
        "port": "5433",
        "database": "projects/p/instances/i/databases/shop",
        "sslmode": "disable",
    }
    url = ENGINE.build_url(fields)
    assert (
        url
        == "spanner-postgres://localhost:5433/projects%2Fp%2Finstances%2Fi%2Fdatabases%2Fshop?sslmode=disable"
    )
    assert ENGINE.split_url(url) == fields and ENGINE.check_url(url) == url


def test_other_urls_are_refused() -> None:
    with pytest.raises(InvalidUrl):
        ENGINE.check_url("postgres://localhost/shop")


def test_the_tool_gets_url_and_name_by_environment_and_no_options(shop: Project) -> None:
    setup = ENGINE.tool_setup(shop.with_(lock_timeout_s=3).target, "tag")
    assert setup.env == {"DATABASE_URL": ENGINE.check_url(shop.url), "PGAPPNAME": "tag"} and setup.flags == ()


def test_every_missing_capability_says_why() -> None:
    stated = ENGINE.capabilities()
    assert set(stated) == set(CAPABILITIES)
    assert all(one.supported or (one.reason and one.reason[0].isupper()) for one in stated.values())
    assert stated["catalog"].supported and stated["change_detection"].supported


def test_what_it_cannot_do_is_refused_with_the_reason(shop: Project) -> None:
    for ask in (ENGINE.create_database, ENGINE.drop_database, ENGINE.dump_schema):
        with pytest.raises(NotSupported, match="Spanner"):
            ask(shop.target)
    with ENGINE.run_lock(shop.target, {}):
        assert ENGINE.sessions(shop.target, "tag") == [] and ENGINE.end_sessions(shop.target, "tag") == 0


def test_a_probe_reaches_it(shop: Project) -> None:
    info = ENGINE.probe(shop.target)
    assert info.product == "Spanner" and info.database_exists and info.latency_ms > 0
    with pytest.raises(ConnectionFailed):
        ENGINE.probe(shop.with_(url="spanner-postgres://127.0.0.1:1/shop?sslmode=disable").target)


def test_the_catalog_and_the_fingerprint_come_from_information_schema(shop: Project) -> None:
    shop.write(
        "1_a.sql",
        "CREATE TABLE users (id bigint PRIMARY KEY, email varchar(90) NOT NULL);",
        option=" transaction:false",
    )
    assert shop.up().returncode == 0
    sql(shop, "CREATE VIEW emails AS SELECT email FROM users")
    tables = {table.name: table for table in ENGINE.catalog(shop.target).tables}
    assert list(tables) == ["emails", "users"] and tables["emails"].kind == "view"
    described = [(c.name, c.type, c.nullable, c.primary_key) for c in tables["users"].columns]
    assert described == [("id", "bigint", False, True), ("email", "character varying(90)", False, False)]
    before = ENGINE.fingerprint(shop.target)
    assert "table users" in before and not any("schema_migrations" in key for key in before)
    sql(shop, "ALTER TABLE users ADD COLUMN age bigint")
    assert set(ENGINE.fingerprint(shop.target)) - set(before) == {"column users.age"}


def test_a_failure_is_explained_as_postgresqls(shop: Project) -> None:
    error = ENGINE.explain_failure(
        FailedBlock('Error: line: 2, column: 1, position: 15: pq: syntax error at or near "x" (42601)')
    )
    assert isinstance(error, SyntaxProblem) and error.details["line"] == 2


@pytest.mark.parametrize(
    ("statement", "word"),
    [
        ("CREATE TABLE a (id bigint);", "primary key"),
        ("ALTER TABLE a ADD COLUMN b bigint NOT NULL;", "NOT NULL"),
        ("\\connect x", "psql"),
    ],
)
def test_what_spanner_refuses_is_said_before(statement: str, word: str) -> None:
    assert any(word in sentence for sentence in ENGINE.block_warnings(statement, transaction=False))


def test_what_spanner_takes_is_not_warned_about() -> None:
    for fine in ("ALTER TABLE a ADD COLUMN b bigint NOT NULL DEFAULT 0;", "ALTER TABLE a ADD COLUMN b bigint;",
                 "ALTER TABLE a ADD CONSTRAINT c CHECK (b IS NOT NULL);"):  # fmt: skip
        assert ENGINE.block_warnings(fine, transaction=False) == []
