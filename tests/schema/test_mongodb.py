"""MongoDB: the calls written for one schema leave exactly that schema, both ways, run by migrate-mongo itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend.core.errors import SqlFailed
from backend.engine.schema.model import PlanOptions, Snapshot
from backend.engine.schema.port import schema_tools
from backend.engine.target import Target
from backend.engines.mongodb.schema.snapshot import of_documents
from backend.models.schema_diff import Generated
from backend.services.schemas.generator import Generator
from backend.services.schemas.scratches import ScratchServer
from tests.schema.mongodb_changes import CHANGES, Document, collection, index, name_of, rule, schema

TOOLS = schema_tools("mongodb")
_PROVEN: list[Generated] = []


@pytest.fixture
def server(mongodb_url: str) -> ScratchServer:
    return ScratchServer(TOOLS, Target("mongodb", mongodb_url, Path("/"), "changelog"), "its server", "")


def snapshot_of(server: ScratchServer, described: list[Document]) -> Snapshot:
    with TOOLS.scratch(server.target, "load") as target:
        assert TOOLS.restore(target, of_documents(described)).skipped == ()
        return TOOLS.snapshot(target)


def generate(server: ScratchServer, old: list[Document], new: list[Document], **options: object) -> Generated:
    return Generator(TOOLS, server).generate(
        snapshot_of(server, old),
        snapshot_of(server, new),
        PlanOptions(**options),  # type: ignore[arg-type]
    )


@pytest.fixture
def proven(server: ScratchServer) -> Generated:
    """All changes in one migration, proven once: each test looks at its own collection."""
    if not _PROVEN:
        _PROVEN.append(generate(server, schema(0), schema(1)))
    return _PROVEN[0]


def test_all_changes_together_are_proven_both_ways_with_documents(proven: Generated) -> None:
    assert (proven.proven.up, proven.proven.down, proven.proven.rows) == (True, True, True), (
        proven.proven.problems
    )
    assert proven.not_expressed == [] and len(CHANGES) >= 60
    assert proven.proven.rows_seeded > 60


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_leaves_nothing_different(proven: Generated, name: str) -> None:
    here = name_of([*CHANGES].index(name))
    left = [*proven.proven.left_up, *proven.proven.left_down]
    assert [one for one in left if f"{one.partition(' ')[2]}.".startswith(f"{here}.")] == []
    assert any(any(here in one for one in statement.objects) for statement in proven.statements)


def test_a_corrupted_call_is_not_called_proven(
    server: ScratchServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = TOOLS.write
    monkeypatch.setattr(TOOLS, "write", lambda steps: real(steps).replace("unique: true", "sparse: true"))
    made = generate(
        server, [{"name": "a", **collection()}], [{"name": "a", **collection(index(unique=True))}]
    )
    assert made.proven.up is False and made.proven.left_up == ["index a.by_a"]


def test_an_index_is_hidden_in_place_and_where_the_server_does_not_do_it_the_proof_says_so(
    server: ScratchServer,
) -> None:
    """The server of the tests takes the command and does nothing."""
    made = generate(
        server, [{"name": "a", **collection(index())}], [{"name": "a", **collection(index(hidden=True))}]
    )
    hidden = 'await db.command({ collMod: "a", index: { name: "by_a", hidden: true } })'
    assert {one.sql for one in made.statements} == {hidden}
    assert made.proven.up is False and made.not_expressed == ["index a.by_a is still different."]


def test_a_collection_under_a_similar_name_is_asked_about(server: ScratchServer) -> None:
    old, new, other = (
        snapshot_of(server, [{"name": name, **collection(index())}]) for name in ("user", "users", "logs")
    )
    assert [(one.old, one.new) for one in TOOLS.guess_renames(old, new)] == [
        ("collection user", "collection users")
    ]
    assert TOOLS.guess_renames(old, other) == []


def test_a_renamed_collection_keeps_its_documents_and_indexes(server: ScratchServer) -> None:
    made = generate(
        server,
        [{"name": "people", **collection(index(), index("b", {"b": 1}))}],
        [
            {
                "name": "users",
                **collection(index(), index("b", {"b": -1}), validator=rule(a={"bsonType": "number"})),
            }
        ],
        renames={"collection people": "collection users"},
    )
    assert made.proven.up and made.proven.down and made.proven.rows
    assert made.statements[0].sql == 'await db.collection("people").rename("users")'
    assert not any(one.kind == "data_loss" for one in made.hazards)


def test_documents_that_break_a_unique_index_make_the_proof_say_so(server: ScratchServer) -> None:
    made = generate(
        server,
        [{"name": "a", **collection()}],
        [{"name": "a", **collection(index("same", {"missing": 1}, unique=True))}],
    )
    assert made.proven.up is True and made.proven.rows is False
    assert any("stand in its way" in one for one in made.proven.problems)


def test_the_schema_file_of_the_app_is_a_side_and_another_file_is_an_error(server: ScratchServer) -> None:
    from backend.engines.mongodb.engine import MongoEngine

    with TOOLS.scratch(server.target, "load") as target:
        TOOLS.restore(target, of_documents(schema(1)))
        before, text = TOOLS.snapshot(target), MongoEngine().dump_schema(target)
    with TOOLS.scratch(server.target, "load") as target:
        assert TOOLS.load(target, text, "schema.json").skipped == ()
        assert TOOLS.snapshot(target).sha256 == before.sha256
        with pytest.raises(SqlFailed, match="not a MongoDB schema file"):
            TOOLS.load(target, "{}", "schema.json")


def test_what_javascript_cannot_write_stays_and_is_named(server: ScratchServer) -> None:
    from bson import Decimal128

    rich = {"name": "a", **collection(validator={"price": {"$lt": Decimal128("9.99")}})}
    made = generate(server, [{"name": "a", **collection()}, {"name": "b", **collection()}], [rich])
    assert [one.sql for one in made.statements] == ['await db.collection("b").drop()']
    assert any("collection a" in one and "Decimal128" in one for one in made.not_expressed)
