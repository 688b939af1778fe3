"""What is left after a plan is mended; a mending that changes nothing is not written."""

from __future__ import annotations

from pathlib import Path

from backend.engine.schema.model import Plan, PlanOptions, Snapshot, Step
from backend.engine.target import Target
from backend.engines.sqlite.schema import SCHEMA
from backend.engines.sqlite.schema.tools import SqliteSchema
from backend.services.schemas.generator import Generator
from backend.services.schemas.scratches import ScratchServer

SERVER = Target("sqlite", "sqlite:scratch.db", Path("/"), "schema_migrations")


class Idle(SqliteSchema):
    """Writes what the database takes and does nothing for."""

    def plan(self, old: Snapshot, new: Snapshot, options: PlanOptions) -> Plan:
        real = super().plan(old, new, options)
        return Plan((Step("SELECT 1"),) if real.steps else (), real.objects)


def snapshot_of(text: str) -> Snapshot:
    with SCHEMA.scratch(SERVER, "load") as target:
        SCHEMA.load(target, text, "schema.sql")
        return SCHEMA.snapshot(target)


def test_a_mending_that_changes_nothing_is_not_written() -> None:
    old, new = snapshot_of("CREATE TABLE a (id INT);"), snapshot_of("CREATE TABLE a (id INT, b INT);")
    scratch = ScratchServer(Idle(), SERVER, "a temporary file", "")
    made = Generator(scratch.tools, scratch).generate(old, new, PlanOptions())
    assert [one.sql for one in made.statements] == ["SELECT 1"]
    assert made.proven.up is False
    assert made.proven.left_up == ["table a"]
