"""SQLite, property by property: the files as they are written lead from one schema to the other and back, to the letter."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

import pytest

from backend.engine.schema.port import schema_tools
from backend.services.schemas.scratches import ScratchServer
from tests.schema.sqlite_pairs import pairs
from tests.schema.test_sqlite import SERVER, generate

TOOLS = schema_tools("sqlite")
PAIRS = list(pairs())


def ways() -> Sequence[object]:
    there = [pytest.param(old, new, id=name) for name, old, new in PAIRS]
    return there + [pytest.param(new, old, id=f"{name}, back") for name, old, new in PAIRS]


def texts(connection: sqlite3.Connection) -> set[tuple[str, str]]:
    """Name and text of everything but SQLite's own tables and those a virtual table keeps for itself."""
    shadows = {row[1] for row in connection.execute("PRAGMA table_list") if row[2] == "shadow"}
    found = connection.execute(
        "SELECT name, sql, tbl_name FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
    )
    return {(name, sql.rstrip()) for name, sql, table in found if table not in shadows}


@pytest.mark.parametrize(("old", "new"), ways())
def test_the_written_files_lead_there_and_are_proven(old: str, new: str) -> None:
    server = ScratchServer(TOOLS, SERVER, "a temporary file", "")
    made = generate(server, old, new)
    assert (made.proven.up, made.proven.down, made.not_expressed) == (True, True, []), made.proven.problems
    assert made.proven.rows is not False, made.proven.problems
    with sqlite3.connect(":memory:") as connection, sqlite3.connect(":memory:") as wanted:
        connection.executescript(old)
        wanted.executescript(new)
        for file in made.files:
            connection.executescript(file.up)
        assert texts(connection) == texts(wanted)


def test_there_are_enough_pairs() -> None:
    assert len(PAIRS) >= 300
