# ruff: noqa: E501 (a table of statements)
"""The lock table of PostgreSQL against PostgreSQL: each form is run in an open transaction, and pg_locks asked."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from backend.engine.forecast.known import Known
from backend.engine.forecast.port import Locks, Place, forecast_of
from backend.engine.lint.facts import Facts
from backend.engine.lint.scene import Scene
from backend.engine.lint.source import Half
from backend.engine.target import Target
from backend.engines.postgres.engine import PostgresEngine
from backend.engines.postgres.forecast.modes import ORDER
from backend.engines.postgres.lint.reader import read_half
from backend.models.migration import Direction
from backend.services.preview.live import read_known
from backend.services.preview.reading import tables_of

SETUP = """
CREATE TABLE customers (id int PRIMARY KEY, code int UNIQUE, name text);
CREATE TABLE orders (id int PRIMARY KEY, customer_id int CONSTRAINT orders_customer REFERENCES customers (id),
  total int, note varchar(20), CONSTRAINT total_positive CHECK (total >= 0));
CREATE TABLE lines (id int PRIMARY KEY, order_id int, code int REFERENCES customers (code) ON DELETE CASCADE);
ALTER TABLE lines ADD CONSTRAINT lines_order FOREIGN KEY (order_id) REFERENCES orders (id) NOT VALID;
INSERT INTO customers VALUES (1, 1, 'a'), (2, 2, 'b');
INSERT INTO orders VALUES (1, 1, 5, 'x');
CREATE TABLE plain (id int, a int, b text, c jsonb);
INSERT INTO plain SELECT n, n + 1, 'b' FROM generate_series(1, 50) AS n;
CREATE INDEX plain_a ON plain (a);
CREATE UNIQUE INDEX plain_id ON plain (id);
CREATE VIEW seen AS SELECT id FROM plain;
CREATE MATERIALIZED VIEW kept AS SELECT id FROM plain;
CREATE UNIQUE INDEX kept_id ON kept (id);
CREATE SEQUENCE numbers;
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE DOMAIN short AS text;
CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER plain_trigger BEFORE INSERT ON plain FOR EACH ROW EXECUTE FUNCTION nothing();
CREATE POLICY plain_policy ON plain USING (true);
CREATE TABLE events (id int, day date) PARTITION BY RANGE (day);
CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE events_2025 (id int, day date);
CREATE TABLE base (id int);
CREATE TABLE heir (more int) INHERITS (base);
"""
FORMS = (
    "CREATE TABLE fresh (id int PRIMARY KEY, customer_id int REFERENCES customers (id))",
    "CREATE TABLE fresh (LIKE plain INCLUDING ALL)",
    "CREATE TABLE fresh (x int) INHERITS (base)",
    "CREATE TABLE fresh AS SELECT * FROM plain",
    "CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')",
    "CREATE VIEW fresh AS SELECT * FROM plain",
    "CREATE OR REPLACE VIEW seen AS SELECT id FROM plain WHERE id > 0",
    "CREATE MATERIALIZED VIEW fresh AS SELECT * FROM plain",
    "CREATE INDEX fresh ON plain (b)",
    "CREATE UNIQUE INDEX fresh ON plain (a)",
    "CREATE INDEX fresh ON events (day)",
    "CREATE TRIGGER fresh AFTER INSERT ON plain FOR EACH ROW EXECUTE FUNCTION nothing()",
    "CREATE RULE fresh AS ON DELETE TO plain DO INSTEAD NOTHING",
    "CREATE POLICY fresh ON plain USING (id > 0)",
    "ALTER POLICY plain_policy ON plain USING (id > 1)",
    "CREATE STATISTICS fresh ON a, b FROM plain",
    "CREATE PUBLICATION fresh FOR TABLE plain",
    "CREATE SEQUENCE fresh", "CREATE TYPE fresh AS ENUM ('a')", "CREATE DOMAIN fresh AS int", "CREATE SCHEMA fresh",
    "CREATE FUNCTION fresh() RETURNS int LANGUAGE sql AS $body$ SELECT 1 $body$",
    "ALTER TABLE plain ADD COLUMN fresh int",
    "ALTER TABLE plain ADD COLUMN fresh int DEFAULT 5 NOT NULL",
    "ALTER TABLE plain ADD COLUMN fresh int REFERENCES customers (id)",
    "ALTER TABLE plain DROP COLUMN b",
    "ALTER TABLE orders DROP COLUMN customer_id",
    "ALTER TABLE plain ALTER COLUMN a TYPE bigint",
    "ALTER TABLE orders ALTER COLUMN customer_id TYPE bigint",
    "ALTER TABLE customers ALTER COLUMN id TYPE bigint",
    "ALTER TABLE orders ALTER COLUMN note TYPE text",
    "ALTER TABLE plain ALTER COLUMN a SET NOT NULL",
    "ALTER TABLE plain ALTER COLUMN a DROP NOT NULL",
    "ALTER TABLE plain ALTER COLUMN a SET DEFAULT 1",
    "ALTER TABLE plain ALTER COLUMN a SET STATISTICS 100",
    "ALTER TABLE plain ALTER COLUMN b SET STORAGE EXTERNAL",
    "ALTER TABLE plain ALTER COLUMN a SET (n_distinct = 5)",
    "ALTER TABLE plain ADD CONSTRAINT fresh CHECK (a > 0)",
    "ALTER TABLE plain ADD CONSTRAINT fresh CHECK (a > 0) NOT VALID",
    "ALTER TABLE plain ADD CONSTRAINT fresh UNIQUE (a)",
    "ALTER TABLE plain ADD PRIMARY KEY (a)",
    "ALTER TABLE plain ADD CONSTRAINT fresh UNIQUE USING INDEX plain_id",
    "ALTER TABLE plain ADD CONSTRAINT fresh FOREIGN KEY (a) REFERENCES customers (id) NOT VALID",
    "ALTER TABLE lines ADD CONSTRAINT fresh FOREIGN KEY (order_id) REFERENCES orders (id)",
    "ALTER TABLE lines VALIDATE CONSTRAINT lines_order",
    "ALTER TABLE orders DROP CONSTRAINT orders_customer",
    "ALTER TABLE orders DROP CONSTRAINT total_positive",
    "ALTER TABLE orders RENAME CONSTRAINT total_positive TO fresh",
    "ALTER TABLE plain DISABLE TRIGGER plain_trigger",
    "ALTER TABLE plain ENABLE TRIGGER ALL",
    "ALTER TABLE plain ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE plain SET (fillfactor = 80, autovacuum_enabled = false)",
    "ALTER TABLE plain SET (user_catalog_table = true)",
    "ALTER TABLE plain RESET (fillfactor)",
    "ALTER TABLE plain CLUSTER ON plain_a",
    "ALTER TABLE plain SET UNLOGGED",
    "ALTER TABLE plain REPLICA IDENTITY FULL",
    "ALTER TABLE plain OWNER TO CURRENT_USER",
    "ALTER TABLE heir NO INHERIT base",
    "ALTER TABLE base ADD COLUMN fresh int",
    "ALTER TABLE ONLY base ALTER COLUMN id SET DEFAULT 1",
    "ALTER TABLE events ADD COLUMN fresh int",
    "ALTER TABLE events ATTACH PARTITION events_2025 FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')",
    "ALTER TABLE events DETACH PARTITION events_2024",
    "ALTER TABLE plain\n  ADD COLUMN \"a;b\" int, -- DROP COLUMN a\n  ALTER COLUMN a SET STATISTICS 5",
    "ALTER TABLE plain RENAME TO fresh", "ALTER TABLE plain RENAME COLUMN a TO fresh",
    "ALTER INDEX plain_a RENAME TO fresh", "ALTER INDEX plain_a SET (fillfactor = 70)",
    "ALTER TRIGGER plain_trigger ON plain RENAME TO fresh", "ALTER VIEW seen RENAME TO fresh",
    "ALTER SEQUENCE numbers RESTART", "ALTER TYPE mood ADD VALUE 'great'", "ALTER TABLE plain SET SCHEMA pg_catalog",
    "ALTER FUNCTION nothing() STABLE", "ALTER VIEW seen SET (security_barrier = true)",
    "ALTER MATERIALIZED VIEW kept RENAME TO fresh",
    "DROP TABLE lines", "DROP TABLE customers CASCADE", "DROP TABLE events", "DROP TABLE events_2024",
    "DROP INDEX plain_a", "DROP VIEW seen", "DROP MATERIALIZED VIEW kept", "DROP SEQUENCE numbers",
    "DROP TRIGGER plain_trigger ON plain", "DROP POLICY plain_policy ON plain", "DROP TYPE mood", "DROP DOMAIN short",
    "TRUNCATE plain", "TRUNCATE customers CASCADE", "TRUNCATE events",
    "REFRESH MATERIALIZED VIEW kept", "REFRESH MATERIALIZED VIEW CONCURRENTLY kept",
    "REINDEX TABLE plain", "REINDEX INDEX plain_a", "CLUSTER plain USING plain_a", "ANALYZE plain",
    "COMMENT ON TABLE plain IS 'x'", "COMMENT ON COLUMN plain.a IS 'x'",
    "COMMENT ON CONSTRAINT total_positive ON orders IS 'x'", "COMMENT ON INDEX plain_a IS 'x'",
    "COMMENT ON FUNCTION nothing() IS 'x'", "GRANT SELECT ON plain TO PUBLIC", "REVOKE ALL ON plain FROM PUBLIC",
    "LOCK TABLE plain IN SHARE ROW EXCLUSIVE MODE", "LOCK TABLE plain",
    "INSERT INTO orders VALUES (2, 1, 1, 'y')", "INSERT INTO plain (id) SELECT id + 1000 FROM customers",
    "INSERT INTO plain (id) VALUES (1) ON CONFLICT DO NOTHING",
    "UPDATE plain SET a = 1 WHERE b = 'DELETE FROM orders'", "UPDATE plain SET a = c.id FROM customers c WHERE c.id = plain.id",
    "UPDATE orders SET customer_id = 2", "UPDATE customers SET name = 'x'", "UPDATE customers SET id = id + 100 WHERE id = 2",
    "DELETE FROM lines", "DELETE FROM customers WHERE id = 2", "DELETE FROM plain USING customers WHERE customers.id = plain.id",
    "WITH c AS (SELECT * FROM customers) UPDATE plain SET a = c.id FROM c",
    "SELECT * FROM plain JOIN customers USING (id)", "SELECT * FROM plain FOR UPDATE",
    "MERGE INTO plain USING customers c ON c.id = plain.id WHEN MATCHED THEN UPDATE SET a = 2",
    "SET lock_timeout = '1s'", "DROP FUNCTION nothing() CASCADE",
)  # fmt: skip
OUTSIDE = (
    "CREATE INDEX CONCURRENTLY fresh ON plain (b)",
    "REINDEX TABLE CONCURRENTLY plain",
    "REINDEX INDEX CONCURRENTLY plain_a",
    "DROP INDEX CONCURRENTLY plain_a",
    "VACUUM plain", "VACUUM (FULL, ANALYZE) plain", "VACUUM FULL plain", "ANALYZE plain", "CLUSTER plain USING plain_a",
)  # fmt: skip
_RELATIONS = """
SELECT c.oid, c.relname, c.relkind::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema' AND c.relkind IN ('r', 'p', 'v', 'm', 'S', 'i', 'I')
"""
_HELD = "SELECT relation, mode FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'relation'"
Relations = dict[int, tuple[str, str]]


@pytest.fixture(params=["postgres_url", "postgres15_url"])
def server(request: pytest.FixtureRequest, tmp_path: Any) -> Iterator[tuple[psycopg.Connection[Any], Target]]:
    url = request.getfixturevalue(request.param)
    with psycopg.connect(url) as connection:
        connection.execute(SETUP)
        connection.commit()
        yield connection, Target("postgres", url, tmp_path, "schema_migrations")


def _known(target: Target) -> Known:
    every = Half(Direction.UP, SETUP, 0)
    return read_known(
        PostgresEngine(), target, [name for one in read_half(every) for name in tables_of(one.ops)]
    )


def _expected(sql: str, known: Known) -> Locks:
    half = Half(Direction.UP, sql, 0)
    half.statements = read_half(half)
    (statement,) = half.statements
    assert known.catalog is not None
    place = Place(statement, half, Scene(Facts.of_catalog(known.catalog)), known)
    return forecast_of("postgres").locks(place)


def _mode(server_word: str) -> str:
    words = server_word.removesuffix("Lock")
    return "".join(f" {c}" if c.isupper() else c for c in words).strip().upper()


def _strongest(pairs: Any) -> dict[str, str]:
    """By table; reading alone (ACCESS SHARE) is left out, as the server's own look-ups take it too."""
    found: dict[str, str] = {}
    for name, mode in pairs:
        if mode != "ACCESS SHARE" and ORDER.index(mode) > ORDER.index(found.get(name, ORDER[0])):
            found[name] = mode
    return found


def _relations(connection: psycopg.Connection[Any]) -> Relations:
    """By oid: name and kind."""
    return {oid: (name, kind) for oid, name, kind in connection.execute(_RELATIONS)}


def _differs(sql: str, locks: Locks, held: dict[str, str], indexes: set[str]) -> str | None:
    told = _strongest((one.object.rpartition(".")[2], one.mode) for one in locks.expected if one.certain)
    may = _strongest((one.object.rpartition(".")[2], one.mode) for one in locks.expected)
    # An index follows its table; it is compared only where the forecast speaks of it.
    held = {name: mode for name, mode in held.items() if name not in indexes or name in may}
    wrong = [f"{n}: told {m}, held {held.get(n)}" for n, m in told.items() if held.get(n) != m]
    # What CASCADE reaches is said not to be known.
    if not locks.unknown:
        wrong += [
            f"{n}: held {m}, told {may.get(n)}" for n, m in held.items() if n not in told and may.get(n) != m
        ]
    return f"{sql}\n    " + "\n    ".join(wrong) if wrong else None


def test_expected_locks_are_the_ones_pg_locks_shows(server: tuple[psycopg.Connection[Any], Target]) -> None:
    connection, target = server
    known, wrong = _known(target), list[str]()
    for sql in FORMS:
        if sql.startswith("MERGE") and connection.info.server_version < 150000:
            continue
        locks = _expected(sql, known)
        before = _relations(connection)
        connection.rollback()
        connection.execute(sql)
        # By its name before: what is renamed or dropped is still what the forecast speaks of.
        names = _relations(connection) | before
        found = [
            (names[oid], _mode(mode)) for oid, mode in connection.execute(_HELD).fetchall() if oid in names
        ]
        connection.rollback()
        held = _strongest((name, mode) for (name, _), mode in found)
        indexes = {name for name, kind in names.values() if kind in ("i", "I")}
        difference = _differs(sql, locks, held, indexes)
        if difference is not None:
            wrong.append(difference)
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("sql", OUTSIDE)
def test_what_runs_outside_a_transaction_waits_for_the_mode_that_was_told(
    server: tuple[psycopg.Connection[Any], Target], sql: str
) -> None:
    connection, target = server
    locks = _expected(sql, _known(target))
    told = {one.object: one.mode for one in locks.expected}
    connection.rollback()
    # It conflicts with every mode these take on the table, so each waits, and pg_locks shows what for.
    connection.execute("LOCK TABLE plain IN SHARE UPDATE EXCLUSIVE MODE")
    with (
        psycopg.connect(target.url, autocommit=True) as other,
        psycopg.connect(target.url, autocommit=True) as third,
    ):

        def run() -> None:
            with contextlib.suppress(psycopg.Error):
                other.execute(sql)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        waits: str | None = None
        until = time.monotonic() + 20
        while waits is None and time.monotonic() < until:
            row = third.execute(
                "SELECT mode FROM pg_locks WHERE pid = %s AND NOT granted AND relation = 'plain'::regclass",
                (other.info.backend_pid,),
            ).fetchone()
            waits = _mode(row[0]) if row else None
            time.sleep(0.01)
        third.execute("SELECT pg_cancel_backend(%s)", (other.info.backend_pid,))
        thread.join(20)
        connection.rollback()
    assert told.get("plain") == waits
