"""History and analytics over a ledger of 100,000 rows."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from backend.store.database import Database
from tests.bench.measure import Line, alone, took_ms
from tests.history.ledgers import fill
from tests.kit import Toolkit

ROWS = 100_000


def insight(folder: Path, rounds: int) -> list[Line]:
    toolkit = Toolkit(folder / "home")
    try:
        for name in ("shop", "test", "live"):
            toolkit.connect(f"sqlite:{folder / name}.db", name)
        fill(Database(folder / "home" / "toolkit.db"), ROWS, connections=("shop", "test", "live"))
        lines = []
        asked: dict[str, dict[str, object]] = {
            "first page": {},
            "of one, failed": {"connection": "shop", "state": "failed"},
            "words": {"query": "change_29"},
            "far down": {"offset": ROWS - 200},
        }
        for name, payload in asked.items():
            ask = partial(toolkit.call, "history:list", limit=100, **payload)
            ask()
            times = [took_ms(ask) for _ in range(rounds)]
            lines.append(alone(f"history:list, 100,000 runs: {name}", times, 50))
        while (found := toolkit.call("analytics:overview", states=False)["reading"])["known"] < found[
            "total"
        ]:
            pass
        # Another range each time: the answer to the same question is kept.
        times = [
            took_ms(
                partial(
                    toolkit.call,
                    "analytics:overview",
                    states=False,
                    **{"from": f"2025-01-01T00:00:{second:02}Z"},
                )
            )
            for second in range(rounds)
        ]
        lines.append(alone("analytics:overview, 100,000 rows", times, 300))
    finally:
        toolkit.close()
    return lines
