"""A process that saves the same thing again and again, and says after each time that it is saved.

python -m tests.faults.writer HOME WHAT FIRST        WHAT: save, draft, settings, ledger
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from backend.core.people import host_name
from backend.store.ledger import Outcome, PlannedFile
from tests.kit import Shop, Toolkit

COUNT = 10_000
LINES = 4_000
DRAFT = "the draft"
RUN = "written-"


def text(number: int) -> str:
    """A migration that is whole only if every line of it is there and of one writing."""
    body = f"SELECT {number};\n" * LINES
    return f"-- migrate:up\n{body}\n-- migrate:down\nSELECT {number};\n"


def number_of(content: str) -> int | None:
    """Which writing a text is; None where it is not one of ours, or not whole."""
    words = content.split(";", 1)[0].rsplit(" ", 1)
    return (
        int(words[1]) if len(words) == 2 and words[1].isdigit() and text(int(words[1])) == content else None
    )


def write(shop: Shop, what: str, version: str, number: int) -> None:
    if what == "save":
        shop.call("migration:update", version=version, content=text(number))
    elif what == "draft":
        shop.call("draft:save", key=DRAFT, content=text(number))
    elif what == "ledger":
        record(shop, version, number)
    else:
        shop.toolkit.call("settings:update", changes={"safety": {"lock_timeout_s": number}})


def record(shop: Shop, version: str, number: int) -> None:
    """A run's rows as a run writes them, without a database between."""
    ledger, run_id = shop.toolkit.services.backups._ledger, f"{RUN}{number}"
    about = {"engine": "sqlite", "host": host_name(), "pid": os.getpid()}
    file = PlannedFile(version, "text.sql", f"{number:064x}", text(number))
    ledger.begin(run_id, shop.id, "up", "up", [file], about)
    ledger.finish(run_id, shop.id, "ok", [Outcome(version, "not_run")], duration_ms=1.0)


def main(home: Path, what: str, first: int) -> None:
    toolkit = Toolkit(home)
    shop = Shop(toolkit, toolkit.call("connection:get", connection="shop"))
    version = shop.status()["migrations"][0]["version"]
    for number in range(first, first + COUNT):
        envelope = "ok"
        try:
            write(shop, what, version, number)
        except Exception as error:
            envelope = getattr(error, "code", None) or f"{type(error).__name__}: {error}"
        print(number, envelope, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
