"""Ledgers of any size, written as the app writes them but in one go; for tests and the bench."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from backend.models.base import iso_z
from backend.store.database import Database

BEGAN = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


def content_of(number: int) -> str:
    if number % 10 == 0:
        up = f"CREATE INDEX t{number}_name ON t{number} (name);"
    elif number % 10 == 1:
        up = f"ALTER TABLE t{number} ADD COLUMN note text;"
    else:
        up = f"CREATE TABLE t{number} (id integer PRIMARY KEY, name text);"
    return f"-- migrate:up\n{up}\n\n-- migrate:down\nDROP TABLE t{number};\n"


def fill(
    database: Database,
    rows: int,
    *,
    connections: tuple[str, ...] = ("shop",),
    files: int = 3000,
    engine: str = "sqlite",
) -> None:
    """`rows` runs of one file each, over `files` migrations: one in twenty failed, one in ten rolled back."""
    chance = random.Random(7)
    shas = []
    with database.write() as db:
        for number in range(files):
            text = content_of(number)
            shas.append(sha256(text.encode()).hexdigest())
            db.execute("INSERT OR IGNORE INTO content VALUES (?, ?)", (shas[-1], text))
        runs, migrations = [], []
        for row in range(rows):
            number = row % files
            version = f"2026{number:010d}"
            at = BEGAN + timedelta(minutes=row * 3 % 259_200, seconds=row % 60)
            direction = "down" if row % 10 == 9 else "up"
            status = "failed" if row % 20 == 7 else ("applied" if direction == "up" else "rolled_back")
            ms = round(chance.lognormvariate(3, 0.6), 2)
            error = {"code": chance.choice(["syntax_error", "lock_timeout", "migration_failed"]),
                     "message": "relation \"x\" does not exist", "title": "It failed"}  # fmt: skip
            failed = json.dumps(error) if status == "failed" else None
            connection = connections[row // files % len(connections)]
            runs.append(
                (f"run{row:012d}", connection, engine, "up" if direction == "up" else "down", direction,
                 "failed" if failed else "ok", iso_z(at), iso_z(at + timedelta(milliseconds=ms)), ms, "ada",
                 ("Ada", "Grace", "Linus")[row % 3], "desk", 4242, "1.0", "dbmate", "2.37.0", f"{engine}/{connection}",
                 "Applying: " + version * 8, failed, "development")
            )  # fmt: skip
            migrations.append(
                (f"run{row:012d}", connection, version, f"{version}_change_{number}.sql", shas[number], direction,
                 status, iso_z(at), iso_z(at), None if failed else ms, failed, "Ada")
            )  # fmt: skip
        db.executemany(
            "INSERT INTO run (run_id, connection, engine, kind, direction, state, started_at, finished_at, duration_ms,"
            " os_user, author, host, pid, app_version, tool, tool_version, database_key, output, error, environment)"
            f" VALUES ({', '.join('?' * 20)})",
            runs,
        )
        db.executemany(
            "INSERT INTO run_migration (run_id, connection, version, filename, sha256, direction, status, started_at,"
            f" finished_at, duration_ms, error, author) VALUES ({', '.join('?' * 12)})",
            migrations,
        )
