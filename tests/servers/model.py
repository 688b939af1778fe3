"""What a test sees of a running server: plain data, and the few things it may ask of it.

Nothing here knows how a server is started; that is the recipe of its engine (one file an engine).
"""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.servers.recipe import Recipe

USER = "toolkit"
# Odd enough to be searched for: a test may assert that no log, message or process list holds it.
PASSWORD = "Tk7-not-for-logs"


class ServerUnavailable(Exception):
    """This machine cannot run that server; the message says what is missing and how to get it."""


class ServerFailed(Exception):
    """The server should have started and did not; the message ends with the tail of its log."""


@dataclass(frozen=True)
class Database:
    """An empty database made for one test: the URL in the tool's own style, and its name."""

    url: str = field(repr=False)
    name: str


@dataclass(frozen=True)
class Server:
    """A running throwaway server. `socket` is its unix socket where it has one."""

    engine: str
    version: str
    host: str
    port: int
    socket: Path | None
    user: str
    password: str = field(repr=False)
    admin_url: str = field(repr=False)
    kind: str = ""
    home: Path = Path()
    guard_pid: int = 0

    @property
    def recipe(self) -> Recipe:
        from tests.servers.recipes import recipe_of

        return recipe_of(self.kind)

    @property
    def log(self) -> Path:
        """What the server wrote on its standard output and error."""
        return self.home / "server.log"

    def url(self, name: str) -> str:
        """The URL of the database `name`, whether it exists or not."""
        return self.recipe.url(self, name)

    def new_database(self, name: str | None = None) -> Database:
        """Create an empty database (a random name unless one is given) and return where it is."""
        chosen = name or f"t_{secrets.token_hex(5)}"
        self.recipe.create_database(self, chosen)
        return Database(url=self.url(chosen), name=chosen)

    def drop_database(self, name: str) -> None:
        """Drop a database, its sessions with it; one that is gone already is no error."""
        self.recipe.drop_database(self, name)

    def to_json(self) -> str:
        """Itself as one line of JSON, for the other workers of the same run."""
        return json.dumps(asdict(self), default=str)

    @staticmethod
    def from_json(text: str) -> Server:
        """The inverse of `to_json`."""
        raw: dict[str, Any] = json.loads(text)
        return Server(
            **{**raw, "socket": Path(raw["socket"]) if raw["socket"] else None, "home": Path(raw["home"])}
        )

    def with_(self, **changes: Any) -> Server:
        """A copy with some fields changed."""
        return replace(self, **changes)
