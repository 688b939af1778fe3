"""`python -m tests.faults`: random faults on each engine, and a table of what they came to. Exits 1 on a disagreement."""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from itertools import chain

from tests.faults import writes
from tests.faults.copies import OPERATIONS, Copies
from tests.faults.fault import DIRECTIONS, Arena, Outcome, quiet_environment
from tests.faults.kinds import KINDS
from tests.faults.model import Subject
from tests.faults.mongodb import MongoDB
from tests.faults.sql import MariaDB, PostgreSQL, SQLite
from tests.rehearsal import killed

SUBJECTS: dict[str, type[Subject]] = {
    "sqlite": SQLite,
    "postgres": PostgreSQL,
    "mysql": MariaDB,
    "mongodb": MongoDB,
}
FILES = "files"
"""Not an engine: faults while texts and settings are saved."""
COPIES = 0.4
"""How many of an engine's faults strike a backup or a restore."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument(
        "--engine",
        default=",".join([*SUBJECTS, FILES]),
        help="comma-separated: " + ", ".join([*SUBJECTS, FILES]),
    )
    parser.add_argument("--count", type=int, default=140, help="faults on each engine, and on files")
    parser.add_argument("--seed", type=int, default=int(time.time()) % 100_000)
    parser.add_argument("--kind", help="only these kinds of fault, comma-separated: " + ", ".join(KINDS))
    parser.add_argument("--rehearsals", type=int, default=100, help="rehearsals killed, on PostgreSQL")
    parser.add_argument(
        "--operation",
        choices=("all", "runs", "copies"),
        default="all",
        help="runs: up, down; copies: backup, restore",
    )
    chosen = parser.parse_args()
    quiet_environment()
    print(f"seed {chosen.seed}", flush=True)
    only = {kind.strip() for kind in chosen.kind.split(",")} if chosen.kind else None
    results: dict[str, list[Outcome]] = {}
    for name in chosen.engine.split(","):
        if name.strip() == FILES:
            results[FILES] = list(_told(FILES, chosen.count, on_files(chosen.count, chosen.seed, only)))
            continue
        subject = SUBJECTS[name.strip()]()
        with subject.running():
            share = {"all": COPIES, "runs": 0.0, "copies": 1.0}[chosen.operation]
            copies = round(chosen.count * share)
            runs = on_runs(subject, chosen.count - copies, chosen.seed, only)
            outcomes = chain(runs, on_copies(subject, copies, chosen.seed, only))
            results[subject.name] = list(_told(subject.name, chosen.count, outcomes))
    print()
    print(table(results))
    left = killed.run(chosen.rehearsals, chosen.seed) if chosen.rehearsals and not chosen.kind else 0
    return 1 if left or any(one.findings for outcomes in results.values() for one in outcomes) else 0


def on_runs(subject: Subject, count: int, seed: int, only: set[str] | None) -> Iterator[Outcome]:
    if not count:
        return
    arena = Arena(subject, seed)
    arena.measure()
    took = ", ".join(f"{direction} {seconds:.2f} s" for direction, seconds in arena.durations.items())
    print(f"{subject.name}: runs take {took}", flush=True)
    kinds = [kind for kind in arena.kinds if only is None or kind in only]
    for number in range(count):
        kind, direction = kinds[number % len(kinds)], DIRECTIONS[(number // len(kinds)) % 2]
        # Two in three do not wait for a lease to end by itself: it takes half a minute.
        yield arena.hit(kind, direction, age_lease=number % 3 != 0)


def on_copies(subject: Subject, count: int, seed: int, only: set[str] | None) -> Iterator[Outcome]:
    copies = Copies(subject, seed)
    kinds = [kind for kind in copies.kinds if only is None or kind in only]
    if not kinds or not count:
        return
    copies.measure()
    for number in range(count):
        yield copies.hit(kinds[number % len(kinds)], OPERATIONS[(number // len(kinds)) % len(OPERATIONS)])


def on_files(count: int, seed: int, only: set[str] | None) -> Iterator[Outcome]:
    rng = random.Random(seed)
    kinds = [kind for kind in writes.KINDS if only is None or kind in only]
    for number in range(count if kinds else 0):
        moment = writes.MOMENTS[(number // len(kinds)) % len(writes.MOMENTS)]
        yield writes.fault(kinds[number % len(kinds)], moment, rng)


def _told(name: str, count: int, outcomes: Iterator[Outcome]) -> Iterator[Outcome]:
    for number, outcome in enumerate(outcomes, 1):
        print(
            f"{name} {number}/{count} {outcome.kind:12} {outcome.moment:8} at {outcome.moment_s:.2f} s"
            f"{'' if outcome.hit else ' (missed)'}: {outcome.stopped_at} in the table"
            f"{', partial' if outcome.was_partial else ''}",
            flush=True,
        )
        for finding in outcome.findings:
            print(f"    {finding}", flush=True)
        yield outcome


def table(results: dict[str, list[Outcome]]) -> str:
    """engine × kind × operation: faults, and how many struck something, held, left a part, disagreed."""
    lines = [
        f"{'engine':10} {'fault':13} {'operation':9} {'faults':>7} {'injected':>9} {'held':>6} {'partial':>8} {'disagree':>9}"
    ]
    for engine, outcomes in results.items():
        groups: dict[tuple[str, str], list[Outcome]] = defaultdict(list)
        for one in outcomes:
            groups[one.kind, one.moment].append(one)
        for (kind, moment), some in [*sorted(groups.items()), (("all", ""), outcomes)]:
            lines.append(
                f"{engine:10} {kind:13} {moment:9} {len(some):7} {sum(one.hit for one in some):9}"
                f" {sum(not one.findings for one in some):6}"
                f" {sum(one.was_partial for one in some):8} {sum(bool(one.findings) for one in some):9}"
            )
    total = [one for outcomes in results.values() for one in outcomes]
    lines.append(
        f"{'together':10} {'':13} {'':9} {len(total):7} {sum(one.hit for one in total):9}"
        f" {sum(not one.findings for one in total):6}"
        f" {sum(one.was_partial for one in total):8} {sum(bool(one.findings) for one in total):9}"
    )
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
