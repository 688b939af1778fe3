"""A ledger with a past: runs of many people over many days, written as the app would have."""

from __future__ import annotations

import random
import sqlite3
from datetime import UTC, datetime, timedelta

from backend.models.base import iso_z
from tests.kit import Toolkit

PEOPLE = ("Ada Lovelace", "Grace Hopper", "Linus", "ci-runner")
NAMES = ("create_users", "add_email_index", "backfill_totals", "drop_legacy", "split_address", "seed_plans")


def write_history(toolkit: Toolkit, connection: str, runs: int, days: int, seed: int = 7) -> None:
    """Runs of the past in the ledger, as the app would have written them, spread over so many days."""
    chance = random.Random(seed)
    now = datetime.now(UTC)
    # Makes the file, where this is the first that is asked of it.
    toolkit.call("timeline:show")
    ledger = sqlite3.connect(toolkit.home / "toolkit.db", timeout=30)
    with ledger:
        for number in range(runs):
            started = now - timedelta(days=days * (number / runs) ** 1.3, minutes=chance.randint(20, 400))
            state = chance.choices(("ok", "failed", "cancelled", "interrupted"), (90, 7, 2, 1))[0]
            direction = chance.choices(("up", "down"), (85, 15))[0]
            kind = chance.choices((direction, "redo", "baseline"), (92, 4, 4))[0]
            files = chance.choices((1, 2, 4, 9), (60, 20, 15, 5))[0]
            took = chance.lognormvariate(4, 1.6)
            run_id = f"past-{connection}-{number}"
            ended = iso_z(started + timedelta(milliseconds=took))
            ledger.execute(
                "INSERT INTO run (run_id, connection, engine, kind, direction, state, started_at, finished_at,"
                " duration_ms, os_user, author, host, tool, tool_version, app_version)"
                " VALUES (?, ?, 'sqlite', ?, ?, ?, ?, ?, ?, 'ada', ?, 'ada-laptop', 'dbmate', '2.37.0', '0.1.0')",
                (
                    run_id,
                    connection,
                    kind,
                    direction,
                    state,
                    iso_z(started),
                    ended,
                    took,
                    chance.choice(PEOPLE),
                ),
            )
            good = "applied" if direction == "up" else "rolled_back"
            for at in range(files):
                is_last = at == files - 1
                status = (
                    good if state == "ok" or not is_last else "failed" if state == "failed" else "not_run"
                )
                error = (
                    '{"code": "lock_timeout", "title": "Another session holds a lock that is needed", "message":'
                    ' "canceling statement due to lock timeout", "hint": null, "docs": null, "details": {}}'
                )
                ledger.execute(
                    "INSERT INTO run_migration (run_id, connection, version, filename, direction, status,"
                    " started_at, finished_at, duration_ms, error) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        run_id,
                        connection,
                        f"past{number}{at}",
                        f"{started:%Y%m%d%H%M}{at:02d}_{chance.choice(NAMES)}.sql",
                        direction,
                        status,
                        iso_z(started),
                        ended,
                        took / files,
                        error if status == "failed" else None,
                    ),
                )
    ledger.close()
