"""What a fault needs of a database: files to run, and eyes of the harness's own. Knows no engine."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.servers import PrivateServer, Server, recipe_of

QUIET_WITHIN_S = 20.0


@dataclass(frozen=True)
class File:
    """A migration. `makes`: what exists once its up has run whole, in the words of `Subject.objects`."""

    name: str
    up: str
    down: str
    makes: tuple[str, ...]
    transaction: bool = True


class Subject(ABC):
    """An engine under test."""

    name: str
    suffix = ".sql"
    separator = "_"
    lock_outlives_its_holder_s = 0.0
    """How long a crashed holder's lock may keep the next run out."""

    @abstractmethod
    def files(self) -> Sequence[File]:
        """The migrations, oldest first."""

    @abstractmethod
    def ballast(self) -> tuple[File, File]:
        """A table `ballast` of many rows with the note `then`, in a file; and one that changes each to `now` and makes the
        table `later`. For backups: with it they take a moment, and one sees which of two states is there."""

    @abstractmethod
    def notes(self, url: str) -> dict[str, int]:
        """How many rows of `ballast` have each note; empty where there is no such table."""

    def beside(self, url: str) -> list[str]:
        """Databases the app made beside it, of whatever process; and what it built inside of it, where it does that."""
        return []

    @abstractmethod
    def fresh(self, folder: Path) -> str:
        """The URL of an empty database."""

    @abstractmethod
    def versions(self, url: str) -> set[str]:
        """What the migrations table holds, by a query of the harness's own."""

    @abstractmethod
    def objects(self, url: str) -> set[str]:
        """`table a`, `column a.x`, `index i`, … as they really exist."""

    def sessions(self, url: str) -> list[str]:
        """Other people's sessions in that database, by the server's own list."""
        return []

    def damage(self, url: str) -> str | None:
        """What the engine's own check says is wrong with the database, or None."""
        return None

    def age_lock(self, url: str) -> bool:
        """Let a crashed holder's lock end now, where it would end by itself in `lock_outlives_its_holder_s`. Returns
        whether there are such locks."""
        return False

    @abstractmethod
    def forget(self, url: str) -> None:
        """Drop the database."""

    @contextmanager
    def running(self) -> Iterator[None]:
        """Its server runs inside this."""
        yield

    def kill_server(self) -> None:
        raise NotImplementedError

    def start_server(self) -> bool:
        """Start it again where it was killed; False where there is no server."""
        return False

    def wait_quiet(self, url: str, within_s: float = QUIET_WITHIN_S) -> None:
        """Until no session of the run is left: a statement that was under way may still end on the server. Raises
        TimeoutError."""
        deadline = time.monotonic() + within_s
        while left := self.sessions(url):
            if time.monotonic() > deadline:
                raise TimeoutError(f"sessions were left on the server: {left}")
            time.sleep(0.05)


class ServerSubject(Subject):
    """An engine with a server: one of the harness's own, which it may kill, or one that others use too (`share`)."""

    kind: str
    server: PrivateServer | Server

    @contextmanager
    def running(self) -> Iterator[None]:
        with PrivateServer(recipe_of(self.kind)) as self.server:
            yield

    def share(self, server: PrivateServer | Server) -> ServerSubject:
        """Use a server that runs already."""
        self.server = server
        return self

    def fresh(self, folder: Path) -> str:
        return self.server.new_database().url

    def forget(self, url: str) -> None:
        self.server.drop_database(self.database(url))

    def url_by(self, url: str, port: int) -> str:
        """The same database by another port."""
        return url.replace(f":{self.server.port}/", f":{port}/", 1)

    def database(self, url: str) -> str:
        return url.partition("?")[0].rpartition("/")[2]

    def kill_server(self) -> None:
        assert isinstance(self.server, PrivateServer)
        self.server.kill()

    def start_server(self) -> bool:
        if isinstance(self.server, PrivateServer):
            self.server.start()
        return True
