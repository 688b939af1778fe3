"""What tests speak through: the app over a home of its own, calling channels as the shells do."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from backend.app import build
from backend.rpc.dispatch import Dispatcher


class ChannelFailed(Exception):
    """The envelope said no. `code`, `message`, `details` are the error's."""

    def __init__(self, error: Mapping[str, Any]) -> None:
        super().__init__(f"{error['code']}: {error['message']}")
        self.code: str = error["code"]
        self.message: str = error["message"]
        self.hint: str | None = error["hint"]
        self.details: dict[str, Any] = error["details"]


class Toolkit:
    """One running app. A second one over the same home is another process's view of it, as after a restart."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.services = build(window=False, home=home)
        self.dispatcher = Dispatcher(self.services)

    def envelope(self, channel: str, **payload: Any) -> dict[str, Any]:
        return self.dispatcher.invoke(channel, payload)

    def call(self, channel: str, **payload: Any) -> Any:
        """The answer's data; raises ChannelFailed."""
        answer = self.envelope(channel, **payload)
        if not answer["ok"]:
            raise ChannelFailed(answer["error"])
        return answer["data"]

    def agree(self, channel: str, **payload: Any) -> Any:
        """The same, giving consent where it is asked for, as a user who types the name."""
        try:
            return self.call(channel, **payload)
        except ChannelFailed as error:
            if error.code != "confirmation_required":
                raise
            return self.call(channel, **payload, confirm=error.details["confirm"])

    def connect(self, url: str, name: str = "shop", **more: Any) -> Shop:
        connection = self.call("connection:create", name=name, url=url, **more)
        return Shop(self, connection)

    def adopt(self, path: Path, **more: Any) -> Shop:
        return Shop(self, self.call("connection:adopt", path=str(path), **more))

    def close(self) -> None:
        self.services.close()


class Shop:
    """A connection under test, with the words a test wants to read."""

    def __init__(self, toolkit: Toolkit, connection: dict[str, Any]) -> None:
        self.toolkit = toolkit
        self.connection = connection
        self.id: str = connection["id"]

    @property
    def folder(self) -> Path:
        return Path(self.connection["migrations_dir"])

    def call(self, channel: str, **payload: Any) -> Any:
        return self.toolkit.call(channel, connection=self.id, **payload)

    def agree(self, channel: str, **payload: Any) -> Any:
        return self.toolkit.agree(channel, connection=self.id, **payload)

    def new(self, name: str, up: str, down: str, **more: Any) -> dict[str, Any]:
        migration: dict[str, Any] = self.call("migration:new", name=name, up=up, down=down, **more)
        return migration

    def write(self, filename: str, content: str | bytes) -> Path:
        path = self.folder / filename
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def up(self, **payload: Any) -> dict[str, Any]:
        run: dict[str, Any] = self.agree("migration:up", **payload)
        return run

    def down(self, **payload: Any) -> dict[str, Any]:
        run: dict[str, Any] = self.agree("migration:down", **payload)
        return run

    def status(self) -> dict[str, Any]:
        report: dict[str, Any] = self.call("migration:status")
        return report

    def statuses(self) -> dict[str, str]:
        """name → status."""
        return {one["name"]: one["status"] for one in self.status()["migrations"]}

    def flags(self) -> dict[str, list[str]]:
        return {one["name"]: one["flags"] for one in self.status()["migrations"]}

    def tables(self) -> set[str]:
        return {table["name"] for table in self.call("schema:catalog")["tables"]}


def outcome(run: Mapping[str, Any]) -> list[tuple[str, str]]:
    """[(name of the file without version, status)] in the run's order."""
    return [(one["filename"], one["status"]) for one in run["migrations"]]
