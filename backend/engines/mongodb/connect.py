"""Short-lived clients to one MongoDB. pymongo is imported only here and below, when something is really asked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from backend.core.errors import ReadOnly
from backend.engine.target import Target

from .url import check, database_of

if TYPE_CHECKING:
    from pymongo import MongoClient
    from pymongo.database import Database

Document = dict[str, Any]

LOCK_COLLECTION = "dbtoolkit_lock"
STAGED = "dbtoolkit_restore_"
"""A restore builds under such names; what a crash left of them is no part of the schema, nor backed up, nor kept."""
"""Where the run lock's lease lives; never shown, dumped or compared."""

SERVER_SELECTION_TIMEOUT_MS = 5000
"""The driver itself would wait 30 s for a server that is down."""


@contextmanager
def connected(target: Target, *, application_name: str | None = None) -> Iterator[MongoClient[Document]]:
    """A client for the time of a `with`; the driver's errors leave it as AppErrors."""
    from pymongo import MongoClient
    from pymongo.errors import PyMongoError

    from .errors import is_drivers, translate

    timeout_ms = min(int(target.connect_timeout_s * 1000), SERVER_SELECTION_TIMEOUT_MS)
    client: MongoClient[Document] | None = None
    try:
        client = MongoClient(
            check(target.url),
            appname=(application_name or target.application_name)[:128],
            serverSelectionTimeoutMS=timeout_ms,
            connectTimeoutMS=timeout_ms,
            tz_aware=True,
        )
        yield client
    except (PyMongoError, UnicodeError, ValueError) as error:
        if not is_drivers(error):
            raise
        raise translate(error) from error
    finally:
        if client is not None:
            client.close()


@contextmanager
def database(target: Target) -> Iterator[Database[Document]]:
    """The target's database, whether it exists or not."""
    with connected(target) as client:
        yield client[database_of(target.url)]


@contextmanager
def writable(target: Target) -> Iterator[Database[Document]]:
    """The target's database for a change. Raises ReadOnly on a read-only target: MongoDB has no such sessions."""
    if target.read_only:
        raise ReadOnly("This connection is read-only, so DB Toolkit changes nothing in its database.")
    with database(target) as found:
        yield found


def visible_collections(found: Database[Document]) -> list[str]:
    """The names of the database's own collections and views, sorted; the lease and the server's own left out."""
    return sorted(
        name
        for name in found.list_collection_names(authorizedCollections=True, nameOnly=True)
        if name != LOCK_COLLECTION and not name.startswith(("system.", STAGED))
    )
