"""What SQLite is going to do: one lock for the whole file, and catalog changes that rewrite more than elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager

from backend.engine.forecast.port import Counter, EngineForecast, Locks, Place, Work
from backend.engine.forecast.work import CATALOG, SqlWork
from backend.engine.lint import ops
from backend.engine.target import Target
from backend.models.connection import EngineName
from backend.models.preview import ExpectedLock

from .counting import counting

_PAGE = "SQLite docs, File Locking and Concurrency (lockingv3.html) and Write-Ahead Logging (wal.html)"
_READS = (ops.Query, ops.NullComparison, ops.Setting, ops.TransactionControl)


class SqliteForecast(EngineForecast):
    engine = EngineName.SQLITE
    dialect = "sqlite"

    def locks(self, place: Place) -> Locks:
        if place.statement.problem is not None:
            return Locks(unknown="The statement was not understood, so what it locks is not known.")
        if not place.statement.ops or all(isinstance(one, _READS) for one in place.statement.ops):
            return Locks()
        until = "until the transaction ends" if place.half.transaction else "until the statement ends"
        return Locks(
            (
                ExpectedLock(
                    object="the whole database",
                    mode="RESERVED",
                    blocks=["writes", "schema changes"],
                    held=until,
                    because=f"One connection writes at a time. {_PAGE}",
                ),
                ExpectedLock(
                    object="the whole database",
                    mode="EXCLUSIVE",
                    blocks=["reads", "writes", "schema changes"],
                    held="for a moment at the commit",
                    because=f"Not in WAL mode, where readers are never blocked. {_PAGE}",
                    certain=False,
                ),
            )
        )

    def work(self, place: Place) -> Sequence[Work]:
        return _SqliteWork(place).all()

    def counting(self, target: Target) -> AbstractContextManager[Counter]:
        return counting(target)


class _SqliteWork(SqlWork):
    """ALTER TABLE docs (lang_altertable.html): ADD and RENAME change the schema's text, DROP COLUMN writes every row."""

    def add_column(self, op: ops.AddColumn) -> Iterator[Work]:
        if any(one.kind == "check" for one in op.column.constraints) or op.column.not_null:
            yield Work("scan", op.table, f"checks every row of {op.table}")
        else:
            yield CATALOG

    def drop_column(self, op: ops.DropColumn) -> Iterator[Work]:
        yield Work("rewrite", op.table, f"writes every row of {op.table} anew")

    def truncate(self, op: ops.Truncate) -> Iterator[Work]:
        yield Work("scan", op.table, f"frees every page of {op.table}")

    def drop(self, op: ops.Drop) -> Iterator[Work]:
        if op.kind == "table":
            yield Work("scan", op.name, f"frees every page of {op.name}")
        else:
            yield CATALOG

    def alter_other(self, op: ops.AlterOther) -> Iterator[Work]:
        yield CATALOG

    def other(self, op: ops.Other) -> Iterator[Work]:
        if op.keyword.split()[0] in ("VACUUM", "REINDEX", "ANALYZE"):
            yield Work("unknown", why="it goes through the whole database")
        else:
            yield from super().other(op)


FORECAST = SqliteForecast()
