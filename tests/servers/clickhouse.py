"""ClickHouse: the engine of the package chdb behind HTTP; no current server can be had from the registries.

What it lacks against a server: the native port 9000, ON CLUSTER, users and grants, the query log, and
numbers of more than 64 bits (the package is a lean build).
"""

from __future__ import annotations

import importlib.util
import signal
import sys
from pathlib import Path
from urllib.parse import quote

import requests

from tests.servers.model import PASSWORD, USER, Server, ServerUnavailable
from tests.servers.recipe import Recipe, python_path


class ClickHouse(Recipe):
    """An engine with two accounts: ours with a password, and `default` with an empty one."""

    kind = "clickhouse"
    engine = "clickhouse"
    user = USER
    password = PASSWORD
    stop_signal = getattr(signal, "SIGKILL", signal.SIGTERM)
    ready_timeout_s = 40.0

    def require(self) -> None:
        if importlib.util.find_spec("chdb") is None:
            raise ServerUnavailable("pip install chdb-core-lite for ClickHouse (Linux and macOS)")

    def prepare(self, home: Path) -> None:
        (home / "data").mkdir()

    def command(self, home: Path, port: int) -> list[str]:
        return [sys.executable, "-m", "tests.servers.clickhouse_front", str(home / "data"), str(port), USER]

    def environment(self, home: Path, port: int) -> dict[str, str]:
        return {"DB_TOOLKIT_TEST_PASSWORD": self.password, "PYTHONPATH": python_path(), "TZ": "UTC"}

    def version(self, server: Server) -> str:
        return self._query(server, "SELECT version()").strip()

    def url(self, server: Server, database: str) -> str:
        login = f"{quote(server.user)}:{quote(server.password, safe='')}"
        return f"clickhouse+http://{login}@{server.host}:{server.port}/{quote(database, safe='')}"

    def admin_url(self, server: Server) -> str:
        return self.url(server, "default")

    def create_database(self, server: Server, name: str) -> None:
        self._query(server, f"CREATE DATABASE {_quoted(name)}")

    def drop_database(self, server: Server, name: str) -> None:
        self._query(server, f"DROP DATABASE IF EXISTS {_quoted(name)}")

    def _query(self, server: Server, sql: str) -> str:
        answer = requests.post(
            f"http://{server.host}:{server.port}/",
            data=sql.encode(),
            auth=(server.user, server.password),
            timeout=30,
        )
        if answer.status_code != 200:
            raise RuntimeError(answer.text.strip())
        return answer.text


def _quoted(name: str) -> str:
    return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"
