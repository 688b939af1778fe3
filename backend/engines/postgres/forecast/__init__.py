"""What PostgreSQL is going to do: lock levels by its documentation, checked against pg_locks by the tests."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager

from backend.engine.forecast.describe import described
from backend.engine.forecast.port import Counter, Described, EngineForecast, Locks, Place, Work
from backend.engine.target import Target
from backend.models.connection import EngineName

from .counting import counting
from .locks import locks
from .words import more_of
from .work import PgWork


class PgForecast(EngineForecast):
    engine = EngineName.POSTGRES
    dialect = "postgres"

    def describe(self, place: Place) -> Described:
        return more_of(place.statement) or described(place.statement, "postgres")

    def locks(self, place: Place) -> Locks:
        return locks(place)

    def work(self, place: Place) -> Sequence[Work]:
        return PgWork(place).all()

    def counting(self, target: Target) -> AbstractContextManager[Counter]:
        return counting(target)


FORECAST = PgForecast()
