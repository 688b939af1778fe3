"""ClickHouse: what is generated from one schema to another leaves exactly that schema, both ways, on the real engine."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend.engine.schema.model import PlanOptions, Snapshot
from backend.engine.schema.port import schema_tools
from backend.engine.target import Target
from backend.models.schema_diff import Generated
from backend.services.schemas.generator import Generator
from backend.services.schemas.scratches import ScratchServer
from tests.schema.clickhouse_changes import CHANGES, base, changed

TOOLS = schema_tools("clickhouse")
_READ: dict[str, Snapshot] = {}


@pytest.fixture
def server(clickhouse_url: str) -> ScratchServer:
    target = Target("clickhouse", clickhouse_url, Path("/"), "schema_migrations")
    return ScratchServer(TOOLS, target, "its server", "")


def snapshot_of(server: ScratchServer, text: str) -> Snapshot:
    if text not in _READ:
        with TOOLS.scratch(server.target, "load") as target:
            loaded = TOOLS.load(target, text, "schema.sql")
            assert loaded.skipped == ()
            _READ[text] = TOOLS.snapshot(target)
    return _READ[text]


def generate(server: ScratchServer, old: str, new: str, **options: object) -> Generated:
    return Generator(TOOLS, server).generate(
        snapshot_of(server, old),
        snapshot_of(server, new),
        PlanOptions(**options),  # type: ignore[arg-type]
    )


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_and_its_way_back_are_proven_with_rows(server: ScratchServer, name: str) -> None:
    old, new = (base(name), changed(name)) if len(name) % 2 else (changed(name), base(name))
    made = generate(server, old, new)
    assert (made.proven.up, made.proven.down, made.not_expressed) == (True, True, []), made.proven.problems
    assert made.proven.rows is True, made.proven.problems
    # The tool's driver refuses several statements at once.
    assert len(made.statements) == len(made.files)
