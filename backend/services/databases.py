"""The database as a whole: create, drop, wait, the schema file, the live catalog."""

from __future__ import annotations

import hashlib
import time
from typing import Any

from backend.core.context import current_job
from backend.core.errors import (
    AppError,
    AuthenticationFailed,
    NotFound,
    PermissionDenied,
    SqlFailed,
    TimedOut,
)
from backend.core.events import EventBus
from backend.core.paths import given_path, storage_errors, write_atomically
from backend.engine.target import Target
from backend.models.connection import ServerInfo
from backend.models.schema import Catalog

from .connections import Connections, Resolved
from .consent import ask, refuse_read_only

_WAIT_EVERY_S = 0.5


class Databases:
    def __init__(self, connections: Connections, events: EventBus) -> None:
        self._connections = connections
        self._events = events

    def create(self, connection_id: str, *, confirm: str | None) -> bool:
        """Create the database. Raises Conflict where it exists. Returns whether it exists now."""
        resolved = self._connections.resolve(connection_id)
        refuse_read_only(resolved, "create the database")
        resolved.engine.require("create_database")
        target = self._connections.target(resolved)
        ask(resolved, confirm, f"Create the database of {resolved.name}", [])
        resolved.engine.create_database(target)
        self._changed(resolved)
        return resolved.engine.probe(target).database_exists

    def drop(self, connection_id: str, *, confirm: str | None) -> bool:
        """Drop the database; always asks. Returns whether it exists now."""
        resolved = self._connections.resolve(connection_id)
        refuse_read_only(resolved, "drop the database")
        resolved.engine.require("drop_database")
        target = self._connections.target(resolved)
        if not resolved.engine.probe(target).database_exists:
            return False
        ask(
            resolved,
            confirm,
            f"Drop the database of {resolved.name}",
            [self._what_is_lost(resolved, target)],
            always=True,
        )
        resolved.engine.drop_database(target)
        self._changed(resolved)
        return resolved.engine.probe(target).database_exists

    def wait(self, connection_id: str, *, timeout_s: float) -> ServerInfo:
        """Wait until the server answers. Raises TimedOut with the last error; a wrong password is not waited for."""
        resolved = self._connections.resolve(connection_id)
        target = self._connections.target(resolved)
        job = current_job.get()
        deadline = time.monotonic() + timeout_s
        while True:
            if job is not None:
                job.check_cancelled()
            try:
                return resolved.engine.probe(target)
            except (AuthenticationFailed, PermissionDenied):
                raise
            except AppError as error:
                left = deadline - time.monotonic()
                if left <= 0:
                    raise TimedOut(
                        f"{resolved.name} did not answer within {timeout_s:g} s: {error.message}",
                        hint=error.hint,
                        cause=error.code,
                    ) from error
                if job is not None:
                    job.progress(
                        int(timeout_s - left), int(timeout_s), f"Waiting for {resolved.name}: {error.message}"
                    )
                    job.cancel_token.wait(min(_WAIT_EVERY_S, left))
                else:
                    time.sleep(min(_WAIT_EVERY_S, left))

    # -- the schema file -----------------------------------------------------------------------------------------

    def dump_schema(self, connection_id: str) -> dict[str, Any]:
        """Write the schema file from the database."""
        resolved = self._connections.resolve(connection_id)
        self.write_schema(resolved, self._connections.target(resolved))
        return self.read_schema(connection_id)

    def write_schema(self, resolved: Resolved, target: Target) -> None:
        """Dump, and only then replace the file. Raises NotSupported, ToolMissing, … and leaves the old file."""
        resolved.engine.require("dump_schema")
        text = resolved.engine.dump_schema(target)
        with storage_errors(resolved.schema_file.parent, "create"):
            resolved.schema_file.parent.mkdir(parents=True, exist_ok=True)
        data = text.encode()
        if not resolved.schema_file.is_file() or resolved.schema_file.read_bytes() != data:
            write_atomically(resolved.schema_file, data)

    def load_schema(self, connection_id: str, *, path: str | None, confirm: str | None) -> dict[str, Any]:
        """Run the schema file into the database. Asks where the database holds tables already."""
        resolved = self._connections.resolve(connection_id)
        refuse_read_only(resolved, "load a schema")
        resolved.engine.require("load_schema")
        source = given_path(path, base=resolved.folder) if path else resolved.schema_file
        if not source.is_file():
            raise NotFound(
                f"There is no schema file {source}.", hint="Write one first: Database → Dump schema."
            )
        with storage_errors(source, "read"):
            data = source.read_bytes()
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise SqlFailed(
                f"{source.name} is not UTF-8 text (byte {error.start}).", file=source.name
            ) from None
        target = self._connections.target(resolved)
        exists = resolved.engine.probe(target).database_exists
        tables = [table.name for table in resolved.engine.catalog(target).tables] if exists else []
        losses = (
            [f"The database already holds {len(tables)} tables; the file may change them."] if tables else []
        )
        ask(resolved, confirm, f"Load {source.name} into {resolved.name}", losses)
        if not exists:
            resolved.engine.create_database(target)
        resolved.engine.load_schema(target, text, source)
        self._changed(resolved)
        return self.read_schema(connection_id)

    def read_schema(self, connection_id: str) -> dict[str, Any]:
        path = self._connections.resolve(connection_id).schema_file
        if not path.is_file():
            return {"path": str(path), "exists": False}
        with storage_errors(path, "read"):
            data = path.read_bytes()
        return {
            "path": str(path),
            "exists": True,
            "content": data.decode("utf-8", errors="replace"),
            "size_bytes": len(data),
            "sha256": hashlib.sha256(data).hexdigest(),
        }

    def catalog(self, connection_id: str) -> Catalog:
        resolved = self._connections.resolve(connection_id)
        return resolved.engine.catalog(self._connections.target(resolved))

    # -- inside --------------------------------------------------------------------------------------------------

    def _what_is_lost(self, resolved: Resolved, target: Target) -> str:
        try:
            tables = [table.name for table in resolved.engine.catalog(target).tables]
            rows = resolved.engine.row_counts(target, tables)
        except AppError:
            return "The database with everything in it; what it holds could not be counted."
        word = "collections" if resolved.engine.dialect is None else "tables"
        return f"The database with {len(tables)} {word} and {sum(rows.values()):,} rows."

    def _changed(self, resolved: Resolved) -> None:
        self._events.publish("migrations:changed", connection=resolved.id)
        self._events.publish("database:changed", connection=resolved.id)
