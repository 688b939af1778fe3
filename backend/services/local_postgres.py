"""The PostgreSQL that comes with the app: started on demand, on loopback with a random password, stopped with the app."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from backend.drivers.local_postgres import PostgresServer


SCRATCH_FOLDER = "postgres-scratch"


class LocalPostgres:
    """One server, its data kept between starts: that of local databases under `home/postgres`, or with `scratch` one for
    scratch databases alone, which never waits for the disk because nobody misses what it holds."""

    def __init__(self, home: Path, *, scratch: bool = False) -> None:
        self._folder = home / (SCRATCH_FOLDER if scratch else "postgres")
        self._durable = not scratch
        self._lock = threading.Lock()
        self._server: PostgresServer | None = None

    def new_database(self, name: str) -> str:
        """Start the server where it is not running and answer the URL of a database that does not exist yet."""
        server = self.server()
        return self._url(server, server.free_name(name))

    def maintenance_url(self) -> str:
        """The URL of the server's own database, from which others are made; starts the server."""
        return self._url(self.server(), "postgres")

    def server(self) -> PostgresServer:
        from backend.drivers.local_postgres import PostgresServer

        with self._lock:
            if self._server is None or not self._server.is_running():
                self._server = PostgresServer.start(self._folder, durable=self._durable)
            return self._server

    def close(self) -> None:
        with self._lock:
            if self._server is not None:
                self._server.stop()
                self._server = None

    @staticmethod
    def _url(server: PostgresServer, database: str) -> str:
        user, password = quote(server.user, safe=""), quote(server.password, safe="")
        return f"postgres://{user}:{password}@127.0.0.1:{server.port}/{database}?sslmode=disable"
