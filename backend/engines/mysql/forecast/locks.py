"""Metadata locks of MySQL's and MariaDB's statements. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from backend.engine.forecast.locks import Blocks, expected, once
from backend.engine.forecast.port import Locks, Place
from backend.engine.lint import ops
from backend.engine.lint.ops import Name
from backend.models.preview import ExpectedLock

from .online import Online, online_of, tables_of

ORDER = ("SHARED_READ", "SHARED_WRITE", "SHARED_UPGRADABLE", "SHARED_NO_WRITE", "EXCLUSIVE")
_MDL = "MySQL manual, Metadata Locking (metadata-locking.html)"
_ONLINE = (
    "MySQL manual, Online DDL Operations (innodb-online-ddl-operations.html); MariaDB: InnoDB Online DDL"
)
_ALL: tuple[Blocks, ...] = ("reads", "writes", "schema changes")
_CODE = frozenset({"CALL", "DO", "EXECUTE", "EXEC", "LOAD", "HANDLER", "PREPARE"})


def locks(place: Place) -> Locks:
    statement = place.statement
    if statement.problem is not None:
        return Locks(unknown="The statement was not understood, so what it locks is not known.")
    for op in statement.ops:
        if isinstance(op, ops.Other) and op.keyword.split()[0] in _CODE:
            return Locks(unknown="It runs code; what that locks shows only when it runs.")
    online = online_of(place)
    if online is not None:
        return Locks(once(_online(place, online), ORDER))
    return Locks(once(_plain(place), ORDER))


def _online(place: Place, online: Online) -> Iterator[ExpectedLock]:
    for table in tables_of(place.statement.ops):
        yield from _of_table(place, table, online)
    for op in place.statement.ops:
        if isinstance(op, ops.AddConstraint) and op.constraint.references is not None:
            parent, why = op.constraint.references, f"It is at the other end of the foreign key. {_MDL}"
            yield expected(place, parent, "EXCLUSIVE", _ALL, "for a moment at its end", why, certain=False)


def _of_table(place: Place, table: Name, online: Online) -> Iterator[ExpectedLock]:
    way = f"ALGORITHM={online.algorithm}" + (f", LOCK={online.lock}" if online.algorithm != "INSTANT" else "")
    because = f"{way}. {online.why + ' ' if online.why else ''}{_ONLINE}"
    certain = online.certain
    if online.algorithm == "INSTANT":
        yield expected(place, table, "EXCLUSIVE", _ALL, "for a moment", because, certain=certain)
        return
    if online.lock == "EXCLUSIVE":
        yield expected(place, table, "EXCLUSIVE", _ALL, "while it works", because, certain=certain)
        return
    if online.lock == "SHARED":
        blocks: tuple[Blocks, ...] = ("writes", "schema changes")
        yield expected(place, table, "SHARED_NO_WRITE", blocks, "while it works", because, certain=certain)
    else:
        yield expected(
            place, table, "SHARED_UPGRADABLE", ("schema changes",), "while it works", because, certain=certain
        )
    moments = "for a moment at its end" if online.algorithm == "COPY" else "for a moment at its start and end"
    yield expected(place, table, "EXCLUSIVE", _ALL, moments, because)


def _plain(place: Place) -> Iterator[ExpectedLock]:
    # Every DDL commits by itself; only changes of rows stay locked as long as dbmate's transaction is open.
    until = "until the transaction ends" if place.half.transaction else "until the statement ends"
    for op in place.statement.ops:
        match op:
            case ops.CreateTable():
                yield expected(place, op.name, "EXCLUSIVE", (), "while it works", f"It is new. {_MDL}")
                references = [*op.constraints, *(one for column in op.columns for one in column.constraints)]
                for constraint in references:
                    if constraint.references is not None and not constraint.references.same(op.name):
                        parent, why = constraint.references, f"The foreign key points at it. {_MDL}"
                        yield expected(place, parent, "EXCLUSIVE", _ALL, "for a moment", why, certain=False)
            case ops.Drop(kind="table" | "view"):
                yield expected(place, op.name, "EXCLUSIVE", _ALL, "while it works", _MDL)
            case ops.Drop(kind="trigger") | ops.CreateObject(kind="trigger") if op.table is not None:
                yield expected(place, op.table, "EXCLUSIVE", _ALL, "for a moment", _MDL)
            case ops.CreateObject(kind="view"):
                is_new = place.known.is_read and place.known.entry(op.name) is None
                yield expected(place, op.name, "EXCLUSIVE", () if is_new else _ALL, "for a moment", _MDL)
            case ops.Truncate():
                yield expected(place, op.table, "EXCLUSIVE", _ALL, "while it works", _MDL)
            case ops.Insert():
                yield expected(place, op.table, "SHARED_WRITE", ("schema changes",), until, _MDL)
            case ops.Update() | ops.Delete():
                rows = f"The rows it reads are locked as well: other writers of these wait. {_MDL}"
                yield expected(place, op.table, "SHARED_WRITE", ("schema changes",), until, rows)
            case _:
                pass
