"""What the server says of itself and of the changelog. Reading creates nothing."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from backend.core.errors import Conflict, PermissionDenied
from backend.engine.target import Target
from backend.models.connection import Applied, ServerInfo

from .connect import LOCK_COLLECTION, connected, database, visible_collections, writable
from .url import database_of

if TYPE_CHECKING:
    from pymongo.database import Database

_NAMESPACE_EXISTS = 48
_UNAUTHORIZED = 13


def applied(target: Target) -> list[Applied]:
    """The changelog's files in filename order, each once.

    With `useFileHash` a re-run file has several entries; the newest counts. Entries without a filename are none of
    migrate-mongo's and are left out.
    """
    with database(target) as found:
        entries = list(found[target.migrations_table].find({}, {"fileHash": 0}))
    newest: dict[str, Applied] = {}
    for entry in entries:
        name = entry.get("fileName")
        if not isinstance(name, str):
            continue
        row = Applied(
            version=name,
            applied_at=_moment(entry.get("appliedAt")),
            block=_block(entry.get("migrationBlock")),
        )
        known = newest.get(name)
        if known is None or _age(known) <= _age(row):
            newest[name] = row
    # JavaScript sorts by UTF-16 units, and so does the tool.
    return [newest[name] for name in sorted(newest, key=lambda name: name.encode("utf-16-be"))]


def _moment(value: Any) -> datetime | None:
    return value.astimezone(UTC) if isinstance(value, datetime) else None


def _block(value: Any) -> int | None:
    return int(value) if isinstance(value, int | float) else None


def _age(row: Applied) -> float:
    return row.applied_at.timestamp() if row.applied_at else 0.0


def exists(found: Database[dict[str, Any]]) -> bool:
    """Does the database hold a collection? MongoDB knows no empty databases; our own lease does not count."""
    return bool(visible_collections(found))


def probe(target: Target) -> ServerInfo:
    """Reach the server and ask what it is."""
    from pymongo.errors import OperationFailure

    with connected(target) as client:
        hello = client.admin.command("hello")
        # The first command pays for connecting; the second is what a command costs.
        started = time.perf_counter()
        client.admin.command("ping")
        latency_ms = (time.perf_counter() - started) * 1000
        found = client[database_of(target.url)]
        notes = _topology_notes(hello)
        try:
            is_there = exists(found)
        except OperationFailure as error:
            if error.code != _UNAUTHORIZED:
                raise
            is_there = True
            notes.append(
                "The user may not list this database's collections, so whether it exists is not known."
            )
        build = client.admin.command("buildInfo")
        return ServerInfo(
            product="MongoDB",
            version=str(build.get("version", "unknown")),
            database_exists=is_there,
            latency_ms=round(latency_ms, 3),
            read_only=not hello.get("isWritablePrimary", hello.get("ismaster", True))
            or bool(hello.get("readOnly")),
            notes=notes,
        )


def _topology_notes(hello: dict[str, Any]) -> list[str]:
    if hello.get("msg") == "isdbgrid":
        return ["Sharded cluster."]
    if hello.get("setName"):
        return [f"Replica set {hello['setName']}."]
    return ["A single server without a replica set: migrations that use transactions fail here."]


def create_database(target: Target) -> None:
    """Make the database exist by creating its empty changelog.

    MongoDB has no command for it: a database is there once it holds a collection. The changelog is the one that
    migrate-mongo would make with the first migration anyway, so nothing foreign is left behind.
    """
    from pymongo.errors import CollectionInvalid, OperationFailure

    with writable(target) as found:
        if exists(found):
            raise Conflict(f"The database {found.name} exists already.")
        try:
            found.create_collection(target.migrations_table, check_exists=False)
        except (OperationFailure, CollectionInvalid) as error:
            if getattr(error, "code", None) == _NAMESPACE_EXISTS:
                raise Conflict(f"The database {found.name} exists already.") from error
            raise


def drop_database(target: Target) -> None:
    """Drop the database with everything in it; nothing happens where it does not exist."""
    with writable(target) as found:
        if found.name in {"admin", "config", "local"}:
            raise PermissionDenied(f"{found.name} is one of MongoDB's own databases; it is not dropped.")
        found.client.drop_database(found.name)


def row_counts(target: Target, names: list[str]) -> dict[str, int]:
    """Exact document counts of the named collections; missing ones are left out."""
    with database(target) as found:
        present = set(visible_collections(found))
        return {name: found[name].count_documents({}) for name in names if name in present}


__all__ = ["LOCK_COLLECTION", "applied", "create_database", "drop_database", "exists", "probe", "row_counts"]
