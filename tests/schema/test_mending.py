"""A plan that works is only proven; what one leaves is mended; a mending that changes nothing is not written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
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


class Forgetful(SqliteSchema):
    """Forgets the last statement of the first plan up."""

    def __init__(self, old: Snapshot) -> None:
        self._old = old

    def plan(self, old: Snapshot, new: Snapshot, options: PlanOptions) -> Plan:
        real = super().plan(old, new, options)
        return Plan(real.steps[:-1], real.objects) if old is self._old else real


class Counting(SqliteSchema):
    def __init__(self) -> None:
        self.made = 0

    @contextmanager
    def scratch(self, server: Target, purpose: str) -> Iterator[Target]:
        self.made += 1
        with super().scratch(server, purpose) as target:
            yield target


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


def test_a_plan_that_works_as_it_stands_is_proven_on_the_only_clone() -> None:
    old, new = snapshot_of("CREATE TABLE a (id INT);"), snapshot_of("CREATE TABLE a (id INT, b INT);")
    tools = Counting()
    made = Generator(tools, ScratchServer(tools, SERVER, "a temporary file", "")).generate(
        old, new, PlanOptions()
    )
    assert (made.proven.up, made.proven.down, made.proven.rows) == (True, True, True)
    assert tools.made == 1


def test_what_a_plan_leaves_is_mended_and_the_whole_is_proven() -> None:
    old = snapshot_of("CREATE TABLE a (id INT);")
    new = snapshot_of("CREATE TABLE a (id INT); CREATE TABLE b (id INT); CREATE TABLE c (id INT);")
    tools = Forgetful(old)
    assert len(tools.plan(old, new, PlanOptions()).steps) == 1
    made = Generator(tools, ScratchServer(tools, SERVER, "a temporary file", "")).generate(
        old, new, PlanOptions()
    )
    assert (made.proven.up, made.proven.down, made.proven.rows) == (True, True, True)
    assert len(made.statements) == 2
