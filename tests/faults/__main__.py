"""`python -m tests.faults`: random faults on each engine, and a table of what they came to. Exits 1 on a disagreement."""

from __future__ import annotations

import argparse
import sys
import time
from collections import defaultdict

from tests.faults.fault import DIRECTIONS, Arena, Outcome, quiet_environment
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


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument(
        "--engine", default=",".join(SUBJECTS), help="comma-separated: " + ", ".join(SUBJECTS)
    )
    parser.add_argument("--count", type=int, default=100, help="faults on each engine")
    parser.add_argument("--seed", type=int, default=int(time.time()) % 100_000)
    parser.add_argument("--kind", help="only this kind of fault")
    parser.add_argument("--rehearsals", type=int, default=100, help="rehearsals killed, on PostgreSQL")
    chosen = parser.parse_args()
    quiet_environment()
    print(f"seed {chosen.seed}", flush=True)
    results: dict[str, list[Outcome]] = {}
    for name in chosen.engine.split(","):
        subject = SUBJECTS[name.strip()]()
        with subject.running():
            results[subject.name] = list(run(subject, chosen.count, chosen.seed, chosen.kind))
    print()
    print(table(results))
    left = killed.run(chosen.rehearsals, chosen.seed) if chosen.rehearsals and not chosen.kind else 0
    return 1 if left or any(one.findings for outcomes in results.values() for one in outcomes) else 0


def run(subject: Subject, count: int, seed: int, only: str | None):  # type: ignore[no-untyped-def]
    arena = Arena(subject, seed)
    arena.measure()
    print(
        f"{subject.name}: runs take {', '.join(f'{k} {v:.2f} s' for k, v in arena.durations.items())}",
        flush=True,
    )
    kinds = [only] if only else list(subject.fault_kinds)
    for number in range(count):
        kind, direction = kinds[number % len(kinds)], DIRECTIONS[(number // len(kinds)) % 2]
        outcome = arena.hit(kind, direction)
        print(
            f"{subject.name} {number + 1}/{count} {kind:10} {direction:4} at {outcome.moment_s:.2f} s"
            f"{'' if outcome.hit else ' (missed)'}: {outcome.stopped_at} in the table"
            f"{', partial' if outcome.was_partial else ''}",
            flush=True,
        )
        for finding in outcome.findings:
            print(f"    {finding}", flush=True)
        yield outcome


def table(results: dict[str, list[Outcome]]) -> str:
    lines = [
        f"{'engine':10} {'fault':12} {'faults':>7} {'up':>5} {'down':>5} {'missed':>7} {'partial':>8} {'disagree':>9}"
    ]
    for engine, outcomes in results.items():
        by_kind: dict[str, list[Outcome]] = defaultdict(list)
        for one in outcomes:
            by_kind[one.kind].append(one)
        for kind, some in {**by_kind, "all": outcomes}.items():
            lines.append(
                f"{engine:10} {kind:12} {len(some):7} {sum(o.direction == 'up' for o in some):5}"
                f" {sum(o.direction == 'down' for o in some):5} {sum(not o.hit for o in some):7}"
                f" {sum(o.was_partial for o in some):8} {sum(bool(o.findings) for o in some):9}"
            )
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
