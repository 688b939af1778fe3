"""`backup:create` against the database's own way alone: pg_dump -Fc, and SQLite's backup API. Ours writes, reads back
and proves; theirs only writes."""

from __future__ import annotations

import itertools
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import psycopg

from backend.drivers.tools import postgres_tool
from tests.bench.measure import Line, against, in_turns, took_ms
from tests.bench.projects import invoke
from tests.kit import Toolkit
from tests.servers import start_postgres18

ROWS = 400_000
# The shell's `.backup`, by the same call of the same library, in a process of its own as the shell would be.
ALONE = "import sqlite3, sys; a, b = sqlite3.connect(sys.argv[1]), sqlite3.connect(sys.argv[2]); a.backup(b); b.close()"


def backup_postgres(folder: Path, rounds: int) -> list[Line]:
    with start_postgres18() as server:
        url = server.new_database().url
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(
                "CREATE TABLE orders (id bigint PRIMARY KEY, customer int, note text, made timestamptz)"
            )
            connection.execute(
                "INSERT INTO orders SELECT n, n % 997, md5(n::text) || repeat('x', n % 60), now() - n * interval '1 min'"
                f" FROM generate_series(1, {ROWS}) n"
            )
            connection.execute("CREATE INDEX ON orders (customer)")
        dump = str(postgres_tool("pg_dump"))
        numbers = itertools.count()

        def theirs() -> float:
            out = folder / f"{next(numbers)}.dump"
            return took_ms(
                lambda: subprocess.run([dump, "-Fc", "-f", str(out), url], check=True, env={**os.environ})
            )

        return _measured(folder, url, theirs, rounds, f"backup, PostgreSQL, {ROWS:,} rows")


def backup_sqlite(folder: Path, rounds: int) -> list[Line]:
    file = folder / "shop.db"
    with closing(sqlite3.connect(file)) as database:
        database.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY, customer INTEGER, note TEXT)")
        database.executemany(
            "INSERT INTO orders VALUES (?, ?, ?)",
            ((n, n % 997, f"{n * 2654435761 % 2**32:08x}" * 4 + "x" * (n % 60)) for n in range(ROWS)),
        )
        database.execute("CREATE INDEX of_customer ON orders (customer)")
        database.commit()
    numbers = itertools.count()

    def theirs() -> float:
        out = folder / f"{next(numbers)}.copy"
        return took_ms(lambda: subprocess.run([sys.executable, "-c", ALONE, str(file), str(out)], check=True))

    def theirs_packed_and_read_back() -> float:
        out = folder / f"{next(numbers)}.copy"

        def by_hand() -> None:
            subprocess.run([sys.executable, "-c", ALONE, str(file), str(out)], check=True)
            subprocess.run(["gzip", "-1", str(out)], check=True)
            subprocess.run(["gunzip", f"{out}.gz"], check=True)
            with closing(sqlite3.connect(out)) as copy:
                assert copy.execute("PRAGMA quick_check").fetchone() == ("ok",)

        return took_ms(by_hand)

    # Copying is the smaller part of ours: it also compresses, reads back and checks every page.
    name = f"backup, SQLite, {ROWS:,} rows"
    return [
        *_measured(folder / "a", f"sqlite:{file}", theirs, rounds, name),
        *_measured(
            folder / "b",
            f"sqlite:{file}",
            theirs_packed_and_read_back,
            rounds,
            f"{name}, against all of it by hand",
        ),
    ]


def _measured(folder: Path, url: str, theirs: Callable[[], float], rounds: int, name: str) -> list[Line]:
    folder.mkdir(exist_ok=True)
    toolkit = Toolkit(folder / "home")
    try:
        shop = toolkit.connect(url)

        def ours() -> float:
            return took_ms(lambda: invoke(shop, "backup:create"))

        mine, others = in_turns(ours, theirs, rounds)
        backups = shop.call("backup:list")["backups"]
        assert backups and all(one["state"] == "good" for one in backups)
        return [against(name, mine, others, 1.15)]
    finally:
        toolkit.close()
