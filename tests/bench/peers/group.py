"""The engines with their peers, and the lines of `make bench`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.bench.peers.model import Field, Peer, PeerMissing, Row, Written
from tests.bench.peers.mysql import mysql_field
from tests.bench.peers.ours import Ours
from tests.bench.peers.packaged import Packaged
from tests.bench.peers.postgres import Apgdiff, postgres_field
from tests.bench.peers.sqlite import Sqldiff, SqliteField
from tests.bench.peers.table import HEAD, text
from tests.bench.peers.trial import trial

SAMPLE = 60
QUICK_SAMPLE = 12


class Elsewhere(Peer):
    """A known one that cannot be installed here from a registry: the table says so."""

    def __init__(self, name: str, why: str) -> None:
        self.name, self._why = name, why

    def prepare(self) -> None:
        raise PeerMissing(self._why)

    def write(self, old: str, new: str) -> Written:
        raise PeerMissing(self._why)


@dataclass(frozen=True)
class Engine:
    label: str
    field: Callable[[Path], AbstractContextManager[Field]]
    peers: Callable[[], Sequence[Peer]]


@contextmanager
def _sqlite_field(folder: Path) -> Iterator[Field]:
    yield SqliteField(folder)


ENGINES: Mapping[str, Engine] = {
    "postgres": Engine(
        "PostgreSQL",
        lambda folder: postgres_field(),
        lambda: [
            Ours("postgres"),
            Packaged("results"),
            Packaged("migradiff"),
            Packaged("alembic", runs_itself=True),
            Apgdiff(),
            Elsewhere("pgdeclare 0.1", "not measured: its package wants Python 3.12 or newer"),
        ],
    ),
    "mysql": Engine(
        "MariaDB",
        lambda folder: mysql_field(),
        lambda: [
            Ours("mysql"),
            Packaged("alembic", runs_itself=True),
            Elsewhere("skeema", "not measured: neither on PyPI nor on npm"),
        ],
    ),
    "sqlite": Engine(
        "SQLite",
        _sqlite_field,
        lambda: [Ours("sqlite"), Sqldiff(), Packaged("alembic", runs_itself=True, note=", batch")],
    ),
}


def measured(
    engine: str, folder: Path, count: int | None, told: Callable[[str], object] = lambda _: None
) -> list[Row]:
    """An engine that cannot be started here is one row that says why, and so is one where the trial itself breaks:
    foreign programs are run, and what they may do must not end the bench."""
    chosen = ENGINES[engine]
    try:
        with chosen.field(folder) as field:
            return trial(field, chosen.peers(), count, told)
    except Exception as error:
        first_line = (str(error).splitlines() or [""])[0]
        return [Row(chosen.label, "none", missing=f"{type(error).__name__}: {first_line}")]


@dataclass(frozen=True)
class Printed:
    """A line of this table within the bench's; nothing is promised of it."""

    line: str

    def text(self) -> str:
        return self.line


def peers(folder: Path, rounds: int) -> list[Printed]:
    """A sample of every engine's pairs, smaller where few rounds are asked for."""
    count = SAMPLE if rounds > 3 else QUICK_SAMPLE
    rows = [row for engine in ENGINES for row in measured(engine, folder, count)]
    return [Printed(HEAD), *(Printed(text(row)) for row in rows)]
