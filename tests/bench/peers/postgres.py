"""PostgreSQL: copies by CREATE DATABASE … TEMPLATE, statements by psql, dumped by pg_dump."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psycopg

from backend.drivers.tools import postgres_tool
from tests.bench.peers.dumps import lines_of
from tests.bench.peers.model import Field, Pair, Peer, PeerMissing, StatementsFailed, Written
from tests.schema.postgres_pairs import ALONE, TOPICS
from tests.schema.postgres_pairs.general import BASE
from tests.servers import Server, start_postgres18

TIMEOUT_S = 120
WITHOUT_PARTITIONS = "\n".join(line for line in BASE.splitlines() if "parts" not in line)
"""The base of changes that are not about partitions: a peer that cannot read them is to be measured on the rest."""


class PostgresField(Field):
    """A pair's texts begin with one of two bases, and databases are copied from one that holds it."""

    engine = "postgres"

    def __init__(self, server: Server) -> None:
        self._server = server
        self.label = f"PostgreSQL {server.version.split('.')[0]}"
        self._templates = {base: server.new_database() for base in (BASE, WITHOUT_PARTITIONS)}
        for base, template in self._templates.items():
            self.run(template.url, base)

    def pairs(self) -> Sequence[Pair]:
        lines = [line.replace("_N_", "1") for one in TOPICS.values() for line in one] + list(ALONE)
        found = []
        for line in lines:
            first, _, then = line.rpartition(" ==> ")
            old = BASE if "parts" in line else f"{WITHOUT_PARTITIONS}\n"
            old += f"{first};\n" if first else ""
            found.append(Pair(line, old, f"{old}{then};\n"))
        return found

    def made(self, text: str) -> str:
        name = f"p_{time.monotonic_ns():x}"
        base = BASE if text.startswith(BASE) else WITHOUT_PARTITIONS
        self._administer(f"CREATE DATABASE {name} TEMPLATE {self._templates[base].name}")
        url = self._server.url(name)
        change = text.removeprefix(base).strip()
        if change:
            self.run(url, f"SET check_function_bodies = off;\n{change}")
        return url

    def run(self, database: str, script: str) -> None:
        with tempfile.NamedTemporaryFile("w", suffix=".sql", encoding="utf-8") as file:
            file.write(script)
            file.flush()
            done = _tool("psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", file.name, database)
        if done.returncode:
            error = next((line for line in done.stderr.splitlines() if "ERROR" in line), done.stderr)
            raise StatementsFailed(error[error.find("ERROR") :])

    def drop(self, database: str) -> None:
        self._server.drop_database(database.rpartition("/")[2].partition("?")[0])

    def dump(self, database: str) -> Counter[str]:
        done = _tool("pg_dump", "--schema-only", "--no-owner", "--dbname", database)
        if done.returncode:
            raise StatementsFailed(f"pg_dump: {done.stderr.strip()}")
        return lines_of(done.stdout)

    def _administer(self, statement: str) -> None:
        with psycopg.connect(self._server.admin_url, autocommit=True) as connection:
            connection.execute(statement)


class Apgdiff(Peer):
    """Compares two dumps; on a Java runtime. Its time holds both dumps, as ours and the others' hold their reading."""

    name = "apgdiff 2.7"

    def prepare(self) -> None:
        if not (shutil.which("apgdiff") and shutil.which("java")):
            raise PeerMissing("no apgdiff here: apt-get install apgdiff")

    def write(self, old: str, new: str) -> Written:
        with tempfile.TemporaryDirectory(prefix="apgdiff-") as folder:
            started = time.perf_counter()
            files: list[Path] = []
            for database in (old, new):
                dump = _tool("pg_dump", "--schema-only", "--no-owner", "--dbname", database).stdout
                # It is older than psql's \restrict and stops at it.
                files.append(Path(folder) / f"{len(files)}.sql")
                files[-1].write_text(
                    "\n".join(line for line in dump.splitlines() if line[:1] != "\\"), "utf-8"
                )
            done = subprocess.run(
                ["apgdiff", *map(str, files)], capture_output=True, text=True, timeout=TIMEOUT_S, check=False
            )
            took_ms = (time.perf_counter() - started) * 1000
        if done.returncode or "Exception" in done.stderr:
            raise StatementsFailed(done.stderr.strip() or done.stdout.strip())
        return Written(done.stdout, took_ms)


def _tool(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    argv = [str(postgres_tool(name)), *arguments]
    return subprocess.run(argv, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)


@contextmanager
def postgres_field() -> Iterator[PostgresField]:
    with start_postgres18() as server:
        yield PostgresField(server)
