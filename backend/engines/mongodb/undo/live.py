"""What MongoDB says of its collections as they are: options, indexes, views, and whether a field is in use. Reads only."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from backend.engine.lint.ops import Name
from backend.engine.target import Target
from backend.engine.undo.dialect import Live
from backend.engines.mongodb.catalog import collections_of, index_options, indexes_of
from backend.engines.mongodb.connect import database

Document = dict[str, Any]
_LOOK_MS = 3000


class MongoLive(Live):
    def __init__(self, found: Any) -> None:
        self._database = found
        self._described = {item["name"]: item for item in collections_of(found)}
        self._indexes = cache(self._indexes_of)

    def has(self, kind: str, name: Name, table: Name | None = None) -> bool | None:
        if kind == "table":
            return name.name in self._described
        if kind == "index" and table is not None:
            return self.index(table.name, name.name) is not None
        return None

    def options(self, name: str) -> Document | None:
        """As createCollection takes them: validator, capped, viewOn, …"""
        item = self._described.get(name)
        if item is None:
            return None
        return {key: value for key, value in dict(item.get("options", {})).items() if key != "uuid"}

    def is_view(self, name: str) -> bool:
        return bool(self._described.get(name, {}).get("type") == "view")

    def _indexes_of(self, name: str) -> list[Document]:
        return indexes_of(self._database, name) if name in self._described and not self.is_view(name) else []

    def indexes(self, name: str) -> list[tuple[str, Document, Document]]:
        """(name, keys in their order, options) of each but that of _id."""
        return [
            (str(one["name"]), dict(one["key"]), {"name": one["name"], **index_options(one)})
            for one in self._indexes(name)
            if one["name"] != "_id_"
        ]

    def index(self, collection: str, name: str) -> tuple[Document, Document] | None:
        return next(
            ((keys, options) for known, keys, options in self.indexes(collection) if known == name), None
        )

    def uses_field(self, collection: str, field: str) -> bool | None:
        """Does any document hold the field? None where looking takes too long."""
        from pymongo.errors import OperationFailure, PyMongoError

        if collection not in self._described:
            return False
        try:
            return bool(
                self._database[collection].count_documents(
                    {field: {"$exists": True}}, limit=1, maxTimeMS=_LOOK_MS
                )
            )
        except OperationFailure:
            return None
        except PyMongoError:
            raise


@contextmanager
def live(target: Target) -> Iterator[MongoLive]:
    with database(target) as found:
        yield MongoLive(found)
