"""`python -m tests.rehearsal.killed`: rehearsals killed at random moments, and what the next start finds. Exits 1 where a
scratch is left or the target is another than before."""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psycopg

from tests.kit import Shop, Toolkit

ROOT = Path(__file__).resolve().parents[2]
_FILES = 3


class Arena:
    """A shop on the bundled server of a home; rehearsals of it run in processes of their own, and are killed."""

    def __init__(self, home: Path, seed: int) -> None:
        self.home = home
        self.random = random.Random(seed)
        self.toolkit = Toolkit(home)
        self.shop = self._shop()
        self.before = self.dump()
        self.longest_s = self._whole()

    def close(self) -> None:
        self.toolkit.close()

    def _shop(self) -> Shop:
        url = self._local.new_database("killed")
        shop = self.toolkit.connect(url, name="killed")
        shop.call("database:create")
        shop.new(
            "users",
            "CREATE TABLE users (id integer PRIMARY KEY, name text);\n"
            "INSERT INTO users SELECT i, 'user ' || i FROM generate_series(1, 2000) i;",
            "DROP TABLE users;",
        )
        shop.up()
        for number in range(_FILES):
            shop.new(
                f"t{number}",
                f"CREATE TABLE t{number} (id integer);\nUPDATE users SET name = name;\nSELECT pg_sleep(0.05);",
                f"DROP TABLE t{number};",
            )
        return shop

    @property
    def _local(self) -> Any:
        return self.toolkit.services.rehearsals._places._scratches._own

    def _start(self, place: str) -> subprocess.Popen[bytes]:
        payload = json.dumps({"connection": self.shop.id, "scratch": place, "rows": "all"})
        return subprocess.Popen(
            [sys.executable, str(ROOT / "main.py"), "call", "preview:rehearse", payload],
            env={**os.environ, "DB_TOOLKIT_HOME": str(self.home)},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def _whole(self) -> float:
        began = time.monotonic()
        process = self._start("bundled")
        out, _ = process.communicate()
        assert json.loads(out)["ok"], out
        return time.monotonic() - began

    def hit(self, place: str) -> tuple[bool, list[str]]:
        """(whether it was killed while a scratch was there, what is wrong after the next start)"""
        process = self._start(place)
        if self.random.random() < 0.8:
            # Mostly while there is a scratch; else at any moment, also while the server is making one.
            while not self.left() and process.poll() is None:
                time.sleep(0.02)
            time.sleep(self.random.uniform(0, 0.5) * self.longest_s)
        else:
            time.sleep(self.random.uniform(0.3, 1.0) * self.longest_s)
        was_there = bool(self.left())
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        self._next_start()
        wrong = [f"{one} is left" for one in self.left()]
        if self.dump() != self.before:
            wrong.append("the target is another than before")
        return was_there, wrong

    def _next_start(self) -> None:
        """What a window does before anything else, in a process of its own: two ledgers in one process would take each
        other's file locks away."""
        code = "from backend.app import build; build(window=False).rehearsals._tidy.sweep()"
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env={**os.environ, "DB_TOOLKIT_HOME": str(self.home)},
            check=True,
        )

    def left(self) -> list[str]:
        """Scratch databases on the server."""
        with psycopg.connect(self._local.maintenance_url(), autocommit=True) as connection:
            found = connection.execute(
                "SELECT datname FROM pg_database WHERE datname LIKE 'dbtoolkit\\_scratch\\_%'"
            )
            return [str(row[0]) for row in found]

    def dump(self) -> bytes:
        """pg_dump of the target, schema and rows, byte for byte."""
        from backend.drivers.tools import postgres_tool

        services = self.toolkit.services
        url = services.connections.target(services.connections.resolve(self.shop.id)).url
        done = subprocess.run(
            [str(postgres_tool("pg_dump")), "--restrict-key=same", "--dbname", url],
            capture_output=True,
            check=True,
        )
        return done.stdout


def run(count: int, seed: int) -> int:
    """How many kills left something."""
    bad = there = 0
    with tempfile.TemporaryDirectory(prefix="killed-") as folder:
        arena = Arena(Path(folder) / "home", seed)
        try:
            for number in range(count):
                place = ("bundled", "server")[number % 2]
                was_there, wrong = arena.hit(place)
                there += was_there
                bad += bool(wrong)
                print(f"rehearsal {number + 1}/{count} {place:8} {'; '.join(wrong) or 'clean'}", flush=True)
        finally:
            arena.close()
    print(f"{count} rehearsals killed, {there} while a scratch was there, {bad} that left something")
    return bad


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.rehearsal.killed", description=__doc__)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=int(time.time()) % 100_000)
    chosen = parser.parse_args()
    os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"
    print(f"seed {chosen.seed}", flush=True)
    return 1 if run(chosen.count, chosen.seed) else 0


if __name__ == "__main__":
    sys.exit(main())
