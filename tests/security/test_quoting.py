"""Names that would end a quotation and begin a statement, on real servers: as tables, databases and migrations tables."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import psycopg
import pymysql
import pytest

from tests.kit import Shop, Toolkit
from tests.servers import Server

EVIL = [
    "a'; DROP TABLE canary; --",
    'b"; DROP TABLE canary; --',
    "c`; DROP TABLE canary; --",
    "d\\'; DROP TABLE canary; --",
    "e]; DROP TABLE canary",
    "%s {x} $1 :x ?",
    "f'); DELETE FROM canary; /*",
]
READS = (
    "schema:catalog",
    "schema:outline",
    "schema:describe",
    "schema:diagram",
    "schema:dump",
    "dashboard:show",
)


def _names(shop: Shop) -> set[str]:
    return {table["name"] for table in shop.call("schema:catalog")["tables"]}


def _read_everything(shop: Shop) -> None:
    for channel in READS:
        answer = shop.toolkit.envelope(channel, connection=shop.id)
        assert answer["ok"] or answer["error"]["code"] != "internal_error", (channel, answer["error"])
    for name in EVIL:
        for channel, more in (("schema:ddl", {"table": name}), ("migration:definition", {"name": name})):
            answer = shop.toolkit.envelope(channel, connection=shop.id, **more)
            assert answer["ok"] or answer["error"]["code"] != "internal_error", (
                channel,
                name,
                answer["error"],
            )
        shop.toolkit.envelope("schema:describe", connection=shop.id, tables=[name])


def _quoted(name: str, mark: str) -> str:
    return mark + name.replace(mark, mark * 2) + mark


def test_postgresql(toolkit: Toolkit, postgres_url: str) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as db:
        db.execute("CREATE TABLE canary (id integer); ")
        for name in EVIL:
            quoted = _quoted(name, '"').encode()
            db.execute(b"CREATE TABLE " + quoted + b" (" + quoted + b" integer DEFAULT 1)")
            db.execute(b"COMMENT ON TABLE " + quoted + b" IS 'x''y\\z'")
            db.execute(b"CREATE INDEX ON " + quoted + b" (" + quoted + b")")
        shop = toolkit.connect(postgres_url)
        assert _names(shop) >= {*EVIL, "canary"}
        _read_everything(shop)
        assert db.execute("SELECT count(*) FROM canary").fetchone() == (0,)


def test_mysql(toolkit: Toolkit, mysql_url: str, mariadb_server: Server) -> None:
    server = mariadb_server
    db = pymysql.connect(
        host=server.host, port=server.port, user=server.user, password=server.password, autocommit=True,
        database=mysql_url.partition("?")[0].rpartition("/")[2],
    )  # fmt: skip
    with db, db.cursor() as cursor:
        cursor.execute("CREATE TABLE canary (id integer)")
        for name in EVIL:
            quoted = _quoted(name, "`")
            cursor.execute(
                f"CREATE TABLE {quoted} ({quoted} integer DEFAULT 1, KEY {quoted} ({quoted})) COMMENT 'x''y\\\\z'"
            )
        shop = toolkit.connect(mysql_url)
        assert _names(shop) >= {*EVIL, "canary"}
        _read_everything(shop)
        cursor.execute("SELECT count(*) FROM canary")
        assert cursor.fetchone() == (0,)


def test_sqlite(toolkit: Toolkit, sqlite_url: str) -> None:
    import sqlite3

    with sqlite3.connect(sqlite_url.removeprefix("sqlite:")) as db:
        db.execute("CREATE TABLE canary (id integer)")
        for name in EVIL:
            quoted = _quoted(name, '"')
            db.execute(f"CREATE TABLE {quoted} ({quoted} integer DEFAULT 1)")
    shop = toolkit.connect(sqlite_url)
    assert _names(shop) >= {*EVIL, "canary"}
    _read_everything(shop)
    assert "canary" in _names(shop)


@pytest.mark.parametrize("fixture", ["sqlite_url", "postgres_url", "mysql_url", "mongodb_url"])
def test_a_migrations_table_of_any_name_is_one_name(
    toolkit: Toolkit, fixture: str, request: pytest.FixtureRequest
) -> None:
    """It is refused with a word, or it is that table and nothing else happens."""
    url = request.getfixturevalue(fixture)
    for number, name in enumerate(EVIL):
        made: dict[str, Any] = toolkit.envelope(
            "connection:create", name=f"c{number}", url=url, migrations_table=name
        )
        if not made["ok"]:
            assert made["error"]["code"] == "invalid_request", made["error"]
            continue
        shop = Shop(toolkit, made["data"])
        for channel in ("migration:status", "migration:list", "schema:catalog"):
            answer = toolkit.envelope(channel, connection=shop.id)
            assert answer["ok"] or answer["error"]["code"] != "internal_error", (name, answer["error"])


def test_a_database_of_any_name(toolkit: Toolkit, postgres_server: Server) -> None:
    for name in ('x"; DROP DATABASE postgres; --', "y'; SELECT 1; --"):
        url = postgres_server.admin_url.replace("/postgres", f"/{quote(name, safe='')}", 1)
        shop = toolkit.connect(url, name="evil")
        created = toolkit.envelope("database:create", connection=shop.id, confirm="evil")
        assert created["ok"] or created["error"]["code"] != "internal_error", created
        toolkit.envelope("migration:status", connection=shop.id)
        toolkit.envelope("database:drop", connection=shop.id, confirm="evil")
        with psycopg.connect(postgres_server.admin_url) as admin:
            left = admin.execute("SELECT count(*) FROM pg_database WHERE datname = %s", (name,)).fetchone()
        assert left == (0,)
        toolkit.call("connection:delete", connection=shop.id)
