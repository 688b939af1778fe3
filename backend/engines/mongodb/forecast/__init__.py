"""What a migrate-mongo file is going to do, as far as its calls are written out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any, cast

from backend.engine.forecast.port import (
    COUNT_LIMIT,
    COUNT_TIMEOUT_S,
    Counted,
    Counter,
    Described,
    EngineForecast,
    Locks,
    Place,
    Question,
    Work,
)
from backend.engine.lint.ops import Name, Op
from backend.engine.lint.source import Half, Stmt
from backend.engine.target import Target
from backend.engines.mongodb.connect import database
from backend.models.connection import EngineName

from . import calls
from .literals import NotLiteral, value_of

if TYPE_CHECKING:
    from pymongo.database import Database

_COUNTED = ("updateMany", "deleteMany", "updateOne", "deleteOne", "replaceOne")


class MongoForecast(EngineForecast):
    engine = EngineName.MONGODB

    def describe(self, place: Place) -> Described:
        return calls.described(place)

    def locks(self, place: Place) -> Locks:
        return calls.locks(place)

    def work(self, place: Place) -> Sequence[Work]:
        return calls.work(place)

    def question(self, place: Place) -> Question | None:
        if place.statement.problem is not None:
            return None
        found = [one for one in calls.writes_of(place.statement) if one.method in _COUNTED]
        if not found:
            return None
        call = found[0]
        name = calls.collection_of(call)
        if len(found) > 1:
            return Question(name, reason="It changes documents in several calls.")
        if name.name == calls.UNKNOWN:
            return Question(name, reason="Which collection it is shows only when it runs.")
        if call.in_loop:
            return Question(name, reason="It is called in a loop.")
        try:
            asked: Any = {} if call.argument(0) is None else value_of(call.argument(0), call.code)
        except NotLiteral as error:
            return Question(name, reason=str(error))
        if not isinstance(asked, dict):
            return Question(name, reason="Its filter shows only when it runs.")
        limit = 1 if call.method.endswith("One") else COUNT_LIMIT + 1
        query = f"db.{name}.countDocuments({_shown(asked)}, {{ limit: {limit} }})"
        return Question(name, query, ask=(asked, limit), is_whole=not asked and limit > 1)

    def lost_question(self, place: Place) -> Question | None:
        found = self.question(place)
        if found is None or found.ask is None:
            return found
        [call] = [one for one in calls.writes_of(place.statement) if one.method in _COUNTED]
        try:
            update = value_of(call.argument(1), call.code) if call.argument(1) is not None else None
        except NotLiteral:
            return found
        if (
            not isinstance(update, dict)
            or list(update) != ["$unset"]
            or not isinstance(update["$unset"], dict)
        ):
            return found
        asked, limit = cast("tuple[dict[str, Any], int]", found.ask)
        fields = [{field: {"$exists": True}} for field in update["$unset"]]
        where = {"$and": [asked, {"$or": fields}]} if asked else {"$or": fields}
        query = f"db.{found.table}.countDocuments({_shown(where)}, {{ limit: {limit} }})"
        return Question(found.table, query, ask=(where, limit))

    def rows_question(self, table: Name) -> Question:
        asked = f"db.{table}.countDocuments({{}}, {{ limit: {COUNT_LIMIT + 1} }})"
        return Question(table, asked, ask=({}, COUNT_LIMIT + 1), is_whole=True)

    def values_question(self, table: Name, column: str) -> Question:
        where = {column: {"$exists": True}}
        asked = f"db.{table}.countDocuments({_shown(where)}, {{ limit: {COUNT_LIMIT + 1} }})"
        return Question(table, asked, ask=(where, COUNT_LIMIT + 1))

    def meant(self, half: Half, statement: Stmt) -> Sequence[Op]:
        return calls.meant(half, statement)

    def counting(self, target: Target) -> AbstractContextManager[Counter]:
        return _counting(target)


def _shown(asked: dict[str, Any]) -> str:
    from bson.json_util import dumps

    return str(dumps(asked, ensure_ascii=False))


@contextmanager
def _counting(target: Target) -> Iterator[Counter]:
    with database(target) as found:
        yield lambda question: _count(found, question)


def _count(found: Database[dict[str, Any]], question: Question) -> Counted:
    from pymongo.errors import ExecutionTimeout, OperationFailure

    asked, limit = cast("tuple[dict[str, Any], int]", question.ask)
    limit_ms = int(COUNT_TIMEOUT_S * 1000)
    try:
        count = found[question.table.name].count_documents(asked, limit=limit, maxTimeMS=limit_ms)
    except ExecutionTimeout:
        return Counted(reason=f"Counting took longer than {COUNT_TIMEOUT_S:.0f} seconds and was stopped.")
    except OperationFailure as error:
        said = str((error.details or {}).get("errmsg") or "it was refused")
        return Counted(reason=f"The server did not count: {said.rstrip('.')}.")
    return Counted(min(count, COUNT_LIMIT), count > COUNT_LIMIT)


FORECAST = MongoForecast()
