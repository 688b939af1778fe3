"""What an engine must say so that its server can be started, asked and stopped. One subclass an engine."""

from __future__ import annotations

import os
import shutil
import signal
from abc import ABC, abstractmethod
from pathlib import Path

from tests.servers.model import Server


def python_path() -> str:
    """PYTHONPATH for a server that is a module of this project: the project first, then what is set."""
    root = str(Path(__file__).parents[2])
    return os.pathsep.join([root, *filter(None, [os.environ.get("PYTHONPATH")])])


class Recipe(ABC):
    """How to run one kind of server. Recipes hold no state: everything is in the server's home folder."""

    kind: str
    engine: str
    user: str
    password: str
    # What ends the server quickly and leaves nothing behind; its data need not survive.
    stop_signal: int = signal.SIGTERM
    # How long its first answer may take on a busy machine.
    ready_timeout_s: float = 20.0

    @abstractmethod
    def require(self) -> None:
        """Raise ServerUnavailable, saying what to install, where this machine cannot run the server."""

    def account(self) -> tuple[str, str] | None:
        """The system user and group to run as, for a server that refuses root; None is ourselves."""
        return None

    @abstractmethod
    def prepare(self, home: Path) -> None:
        """Make the data folder in `home`; called once for a new server, before its first start."""

    @abstractmethod
    def command(self, home: Path, port: int) -> list[str]:
        """The command that runs the server in the foreground."""

    def environment(self, home: Path, port: int) -> dict[str, str]:
        """Variables that the server wants besides ours; the place for secrets."""
        return {}

    def socket(self, home: Path, port: int) -> Path | None:
        """Its unix socket, where it has one."""
        return None

    @abstractmethod
    def version(self, server: Server) -> str:
        """Connect, log in and ask the version: any exception means not ready yet."""

    @abstractmethod
    def url(self, server: Server, database: str) -> str:
        """The URL of a database in the style of the tool that migrates it."""

    @abstractmethod
    def admin_url(self, server: Server) -> str:
        """The URL of the database that is always there."""

    @abstractmethod
    def create_database(self, server: Server, name: str) -> None:
        """Create an empty database."""

    @abstractmethod
    def drop_database(self, server: Server, name: str) -> None:
        """Drop a database, also while somebody is connected; a missing one is no error."""

    def remove(self, home: Path) -> None:
        """Clear what the stopped server left: its folder, and whatever a killed one leaves elsewhere."""
        shutil.rmtree(home, ignore_errors=True)
