"""What the other tool's table in the database says. It is read, never written."""

from __future__ import annotations

from backend.core.errors import AppError
from backend.engine.target import OtherTable
from backend.models.conversion import AppliedThere
from backend.services.checks import check_table
from backend.services.connections import Connections, Resolved

from .model import Reading, Source, There

OWN_TABLE = "dbmate_migrations"
"""Ours, where the other tool's has dbmate's name."""


def look_there(
    connections: Connections, resolved: Resolved, source: Source, reading: Reading, table: str | None
) -> tuple[AppliedThere, There | None, str]:
    """(what to show, the state by key or None, the migrations table the connection is to use)."""
    own = resolved.stored.migrations_table
    name = check_table(table) or check_table(reading.table) or source.table
    if name is None:
        return AppliedThere(table="", found=False), None, own
    same = name.rpartition(".")[2].lower() == own.rpartition(".")[2].lower()
    try:
        target = connections.target(resolved)
        found = resolved.engine.table_rows(target, name)
        if found is not None and same and not _is_theirs(connections, resolved, source, found, table):
            # It is dbmate's own.
            found = None
        if found is None:
            return AppliedThere(table=name, found=False), None, own
        state = source.state(name, found.rows, reading.migrations)
    except AppError as error:
        return AppliedThere(table=name, found=False, problem=error.message), None, own
    except ValueError:
        said = f"The table {name} has not the columns of {source.label}."
        return AppliedThere(table=name, found=True, problem=said), None, own
    shown = AppliedThere(
        table=name,
        found=True,
        applied=len(state.applied),
        failed=[one.files[0] for one in reading.migrations if one.key in state.failed],
        unknown=state.unknown[:200],
        notes=state.notes,
    )
    return shown, state, OWN_TABLE if same else own


def _is_theirs(
    connections: Connections, resolved: Resolved, source: Source, found: OtherTable, asked: str | None
) -> bool:
    """Whether a table with dbmate's name is the other tool's: by its columns, or by a second table beside it."""
    if asked is not None:
        return True
    if source.beside is not None:
        return resolved.engine.table_rows(connections.target(resolved), source.beside) is not None
    return "dirty" in found.columns
