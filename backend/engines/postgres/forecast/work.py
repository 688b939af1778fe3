"""What PostgreSQL has to do for a statement: rewrites, scans and index builds by its documentation. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from backend.engine.forecast.port import Work
from backend.engine.forecast.work import CATALOG, SqlWork
from backend.engine.lint import ops
from backend.engine.lint.ops import Name
from backend.engines.postgres.lint.columns import is_free
from backend.engines.postgres.lint.expressions import is_unknown_default, name_of_range

from .tables import enum_of

_REWRITES = frozenset({"SET LOGGED", "SET UNLOGGED", "SET TABLESPACE", "SET ACCESS METHOD"})


class PgWork(SqlWork):
    def add_column(self, op: ops.AddColumn) -> Iterator[Work]:
        if op.column.default is not None and not op.column.default_volatile and self._may_be_volatile(op):
            yield Work(
                "unknown", op.table, "whether its default writes every row anew, only the server knows"
            )
        else:
            yield from super().add_column(op)

    def _may_be_volatile(self, op: ops.AddColumn) -> bool:
        for one in getattr(self.place.statement.node, "cmds", ()):
            column = getattr(one.alter_table_cmd, "def").column_def
            if column.colname == op.column.name:
                return any(is_unknown_default(c.constraint.raw_expr) for c in column.constraints)
        return False

    def column_type(self, op: ops.AlterColumnType) -> Iterator[Work]:
        old = self.scene.column(op.table, op.column)
        before = old.type if old is not None else self.known.column_type(op.table, op.column)
        if before is not None and not op.using and is_free(before, op.type):
            yield CATALOG
        elif before is None:
            yield Work("rewrite", op.table, f"may write every row of {op.table} anew")
        else:
            yield Work("rewrite", op.table, f"writes every row of {op.table} anew")

    def alter_other(self, op: ops.AlterOther) -> Iterator[Work]:
        if op.what in _REWRITES:
            yield Work("rewrite", op.table, f"writes {op.table} anew")
        elif op.what == "ATTACH PARTITION":
            for one in self.place.statement.node.cmds:  # type: ignore[attr-defined]
                given = getattr(one.alter_table_cmd, "def")
                child = name_of_range(given.partition_cmd.name)
                yield Work("scan", child, f"checks every row of {child} against the bounds")
        else:
            yield CATALOG

    def other(self, op: ops.Other) -> Iterator[Work]:
        node = self.place.statement.node
        kind = type(node).__name__
        if kind == "RefreshMatViewStmt":
            yield Work("unknown", why="how long the view's query takes is not known")
        elif kind == "VacuumStmt":
            full = any(one.def_elem.defname.lower() == "full" for one in node.options)  # type: ignore[attr-defined]
            for one in node.rels:  # type: ignore[attr-defined]
                table = name_of_range(one.vacuum_relation.relation)
                yield Work(
                    "rewrite" if full else "scan", table, f"{'writes' if full else 'reads'} all of {table}"
                )
            if not node.rels:  # type: ignore[attr-defined]
                yield Work("unknown", why="it goes through every table")
        elif kind == "ClusterStmt" and node.relation.relname:  # type: ignore[attr-defined]
            table = name_of_range(node.relation)  # type: ignore[attr-defined]
            yield Work("rewrite", table, f"writes all of {table} in another order")
        elif kind == "ReindexStmt":
            yield from self._reindex(node)
        elif kind in (
            "DoStmt",
            "CallStmt",
            "CopyStmt",
            "MergeStmt",
            "ExecuteStmt",
            "ClusterStmt",
            "CreateExtensionStmt",
        ):
            yield Work("unknown", why=f"how long {op.keyword} takes is not known")
        else:
            yield CATALOG

    def _reindex(self, node: object) -> Iterator[Work]:
        kind = enum_of(node, "kind")
        table: Name | None = None
        if kind == "REINDEX_OBJECT_TABLE":
            table = name_of_range(node.relation)  # type: ignore[attr-defined]
        elif kind == "REINDEX_OBJECT_INDEX":
            table = self.known.index_table(name_of_range(node.relation))  # type: ignore[attr-defined]
        if table is None:
            yield Work("unknown", why="which tables it goes through is not known")
        else:
            yield Work("index", table, f"builds indexes of {table} anew")
