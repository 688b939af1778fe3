"""Reading and making MariaDB databases."""

from __future__ import annotations

import time

import pytest

from backend.core.errors import (
    AppError,
    AuthenticationFailed,
    Conflict,
    ConnectionFailed,
    DatabaseMissing,
    LockTimeout,
    PermissionDenied,
    ReadOnly,
)
from backend.engine.port import CAPABILITIES
from backend.engines.mysql import ENGINE, connect
from backend.engines.mysql.truth import _product
from tests.engines.mysql.helpers import run, session
from tests.engines.sqlite.project import Project
from tests.servers import PASSWORD


def changed(shop: Project, **fields: str) -> Project:
    return Project(shop.folder, ENGINE.build_url({**ENGINE.split_url(shop.url), **fields}), ENGINE)


def test_every_capability_has_an_answer_and_what_is_missing_a_reason() -> None:
    found = ENGINE.capabilities()
    assert set(found) == set(CAPABILITIES)
    assert all(answer.supported or answer.reason for answer in found.values())
    assert not found["transactional_ddl"].supported


def test_a_probe_tells_product_and_version(shop: Project) -> None:
    info = ENGINE.probe(shop.target)
    assert info.product == "MariaDB" and info.version.startswith("10.") and "-" not in info.version
    assert info.database_exists and info.latency_ms > 0 and not info.read_only


@pytest.mark.parametrize(
    ("version", "comment", "found"),
    [
        ("10.11.19-MariaDB-0+deb12u1", "Debian 12", ("MariaDB", "10.11.19")),
        ("5.5.5-10.4.32-MariaDB", "", ("MariaDB", "10.4.32")),
        ("8.0.39", "MySQL Community Server - GPL", ("MySQL", "8.0.39")),
        ("8.4.2-2", "Percona Server (GPL)", ("MySQL", "8.4.2")),
        ("8.0.11-TiDB-v8.1.0", "TiDB Server", ("TiDB", "8.0.11")),
    ],
)
def test_products_are_told_apart(version: str, comment: str, found: tuple[str, str]) -> None:
    assert _product(version, comment) == found


def test_looking_at_a_missing_database_creates_nothing(shop: Project) -> None:
    missing = changed(shop, database="not_there")
    assert ENGINE.applied(missing.target) == []
    assert ENGINE.fingerprint(missing.target) == {} and ENGINE.catalog(missing.target).tables == []
    assert ENGINE.row_counts(missing.target, ["t"]) == {}
    assert not ENGINE.probe(missing.target).database_exists
    with pytest.raises(DatabaseMissing):
        ENGINE.dump_schema(missing.target)
    assert run(shop, "SELECT 1 FROM information_schema.schemata WHERE schema_name = 'not_there'") == []


def test_reading_the_versions_creates_no_table(shop: Project) -> None:
    assert shop.applied() == []
    assert ENGINE.fingerprint(shop.target) == {}
    shop.write("1_a.sql", "SELECT 1;")
    shop.write("10_b.sql", "SELECT 1;")
    shop.write("2_c.sql", "SELECT 1;")
    shop.up()
    assert shop.applied() == ["1", "10", "2"]


def test_a_database_is_made_once_and_dropped_for_good(shop: Project) -> None:
    other = changed(shop, database="made_`here")
    ENGINE.create_database(other.target)
    with pytest.raises(Conflict):
        ENGINE.create_database(other.target)
    assert ENGINE.probe(other.target).database_exists
    ENGINE.drop_database(other.target)
    ENGINE.drop_database(other.target)
    assert not ENGINE.probe(other.target).database_exists


def test_drop_stops_waiting_for_a_table_in_use(shop: Project) -> None:
    run(shop, "CREATE TABLE t (id int) ENGINE=InnoDB", "INSERT INTO t VALUES (1)")
    with session(shop, autocommit=False) as other, other.cursor() as cursor:
        cursor.execute("SELECT * FROM t")
        started = time.monotonic()
        with pytest.raises(LockTimeout):
            ENGINE.drop_database(shop.with_(lock_timeout_s=1.0).target)
        assert time.monotonic() - started < 5


def test_the_errors_of_a_login_say_what_is_wrong_and_never_the_password(shop: Project) -> None:
    cases: list[tuple[Project, type[AppError]]] = [
        (changed(shop, password=f"x{PASSWORD}"), AuthenticationFailed),
        (changed(shop, host="127.0.0.1", port="1"), ConnectionFailed),
        (changed(shop, host="no.such.host.invalid"), ConnectionFailed),
        (changed(shop, tls="true"), ConnectionFailed),
        (changed(shop, tls="skip-verify"), ConnectionFailed),
        (changed(shop, options="foo=1"), AppError),
    ]
    for project, kind in cases:
        with pytest.raises(kind) as caught:
            ENGINE.probe(project.target)
        assert PASSWORD not in f"{caught.value.message}{caught.value.hint}{caught.value.details}"
        assert caught.value.__cause__ is None and caught.value.__suppress_context__
    assert ENGINE.probe(changed(shop, tls="preferred").target).database_exists


def test_a_user_without_rights_is_told_so(shop: Project) -> None:
    run(shop, "CREATE OR REPLACE USER nobody_here@'%' IDENTIFIED BY 'n'")
    poor = changed(shop, user="nobody_here", password="n")
    for look in (ENGINE.probe, ENGINE.applied):
        with pytest.raises(PermissionDenied):
            look(poor.target)
    run(shop, "DROP USER nobody_here@'%'")


def test_the_reading_session_refuses_every_write(shop: Project) -> None:
    run(shop, "CREATE TABLE t (id int)")
    for statement in ("INSERT INTO t VALUES (1)", "CREATE TABLE x (id int)", "DROP TABLE t"):
        with pytest.raises(ReadOnly), connect.reading(shop.target) as connection:
            connect.run(connection, statement)
    assert run(shop, "SELECT count(*) FROM t") == [(0,)]


@pytest.mark.parametrize("work", ["create_database", "drop_database"])
def test_a_read_only_connection_refuses_to_write(shop: Project, work: str) -> None:
    with pytest.raises(ReadOnly):
        getattr(ENGINE, work)(shop.with_(read_only=True).target)


def test_the_urls_session_variables_hold_for_us_too(shop: Project) -> None:
    project = changed(shop, options="max_statement_time=7&timeout=3s&parseTime=true")
    with connect.writing(project.target) as connection:
        assert connect.rows(connection, "SELECT @@max_statement_time")[0][0] == 7
