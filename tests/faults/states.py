"""What a database holds, by queries of the harness's own, so that two moments can be compared."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import Any

import psycopg
import pymysql
from pymongo import MongoClient

from tests.faults.model import ServerSubject, Subject
from tests.servers.model import PASSWORD, USER

_OURS = "dbtoolkit_"


@dataclass(frozen=True)
class State:
    versions: frozenset[str]
    objects: frozenset[str]
    rows: tuple[tuple[str, int], ...]

    def unlike(self, other: State) -> str:
        """What differs, in words."""
        return (
            f"versions {sorted(self.versions ^ other.versions)}, objects {sorted(self.objects ^ other.objects)},"
            f" rows {sorted(set(self.rows) ^ set(other.rows))}"
        )


def of(subject: Subject, url: str) -> State:
    objects = subject.objects(url)
    return State(
        frozenset(subject.versions(url)),
        # The run lock's lease is neither backed up nor restored.
        frozenset(one for one in objects if _OURS not in one and "lock" not in one.lower()),
        tuple(sorted(_rows(subject, url, objects).items())),
    )


def change(subject: Subject, url: str) -> None:
    """A row that the backup does not hold."""
    if subject.name == "mongodb":
        with MongoClient[dict[str, Any]](url) as client:
            client[url.partition("?")[0].rpartition("/")[2]]["alpha"].insert_one({"later": True})
    elif subject.name == "postgres":
        with psycopg.connect(url) as connection:
            connection.execute("INSERT INTO alpha (id) VALUES (99)")
    elif subject.name == "mysql":
        assert isinstance(subject, ServerSubject)
        server, database = subject.server, subject.database(url)
        with closing(
            pymysql.connect(
                host=server.host,
                port=server.port,
                user=USER,
                password=PASSWORD,
                database=database,
                autocommit=True,
            )
        ) as open_:
            open_.cursor().execute("INSERT INTO alpha (id) VALUES (99)")
            open_.cursor().execute("CREATE OR REPLACE VIEW later AS SELECT id FROM alpha")
    else:
        import sqlite3

        with closing(sqlite3.connect(url.removeprefix("sqlite:"), isolation_level=None)) as lite:
            lite.execute("INSERT INTO alpha (id) VALUES (99)")


def beside(subject: Subject, url: str, pid: int) -> list[str]:
    """What a restore of that process built and never used: databases beside, collections inside."""
    if subject.name == "mongodb":
        return [one for one in subject.objects(url) if "collection dbtoolkit_restore_" in one]
    query = {"postgres": "SELECT datname FROM pg_database", "mysql": "SHOW DATABASES"}.get(subject.name)
    names = [str(row[0]) for row in _asked(subject, url, query)] if query else []
    return [one for one in names if one.startswith("dbtoolkit_scratch_") and f"_{pid}_" in one]


def _rows(subject: Subject, url: str, objects: set[str]) -> dict[str, int]:
    if subject.name == "mongodb":
        with MongoClient[dict[str, Any]](url) as client:
            database = client[url.partition("?")[0].rpartition("/")[2]]
            names = [one.split(" ", 1)[1] for one in objects if one.startswith("collection ")]
            return {
                name: database[name].count_documents({})
                for name in names
                if _OURS not in name and "lock" not in name.lower()
            }
    tables = [one for one in ("alpha", "c1", "d_log", "ee", "g1") if f"table {one}" in objects]
    return {table: int(_asked(subject, url, f"SELECT count(*) FROM {table}")[0][0]) for table in tables}


def _asked(subject: Subject, url: str, query: str) -> list[Any]:
    found: list[Any] = subject._ask(url, query)  # type: ignore[attr-defined]
    return found
