"""Schemas: two snapshots and the comparison of 1,000 tables against two bare `pg_dump -s`; generation without its proof."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from backend.drivers import process
from backend.drivers.pg_tools import environment
from backend.drivers.tools import postgres_tool
from backend.engine.schema.model import PlanOptions
from backend.engine.schema.port import schema_tools
from backend.engine.target import Target
from backend.models.schema_diff import SchemaSource
from tests.bench.measure import Line, against, alone, in_turns, took_ms
from tests.kit import Toolkit
from tests.schema.postgres_pairs import BASE
from tests.servers import start_postgres18

TABLES = 1000


def schema(folder: Path, rounds: int) -> list[Line]:
    """Two databases of 1,000 tables that differ in a few; then a pair of the usual size."""
    tools = schema_tools("postgres")
    with start_postgres18() as server:
        sides = []
        for change in ("", f"ALTER TABLE t{TABLES // 2} ADD COLUMN more int; DROP INDEX t7_b; DROP VIEW v3;"):
            side = Target("postgres", server.new_database().url, folder, "schema_migrations")
            tools.load(side, _many() + change, "many.sql")
            sides.append(side)

        toolkit = Toolkit(folder / "home")
        sources = [SchemaSource(url=side.url) for side in sides]

        def ours() -> float:
            found: list[int] = []
            time_ms = took_ms(lambda: found.append(len(toolkit.services.schemas.compare(*sources).changes)))
            assert found == [3]
            return time_ms

        def peer() -> float:
            return took_ms(lambda: [_bare_dump(side) for side in sides])

        try:
            mine, theirs = in_turns(ours, peer, min(rounds, 5))
        finally:
            toolkit.close()
        lines = [against(f"schema snapshots + diff, {TABLES:,} tables", mine, theirs, 1.2)]

        here = Target("postgres", server.new_database().url, folder, "schema_migrations")
        there = replace(here, url=server.new_database().url)
        tools.load(here, BASE, "old.sql")
        tools.load(
            there, f"{BASE}\nALTER TABLE users ADD phone text; DROP VIEW richer; DROP VIEW rich;", "new.sql"
        )
        old, new = tools.snapshot(here), tools.snapshot(there)
        times = [
            took_ms(lambda: tools.write(tools.plan(old, new, PlanOptions()).steps)) for _ in range(rounds)
        ]
        lines.append(alone("generation of a usual pair, beyond snapshots", times, 50))
    return lines


def _many() -> str:
    parts = ["CREATE TYPE mood AS ENUM ('sad', 'ok');"]
    for n in range(TABLES):
        other = f"REFERENCES t{n - 1}" if n else ""
        parts.append(
            f"CREATE TABLE t{n} (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, a bigint {other}, b text NOT NULL"
            f" DEFAULT 'x', c numeric(10,2) CHECK (c >= 0), d timestamptz DEFAULT now(), m mood);"
            f"CREATE INDEX t{n}_b ON t{n} (b); COMMENT ON COLUMN t{n}.b IS 'b of {n}';"
        )
        if n < 50:
            parts.append(f"CREATE VIEW v{n} AS SELECT id, b FROM t{n} WHERE c > 1;")
    return "\n".join(parts)


def _bare_dump(side: Target) -> None:
    done = process.run(
        process.Command(
            argv=[postgres_tool("pg_dump"), "--schema-only", "--dbname", side.url],
            env=environment({}),
            timeout_s=120,
        )
    )
    assert done.exit_code == 0, done.stderr
