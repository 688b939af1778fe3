"""What BigQuery holds: the migrations table as it is, the dataset itself, row counts."""

from __future__ import annotations

import time
from collections.abc import Sequence

from backend.core.errors import Conflict
from backend.engine.target import Target
from backend.models.connection import Applied, ServerInfo

from .connect import session
from .errors import CONFLICT, ApiError
from .text import information, table


def probe(target: Target) -> ServerInfo:
    """Reach the API and look for the dataset. Creates nothing."""
    with session(target) as api:
        started = time.perf_counter()
        notes: list[str] = []
        try:
            found = api.call("GET", api.dataset_path)
        except ApiError as error:
            if not error.is_missing or error.text.lower().startswith("not found: project"):
                raise
            found = None
        latency_ms = (time.perf_counter() - started) * 1000
        if found is not None and api.url.location:
            location = str(found.get("location", ""))
            if location.lower() != api.url.location.lower():
                notes.append(
                    f"The dataset lies in {location}, the URL names {api.url.location}: queries will not find it."
                )
        if not api.url.needs_credentials:
            notes.append("Without credentials: an emulator.")
        return ServerInfo(
            product="BigQuery",
            version="v2",
            database_exists=found is not None,
            latency_ms=latency_ms,
            notes=notes,
        )


def create_database(target: Target) -> None:
    """Create the dataset, in the URL's location. Raises Conflict where it exists."""
    with session(target) as api:
        reference = {"projectId": api.url.project, "datasetId": api.url.dataset}
        place = {"location": api.url.location} if api.url.location else {}
        try:
            api.call(
                "POST", f"projects/{api.url.project}/datasets", body={"datasetReference": reference, **place}
            )
        except ApiError as error:
            if error.status != CONFLICT:
                raise
            raise Conflict(f"The dataset {api.url.dataset} exists already.") from None


def drop_database(target: Target) -> None:
    """Drop the dataset and what is in it; nothing happens where it does not exist."""
    with session(target) as api:
        try:
            api.call("DELETE", api.dataset_path, params={"deleteContents": "true"})
        except ApiError as error:
            if not error.is_missing:
                raise


def applied(target: Target) -> list[Applied]:
    """The applied versions, in order. The table has no key: a version that stands twice counts once."""
    with session(target) as api:
        try:
            # Asked for before it is read: a query that fails would be a failed job in everybody's list.
            api.call("GET", f"{api.dataset_path}/tables/{target.migrations_table}")
            rows = api.query(
                f"SELECT DISTINCT version FROM {table(api.url, target.migrations_table)} "
                "WHERE version IS NOT NULL ORDER BY version"
            )
        except ApiError as error:
            if error.is_missing:
                return []
            raise
        return [Applied(version=str(row["version"])) for row in rows]


def row_counts(target: Target, tables: Sequence[str]) -> dict[str, int]:
    """Exact row counts of the named tables, in one query; missing ones are left out."""
    with session(target) as api:
        try:
            there = {
                row["table_name"]
                for row in api.query(f"SELECT table_name FROM {information(api.url, 'TABLES')}")
            }
        except ApiError as error:
            if error.is_missing:
                return {}
            raise
        names = {asked: asked.removeprefix(f"{api.url.dataset}.") for asked in tables}
        wanted = [(asked, name) for asked, name in names.items() if name in there]
        if not wanted:
            return {}
        parts = [
            f"SELECT {i} AS i, COUNT(*) AS n FROM {table(api.url, name)}"
            for i, (_, name) in enumerate(wanted)
        ]
        counted = {int(row["i"]): int(row["n"]) for row in api.query(" UNION ALL ".join(parts))}
        return {asked: counted[i] for i, (asked, _) in enumerate(wanted)}
