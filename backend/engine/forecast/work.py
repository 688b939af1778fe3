"""What a statement has to do, by its operations: what decides how long it takes. Pure.

Written for an engine that changes its catalog only, unless it must look at every row or write them anew. Engines that
differ override single questions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend.engine.lint import ops
from backend.engine.lint.ops import Name, Op

from .port import Place, Work

_QUICK = frozenset(
    """GRANT REVOKE COMMENT SET USE SHOW ANALYZE LOCK UNLOCK NOTIFY LISTEN RESET DEALLOCATE PREPARE ALTER CREATE DROP
    TABLE RENAME DEFINE SECURITY""".split()  # noqa: SIM905
)
# A constant and nothing else: no table, no function.
_READS_NOTHING = re.compile(r"SELECT\s+(?:\d+|'[^'\\]*'|NULL|TRUE|FALSE)", re.IGNORECASE)
CATALOG = Work("catalog", why="changes the catalog only")


class SqlWork:
    """One statement."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.known = place.known
        self.scene = place.scene

    def all(self) -> list[Work]:
        statement = self.place.statement
        if statement.problem is not None:
            return [Work("unknown", why="it was not understood")]
        found: list[Work] = []
        for op in statement.ops:
            if isinstance(op, ops.Query | ops.NullComparison) and len(statement.ops) > 1:
                continue
            found += self._of(op)
        return [one for one in found if one.kind != "catalog"] or found[:1] or [CATALOG]

    def _of(self, op: Op) -> Iterator[Work]:
        for work in self.of(op):
            # A table that this file makes has the rows that the file put into it, and no more.
            is_sized = work.kind in ("scan", "rewrite", "index", "index_online", "rows")
            if is_sized and work.table is not None and self.scene.rows(work.table).is_empty:
                yield Work("catalog", work.table, f"{work.table} has no rows")
            else:
                yield work

    def of(self, op: Op) -> Iterator[Work]:
        match op:
            case ops.CreateTable():
                if op.from_query:
                    yield Work("unknown", op.name, "how long its query takes is not known")
                else:
                    yield CATALOG
            case ops.CreateObject():
                if op.kind == "materialized_view":
                    yield Work("unknown", op.name, "how long its query takes is not known")
                else:
                    yield CATALOG
            case ops.CreateIndex():
                kind = "index_online" if op.concurrently else "index"
                yield Work(kind, op.table, f"builds an index over {op.table}")  # type: ignore[arg-type]
            case ops.AddColumn():
                yield from self.add_column(op)
            case ops.AlterColumnType():
                yield from self.column_type(op)
            case ops.DropColumn():
                yield from self.drop_column(op)
            case ops.SetNotNull():
                yield Work("scan", op.table, f"looks for NULL in {op.table}")
            case ops.AddConstraint():
                yield from self.add_constraint(op.table, op.constraint)
            case ops.ValidateConstraint():
                yield Work("scan", op.table, f"checks every row of {op.table}")
            case ops.AlterOther():
                yield from self.alter_other(op)
            case ops.Update():
                yield Work("rows", op.table, f"changes rows of {op.table}")
            case ops.Delete():
                yield Work("rows", op.table, f"deletes rows of {op.table}")
            case ops.Truncate():
                yield from self.truncate(op)
            case ops.Drop():
                yield from self.drop(op)
            case ops.Insert():
                if op.rows is None:
                    yield Work("unknown", op.table, "how many rows its query gives is not known")
                else:
                    yield Work("rows_in", op.table, f"adds rows to {op.table}", op.rows)
            case ops.Query() if _READS_NOTHING.fullmatch(self.place.statement.text.strip()):
                # One down in ten says SELECT 1, for want of anything to undo.
                yield Work("catalog", why="reads nothing")
            case ops.Query():
                yield Work("unknown", why="how long a query takes is not known")
            case ops.Other():
                yield from self.other(op)
            case _:
                yield CATALOG

    # -- what engines differ in ----------------------------------------------------------------------------------

    def add_column(self, op: ops.AddColumn) -> Iterator[Work]:
        if op.column.default_volatile or op.column.auto or op.column.generated == "stored":
            yield Work("rewrite", op.table, f"writes every row of {op.table} anew")
        elif op.column.unique or op.column.primary_key:
            yield Work("index", op.table, f"builds an index over {op.table}")
        elif any(one.kind == "check" for one in op.column.constraints):
            yield Work("scan", op.table, f"checks every row of {op.table}")
        else:
            yield CATALOG

    def column_type(self, op: ops.AlterColumnType) -> Iterator[Work]:
        yield Work("rewrite", op.table, f"writes every row of {op.table} anew")

    def drop_column(self, op: ops.DropColumn) -> Iterator[Work]:
        yield CATALOG

    def add_constraint(self, table: Name, one: ops.Constraint) -> Iterator[Work]:
        if one.not_valid or one.using_index:
            yield CATALOG
        elif one.kind in ("primary_key", "unique", "exclude"):
            yield Work("index", table, f"builds an index over {table}")
        else:
            yield Work("scan", table, f"checks every row of {table}")

    def alter_other(self, op: ops.AlterOther) -> Iterator[Work]:
        yield Work("unknown", op.table, f"what {op.what} costs is not known here")

    def truncate(self, op: ops.Truncate) -> Iterator[Work]:
        yield CATALOG

    def drop(self, op: ops.Drop) -> Iterator[Work]:
        yield CATALOG

    def other(self, op: ops.Other) -> Iterator[Work]:
        if op.keyword.split()[0] in _QUICK:
            yield CATALOG
        else:
            yield Work("unknown", why=f"what {op.keyword} costs is not known here")
