"""What is true of a database: reachable, there, its versions; and that reading creates nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend.core.errors import AuthenticationFailed, Conflict, ConnectionFailed, DatabaseMissing, ReadOnly
from backend.drivers.pgwire.connect import reading
from backend.engines.postgres import ENGINE
from backend.engines.postgres.url import parsed
from tests.engines.postgres.helpers import run
from tests.engines.sqlite.project import Project


def missing(shop: Project) -> Project:
    head, _, tail = shop.url.rpartition("/")
    name, _, query = tail.partition("?")
    return Project(shop.folder, f"{head}/not_{name}?{query}", ENGINE)


def test_a_probe_names_product_and_version_and_makes_nothing(either: Project) -> None:
    info = ENGINE.probe(either.target)
    assert info.product == "PostgreSQL" and info.version.split(".")[0] in ("15", "18")
    assert info.database_exists and not info.read_only and info.latency_ms > 0
    assert run(either, "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace") == [(0,)]


def test_a_missing_database_is_told_and_not_an_error(either: Project) -> None:
    nowhere = missing(either)
    info = ENGINE.probe(nowhere.target)
    assert not info.database_exists and not info.read_only
    assert nowhere.applied() == []
    with pytest.raises(DatabaseMissing):
        ENGINE.catalog(nowhere.target)


def test_a_database_is_created_once_and_dropped_twice(either: Project) -> None:
    fresh = missing(either)
    ENGINE.create_database(fresh.target)
    with pytest.raises(Conflict):
        ENGINE.create_database(fresh.target)
    ENGINE.drop_database(fresh.target)
    ENGINE.drop_database(fresh.target)
    assert not ENGINE.probe(fresh.target).database_exists


def test_a_database_in_use_is_not_dropped_and_its_users_are_named(shop: Project) -> None:
    import psycopg

    with psycopg.connect(shop.url, application_name="report writer"):
        with pytest.raises(Conflict, match="report writer"):
            ENGINE.drop_database(shop.target)
    assert ENGINE.probe(shop.target).database_exists


def test_nothing_is_created_or_dropped_on_a_read_only_connection(shop: Project) -> None:
    careful = shop.with_(read_only=True)
    with pytest.raises(ReadOnly):
        ENGINE.drop_database(careful.target)
    with pytest.raises(ReadOnly):
        ENGINE.create_database(careful.target)


def test_a_reading_session_cannot_write(either: Project) -> None:
    with pytest.raises(ReadOnly):
        with reading(either.target, parsed(either.url)) as connection:
            connection.execute("CREATE TABLE a (id int)")


def test_versions_come_in_order_as_dbmate_recorded_them(either: Project) -> None:
    for name in ("20260101000000_a.sql", "9_b.sql", "10_c.sql"):
        either.write(name, "SELECT 1;")
    assert either.up().returncode == 0
    assert either.applied() == ["10", "20260101000000", "9"]


@pytest.mark.parametrize(
    ("table", "query", "where"),
    [
        ("schema_migrations", "&search_path=app,public", "app.schema_migrations"),
        ("app.versions", "", "app.versions"),
        ("My Versions", "", 'public."My Versions"'),
        ("app.versions", "&search_path=public", "app.versions"),
        ("schema_migrations", "&options=-c%20search_path%3Dapp", "app.schema_migrations"),
    ],
)
def test_the_versions_are_found_where_dbmate_put_them(
    either: Project, table: str, query: str, where: str
) -> None:
    run(either, "CREATE SCHEMA app")
    url = either.url + query
    shop = Project(either.folder, url, ENGINE, ("--migrations-table", table), {"migrations_table": table})
    assert shop.applied() == []
    shop.write("7_a.sql", "SELECT 1;")
    assert shop.up().returncode == 0
    assert run(either, f"SELECT version FROM {where}") == [("7",)]
    assert shop.applied() == ["7"]
    assert not any("versions" in key or "schema_migrations" in key for key in ENGINE.fingerprint(shop.target))


def test_reading_versions_creates_nothing(either: Project) -> None:
    assert either.applied() == []
    assert run(either, "SELECT to_regclass('schema_migrations')") == [(None,)]


def test_a_wrong_password_is_told_without_the_password(shop: Project) -> None:
    wrong = Project(shop.folder, ENGINE.with_password(shop.url, "sekret-and-wrong"), ENGINE)
    with pytest.raises(AuthenticationFailed) as refused:
        ENGINE.probe(wrong.target)
    assert "sekret" not in refused.value.message + repr(refused.value.details)


@pytest.mark.parametrize(
    ("url", "hint"),
    [
        ("postgres://u:p@127.0.0.1:1/db?sslmode=disable", "listens there"),
        ("postgres://u:p@no-such-host.invalid/db?sslmode=disable", "name"),
        ("postgres://u:p@/db?socket=/nowhere", "socket"),
    ],
)
def test_an_unreachable_server_is_told_with_what_to_check(url: str, hint: str, tmp_path: Path) -> None:
    with pytest.raises(ConnectionFailed) as failed:
        ENGINE.probe(Project(tmp_path, url, ENGINE).target)
    assert hint in str(failed.value.hint)


def test_a_server_without_tls_is_told_apart(shop: Project) -> None:
    with pytest.raises(ConnectionFailed) as failed:
        ENGINE.probe(Project(shop.folder, shop.url.split("?")[0], ENGINE).target)
    assert "sslmode=disable" in str(failed.value.hint)


def test_settings_in_the_url_are_named_as_a_trap_of_dump(shop: Project) -> None:
    info = ENGINE.probe(Project(shop.folder, shop.url + "&statement_timeout=30s", ENGINE).target)
    assert any("statement_timeout" in note and "dump" in note for note in info.notes)


def test_every_capability_is_stated_with_a_reason_where_it_is_missing() -> None:
    from backend.engine.port import CAPABILITIES

    stated = ENGINE.capabilities()
    assert set(stated) == set(CAPABILITIES)
    assert all(one.supported or one.reason for one in stated.values())
