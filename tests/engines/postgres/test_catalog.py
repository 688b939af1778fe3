"""What the schema holds: the light catalog, the fingerprint that tells what a failed run left, and row counts."""

from __future__ import annotations

import time

import pytest

from backend.engines.postgres import ENGINE
from tests.engines.postgres.helpers import run
from tests.engines.sqlite.project import Project

SCHEMA = """
CREATE SCHEMA app;
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE DOMAIN positive AS int CHECK (VALUE > 0);
CREATE SEQUENCE numbers START 5;
CREATE TABLE users (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email text NOT NULL, feeling mood DEFAULT 'ok');
CREATE TABLE app.orders (id int PRIMARY KEY, user_id bigint REFERENCES users, total numeric(10, 2) CHECK (total >= 0));
CREATE UNIQUE INDEX users_email ON users (lower(email));
CREATE VIEW happy AS SELECT id, email FROM users WHERE feeling = 'ok';
CREATE MATERIALIZED VIEW counts AS SELECT count(*) AS n FROM users;
CREATE FUNCTION double(n int) RETURNS int LANGUAGE sql AS 'SELECT n * 2';
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER touched BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION touch();
CREATE POLICY own ON users USING (true);
CREATE EXTENSION IF NOT EXISTS citext;
"""

CHANGES = {
    "table users": "ALTER TABLE users ENABLE ROW LEVEL SECURITY",
    "column users.email": "ALTER TABLE users ALTER email DROP NOT NULL",
    "column users.feeling": "ALTER TABLE users ALTER feeling DROP DEFAULT",
    "index users_email": "DROP INDEX users_email; CREATE INDEX users_email ON users (email)",
    "constraint app.orders.orders_total_check": "ALTER TABLE app.orders DROP CONSTRAINT orders_total_check, "
    "ADD CONSTRAINT orders_total_check CHECK (total >= 1)",
    "view happy": "CREATE OR REPLACE VIEW happy AS SELECT id, email FROM users WHERE feeling = 'sad'",
    "materialized view counts": "DROP MATERIALIZED VIEW counts; "
    "CREATE MATERIALIZED VIEW counts AS SELECT max(id) AS n FROM users",
    "function double(n integer)": "CREATE OR REPLACE FUNCTION double(n int) RETURNS int LANGUAGE sql AS 'SELECT n + n'",
    "trigger users.touched": "ALTER TABLE users DISABLE TRIGGER touched",
    "policy users.own": "ALTER POLICY own ON users USING (false)",
    "type mood": "ALTER TYPE mood ADD VALUE 'glad'",
    "domain positive": "ALTER DOMAIN positive SET NOT NULL",
    "sequence numbers": "ALTER SEQUENCE numbers INCREMENT 2",
    "grants users": "GRANT SELECT ON users TO pg_monitor",
    "comment users.email": "COMMENT ON COLUMN users.email IS 'where to write'",
    "table gone": "CREATE TABLE gone (id int)",
}


def test_the_catalog_names_tables_columns_indexes_functions_and_types(either: Project) -> None:
    either.write("1_a.sql", SCHEMA)
    assert either.up().returncode == 0
    catalog = ENGINE.catalog(either.target)
    tables = {table.name: table for table in catalog.tables}
    assert list(tables) == [
        "counts",
        "happy",
        "users",
        "orders",
    ]  # without schema_migrations, own schema first
    assert (tables["users"].kind, tables["happy"].kind, tables["counts"].kind) == (
        "table",
        "view",
        "materialized_view",
    )
    described = [(c.name, c.type, c.nullable, c.primary_key) for c in tables["users"].columns]
    assert described == [
        ("id", "bigint", False, True),
        ("email", "text", False, False),
        ("feeling", "mood", True, False),
    ]
    assert [(i.name, i.columns, i.unique) for i in tables["users"].indexes] == [
        ("users_email", ["lower(email)"], True),
        ("users_pkey", ["id"], True),
    ]
    assert tables["orders"].schema_name == "app" and tables["orders"].columns[2].type == "numeric(10,2)"
    assert catalog.functions == ["double", "touch"] and catalog.types == ["mood", "positive"]
    assert catalog.default_schema == "public"


def test_the_fingerprint_sees_every_kind_of_change_and_only_that(either: Project) -> None:
    run(either, SCHEMA)
    before = ENGINE.fingerprint(either.target)
    assert ENGINE.fingerprint(either.target) == before
    for key, change in CHANGES.items():
        run(either, *change.split("; "))
        after = ENGINE.fingerprint(either.target)
        changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
        assert key in changed, change
        before = after


def test_an_invalid_index_is_told_apart_from_a_good_one(either: Project) -> None:
    run(either, "CREATE TABLE a (x int)", "INSERT INTO a VALUES (1), (1)")
    with pytest.raises(Exception, match="duplicated"):
        run(either, "CREATE UNIQUE INDEX CONCURRENTLY once ON a (x)")
    assert "INVALID" in ENGINE.fingerprint(either.target)["index once"]


def test_rows_are_counted_exactly_and_unknown_tables_left_out(shop: Project) -> None:
    run(shop, 'CREATE TABLE "Odd.Name" (x int); CREATE SCHEMA app; CREATE TABLE app.t AS SELECT generate_series(1, 3)',
        'INSERT INTO "Odd.Name" VALUES (1), (2)')  # fmt: skip
    assert ENGINE.row_counts(shop.target, ["Odd.Name", "app.t", "APP.T", "nowhere", "x'; DROP TABLE app.t"]) == {
        "Odd.Name": 2, "app.t": 3, "APP.T": 3,
    }  # fmt: skip
    assert ENGINE.row_counts(shop.target, []) == {}


def test_thousands_of_tables_are_read_in_seconds(shop: Project) -> None:
    run(shop, "DO $$ BEGIN FOR i IN 1..2000 LOOP EXECUTE format('CREATE TABLE t%s (id int PRIMARY KEY, a text, b int)', i); "
              "IF i % 500 = 0 THEN COMMIT; END IF; END LOOP; END $$")  # fmt: skip
    started = time.monotonic()
    assert len(ENGINE.catalog(shop.target).tables) == 2000
    assert len([key for key in ENGINE.fingerprint(shop.target) if key.startswith("column ")]) == 6000
    assert time.monotonic() - started < 5
