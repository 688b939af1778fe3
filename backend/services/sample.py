"""The sample: a shop with eight real migrations and data, six applied and two pending."""

from __future__ import annotations

import shutil
from pathlib import Path

from backend.core.context import current_job
from backend.core.errors import NotSupported
from backend.core.paths import storage_errors
from backend.engine.registry import engine_named
from backend.models.connection import Connection, EngineName

from .connections import Connections
from .local_postgres import LocalPostgres
from .runs.service import Runs

_FILES = Path(__file__).parent / "sample_shop"
_APPLIED = 6


class Sample:
    def __init__(self, connections: Connections, runs: Runs, local_postgres: LocalPostgres) -> None:
        self._connections = connections
        self._runs = runs
        self._local_postgres = local_postgres

    def create(self, engine: EngineName) -> Connection:
        """Make the connection, its files and its database. A second sample gets a name of its own."""
        if engine not in {EngineName.SQLITE, EngineName.POSTGRES}:
            raise NotSupported("The sample is for SQLite, or for the PostgreSQL that comes with DB Toolkit.")
        job = current_job.get()
        name = self._free_name("Sample shop" if engine == EngineName.SQLITE else "Sample shop (PostgreSQL)")
        if engine == EngineName.SQLITE:
            # The path is relative: the connection's folder can be moved with its database.
            url = "sqlite:shop.db"
        else:
            if job is not None:
                job.progress(0, _APPLIED, "Starting the local PostgreSQL")
            url = self._local_postgres.new_database("shop")
        is_local = engine == EngineName.POSTGRES
        connection = self._connections.create(name, url, sample=True, options={"local_postgres": is_local})
        try:
            folder = Path(connection.migrations_dir)
            with storage_errors(folder, "write"):
                for source in sorted((_FILES / str(engine)).glob("*.sql")):
                    shutil.copyfile(source, folder / source.name)
            resolved = self._connections.resolve(connection.id)
            target = self._connections.target(resolved)
            if not engine_named(str(engine)).probe(target).database_exists:
                resolved.engine.create_database(target)
            self._runs.up(connection.id, count=_APPLIED)
        except BaseException:
            self._connections.delete(connection.id, delete_files=True, confirm=connection.name)
            raise
        return self._connections.get(connection.id)

    def close(self) -> None:
        self._local_postgres.close()

    def _free_name(self, name: str) -> str:
        taken = {connection.name for connection in self._connections.all()[0]}
        number, candidate = 2, name
        while candidate in taken:
            candidate, number = f"{name} {number}", number + 1
        return candidate
