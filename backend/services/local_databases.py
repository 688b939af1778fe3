"""Databases on the PostgreSQL that comes with the app, one a connection: for whoever has no server at hand."""

from __future__ import annotations

import re
import unicodedata

from backend.core.context import current_job
from backend.engine.registry import engine_named
from backend.models.connection import Connection, EnvironmentKind

from .checks import check_name
from .connections import Connections
from .local_postgres import LocalPostgres


class LocalDatabases:
    def __init__(self, connections: Connections, local_postgres: LocalPostgres) -> None:
        self._connections = connections
        self._local_postgres = local_postgres

    def create(
        self,
        name: str,
        environment: EnvironmentKind = EnvironmentKind.DEVELOPMENT,
        read_only: bool = False,
        migrations_dir: str | None = None,
        color: str | None = None,
        secret: str | None = None,
    ) -> Connection:
        """Start the app's own server and save a connection to a new, empty database on it.

        The server listens on loopback with a random password, stops with the app and starts again when the connection
        is next used; the data stay. Raises ToolMissing, ConnectionFailed, InvalidRequest."""
        # Before the server starts: a name that cannot be costs nothing.
        name = check_name(name)
        job = current_job.get()
        if job is not None:
            job.progress(0, 2, "Starting the local PostgreSQL")
        url = self._local_postgres.new_database(database_name(name))
        connection = self._connections.create(
            name,
            url,
            environment=environment,
            migrations_dir=migrations_dir,
            color=color,
            secret=secret,
            options={"local_postgres": True},
        )
        try:
            if job is not None:
                job.progress(1, 2, "Making the database")
            resolved = self._connections.resolve(connection.id)
            engine_named(connection.engine).create_database(self._connections.target(resolved))
        except BaseException:
            self._connections.delete(connection.id, delete_files=True, confirm=connection.name)
            raise
        if read_only:
            # Only now: the database had to be made.
            return self._connections.update(connection.id, {"read_only": True}, confirm=None)
        return self._connections.get(connection.id)


def database_name(name: str) -> str:
    """A connection's name as a database's that needs no quotes: `Café 24/7` is `cafe_24_7`."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:50].rstrip("_")
    if not words:
        return "database"
    return words if words[0].isalpha() else f"db_{words}"
