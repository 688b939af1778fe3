"""A plausible past: three environments of one project over eighty days, with what goes wrong in real ones."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from backend.models.base import iso_z
from backend.store.database import Database
from tests.kit import Toolkit

DAYS = 80
TABLES = (
    "customers",
    "orders",
    "order_items",
    "invoices",
    "payments",
    "products",
    "reviews",
    "carts",
    "coupons",
    "events",
)
AUTHORS = ("Ada Lovelace", "Grace Hopper", "Linus Paul")


def _text(number: int) -> tuple[str, str]:
    table = TABLES[number % len(TABLES)]
    kinds = (
        (f"create_{table}", f"CREATE TABLE {table} (id INTEGER PRIMARY KEY, name TEXT);", f"DROP TABLE {table};"),
        (f"index_{table}_name", f"CREATE INDEX {table}_name ON {table} (name);", f"DROP INDEX {table}_name;"),
        (f"add_note_to_{table}", f"ALTER TABLE {table} ADD COLUMN note TEXT;", f"ALTER TABLE {table} DROP COLUMN note;"),
        (f"backfill_{table}", f"UPDATE {table} SET name = 'none';", "SELECT 1;"),
    )  # fmt: skip
    name, up, down = kinds[number // len(TABLES) % len(kinds)]
    return name, f"-- migrate:up\n{up}\n\n-- migrate:down\n{down}\n"


def live_past(toolkit: Toolkit, folder: str) -> list[str]:
    """Connections `market`, `market-staging`, `market-live` over one folder, and their ledger. Returns their ids."""
    ids: list[str] = []
    shared: dict[str, str] = {}
    for name, environment in (
        ("market", "development"),
        ("market staging", "staging"),
        ("market live", "production"),
    ):
        url = f"sqlite:{folder}/{name.replace(' ', '_')}.db"
        made = toolkit.call("connection:create", name=name, url=url, environment=environment, **shared)
        shared = shared or {"migrations_dir": made["migrations_dir"]}
        ids.append(made["id"])
    fill_past(Database(toolkit.home / "toolkit.db"), ids)
    return ids


def fill_past(database: Database, connections: list[str]) -> None:
    chance = random.Random(11)
    begin = datetime.now(UTC) - timedelta(days=DAYS)
    number = 0
    with database.write() as db:
        for day in range(DAYS):
            for _ in range(chance.choice((0, 0, 1, 1, 1, 2))):
                name, text = _text(number)
                sha = sha256(text.encode()).hexdigest()
                db.execute("INSERT OR IGNORE INTO content VALUES (?, ?)", (sha, text))
                version = f"{20260101000000 + number}"
                base = {0: 6, 1: 60, 2: 4, 3: 140}[number // len(TABLES) % 4] * (1 + day / 120)
                for place, connection in enumerate(connections):
                    at = begin + timedelta(days=day, hours=9 + place * 2, minutes=chance.randrange(50))
                    environment = ("development", "staging", "production")[place]
                    ran = sha
                    if place == 2 and number % 9 == 3:
                        reworded = text.replace("name TEXT", "name TEXT NOT NULL").replace(
                            "note TEXT", "remark TEXT"
                        )
                        ran = sha256(reworded.encode()).hexdigest()
                        db.execute("INSERT OR IGNORE INTO content VALUES (?, ?)", (ran, reworded))
                    for turn, direction in enumerate(
                        ("up", "down", "up") if place == 0 and number % 3 == 0 else ("up",)
                    ):
                        ms = round(base * (1, 1.6, 3.1)[place] * chance.lognormvariate(0, 0.22), 2)
                        when = at + timedelta(minutes=turn * 3)
                        waited, server, error = None, None, None
                        if number % 19 == 12 and place == 2:
                            ms = round(ms + 9200.0, 2)
                            waited = 8400.0
                            server = {
                                "looks": 9,
                                "states": [{"state": "Waiting for a lock", "looks": 8}],
                                "blockers": [{"by": "nightly-report", "object": "orders", "waited_ms": 8400}],
                                "rows": {TABLES[number % len(TABLES)]: 4_200_000},
                            }
                        elif number % 23 == 17 and place == 1:
                            ms = round(ms * 14, 2)
                        if chance.random() < 0.04 and direction == "up":
                            code = chance.choice(("syntax_error", "lock_timeout", "constraint_violation"))
                            error = {
                                "code": code, "title": "The migration failed", "hint": None, "docs": f"errors#{code}",
                                "message": f"no such table: {TABLES[number % len(TABLES)]}_old",
                                "details": {"file": f"{version}_{name}.sql", "line": 2, "column": 1},
                            }  # fmt: skip
                        _insert(
                            db, f"past{number:05d}{place}{turn}", connection, environment, direction, when, ms,
                            (version, f"{version}_{name}.sql", ran), waited, server, error, chance.choice(AUTHORS), day,
                        )  # fmt: skip
                number += 1


def _insert(  # type: ignore[no-untyped-def]
    db, run_id, connection, environment, direction, when, ms, file, waited, server, error, author, day
) -> None:
    ended = iso_z(when + timedelta(milliseconds=ms))
    status = "failed" if error else ("applied" if direction == "up" else "rolled_back")
    said = json.dumps(error) if error else None
    verb = "Applying" if direction == "up" else "Rolling back"
    db.execute(
        "INSERT INTO run (run_id, connection, engine, kind, direction, state, started_at, finished_at, duration_ms, os_user,"
        " author, host, pid, app_version, tool, tool_version, git_commit, output, error, database_key, environment)"
        f" VALUES ({', '.join('?' * 21)})",
        (run_id, connection, "sqlite", direction, direction, "failed" if error else "ok", iso_z(when), ended, ms + 40,
         author.split()[0].lower(), author, "build-7" if environment == "production" else "desk", 4242, "1.0.0", "dbmate",
         "2.37.0" if day > 40 else "2.36.1", "9f1c2ab7d0e34c55a1b2", f"{verb}: {file[1]}\n", said,
         f"sqlite/{connection.replace('-', ' ')}", environment),
    )  # fmt: skip
    db.execute(
        "INSERT INTO run_migration (run_id, connection, version, filename, sha256, direction, status, started_at,"
        f" finished_at, duration_ms, error, author, waited_ms, server) VALUES ({', '.join('?' * 14)})",
        (run_id, connection, *file, direction, status, iso_z(when), ended, None if error else ms, said, author, waited,
         json.dumps(server) if server else None),
    )  # fmt: skip
