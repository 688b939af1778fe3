"""ALTER TABLE where SQLite's own text after it is the wanted one. Tried in memory; no parser of ours decides."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing, suppress

from backend.engine.schema.model import Hazard, HazardKind, SchemaObject, Snapshot, Step
from backend.engines.sqlite.connect import quoted

from .definitions import definitions
from .fillers import needs_filler
from .memory import Table, opened, tokens
from .snapshot import fold


def statements(wanted: SchemaObject, old: Table, new: Table, names: Mapping[str, str]) -> list[Step] | None:
    """Renames, drops and additions of columns; None where more than that differs. Whether they lead to the wanted text
    `arrives` tells."""
    kept = [one.name for one in old.columns if fold(one.name) in names]
    dropped = [one.name for one in old.columns if fold(one.name) not in names]
    came_from = {fold(new_name) for new_name in names.values()}
    texts = dict(definitions(wanted.sql))
    table = quoted(wanted.name)
    steps: list[Step] = []
    for name in kept:
        becomes = names[fold(name)]
        if becomes != name:
            rename = f"ALTER TABLE {table} RENAME COLUMN {quoted(name)} TO {quoted(becomes)}"
            steps.append(Step(rename, (wanted.id,)))
    for name in dropped:
        lost = Hazard(HazardKind.DATA_LOSS, f"What the column {wanted.name}.{name} holds is lost.")
        steps.append(Step(f"ALTER TABLE {table} DROP COLUMN {quoted(name)}", (wanted.id,), (lost,)))
    for one in new.columns:
        if fold(one.name) in came_from:
            continue
        text = texts.get(fold(one.name))
        if text is None or (names and needs_filler(one, new)):
            # ADD COLUMN gives rows that are there no value, and NOT NULL without one is refused.
            return None
        steps.append(Step(f"ALTER TABLE {table} ADD COLUMN {text}", (wanted.id,)))
    return steps or None


def arrives(
    snapshot: Snapshot,
    after: Mapping[str, SchemaObject],
    wanted: SchemaObject,
    table: Table,
    steps: list[Step],
    *,
    layout_counts: bool,
) -> bool:
    """Whether the steps work on the old schema with a row in the table, and leave each text as it is wanted."""
    with closing(opened(snapshot)) as connection:
        try:
            put_a_row(connection, table)
            connection.execute("PRAGMA legacy_alter_table = OFF")
            # Some tools switch them on, and then SQLite refuses more.
            connection.execute("PRAGMA foreign_keys = ON")
            for step in steps:
                connection.execute(step.sql)
            rows = {
                f"{kind} {fold(name)}": str(sql)
                for kind, name, sql in connection.execute(
                    "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL"
                )
            }
        except sqlite3.Error:
            return False
    found = rows.get(wanted.id, "")
    if found != wanted.sql and (layout_counts or tokens(found) != tokens(wanted.sql)):
        return False
    # RENAME COLUMN also rewrites what refers to the column: none of that may come out other than wanted.
    return all(
        rows.get(one.id) in (one.sql, after[one.id].sql)
        for one in snapshot.objects
        if one.id != wanted.id and one.id in after
    )


def put_a_row(connection: sqlite3.Connection, table: Table) -> None:
    """SQLite refuses some ALTERs only where there are rows."""
    columns = [one for one in table.columns if not one.is_generated]
    names = ", ".join(quoted(one.name) for one in columns)
    values = ", ".join("x'01'" if one.type.upper() == "BLOB" else "1" for one in columns)
    with suppress(sqlite3.Error):
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.execute(f"INSERT INTO {quoted(table.name)} ({names}) VALUES ({values})")
    connection.execute("PRAGMA ignore_check_constraints = OFF")
