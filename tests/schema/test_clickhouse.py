"""ClickHouse: what is generated from one schema to another leaves exactly that schema, both ways, on the real engine."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from backend.core.errors import AppError
from backend.engine.registry import engine_named
from backend.engine.schema.model import Plan, PlanOptions, Snapshot
from backend.engine.schema.port import schema_tools
from backend.engine.target import Target
from backend.models.schema_diff import Generated
from backend.services.schemas.generator import Generator
from backend.services.schemas.scratches import ScratchServer
from tests.schema.clickhouse_changes import BASE, CHANGES, IN_EVENTS, NAMES, OTHERS, base, changed, copies

# One worker has them all: what is read and proven once is shared.
pytestmark = pytest.mark.xdist_group("schemas of ClickHouse")
TOOLS = schema_tools("clickhouse")
_READ: dict[str, Snapshot] = {}
_PROVEN: list[Generated] = []


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


@pytest.fixture
def proven(server: ScratchServer) -> Generated:
    """All changes of one table in one go, proven once: each test looks at its own copy of the table."""
    if not _PROVEN:
        _PROVEN.append(generate(server, *copies()))
    return _PROVEN[0]


def test_all_changes_of_a_table_are_proven_both_ways_with_rows(proven: Generated) -> None:
    assert (proven.proven.up, proven.proven.down, proven.proven.rows) == (True, True, True), (
        proven.proven.problems
    )
    assert proven.not_expressed == [] and proven.proven.rows_seeded > 100
    # The tool's driver refuses several statements at once.
    assert len(proven.statements) == len(proven.files)
    assert len(CHANGES) >= 60


@pytest.mark.parametrize("name", IN_EVENTS)
def test_a_change_of_a_table_leaves_nothing_different(proven: Generated, name: str) -> None:
    table = f"table events_{IN_EVENTS.index(name)}"
    assert table not in proven.proven.left_up + proven.proven.left_down
    assert any(table in one.objects for one in proven.statements)


@pytest.mark.parametrize("name", OTHERS)
def test_a_change_among_tables_and_views_is_proven_both_ways(server: ScratchServer, name: str) -> None:
    here = base(name)
    old, new = (here, changed(name, here)) if len(name) % 2 else (changed(name, here), here)
    made = generate(server, old, new)
    assert (made.proven.up, made.proven.down, made.not_expressed) == (True, True, []), made.proven.problems
    assert made.proven.rows is True, made.proven.problems
    assert len(made.statements) == len(made.files)


def test_tables_views_and_dictionaries_come_and_go_in_order(server: ScratchServer) -> None:
    made = generate(server, NAMES, BASE)
    assert (made.proven.up, made.proven.down, made.not_expressed) == (True, True, []), made.proven.problems


def test_a_corrupted_statement_is_not_called_proven(
    server: ScratchServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = TOOLS.plan

    def corrupted(old: Snapshot, new: Snapshot, options: PlanOptions) -> Plan:
        made = real(old, new, options)
        steps = tuple(replace(one, sql=one.sql.replace("'?'", "'!'")) for one in made.steps)
        return replace(made, steps=steps)

    monkeypatch.setattr(TOOLS, "plan", corrupted)
    made = generate(server, NAMES, NAMES.replace("name String", "name String DEFAULT '?'"))
    assert made.proven.up is False and made.proven.left_up == ["table names"]


def test_the_schema_file_of_a_live_database_is_the_same_schema(server: ScratchServer) -> None:
    """dbmate's form: the database's name stands before every table's, a view may come before what it reads."""
    with TOOLS.scratch(server.target, "live") as live, TOOLS.scratch(server.target, "load") as target:
        TOOLS.load(live, BASE, "schema.sql")
        text = engine_named("clickhouse").dump_schema(live)
        assert "CREATE DATABASE" in text and ".inner_id." in text
        assert TOOLS.load(target, text, "schema.sql").skipped == ()
        assert TOOLS.snapshot(target).sha256 == TOOLS.snapshot(live).sha256


def test_a_text_of_another_database_is_an_error_with_its_line(server: ScratchServer) -> None:
    with TOOLS.scratch(server.target, "load") as target, pytest.raises(AppError) as told:
        TOOLS.load(target, NAMES + "CREATE TABLE a (id serial PRIMARY KEY) WITHOUT OIDS;", "schema.sql")
    assert told.value.details["line"] == 2


def test_a_renamed_column_is_asked_about_and_keeps_its_values(server: ScratchServer) -> None:
    old = "CREATE TABLE people (id UInt64, mail String) ENGINE = MergeTree ORDER BY id;"
    new = old.replace("mail", "email")
    guesses = TOOLS.guess_renames(snapshot_of(server, old), snapshot_of(server, new))
    assert [(one.old, one.new) for one in guesses] == [
        ("column table people.`mail`", "column table people.`email`")
    ]
    made = generate(server, old, new, renames={guesses[0].old: guesses[0].new})
    assert [one.sql.rpartition("RENAME")[2] for one in made.statements] == [" COLUMN `mail` TO `email`"]
    assert (made.proven.up, made.proven.down, made.proven.rows) == (True, True, True), made.proven.problems
