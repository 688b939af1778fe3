"""PostgreSQL: what is generated from one schema to another leaves exactly that schema, by pg_dump, both ways."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from backend.core.errors import ReadOnly
from backend.diff.compare import compare
from backend.engine.schema.model import PlanOptions, Snapshot, Style
from backend.engine.schema.port import schema_tools
from backend.engine.target import Target
from backend.services.schemas.generator import Generator
from backend.services.schemas.scratches import ScratchServer
from tests.schema.postgres_pairs import ALONE, BASE, TOPICS, Pair, constraints, general, pairs, whole

SINCE_16 = re.compile(
    r"VIRTUAL|NOT ENFORCED|WITHOUT OVERLAPS|CONSTRAINT named NOT NULL|STORAGE DEFAULT|ON DELETE SET DEFAULT \("
)
TOOLS = schema_tools("postgres")
WITH_ROWS = (
    "ADD COLUMN phone text NOT NULL", "ALTER COLUMN age TYPE bigint", "ALTER COLUMN total TYPE bigint", "RENAME COLUMN",
    "ADD VALUE 'great'", "ADD GENERATED ALWAYS AS IDENTITY", "PARTITION OF parts FOR VALUES", "ADD PRIMARY KEY (id, email)",
)  # fmt: skip


@pytest.fixture
def server(postgres_url: str) -> Target:
    return Target("postgres", postgres_url, Path("/"), "schema_migrations")


def snapshot_of(server: Target, text: str) -> Snapshot:
    with TOOLS.scratch(server, "load") as target:
        assert TOOLS.load(target, text, "schema.sql").skipped == ()
        return TOOLS.snapshot(target)


def apart(one: Snapshot, other: Snapshot, copies: Sequence[Pair] = ()) -> list[str]:
    """What still differs, each with the change it belongs to."""
    return [
        f"{change.id} {change.change}: {next((copy.line for copy in copies if copy.owns(change.id)), '')}"
        for change in compare(one, other)
    ]


def both_ways(server: Target, copies: Sequence[Pair]) -> None:
    """Each on a copy of its own in one database: statements in the order they were planned, in the files they would be
    in, nothing tried twice."""
    old = snapshot_of(server, whole(copies, changed=False))
    with TOOLS.scratch(server, "try") as target:
        assert TOOLS.load(target, whole(copies, changed=True), "schema.sql").skipped == ()
        new = TOOLS.snapshot(target)
        changed = {copy.number for copy in copies for one in compare(old, new) if copy.owns(one.id)}
        assert [copy.line for copy in copies if copy.number not in changed] == []
        for one, wanted in ((new, old), (old, new)):
            plan = TOOLS.plan(one, wanted, PlanOptions())
            assert plan.not_expressed == ()
            applied = TOOLS.apply(target, plan.steps)
            assert applied.ok, (applied.error, plan.steps[applied.step or 0].sql)
            assert apart(TOOLS.snapshot(target), wanted, copies) == []


@pytest.mark.parametrize("topic", TOPICS)
def test_every_change_converges_both_ways(server: Target, topic: str) -> None:
    both_ways(server, list(pairs(TOPICS[topic])))


def test_an_older_server_converges_as_well(postgres15_url: str) -> None:
    lines = [line for line in (*general.CHANGES[:70], *constraints.CHANGES) if not SINCE_16.search(line)]
    server = Target("postgres", postgres15_url, Path("/"), "schema_migrations")
    both_ways(server, list(pairs(lines)))


@pytest.mark.parametrize("change", ALONE)
def test_a_change_of_the_whole_database_converges_both_ways(server: Target, change: str) -> None:
    first, _, then = change.rpartition(" ==> ")
    old = snapshot_of(server, f"{BASE}\n{first};")
    with TOOLS.scratch(server, "try") as target:
        TOOLS.load(target, f"{BASE}\n{first};\n{then};", "schema.sql")
        new = TOOLS.snapshot(target)
        assert new.sha256 != old.sha256
        for one, wanted in ((new, old), (old, new)):
            applied = TOOLS.apply(target, TOOLS.plan(one, wanted, PlanOptions()).steps)
            assert applied.ok, applied.error
            assert apart(TOOLS.snapshot(target), wanted) == []


def test_what_cannot_be_said_is_named(server: Target) -> None:
    """A child that is let go keeps its columns as its own, and PostgreSQL has no statement for the way back."""
    child = snapshot_of(server, "CREATE TABLE base (a int); CREATE TABLE kid (c int) INHERITS (base);")
    free = snapshot_of(server, "CREATE TABLE base (a int); CREATE TABLE kid (a int, c int);")
    assert TOOLS.plan(child, free, PlanOptions()).not_expressed == ()
    told = TOOLS.plan(free, child, PlanOptions()).not_expressed
    assert len(told) == 1 and "public.kid inherits a from now on" in told[0]


def test_a_partitions_indexes_go_to_their_own_however_old_the_whole_s_are(server: Target) -> None:
    """PostgreSQL gives the whole's oldest index the partition's oldest that is alike; here the two sides differ in which
    of the whole's is older."""
    part = "CREATE TABLE parts_2 PARTITION OF parts FOR VALUES FROM ('2021-01-01') TO ('2022-01-01');"
    old = snapshot_of(server, f"{BASE}\nCREATE INDEX more_v ON parts (v DESC);")
    new = snapshot_of(
        server,
        f"{BASE}\nDROP INDEX parts_v; CREATE INDEX more_v ON parts (v DESC);CREATE INDEX parts_v ON parts (v); {part}",
    )
    made = Generator(TOOLS, ScratchServer(TOOLS, server, "the server", "18")).generate(
        old, new, PlanOptions()
    )
    assert made.not_expressed == []
    assert (made.proven.up, made.proven.down, made.proven.rows) == (True, True, True), made.proven.problems


@pytest.mark.parametrize("style", list(Style))
def test_another_partition_key_keeps_the_rows(server: Target, style: Style) -> None:
    copies = list(
        pairs(
            [
                line
                for line in TOPICS["tables"]
                if "BY HASH (k)" in line or "BY HASH (id); CREATE TABLE keyed" in line or "plain_rest" in line
            ]
        )
    )
    old = snapshot_of(server, whole(copies, changed=False))
    new = snapshot_of(server, whole(copies, changed=True))
    made = Generator(TOOLS, ScratchServer(TOOLS, server, "the server", "18")).generate(
        old, new, PlanOptions(style=style)
    )
    proven, text = made.proven, "\n".join(file.up for file in made.files)
    assert made.not_expressed == [] and ".plain (id, at, m, d, e) OVERRIDING" in text
    assert (proven.up, proven.down, proven.rows) == (True, True, True), (proven.problems, proven.left_down)
    kept = TOOLS.survivors(old, new, PlanOptions())
    assert ("table c1.plain", "m") in kept and not any("hashed_0" in table for table, _ in kept)


def test_a_partition_that_changes_sides_with_the_key_is_named(server: Target) -> None:
    old = snapshot_of(
        server, "CREATE TABLE w (a int, b int) PARTITION BY LIST (a); CREATE TABLE p (a int, b int);"
    )
    new = snapshot_of(
        server, "CREATE TABLE w (a int, b int) PARTITION BY LIST (b); CREATE TABLE p PARTITION OF w DEFAULT;"
    )
    told = TOOLS.plan(old, new, PlanOptions()).not_expressed
    assert any("table public.p stays and is its partition on one side only" in one for one in told)


@pytest.mark.parametrize("style", list(Style))
def test_changes_are_proven_with_rows(server: Target, style: Style) -> None:
    lines = [line for topic in TOPICS.values() for line in topic if any(word in line for word in WITH_ROWS)]
    copies = list(pairs(lines))
    scratch = ScratchServer(TOOLS, server, "the server", "18")
    made = Generator(TOOLS, scratch).generate(
        snapshot_of(server, whole(copies, changed=False)),
        snapshot_of(server, whole(copies, changed=True)),
        PlanOptions(style=style),
    )
    proven = made.proven
    assert (proven.up, proven.down, proven.rows) == (True, True, True), (
        proven.problems,
        proven.left_up,
        proven.left_down,
    )
    assert proven.rows_seeded > 5 * len(copies) and made.not_expressed == []


def test_online_builds_indexes_beside_the_others_in_files_of_their_own(server: Target) -> None:
    change = "CREATE INDEX orders_note ON orders (note); ALTER TABLE users ALTER name SET NOT NULL;"
    change += "ALTER TABLE orders ADD CONSTRAINT few CHECK (total < 1000);"
    scratch = ScratchServer(TOOLS, server, "the server", "18")
    new = snapshot_of(server, f"{BASE}\n{change};")
    made = Generator(TOOLS, scratch).generate(snapshot_of(server, BASE), new, PlanOptions(style=Style.ONLINE))
    alone = [file for file in made.files if not file.transaction]
    assert [file.up for file in alone] == [
        "CREATE INDEX CONCURRENTLY orders_note ON public.orders USING btree (note);\n"
    ]
    text = "\n".join(file.up for file in made.files)
    assert "ADD CONSTRAINT few CHECK ((total < (1000)::numeric)) NOT VALID" in text
    assert "VALIDATE CONSTRAINT few" in text and "SET LOCAL lock_timeout" in text
    assert (made.proven.up, made.proven.down, made.proven.rows) == (True, True, True), made.proven.problems


def test_online_keeps_an_index_until_the_new_one_is_there(server: Target) -> None:
    scratch = ScratchServer(TOOLS, server, "the server", "18")
    new = snapshot_of(
        server, f"{BASE}\nDROP INDEX orders_user; CREATE INDEX orders_user ON orders (user_id, total);"
    )
    made = Generator(TOOLS, scratch).generate(snapshot_of(server, BASE), new, PlanOptions(style=Style.ONLINE))
    text = "\n".join(file.up for file in made.files)
    statements = [
        "ALTER INDEX public.orders_user RENAME TO orders_user__old;",
        "CREATE INDEX CONCURRENTLY orders_user ON public.orders USING btree (user_id, total);",
        "DROP INDEX CONCURRENTLY public.orders_user__old;",
    ]
    places = [text.index(one) for one in statements]
    assert places == sorted(places)
    assert (made.proven.up, made.proven.down, made.proven.rows) == (True, True, True), made.proven.problems


def test_locks_rewrites_and_rights_are_named(server: Target) -> None:
    change = "ALTER TABLE users ALTER age TYPE text; ALTER TABLE users ADD UNIQUE (name); GRANT INSERT ON users TO PUBLIC;"
    change += "CREATE INDEX i ON orders (note); DROP FUNCTION add; ALTER TABLE users DROP COLUMN created;"
    plan = TOOLS.plan(snapshot_of(server, BASE), snapshot_of(server, f"{BASE}\n{change}"), PlanOptions())
    told = {str(hazard.kind) for step in plan.steps for hazard in step.hazards}
    assert told >= {
        "rewrite", "exclusive_lock", "index_build", "share_lock", "authority", "untrackable", "data_loss", "correctness",
    }  # fmt: skip
    created = [step for step in plan.steps if step.sql.startswith("CREATE TABLE")]
    assert all(not step.hazards for step in created)


@pytest.mark.parametrize("style", list(Style))
def test_an_event_trigger_that_would_refuse_is_off_meanwhile_and_said_to_be(
    server: Target, style: Style
) -> None:
    refuses = "CREATE FUNCTION no() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$;"
    watches = refuses.replace("no()", "yes()").replace("EXCEPTION", "NOTICE")
    before = (
        f"{BASE}\n{watches} CREATE EVENT TRIGGER looks ON ddl_command_end EXECUTE FUNCTION yes(); {refuses}"
    )
    fires = "CREATE EVENT TRIGGER stops ON sql_drop EXECUTE FUNCTION no();"
    old = snapshot_of(server, f"{before} {fires}")
    new = snapshot_of(
        server, f"{before} DROP TRIGGER touch ON users; ALTER TABLE users DROP COLUMN name; {fires}"
    )
    made = Generator(TOOLS, ScratchServer(TOOLS, server, "the server", "18")).generate(
        old, new, PlanOptions(style=style)
    )
    text = "\n".join(file.up for file in made.files)
    assert (
        text.index("EVENT TRIGGER stops DISABLE")
        < text.index("DROP COLUMN name")
        < text.index("stops ENABLE")
    )
    assert "looks" not in text and any("event trigger stops" in one.message for one in made.hazards)
    assert (made.proven.up, made.proven.down, made.proven.rows) == (True, True, True), made.proven.problems


def test_a_sequence_outside_its_new_bounds_is_led_inside(server: Target) -> None:
    old = snapshot_of(server, "CREATE SEQUENCE q;")
    new = snapshot_of(server, "CREATE SEQUENCE q MINVALUE 1000 MAXVALUE 5000;")
    with TOOLS.scratch(server, "try") as target:
        TOOLS.restore(target, old)
        for one, wanted in ((old, new), (new, old)):
            applied = TOOLS.apply(target, TOOLS.plan(one, wanted, PlanOptions()).steps)
            assert applied.ok, applied.error
            assert apart(TOOLS.snapshot(target), wanted) == []


def test_a_read_only_connection_gets_no_scratch_database(server: Target) -> None:
    from dataclasses import replace

    with pytest.raises(ReadOnly), TOOLS.scratch(replace(server, read_only=True), "no"):
        pass
