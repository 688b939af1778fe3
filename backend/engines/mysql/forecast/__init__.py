"""What MySQL and MariaDB are going to do: online DDL, metadata locks, rebuilds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager

from backend.engine.forecast.port import Counter, EngineForecast, Locks, Place, Work
from backend.engine.forecast.work import CATALOG, SqlWork
from backend.engine.lint import ops
from backend.engine.target import Target
from backend.models.connection import EngineName

from .counting import counting
from .locks import locks
from .online import online_of, tables_of


class MysqlForecast(EngineForecast):
    engine = EngineName.MYSQL
    dialect = "mysql"

    def locks(self, place: Place) -> Locks:
        return locks(place)

    def work(self, place: Place) -> Sequence[Work]:
        return _MysqlWork(place).all()

    def counting(self, target: Target) -> AbstractContextManager[Counter]:
        return counting(target)


class _MysqlWork(SqlWork):
    def all(self) -> list[Work]:
        online = online_of(self.place) if self.place.statement.problem is None else None
        if online is None:
            return super().all()
        found: list[Work] = []
        for table in tables_of(self.place.statement.ops):
            if online.rebuilds:
                way = "copies" if online.algorithm == "COPY" else "writes"
                work = Work("rewrite", table, f"{way} every row of {table} anew")
            elif online.builds:
                work = Work("index", table, f"builds an index over {table}")
            else:
                work = CATALOG
            empty = self.scene.rows(table).is_empty
            found.append(Work("catalog", table, f"{table} has no rows") if empty else work)
        return found

    def truncate(self, op: ops.Truncate) -> Iterator[Work]:
        yield CATALOG


FORECAST = MysqlForecast()
