"""SQLite: what is generated from one schema to another leaves exactly that schema, both ways, and the rows are there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from backend.engine.schema.model import PlanOptions, Snapshot, Style
from backend.engine.schema.port import schema_tools
from backend.engine.target import Target
from backend.models.schema_diff import Generated
from backend.services.schemas.generator import Generator
from backend.services.schemas.scratches import ScratchServer
from tests.schema.random_sqlite import schemas

TOOLS = schema_tools("sqlite")
SERVER = Target("sqlite", "sqlite:scratch.db", Path("/"), "schema_migrations")
VIEW = "CREATE VIEW rich AS SELECT u.id, o.total FROM users u JOIN orders o ON o.user_id = u.id;\n"
TRIGGER = (
    "CREATE TRIGGER counted AFTER INSERT ON orders BEGIN"
    " UPDATE users SET age = age + 1 WHERE id = NEW.user_id; END;\n"
)
BASE = f"""
CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, email TEXT NOT NULL, name TEXT DEFAULT 'x', age INT);
CREATE TABLE orders (
    id INTEGER PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE, -- whose
    total REAL NOT NULL DEFAULT 0 CHECK (total >= 0)
);
CREATE UNIQUE INDEX by_email ON users (email);
CREATE INDEX by_user ON orders (user_id) WHERE total > 0;
{VIEW}{TRIGGER}"""
CHANGES = {
    "column added": ("age INT)", "age INT, phone TEXT)"),
    "column added in the middle": ("email TEXT", "phone TEXT NOT NULL DEFAULT '', email TEXT"),
    "required column without default": ("age INT)", "age INT, phone TEXT NOT NULL)"),
    "column dropped": (", age INT)", ")"),
    "type changed": ("age INT)", "age TEXT)"),
    "made required": ("name TEXT DEFAULT 'x'", "name TEXT NOT NULL DEFAULT 'x'"),
    "default changed": ("DEFAULT 'x'", "DEFAULT 'it''s; fine'"),
    "generated column": ("age INT)", "age INT, twice INT GENERATED ALWAYS AS (age * 2) STORED)"),
    "check changed": ("CHECK (total >= 0)", "CHECK (total >= -1)"),
    "table check": ("CHECK (total >= 0)\n", "CHECK (total >= 0),\n    CONSTRAINT small CHECK (total < 1000000)\n"),
    "foreign key changed": ("ON DELETE CASCADE", "ON DELETE RESTRICT"),
    "foreign key dropped": (" REFERENCES users (id) ON DELETE CASCADE", ""),
    "comment changed": ("-- whose", "-- the buyer"),
    "strict": ("CHECK (total >= 0)\n);", "CHECK (total >= 0)\n) STRICT;"),
    "without rowid": ("CHECK (total >= 0)\n);", "CHECK (total >= 0)\n) WITHOUT ROWID;"),
    "autoincrement dropped": (" AUTOINCREMENT", ""),
    "index changed": ("by_email ON users (email)", "by_email ON users (email COLLATE NOCASE)"),
    "index dropped": ("CREATE INDEX by_user ON orders (user_id) WHERE total > 0;\n", ""),
    "view changed": ("u.id, o.total", "u.id, u.email, o.total"),
    "view dropped": (VIEW, ""),
    "trigger changed": ("age + 1", "age + 2"),
    "trigger dropped": (TRIGGER, ""),
    "table added": ("CREATE VIEW", 'CREATE TABLE "order" ("from" TEXT PRIMARY KEY, at DATETIME);\nCREATE VIEW'),
    "full text": ("CREATE VIEW", "CREATE VIRTUAL TABLE found USING fts5(body, tokenize = 'porter');\nCREATE VIEW"),
    "everything at once": ("name TEXT DEFAULT 'x', age INT)", "title TEXT, age BIGINT NOT NULL DEFAULT 5, extra BLOB)"),
}  # fmt: skip


@pytest.fixture
def server() -> ScratchServer:
    return ScratchServer(TOOLS, SERVER, "a temporary file", "")


def snapshot_of(text: str) -> Snapshot:
    with TOOLS.scratch(SERVER, "load") as target:
        TOOLS.load(target, text, "schema.sql")
        return TOOLS.snapshot(target)


def both_ways() -> Iterator[object]:
    for name, (old, new) in CHANGES.items():
        changed = BASE.replace(old, new)
        assert changed != BASE, name
        yield pytest.param(BASE, changed, id=name)
        yield pytest.param(changed, BASE, id=f"{name}, back")


@pytest.mark.parametrize("style", list(Style))
@pytest.mark.parametrize(("old", "new"), [*both_ways()])
def test_a_change_is_proven_both_ways_with_rows(
    server: ScratchServer, old: str, new: str, style: Style
) -> None:
    made = generate(server, old, new, style=style)
    assert made.proven.rows is True and made.proven.rows_seeded > 0, made.proven.problems
    if style is Style.PLAIN:
        assert (made.proven.up, made.proven.down, made.not_expressed) == (True, True, [])
    else:
        # A column added in place is written by SQLite in its own layout: all that may differ.
        assert {*made.proven.left_up, *made.proven.left_down} <= {"table users", "table orders"}


def generate(
    server: ScratchServer, old: str, new: str, *, style: Style = Style.PLAIN, **options: object
) -> Generated:
    return Generator(TOOLS, server).generate(
        snapshot_of(old),
        snapshot_of(new),
        PlanOptions(style=style, **options),  # type: ignore[arg-type]
    )


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(old=schemas(), new=schemas())
def test_random_schemas_converge_to_the_letter(old: str, new: str) -> None:
    before, after = snapshot_of(old), snapshot_of(new)
    with TOOLS.scratch(SERVER, "random") as target:
        TOOLS.restore(target, before)
        applied = TOOLS.apply(target, TOOLS.plan(before, after, PlanOptions()).steps)
        assert applied.ok, applied.error
        assert {one.id: one.sql for one in TOOLS.snapshot(target).objects} == {
            one.id: one.sql for one in after.objects
        }


def test_a_corrupted_statement_is_not_called_proven(
    server: ScratchServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = TOOLS.plan

    def corrupted(old: Snapshot, new: Snapshot, options: PlanOptions) -> object:
        plan = real(old, new, options)
        steps = tuple(
            type(step)(
                step.sql.replace("phone TEXT, email", "fone TEXT, email"),
                step.objects,
                step.hazards,
                step.file,
                step.transaction,
            )
            for step in plan.steps
        )
        return type(plan)(steps, plan.objects, plan.not_expressed)

    monkeypatch.setattr(TOOLS, "plan", corrupted)
    made = generate(server, BASE, BASE.replace("email TEXT", "phone TEXT, email TEXT"))
    assert made.proven.up is False and made.proven.left_up == ["table users"]
    assert made.not_expressed == ["table users is still different."]


def test_rows_that_would_be_lost_are_seen(server: ScratchServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """An equal dump also comes of dropping a column and adding it again."""
    real = TOOLS.plan

    def forgetful(old: Snapshot, new: Snapshot, options: PlanOptions) -> object:
        plan = real(old, new, options)
        steps = tuple(
            type(step)(
                step.sql.replace('SELECT "id", "email"', """SELECT "id", 'gone' || "id\""""),
                step.objects,
                step.hazards,
                step.file,
                step.transaction,
            )
            for step in plan.steps
        )
        return type(plan)(steps, plan.objects, plan.not_expressed)

    monkeypatch.setattr(TOOLS, "plan", forgetful)
    made = generate(server, BASE, BASE.replace("email TEXT", "phone TEXT, email TEXT"))
    assert made.proven.up is True and made.proven.rows is False
    assert any("values of email" in one for one in made.proven.problems)


def test_a_renamed_column_keeps_its_values_once_it_is_confirmed(server: ScratchServer) -> None:
    new = BASE.replace("name TEXT DEFAULT 'x'", "full_name TEXT DEFAULT 'x'")
    guesses = TOOLS.guess_renames(snapshot_of(BASE), snapshot_of(new))
    assert [(one.old, one.new) for one in guesses] == [
        ("column table users.name", "column table users.full_name")
    ]
    made = generate(server, BASE, new, renames={guesses[0].old: guesses[0].new})
    assert made.proven.rows is True
    assert not any(one.kind == "data_loss" for one in made.hazards)
    unasked = generate(server, BASE, new)
    assert any(one.kind == "data_loss" for one in unasked.hazards)


def test_only_what_was_chosen_changes_and_what_it_needs_comes_along(server: ScratchServer) -> None:
    new = BASE.replace("age + 1", "age + 2").replace("age INT)", "age INT, phone TEXT)")
    made = generate(server, BASE, new, include=frozenset({"trigger counted"}))
    assert made.proven.up and made.proven.down
    assert [one.sql.split()[:2] for one in made.statements] == [["DROP", "TRIGGER"], ["CREATE", "TRIGGER"]]
