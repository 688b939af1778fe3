"""Rehearsals on PostgreSQL, measured on real servers: the bundled one, and a scratch database beside the target."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.kit import ChannelFailed, Shop, Toolkit

_SHOP = """
CREATE TABLE users (id integer PRIMARY KEY, name text NOT NULL, age integer, mood text);
INSERT INTO users SELECT i, 'user ' || i, i % 90, 'fine' FROM generate_series(1, 300) i;
CREATE TABLE orders (id serial PRIMARY KEY, buyer integer NOT NULL REFERENCES users, total numeric);
INSERT INTO orders (buyer, total) SELECT 301 - i, i FROM generate_series(1, 300) i;
CREATE TABLE empty_one (id integer);
"""


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Toolkit]:
    """One app for all stories: its bundled server is started once."""
    patch = pytest.MonkeyPatch()
    patch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    toolkit = Toolkit(tmp_path_factory.mktemp("rehearsal") / "home")
    yield toolkit
    toolkit.close()
    patch.undo()


@pytest.fixture
def shop(app: Toolkit, postgres_url: str) -> Iterator[Shop]:
    shop = app.connect(postgres_url, name=f"shop {time.time_ns()}")
    shop.call("database:create") if not shop.status()["database_exists"] else None
    shop.new("shop", _SHOP, "DROP TABLE empty_one, orders, users;")
    shop.up()
    yield shop
    app.agree("connection:delete", connection=shop.id, delete_files=True)


def rehearse(shop: Shop, **more: Any) -> dict[str, Any]:
    answer: dict[str, Any] = shop.call("preview:rehearse", **more)
    return answer


def only(rehearsal: dict[str, Any]) -> dict[str, Any]:
    [file] = rehearsal["files"]
    return dict(file)


def statements(file: dict[str, Any], step: int = 0) -> list[dict[str, Any]]:
    return list(file["passes"][step]["statements"])


def new_locks(statement: dict[str, Any]) -> set[tuple[str, str]]:
    return {(one["object"], one["mode"]) for one in statement["locks"] if one["new"]}


def scratches(url: str) -> list[str]:
    """Of this process: other workers share the server."""
    with psycopg.connect(url, autocommit=True) as connection:
        found = connection.execute(
            "SELECT datname FROM pg_database WHERE datname LIKE 'dbtoolkit_scratch%'"
            " UNION SELECT rolname FROM pg_roles WHERE rolname LIKE 'dbtoolkit_scratch%'"
        )
        return [row[0] for row in found if f"_{os.getpid()}_" in row[0]]


def bundled(app: Toolkit) -> str:
    return app.services.rehearsals._places._scratches._own.maintenance_url()


def dump(shop: Shop) -> str:
    """Schema and rows, so that a change of either shows."""
    services = shop.toolkit.services
    url = services.connections.target(services.connections.resolve(shop.id)).url
    snapshot = shop.toolkit.call("schema:snapshot", source={"connection": shop.id})
    found = [str(snapshot["source"]["sha256"])]
    with psycopg.connect(url) as connection:
        for table in ("users", "orders", "empty_one", "schema_migrations"):
            rows = connection.execute(f"SELECT * FROM {table} ORDER BY 1".encode())
            found += [str(row) for row in rows]
    return "\n".join(found)


@pytest.mark.parametrize("place", ["bundled", "server"])
def test_locks_rewrites_rows_and_wal_are_what_the_server_tells(
    app: Toolkit, shop: Shop, postgres_url: str, place: str
) -> None:
    shop.new(
        "measured",
        "CREATE INDEX users_age ON users (age);\n"
        "ALTER TABLE users ADD COLUMN phone text;\n"
        "ALTER TABLE orders ALTER COLUMN total TYPE bigint;\n"
        "UPDATE users SET mood = mood;\n"
        "DO $$ BEGIN RAISE WARNING 'look out'; END $$;",
        "ALTER TABLE orders ALTER COLUMN total TYPE numeric;\n"
        "ALTER TABLE users DROP COLUMN phone;\nDROP INDEX users_age;",
    )
    before = dump(shop)
    rehearsal = rehearse(shop, scratch=place, rows="all")
    file = only(rehearsal)
    assert file["verdict"] == "reversible", file["reasons"]
    index, add, retype, update, warn = statements(file)
    assert ("users", "SHARE") in new_locks(index)
    assert [one["blocks"] for one in index["locks"] if one["mode"] == "SHARE"] == [
        ["writes", "schema changes"]
    ]
    assert ("users", "ACCESS EXCLUSIVE") in new_locks(add)
    assert add["rewrites"] == [], "a nullable column is added without touching the rows"
    assert ("orders", "ACCESS EXCLUSIVE") in new_locks(retype)
    assert [one["table"] for one in retype["rewrites"]] == ["orders"]
    assert "relfilenode" in retype["rewrites"][0]["detail"]
    assert (update["rows"], update["rewrites"]) == (300, [])
    assert update["bytes_written"] > add["bytes_written"] > 0
    assert warn["warnings"] == ["WARNING: look out"]
    assert all(one["duration_ms"] > 0 and one["line"] == at for at, one in enumerate(statements(file), 2))
    assert {one["fact"] for one in update["evidence"]} == {"locks", "rewrites", "bytes", "rows"}
    assert rehearsal["scratch"]["rows"] == 600
    assert dump(shop) == before
    assert scratches(postgres_url.rpartition("/")[0] + "/postgres?sslmode=disable") == []
    assert scratches(bundled(app)) == []


def test_verdicts_tell_what_comes_back(shop: Shop) -> None:
    """One batch, the tool's pass in one go on a twin."""
    halves = {
        "reversible": ("ALTER TABLE users ADD COLUMN a text;", "ALTER TABLE users DROP COLUMN a;"),
        "lossy": ("ALTER TABLE users DROP COLUMN mood;", "ALTER TABLE users ADD COLUMN mood text;"),
        "schema_only": ("ALTER TABLE empty_one ADD b text;", "ALTER TABLE empty_one DROP COLUMN b;"),
        "no_down": ("COMMENT ON TABLE users IS 'people';", ""),
        "broken": (
            "CREATE FUNCTION one() RETURNS integer LANGUAGE sql AS 'SELECT 1';\nCREATE VIEW v AS SELECT one();",
            "DROP VIEW v;\nDROP FUNCTION two();",
        ),
    }
    for name, (up, down) in halves.items():
        shop.new(name, up, down)
    rehearsal = rehearse(shop, rows="all")
    told = {one["filename"][15:-4]: one for one in rehearsal["files"]}
    assert {name: one["verdict"] for name, one in told.items()} == {name: name for name in halves}
    assert [one["column"] for one in told["lossy"]["rows_lost"]] == ["mood"]
    assert "line" in told["broken"]["reasons"][0]
    assert [(one["id"], one["change"]) for one in told["no_down"]["changed"]] == [
        ("comment public.users", "added")
    ]
    assert all([one["by"] for one in file["passes"]].count("tool") == 1 for file in rehearsal["files"]), (
        "the real tool ran every one of them"
    )


def test_a_down_that_forgets_something_is_broken(shop: Shop) -> None:
    shop.new(
        "forgets",
        "CREATE TABLE t (id integer);\nCREATE TYPE kind AS ENUM ('a');\nCOMMENT ON TYPE kind IS 'x';",
        "DROP TABLE t;",
    )
    file = only(rehearse(shop))
    assert file["verdict"] == "broken"
    assert {one["id"] for one in file["left"]} == {"type public.kind", "comment type kind"} or {
        one["id"] for one in file["left"]
    } >= {"type public.kind"}
    assert "could not run again" in " ".join(file["reasons"])


def test_a_sample_brings_the_parents_of_its_rows(shop: Shop) -> None:
    shop.new("t", "CREATE TABLE t (id integer);", "DROP TABLE t;")
    rehearsal = rehearse(shop, sample_rows=10)
    assert rehearsal["scratch"]["rows"] == 30, "10 users, 10 orders and the 10 users they name"
    assert rehearsal["scratch"]["missing"] == []
    assert rehearsal["verdict"] == "reversible"


def test_statements_without_a_transaction_run_as_dbmate_sends_them(shop: Shop) -> None:
    shop.new(
        "concurrently",
        "CREATE INDEX CONCURRENTLY users_mood ON users (mood);",
        "DROP INDEX CONCURRENTLY users_mood;",
        transaction=False,
    )
    shop.new(
        "two in one",
        "CREATE TABLE t (id integer);\nCREATE INDEX CONCURRENTLY t_id ON t (id);",
        "DROP TABLE t;",
        transaction=False,
    )
    first, second = rehearse(shop)["files"]
    assert first["verdict"] == "reversible", first["reasons"]
    [built] = statements(first)
    assert built["locks"] is None or {one["mode"] for one in built["locks"]} >= {"SHARE UPDATE EXCLUSIVE"}
    assert built["unknown"]
    assert second["verdict"] == "failed"
    assert "transaction block" in second["reasons"][0].lower() or "pipeline" in second["reasons"][0].lower()


_WRONG = (
    ("CREATE EXTENSION no_such_extension;", "no_such_extension"),
    ("ALTER TABLE users OWNER TO nobody_here;", "nobody_here"),
    ("COPY users TO PROGRAM 'cat > /tmp/dbtoolkit_rehearsal_leak';", "permission denied"),
    ("SELECT pg_read_file('/etc/passwd');", "permission denied"),
    ("CREATE TABLE t (id integer);\nCOMMIT;", "ends the transaction"),
    ("ALTER TABLE users ADD COLUMN x integer,;", "syntax"),
)


def test_what_goes_wrong_is_reported_for_what_it_is(shop: Shop) -> None:
    for up, said in _WRONG:
        text = f"-- migrate:up\n{up}\n-- migrate:down\nSELECT 1;\n"
        file = only(rehearse(shop, content=text, rows="none"))
        assert file["verdict"] == "failed", file
        assert said in file["reasons"][0].lower()
    assert not Path("/tmp/dbtoolkit_rehearsal_leak").exists()


def test_roles_made_by_a_rehearsal_are_gone_after_it_and_refused_on_a_shared_server(
    app: Toolkit, shop: Shop
) -> None:
    shop.new("role", "CREATE ROLE rehearsed_role;\nGRANT SELECT ON users TO rehearsed_role;", "")
    for _ in range(2):
        assert only(rehearse(shop))["verdict"] == "no_down"
    file = only(rehearse(shop, scratch="server"))
    assert file["verdict"] == "failed"
    assert "makes a role" in file["reasons"][0]


def test_time_limit_and_cancel_end_the_session_on_the_server(app: Toolkit, shop: Shop) -> None:
    shop.new("sleeps", "SELECT pg_sleep(600);", "")
    rehearsal = rehearse(shop, time_limit_s=3)
    assert only(rehearsal)["verdict"] == "stopped"
    assert rehearsal["scratch"]["dropped"]

    def sleeping() -> int:
        with psycopg.connect(bundled(app)) as connection:
            asked = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(600)%'"
            row = connection.execute(asked).fetchone()
            return int(row[0]) if row else 0

    def cancel() -> None:
        until = time.monotonic() + 60
        while not sleeping() and time.monotonic() < until:
            time.sleep(0.05)
        app.call("job:cancel", job_id="sleeper")

    assert sleeping() == 0
    thread = threading.Thread(target=cancel)
    thread.start()
    with pytest.raises(ChannelFailed) as cancelled:
        rehearse(shop, job_id="sleeper")
    thread.join()
    assert cancelled.value.code == "cancelled"
    assert cancelled.value.details["rehearsal"]["files"][0]["verdict"] == "stopped"
    assert sleeping() == 0
    assert scratches(bundled(app)) == []


@contextmanager
def scratches_of_this_process(url: str) -> Iterator[set[str]]:
    """The names of all that were there at some moment; other tests, with other processes, share the server."""
    seen: set[str] = set()
    done = threading.Event()

    def look() -> None:
        with psycopg.connect(url, autocommit=True) as connection:
            while not done.wait(0.005):
                rows = connection.execute("SELECT datname FROM pg_database WHERE datname LIKE 'dbtoolkit%'")
                seen.update(name for (name,) in rows if f"_{os.getpid()}_" in name)

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield seen
    finally:
        done.set()
        looking.join()


def test_nothing_is_created_on_the_server_of_a_production_or_read_only_connection(
    app: Toolkit, shop: Shop, postgres_url: str
) -> None:
    shop.new("t", "CREATE TABLE t (id integer);", "DROP TABLE t;")
    app.agree("connection:update", connection=shop.id, environment="production", read_only=True)

    with scratches_of_this_process(postgres_url) as made:
        assert rehearse(shop)["scratch"]["id"] == "bundled"
        with pytest.raises(ChannelFailed) as refused:
            rehearse(shop, scratch="server")
        assert refused.value.code == "not_supported"
    assert made == set()
    places = {one["id"]: one for one in shop.call("preview:scratch")["places"]}
    assert (places["bundled"]["is_default"], places["server"]["available"]) == (True, False)
    assert "production" in places["server"]["reason"]
    app.agree("connection:update", connection=shop.id, environment="development", read_only=False)
    with scratches_of_this_process(postgres_url) as made:
        rehearse(shop, scratch="server")
    assert len(made) > 0  # So that the look above would have seen one.


_BEYOND = (
    "DO $$ BEGIN CREATE ROLE rehearsed_beyond; END $$;",
    "DO $$ BEGIN EXECUTE concat('CREATE', ' ROLE ', 'rehearsed_beyond'); END $$;",
    "CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $f$ BEGIN EXECUTE 'CREATE ' || 'ROLE rehearsed_beyond'; END $f$;\n"
    "SELECT f();",
    "ALTER DATABASE {own} SET work_mem = '9MB';",
    "DO $$ BEGIN EXECUTE 'ALTER DATABASE {own} SET work_mem = ''9MB'''; END $$;",
    "ALTER DATABASE {own} CONNECTION LIMIT 3;",
    "DO $$ BEGIN EXECUTE concat('REVOKE CONNECT ON ', 'DATABASE {own} FROM PUBLIC'); END $$;",
    "DO $$ BEGIN EXECUTE concat('COMMENT ON ', 'DATABASE {own} IS NULL'); END $$;",
    "DO $$ BEGIN CREATE ROLE rehearsed_beyond; EXCEPTION WHEN division_by_zero THEN NULL; END $$;",
    "COMMENT ON DATABASE {own} IS 'rehearsed';",
    "REVOKE CONNECT ON DATABASE {own} FROM PUBLIC;",
    "COPY users TO PROGRAM 'cat > {file}';",
    "DO $$ BEGIN COPY users TO PROGRAM 'cat > {file}'; END $$;",
    "COPY users TO '{file}';",
    "SELECT lo_export(lo_from_bytea(0, 'x'), '{file}');",
    "CREATE EXTENSION dblink;",
    "SELECT dblink_exec('dbname={own}', 'DELETE FROM users');",
    "CREATE SERVER s FOREIGN DATA WRAPPER postgres_fdw;",
    "SELECT pg_terminate_backend(pg_backend_pid());",
)


def test_nothing_reaches_beyond_a_scratch_on_the_targets_own_server(shop: Shop, tmp_path: Path) -> None:
    own, file = shop.connection["database"], tmp_path / "leak"
    url = shop.toolkit.services.connections.target(shop.toolkit.services.connections.resolve(shop.id)).url

    def server() -> object:
        with psycopg.connect(url) as connection:
            return connection.execute(
                "SELECT datconnlimit, datacl::text, shobj_description(d.oid, 'pg_database'), "
                "(SELECT array_agg(setconfig) FROM pg_db_role_setting WHERE setdatabase = d.oid), "
                "(SELECT count(*) FROM pg_roles WHERE rolname = 'rehearsed_beyond') "
                "FROM pg_database d WHERE datname = current_database()"
            ).fetchall()

    before = (dump(shop), server())
    for sql in _BEYOND:
        up = sql.format(own=own, file=file)
        text = f"-- migrate:up\n{up}\n-- migrate:down\nSELECT 1;\n"
        answer = only(rehearse(shop, content=text, rows="none", scratch="server"))
        assert (server(), file.exists()) == (before[1], False), up
        assert answer["verdict"] == "failed", up
        assert "scratch database does not keep to itself" in answer["reasons"][0], (up, answer["reasons"])
    assert dump(shop) == before[0]
