"""The cheap look at migrate-mongo's changelog: one aggregation over a kept client."""

from __future__ import annotations

from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING

from backend.core.errors import AppError
from backend.engine.pulse import Look, Pulse
from backend.engine.target import Target

from .connect import Document, database
from .errors import is_drivers, translate

if TYPE_CHECKING:
    from pymongo.database import Database

_MOST_MS = 5000


class MongoPulse(Pulse):
    """A client keeps its own watch over the servers, one small command in ten seconds, as every client does."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._stack = ExitStack()
        self._database: Database[Document] | None = None

    def look(self) -> Look:
        from pymongo.errors import PyMongoError

        try:
            if self._database is None:
                self._database = self._stack.enter_context(database(self._target))
            changelog = self._database[self._target.migrations_table]
            found = list(
                changelog.aggregate(
                    [
                        {
                            "$group": {
                                "_id": None,
                                "count": {"$sum": 1},
                                "newest": {"$max": "$appliedAt"},
                                "last": {"$max": "$fileName"},
                                "first": {"$min": "$fileName"},
                            }
                        }
                    ],
                    maxTimeMS=_MOST_MS,
                )
            )
        except (PyMongoError, UnicodeError, ValueError) as error:
            if not is_drivers(error):
                raise
            raise translate(error) from error
        told = found[0] if found else {}
        return Look(f"{told.get('count', 0)} {told.get('newest')} {told.get('last')} {told.get('first')}")

    def close(self) -> None:
        self._database = None
        with suppress(AppError):
            self._stack.close()
