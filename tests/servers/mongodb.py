"""MongoDB's protocol, by the package SecantusDB: no mongod can be had from the package registries."""

from __future__ import annotations

import importlib.util
import signal
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pymongo import MongoClient

from tests.servers.model import PASSWORD, USER, Server, ServerUnavailable
from tests.servers.recipe import Recipe

PROGRAM = Path(__file__).with_name("mongodb_process.py")


class MongoDB(Recipe):
    """A replica set of one with a password. A database exists as soon as something is written to it."""

    kind = "mongodb"
    engine = "mongodb"
    user = USER
    password = PASSWORD
    stop_signal = getattr(signal, "SIGKILL", signal.SIGTERM)  # its orderly end takes two seconds

    def require(self) -> None:
        if importlib.util.find_spec("secantus") is None:
            raise ServerUnavailable("pip install SecantusDB for MongoDB (Python 3.10 to 3.13)")

    def prepare(self, home: Path) -> None:
        (home / "data").mkdir()

    def command(self, home: Path, port: int) -> list[str]:
        return [sys.executable, str(PROGRAM), str(home / "data"), str(port), USER]

    def environment(self, home: Path, port: int) -> dict[str, str]:
        return {"DB_TOOLKIT_TEST_PASSWORD": self.password}

    def version(self, server: Server) -> str:
        with self._connect(server) as client:
            return str(client.server_info()["version"])

    def url(self, server: Server, database: str) -> str:
        login = f"{quote(server.user)}:{quote(server.password, safe='')}"
        return f"mongodb://{login}@{server.host}:{server.port}/{quote(database, safe='')}?authSource=admin"

    def admin_url(self, server: Server) -> str:
        return self.url(server, "admin")

    def create_database(self, server: Server, name: str) -> None:
        self.drop_database(server, name)

    def drop_database(self, server: Server, name: str) -> None:
        with self._connect(server) as client:
            client.drop_database(name)

    def _connect(self, server: Server) -> MongoClient[dict[str, Any]]:
        return MongoClient(server.admin_url, serverSelectionTimeoutMS=1000)
