"""`python -m tests.bench.peers`: the table of peers, as text and, with --json, as a file with every verdict."""

from __future__ import annotations

import argparse
import json
import tempfile
from dataclasses import asdict
from pathlib import Path

from tests.bench.peers.group import ENGINES, measured
from tests.bench.peers.table import HEAD, text


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.peers", description=__doc__)
    parser.add_argument("engines", nargs="*", metavar="engine", help="of: " + ", ".join(ENGINES))
    parser.add_argument("--sample", type=int, default=60, help="pairs an engine (60)")
    parser.add_argument("--all", action="store_true", help="every pair")
    parser.add_argument("--json", type=Path, help="where to write every verdict")
    parser.add_argument("--verbose", action="store_true", help="name what does not converge")
    chosen = parser.parse_args()
    unknown = set(chosen.engines) - ENGINES.keys()
    if unknown:
        parser.error(f"no engine named {', '.join(sorted(unknown))}; there are {', '.join(ENGINES)}")
    told = print if chosen.verbose else lambda _: None
    rows = []
    print(HEAD)
    with tempfile.TemporaryDirectory(prefix="peers-") as folder:
        for engine in chosen.engines or ENGINES:
            found = measured(engine, Path(folder), None if chosen.all else chosen.sample, told)
            for row in found:
                print(text(row), flush=True)
            rows += found
    if chosen.json:
        chosen.json.write_text(json.dumps([asdict(row) for row in rows], indent=1), "utf-8")


if __name__ == "__main__":
    main()
