"""`python -m tests.bench`: prints the table. A line that misses its figure is named; nothing fails because of it."""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.bench.backups import backup_postgres, backup_sqlite
from tests.bench.checking import checking
from tests.bench.insight import insight
from tests.bench.listing import listing
from tests.bench.measure import HEAD, Line
from tests.bench.memory import memory
from tests.bench.peers.group import Printed, peers
from tests.bench.rehearsals import rehearsal
from tests.bench.runs import status, up_postgres, up_sqlite
from tests.bench.schemas import schema
from tests.bench.window import window

BENCHES: dict[str, Callable[[Path, int], Sequence[Line | Printed]]] = {
    "up-sqlite": up_sqlite,
    "up-postgres": up_postgres,
    "status": status,
    "list": listing,
    "insight": insight,
    "check": checking,
    "schema": schema,
    "backup-postgres": backup_postgres,
    "backup-sqlite": backup_sqlite,
    "rehearsal": rehearsal,
    "peers": peers,
    "window": window,
    "memory": memory,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help="of: " + ", ".join(BENCHES))
    parser.add_argument("--quick", action="store_true", help="three rounds instead of nine")
    chosen = parser.parse_args()
    unknown = set(chosen.names) - BENCHES.keys()
    if unknown:
        parser.error(f"no bench named {', '.join(sorted(unknown))}; there are {', '.join(BENCHES)}")
    os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"
    os.environ.pop("DATABASE_URL", None)
    print(HEAD)
    for name in chosen.names or BENCHES:
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            for line in BENCHES[name](Path(folder), 3 if chosen.quick else 9):
                print(line.text(), flush=True)


if __name__ == "__main__":
    main()
