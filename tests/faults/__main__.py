"""`python -m tests.faults`: random faults on each engine, and a table of what they came to. Exits 1 on a disagreement."""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import defaultdict
from collections.abc import Iterator

from tests.faults import writes
from tests.faults.fault import Arena, Outcome, quiet_environment
from tests.faults.kinds import KINDS
from tests.faults.model import Subject
from tests.faults.mongodb import MongoDB
from tests.faults.sql import MariaDB, PostgreSQL, SQLite
from tests.faults.vault import Vault
from tests.rehearsal import killed

SUBJECTS: dict[str, type[Subject]] = {
    "sqlite": SQLite,
    "postgres": PostgreSQL,
    "mysql": MariaDB,
    "mongodb": MongoDB,
}
FILES = "files"
"""Not an engine: faults while texts and settings are saved."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument(
        "--engine",
        default=",".join([*SUBJECTS, FILES]),
        help="comma-separated: " + ", ".join([*SUBJECTS, FILES]),
    )
    parser.add_argument("--count", type=int, default=140, help="faults on each engine, and on files")
    parser.add_argument("--moment", help="only in the middle of these: up, down, backup, restore")
    parser.add_argument("--seed", type=int, default=int(time.time()) % 100_000)
    parser.add_argument("--kind", help="only these kinds of fault, comma-separated: " + ", ".join(KINDS))
    parser.add_argument("--rehearsals", type=int, default=100, help="rehearsals killed, on PostgreSQL")
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
            outcomes = on_engine(subject, chosen.count, chosen.seed, only, chosen.moment)
            results[subject.name] = list(_told(subject.name, chosen.count, outcomes))
    print()
    print(table(results))
    left = killed.run(chosen.rehearsals, chosen.seed) if chosen.rehearsals and not chosen.kind else 0
    return 1 if left or any(one.findings for outcomes in results.values() for one in outcomes) else 0


def on_engine(
    subject: Subject, count: int, seed: int, only: set[str] | None, moments: str | None
) -> Iterator[Outcome]:
    arenas = [
        (arena, moment)
        for arena in (Arena(subject, seed), Vault(subject, seed))
        for moment in arena.moments
        if moments is None or moment in moments.split(",")
    ]
    for arena in {id(arena): arena for arena, _ in arenas}.values():
        arena.measure()
        took = ", ".join(f"{moment} {seconds:.2f} s" for moment, seconds in arena.durations.items())
        print(f"{subject.name}: undisturbed {took}", flush=True)
    plan = [
        (arena, moment, kind)
        for arena, moment in arenas
        for kind in arena.kinds
        if only is None or kind in only
    ]
    # A few of each moment, and of each kind, also where they are fewer than all.
    random.Random(seed).shuffle(plan)
    for number in range(count if plan else 0):
        arena, moment, kind = plan[number % len(plan)]
        # Two in three do not wait for a lease to end by itself: it takes half a minute.
        yield arena.hit(kind, moment, age_lease=number % 3 != 0)


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
    """engine × kind × moment: faults, and how many struck something, held, left a part, disagreed."""
    lines = [
        f"{'engine':10} {'fault':13} {'moment':9} {'faults':>7} {'hit':>5} {'held':>6} {'partial':>8} {'disagree':>9}"
    ]
    for engine, outcomes in results.items():
        groups: dict[tuple[str, str], list[Outcome]] = defaultdict(list)
        for one in outcomes:
            groups[one.kind, one.moment].append(one)
        lines += [_line(engine, *key, some) for key, some in sorted(groups.items())]
        lines.append(_line(engine, "all", "", outcomes))
    lines.append(_line("together", "", "", [one for outcomes in results.values() for one in outcomes]))
    return "\n".join(lines)


def _line(engine: str, kind: str, moment: str, some: list[Outcome]) -> str:
    hit, partial = sum(one.hit for one in some), sum(one.was_partial for one in some)
    wrong = sum(bool(one.findings) for one in some)
    return (
        f"{engine:10} {kind:13} {moment:9} {len(some):7} {hit:5} {len(some) - wrong:6} {partial:8} {wrong:9}"
    )


if __name__ == "__main__":
    sys.exit(main())
