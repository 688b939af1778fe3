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
from tests.schema.postgres_pairs import ALONE, BASE, TOPICS
from tests.servers import Server, start_postgres18

TIMEOUT_S = 120


class PostgresField(Field):
    """The texts of a pair come after the base that every database begins with."""

    engine = "postgres"

    def __init__(self, server: Server) -> None:
        self._server = server
        self.label = f"PostgreSQL {server.version.split('.')[0]}"
        self._base = server.new_database()
        self.run(self._base.url, BASE)

    def pairs(self) -> Sequence[Pair]:
        lines = [line.replace("_N_", "1") for one in TOPICS.values() for line in one] + list(ALONE)
        found = []
        for line in lines:
            first, _, then = line.rpartition(" ==> ")
            found.append(
                Pair(line, f"{first};" if first else "", f"{first};\n{then};" if first else f"{then};")
            )
        return found

    def made(self, text: str) -> str:
        name = f"p_{time.monotonic_ns():x}"
        self._administer(f"CREATE DATABASE {name} TEMPLATE {self._base.name}")
        url = self._server.url(name)
        if text:
            self.run(url, f"SET check_function_bodies = off;\n{text}")
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
            files = []
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
    argv = [postgres_tool(name), *arguments]
    return subprocess.run(argv, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)


@contextmanager
def postgres_field() -> Iterator[PostgresField]:
    with start_postgres18() as server:
        yield PostgresField(server)
