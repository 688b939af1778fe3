"""MongoDB under fault: the same kinds of files in JavaScript, and the harness's own look through pymongo."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from pymongo import MongoClient

from tests.faults.model import File, ServerSubject

PAUSE = "    await new Promise((resolve) => setTimeout(resolve, 150));"
LEASE_S = 30.0


def _make(*names: str) -> str:
    return "\n".join(f"    await db.createCollection('{name}');" for name in names)


def _drop(*names: str) -> str:
    return "\n".join(f"    await db.collection('{name}').drop();" for name in names)


class MongoDB(ServerSubject):
    name = "mongodb"
    kind = "mongodb"
    suffix = ".js"
    separator = "-"
    lock_outlives_its_holder_s = LEASE_S + 5

    def files(self) -> Sequence[File]:
        return [
            File("one_collection", _make("alpha"), _drop("alpha"), ("collection alpha",)),
            File(
                "several_statements",
                f"{_make('b1', 'b2')}\n    await db.collection('b1').createIndex({{ n: 1 }});\n{_make('b3')}",
                _drop("b3", "b2", "b1"),
                ("collection b1", "collection b2", "index b1.n_1", "collection b3"),
            ),
            File(
                "slow",
                f"{_make('c1')}\n{PAUSE}\n{_make('c2')}",
                f"{_drop('c2')}\n{PAUSE}\n{_drop('c1')}",
                ("collection c1", "collection c2"),
            ),
            File(
                "rows",
                f"    await db.collection('d1').insertOne({{ n: 1 }});\n{PAUSE}\n"
                "    await db.collection('d2').insertMany([{ n: 1 }, { n: 2 }]);",
                f"{_drop('d2')}\n{PAUSE}\n{_drop('d1')}",
                ("collection d1", "collection d2"),
            ),
            File("last", _make("e1", "e2"), _drop("e2", "e1"), ("collection e1", "collection e2")),
        ]

    def ballast(self) -> tuple[File, File]:
        many = "Array.from({ length: 600 }, (_, n) => ({ _id: n, note: 'then', text: 'x'.repeat(90) }))"
        return (
            File(
                "ballast",
                f"    await db.collection('ballast').insertMany({many});\n"
                "    await db.collection('ballast').createIndex({ note: 1 });",
                _drop("ballast"),
                ("collection ballast",),
            ),
            File(
                "change",
                "    await db.collection('ballast').updateMany({}, { $set: { note: 'now' } });\n"
                + _make("later"),
                _drop("later"),
                ("collection later",),
            ),
        )

    def notes(self, url: str) -> dict[str, int]:
        with MongoClient[dict[str, Any]](url) as client:
            found = client[self.database(url)]["ballast"].aggregate(
                [{"$group": {"_id": "$note", "count": {"$sum": 1}}}]
            )
            return {str(one["_id"]): int(one["count"]) for one in found}

    def beside(self, url: str) -> list[str]:
        with MongoClient[dict[str, Any]](url) as client:
            names = client[self.database(url)].list_collection_names()
        return [name for name in names if name.startswith("dbtoolkit_restore_")]

    def versions(self, url: str) -> set[str]:
        with MongoClient[dict[str, Any]](url) as client:
            return {row["fileName"] for row in client[self.database(url)]["changelog"].find()}

    def objects(self, url: str) -> set[str]:
        with MongoClient[dict[str, Any]](url) as client:
            database = client[self.database(url)]
            found: set[str] = set()
            for name in database.list_collection_names():
                found.add(f"collection {name}")
                found |= {f"index {name}.{index}" for index in database[name].index_information()}
            return found

    def sessions(self, url: str) -> list[str]:
        with MongoClient[dict[str, Any]](url, appname="faults-harness") as client:
            told = client.admin.command({"currentOp": 1, "$all": True})
        found = []
        for item in told.get("inprog", []):
            name = item.get("appName") or (item.get("clientMetadata") or {}).get("application", {}).get(
                "name"
            )
            # A run's tool is known by its run; what only looks (`db-toolkit`, `-watch`) may look.
            if str(name).startswith("db-toolkit-") and name != "db-toolkit-watch":
                found.append(f"{name} {item.get('op')} {item.get('ns')}")
        return found

    def url_by(self, url: str, port: int) -> str:
        # Else the driver would ask the server for its members and go to the real port.
        return super().url_by(url, port) + "&directConnection=true"

    def age_lock(self, url: str) -> bool:
        with MongoClient[dict[str, Any]](url) as client:
            database = client[self.database(url)]
            for name in database.list_collection_names():
                database[name].update_many(
                    {"_id": "run", "expires_at": {"$exists": True}},
                    {"$set": {"expires_at": datetime.now(UTC)}},
                )
        return True
