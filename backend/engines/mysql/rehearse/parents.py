"""A sample's foreign keys made to hold: the rows they point at are added, and what those point at, in circles too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from backend.core.errors import Cancelled
from backend.engine.target import CancelToken
from backend.engines.mysql.connect import quoted, rows, run

from .movers import Mover
from .shape import Reference, Shape

if TYPE_CHECKING:
    from pymysql.connections import Connection

_AT_ONCE = 200
_Values = tuple[Any, ...]


def add_parents(
    mover: Mover, scratch: Connection[Any], shape: Shape, cancel: CancelToken
) -> tuple[int, list[str]]:
    """How many rows were added, and notes. Rows whose parent the source has not are taken out again."""
    asked: dict[Reference, set[_Values]] = {key: set() for key in shape.keys}
    added = 0
    is_growing = True
    while is_growing:
        is_growing = False
        for key in shape.keys:
            if cancel.is_cancelled:
                raise Cancelled("The copy was cancelled.")
            wanted = [one for one in orphans(scratch, key) if one not in asked[key]]
            asked[key].update(wanted)
            for start in range(0, len(wanted), _AT_ONCE):
                is_growing = True
                added += _fetch(mover, shape, key, wanted[start : start + _AT_ONCE])
    taken, notes = _take_out(scratch, shape)
    return added - taken, notes


def orphans(scratch: Connection[Any], key: Reference) -> list[_Values]:
    """The values of a foreign key that have no row in its parent."""
    own = ", ".join(f"c.{quoted(one)}" for one in key.columns)
    return rows(scratch, f"SELECT DISTINCT {own} {_orphaned(key)}")


def _orphaned(key: Reference) -> str:
    pairs = " AND ".join(
        f"p.{quoted(theirs)} = c.{quoted(own)}"
        for own, theirs in zip(key.columns, key.parent_columns, strict=True)
    )
    filled = " AND ".join(f"c.{quoted(one)} IS NOT NULL" for one in key.columns)
    return (
        f"FROM {quoted(key.child)} c LEFT JOIN {quoted(key.parent)} p ON {pairs} "
        f"WHERE {filled} AND p.{quoted(key.parent_columns[0])} IS NULL"
    )


def _fetch(mover: Mover, shape: Shape, key: Reference, values: list[_Values]) -> int:
    names = ", ".join(quoted(one).replace("%", "%%") for one in key.parent_columns)
    place = f"({', '.join(['%s'] * len(key.parent_columns))})"
    where = f"({names}) IN ({', '.join([place] * len(values))})"
    return mover.move(shape.tables[key.parent], None, where, [value for row in values for value in row])


def _take_out(scratch: Connection[Any], shape: Shape) -> tuple[int, list[str]]:
    notes: dict[str, int] = {}
    is_changing = True
    while is_changing:
        is_changing = False
        for key in shape.keys:
            if not orphans(scratch, key):
                continue
            gone = run(scratch, f"DELETE c {_orphaned(key)}")
            label = f"{key.child} ({', '.join(key.columns)}) → {key.parent}"
            notes[label] = notes.get(label, 0) + gone
            is_changing = is_changing or gone > 0
    return sum(notes.values()), [
        f"{count} rows of {label} were left out: the row they point at is not in the source either."
        for label, count in notes.items()
    ]
