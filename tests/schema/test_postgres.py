"""PostgreSQL: what is generated from one schema to another leaves exactly that schema, by pg_dump, both ways."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend.core.errors import ReadOnly
from backend.diff.compare import compare
from backend.engine.schema.model import PlanOptions, Snapshot, Style
from backend.engine.schema.port import schema_tools
from backend.engine.target import Target
from backend.services.schemas.generator import Generator
from backend.services.schemas.scratches import ScratchServer
from tests.schema.postgres_changes import BASE, CHANGES

TOOLS = schema_tools("postgres")
WITH_ROWS = (
    "ADD COLUMN phone text NOT NULL", "ALTER COLUMN age TYPE bigint", "ALTER COLUMN total TYPE bigint", "RENAME COLUMN",
    "ADD VALUE 'great'", "ADD GENERATED ALWAYS AS IDENTITY", "PARTITION OF parts FOR VALUES", "ADD PRIMARY KEY (id, email)",
)  # fmt: skip


@pytest.fixture(scope="module")
def bases() -> dict[str, Snapshot]:
    """The base's snapshot, read once."""
    return {}


@pytest.fixture
def server(postgres_url: str) -> Target:
    return Target("postgres", postgres_url, Path("/"), "schema_migrations")


@pytest.fixture
def base(server: Target, bases: dict[str, Snapshot]) -> Snapshot:
    if "base" not in bases:
        bases["base"] = snapshot_of(server, BASE)
    return bases["base"]


def snapshot_of(server: Target, text: str) -> Snapshot:
    with TOOLS.scratch(server, "load") as target:
        TOOLS.load(target, text, "schema.sql")
        return TOOLS.snapshot(target)


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_converges_both_ways(server: Target, base: Snapshot, change: str) -> None:
    with TOOLS.scratch(server, "try") as target:
        assert TOOLS.load(target, f"{BASE}\n{change};", "schema.sql").skipped == ()
        new = TOOLS.snapshot(target)
        assert new.sha256 != base.sha256
        for old, wanted in ((new, base), (base, new)):
            plan = TOOLS.plan(old, wanted, PlanOptions())
            applied = TOOLS.apply(target, plan.steps, retry=True)
            assert applied.ok, applied.error
            assert plan.not_expressed == ()
            assert [(one.id, one.change) for one in compare(TOOLS.snapshot(target), wanted)] == []


@pytest.mark.parametrize("style", list(Style))
@pytest.mark.parametrize("change", [one for one in CHANGES if any(word in one for word in WITH_ROWS)])
def test_a_change_is_proven_with_rows(server: Target, base: Snapshot, change: str, style: Style) -> None:
    scratch = ScratchServer(TOOLS, server, "the server", "18")
    made = Generator(TOOLS, scratch).generate(
        base, snapshot_of(server, f"{BASE}\n{change};"), PlanOptions(style=style)
    )
    proven = made.proven
    assert (proven.up, proven.down, proven.rows) == (True, True, True), (
        proven.problems,
        proven.left_up,
        proven.left_down,
    )
    assert proven.rows_seeded > 5 and made.not_expressed == []


def test_online_builds_indexes_beside_the_others_in_files_of_their_own(
    server: Target, base: Snapshot
) -> None:
    change = "CREATE INDEX orders_note ON orders (note); ALTER TABLE users ALTER name SET NOT NULL;"
    change += "ALTER TABLE orders ADD CONSTRAINT few CHECK (total < 1000);"
    scratch = ScratchServer(TOOLS, server, "the server", "18")
    new = snapshot_of(server, f"{BASE}\n{change};")
    made = Generator(TOOLS, scratch).generate(base, new, PlanOptions(style=Style.ONLINE))
    alone = [file for file in made.files if not file.transaction]
    assert [file.up for file in alone] == [
        "CREATE INDEX CONCURRENTLY orders_note ON public.orders USING btree (note);\n"
    ]
    text = "\n".join(file.up for file in made.files)
    assert "ADD CONSTRAINT few CHECK ((total < (1000)::numeric)) NOT VALID" in text
    assert "VALIDATE CONSTRAINT few" in text and "SET LOCAL lock_timeout" in text
    assert (made.proven.up, made.proven.down, made.proven.rows) == (True, True, True), made.proven.problems


def test_a_read_only_connection_gets_no_scratch_database(server: Target) -> None:
    from dataclasses import replace

    with pytest.raises(ReadOnly), TOOLS.scratch(replace(server, read_only=True), "no"):
        pass
