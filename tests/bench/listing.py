"""`migration:list` and its search over 10,000 files."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

from tests.bench.measure import Line, alone, took_ms
from tests.bench.projects import invoke, write_files
from tests.kit import Toolkit

FILES = 10_000
ROOT = Path(__file__).resolve().parents[2]


def listing(folder: Path, rounds: int) -> list[Line]:
    home = folder / "home"
    toolkit = Toolkit(home)
    try:
        shop = toolkit.connect(f"sqlite:{folder / 'shop.db'}")
        write_files(shop.folder, FILES, filler=12)
        cold_ms = took_ms(lambda: invoke(shop, "migration:list", limit=200))
        unwatched = [took_ms(partial(invoke, shop, "migration:list", limit=200)) for _ in range(rounds * 3)]
        toolkit.services.start()
        _wait_until_watched(toolkit, shop.folder)
        asked: dict[str, dict[str, object]] = {
            "first page": {"limit": 200},
            "one hit": {"limit": 200, "query": "number 9876"},
            "every file": {"limit": 200, "query": "story behind"},
            "no hit": {"limit": 200, "query": "zebra crossing"},
            "by table": {"limit": 200, "table": "t77"},
            "newest pending": {"limit": 200, "status": "pending", "order": "newest"},
        }
        typed = 'table:t77 status:pend -zebra "primary key" number'
        lines = []
        for name, payload in asked.items():
            ask = partial(invoke, shop, "migration:list", **payload)
            times = [took_ms(ask) for _ in range(rounds * 3)]
            lines.append(alone(f"migration:list, 10,000 files: {name}", times, 50))
        keys = [
            took_ms(partial(invoke, shop, "migration:find", query=typed[:end]))
            for end in range(1, len(typed) + 1)
        ]
        lines.append(alone("migration:find, 10,000 files: each letter typed", keys, 50))
        one = shop.folder / "20200101005000_table_5000.sql"
        changed = []
        for round_ in range(rounds):
            one.write_text(one.read_text() + f"-- edited {round_}\n")
            toolkit.services.events.publish("migrations:changed", connection=shop.id, files=[one.name])
            changed.append(took_ms(partial(invoke, shop, "migration:find", query=f"edited {round_}")))
        lines.append(alone("migration:find, 10,000 files: after one changed", changed, 50))
        lines.append(alone("migration:list, 10,000 files: folder nobody tells of (network)", unwatched, 150))
        lines.append(alone("migration:list, 10,000 files: first look, app warm", [cold_ms], 2000))
        process_ms = took_ms(lambda: _in_a_new_process(home, shop.id))
        lines.append(alone("migration:list, 10,000 files: in a new process", [process_ms], 2000))
    finally:
        toolkit.close()
    return lines


def _wait_until_watched(toolkit: Toolkit, folder: Path) -> None:
    until = time.monotonic() + 30
    while toolkit.services.watch.told_since([folder]) is None:
        if time.monotonic() > until:
            raise RuntimeError("the folder is not watched")
        time.sleep(0.05)


def _in_a_new_process(home: Path, connection: str) -> None:
    request = json.dumps({"connection": connection, "limit": 200})
    subprocess.run(
        [sys.executable, str(ROOT / "main.py"), "call", "migration:list", request],
        cwd=ROOT,
        env={**os.environ, "DB_TOOLKIT_HOME": str(home)},
        stdout=subprocess.DEVNULL,
        check=True,
    )
