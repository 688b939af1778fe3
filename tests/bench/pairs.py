"""Real schema files, old and new: `python -m tests.bench.pairs FOLDER` prints how many converge, are refused, are silently
wrong. Every folder in FOLDER has `a.sql` and `b.sql`. The judge is pg_dump on databases of its own, never our own diff."""

from __future__ import annotations

import argparse
import re
import statistics
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from backend.core.errors import AppError
from backend.drivers import process
from backend.drivers.tools import postgres_tool
from backend.models.connection import EngineName
from backend.models.schema_diff import Generated, SchemaSource
from tests.bench.measure import took_ms
from tests.kit import Toolkit
from tests.servers import Server, start_postgres18


@dataclass(frozen=True)
class Verdict:
    """`converged`, `refused` (an error, or told that something stays different), `silent`, or `unreadable`."""

    word: str
    why: str
    took_ms: float


def judged(toolkit: Toolkit, server: Server, pair: Path) -> Verdict:
    old, new = pair / "a.sql", pair / "b.sql"
    made: list[Generated] = []

    def generate() -> None:
        sides = (SchemaSource(file=str(one), engine=EngineName.POSTGRES) for one in (old, new))
        made.append(toolkit.services.schemas.generate(*sides))

    try:
        time_ms = took_ms(generate)
    except AppError as error:
        return Verdict("unreadable", error.message, 0)
    answer = made[0]
    before, wanted = (_loaded(server, one.read_text("utf-8")) for one in (old, new))
    error = _run(before, [(one.up, one.transaction) for one in answer.files])
    left = _lines(before) - _lines(wanted) | _lines(wanted) - _lines(before)
    if error is None and not left:
        return Verdict("converged", "", time_ms)
    admitted = error is not None or not answer.proven.up or bool(answer.not_expressed)
    return Verdict("refused" if admitted else "silent", error or "; ".join(sorted(left)[:3]), time_ms)


def _psql(url: str, text: str, *options: str) -> str:
    with tempfile.NamedTemporaryFile("w", suffix=".sql", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        argv = [postgres_tool("psql"), "-X", "-q", *options, "-f", file.name, url]
        return process.run(process.Command(argv=argv, timeout_s=300)).stderr


def _loaded(server: Server, text: str) -> str:
    url = server.new_database().url
    _psql(url, f"SET check_function_bodies = off;\n{text}")
    return url


def _run(url: str, files: Sequence[tuple[str, bool]]) -> str | None:
    """The first error, if there is one."""
    for body, in_one in files:
        told = _psql(url, body, "-v", "ON_ERROR_STOP=1", *(["-1"] if in_one else []))
        if "ERROR" in told:
            return told.strip().splitlines()[0]
    return None


def _lines(url: str) -> Counter[str]:
    """The dump's lines; the order of a table's columns does not count."""
    argv = [postgres_tool("pg_dump"), "--schema-only", "--no-owner", "--dbname", url]
    text = re.sub(
        r"(?m)^\\(?:un)?restrict .*$|^--.*$",
        "",
        process.run(process.Command(argv=argv, timeout_s=300)).stdout,
    )
    return Counter(line.rstrip().rstrip(",") for line in text.splitlines() if line.strip())


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.pairs", description=__doc__)
    parser.add_argument("folder", type=Path)
    pairs = sorted(one for one in parser.parse_args().folder.iterdir() if (one / "a.sql").is_file())
    found: list[Verdict] = []
    with tempfile.TemporaryDirectory(prefix="pairs-") as home, start_postgres18() as server:
        toolkit = Toolkit(Path(home))
        try:
            for pair in pairs:
                found.append(judged(toolkit, server, pair))
                if found[-1].word != "converged":
                    print(f"{pair.name}: {found[-1].word}: {found[-1].why}", flush=True)
        finally:
            toolkit.close()
    counts = Counter(one.word for one in found)
    readable = len(found) - counts["unreadable"]
    print(", ".join(f"{number} {word}" for word, number in counts.most_common()))
    if readable:
        times = [one.took_ms for one in found if one.took_ms]
        print(
            f"{counts['converged'] / readable:.1%} of {readable} converge; median {statistics.median(times):.0f} ms with proof"
        )


if __name__ == "__main__":
    main()
