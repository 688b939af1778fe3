"""BigQuery: the emulator of the package bqemulator, on DuckDB and its spatial extension from a package.

It asks nobody for a password. Its databases are datasets of one project.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import signal
import sys
from pathlib import Path
from urllib.parse import quote

import requests

from tests.servers.model import Server, ServerUnavailable
from tests.servers.recipe import Recipe, python_path

PROJECT = "toolkit"
LOCATION = "us"
EXTENSION = "spatial.duckdb_extension"


class BigQuery(Recipe):
    """The emulator with one project; `new_database` makes a dataset."""

    kind = "bigquery"
    engine = "bigquery"
    user = ""
    password = ""
    stop_signal = getattr(signal, "SIGKILL", signal.SIGTERM)
    ready_timeout_s = 40.0

    def require(self) -> None:
        for package in ("bqemulator", "duckdb"):
            if importlib.util.find_spec(package) is None:
                raise ServerUnavailable(f"pip install {package} for the BigQuery emulator")
        _spatial_extension()

    def prepare(self, home: Path) -> None:
        import duckdb

        extension = _spatial_extension()
        found = duckdb.connect().execute("PRAGMA platform").fetchone()
        assert found is not None
        # Where `INSTALL spatial` would put what it downloads; being there already, nothing is downloaded.
        folder = home / ".duckdb" / "extensions" / extension.parent.name / str(found[0])
        folder.mkdir(parents=True)
        (folder / EXTENSION).symlink_to(extension)
        (home / "data").mkdir()

    def command(self, home: Path, port: int) -> list[str]:
        program = [sys.executable, "-m", "tests.servers.bigquery_process", "start"]
        command = [*program, "--rest-port", str(port), "--grpc-port", "0"]
        return [*command, "--persistent", "--data-dir", str(home / "data"), "--log-level", "warning"]

    def environment(self, home: Path, port: int) -> dict[str, str]:
        return {
            "HOME": str(home),
            "USERPROFILE": str(home),
            "PYTHONPATH": python_path(),
            "BQEMU_ENABLE_FORMAT_EXTENSIONS": "false",
        }

    def version(self, server: Server) -> str:
        self._call(server, "GET", "")
        return importlib.metadata.version("bqemulator")

    def url(self, server: Server, database: str) -> str:
        # dbmate 2.37 hands the URL to its driver as it is: `bigquery://host:port/…` would mean a project of
        # that name. What the driver knows is `endpoint`; without its path every table seems missing.
        endpoint = quote(f"http://{server.host}:{server.port}/bigquery/v2/", safe="")
        path = f"{PROJECT}/{LOCATION}/{quote(database, safe='')}"
        return f"bigquery://{path}?disable_auth=true&endpoint={endpoint}"

    def admin_url(self, server: Server) -> str:
        return self.url(server, "")

    def create_database(self, server: Server, name: str) -> None:
        reference = {"projectId": PROJECT, "datasetId": name}
        self._call(server, "POST", "", {"datasetReference": reference, "location": LOCATION})

    def drop_database(self, server: Server, name: str) -> None:
        self._call(server, "DELETE", f"/{quote(name, safe='')}?deleteContents=true", missing_ok=True)

    def _call(
        self, server: Server, method: str, path: str, body: object = None, *, missing_ok: bool = False
    ) -> None:
        address = f"http://{server.host}:{server.port}/bigquery/v2/projects/{PROJECT}/datasets{path}"
        answer = requests.request(method, address, json=body, timeout=30)
        if not answer.ok and not (missing_ok and answer.status_code == 404):
            raise RuntimeError(f"{method} {path}: {answer.status_code} {answer.text[:500]}")


def _spatial_extension() -> Path:
    """The extension built for this very DuckDB. Raises ServerUnavailable naming the version wanted."""
    duckdb_version = importlib.metadata.version("duckdb")
    package = importlib.util.find_spec("duckdb_extension_spatial")
    if package is not None and package.origin is not None:
        folder = Path(package.origin).parent / "extensions" / f"v{duckdb_version}"
        if (folder / EXTENSION).exists():
            return folder / EXTENSION
    raise ServerUnavailable(
        "The BigQuery emulator needs DuckDB and its spatial extension of one version "
        f"(pip install duckdb==1.5.5 duckdb-extension-spatial==1.5.5); DuckDB here is {duckdb_version}"
    )
