"""Where a rehearsal may happen: never on a production or read-only connection's server."""

from __future__ import annotations

import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from backend.core.errors import AppError, InvalidRequest, NotSupported
from backend.drivers.tools import postgres_tool
from backend.engine.schema.port import schema_tools
from backend.engine.target import Target
from backend.models.connection import EngineName
from backend.models.rehearsal import ScratchPlace
from backend.services.connections import Connections, Resolved
from backend.services.schemas.scratches import ScratchServer, ScratchServers, may_hold

FILE, BUNDLED, SERVER = "file", "bundled", "server"


@dataclass(frozen=True, slots=True)
class Place:
    """The place that was chosen. `key` is what the next start looks for after a crash."""

    id: str
    label: str
    server: ScratchServer
    key: str


class Places:
    def __init__(self, connections: Connections, scratches: ScratchServers, home: Path) -> None:
        self._connections = connections
        self._scratches = scratches
        self._home = home

    def close(self) -> None:
        self._scratches.close()

    def all(self, resolved: Resolved) -> list[ScratchPlace]:
        """Every place, with the reason where it cannot be had; the first that can is the default."""
        engine = resolved.engine.name
        if not schema_tools(str(engine)).scratch_on_same_server:
            return [
                ScratchPlace(id=FILE, label="A copy of the file", available=True, is_default=True),
            ]
        found: list[ScratchPlace] = []
        if engine == EngineName.POSTGRES:
            found.append(_bundled())
        found.append(
            ScratchPlace(
                id=SERVER,
                label=f"A scratch database on the server of {resolved.name}",
                available=may_hold(resolved),
                reason=_why_not(resolved),
                notes=["The same version, extensions and roles; its load is the server's."],
            )
        )
        for stored in self._connections.store.all()[0]:
            if stored.engine != engine or stored.id == resolved.id:
                continue
            with suppress(AppError):
                other = self._connections.resolve(stored.id)
                found.append(
                    ScratchPlace(
                        id=other.id,
                        label=f"A scratch database on the server of {other.name}",
                        available=may_hold(other),
                        reason=_why_not(other),
                    )
                )
        for one in found:
            if one.available:
                one.is_default = True
                break
        return found

    def choose(self, resolved: Resolved, source: Target, asked: str) -> Place:
        """The place asked for; `auto` is the default one. Raises NotSupported with the reason where it cannot be had."""
        places = self.all(resolved)
        if asked == "auto":
            chosen = next((one for one in places if one.is_default), None)
            if chosen is None:
                raise NotSupported(
                    "There is no server to rehearse on: production and read-only connections are left alone.",
                    hint="Add a development connection of this engine, and it can serve as the scratch.",
                    capability="rehearsal",
                )
        else:
            chosen = next((one for one in places if asked in (one.id, _alias(one, resolved))), None)
            if chosen is None:
                raise InvalidRequest(
                    f"There is no place {asked!r} to rehearse {resolved.name} on.",
                    hint=f"Known: auto, {', '.join(one.id for one in places)}.",
                )
            if not chosen.available:
                raise NotSupported(chosen.reason, hint=_hint(places), capability="rehearsal")
        if chosen.id == FILE:
            server = self._scratches.choose(resolved.engine.name, [])
            server.tools.sweep(server.target)
            return Place(FILE, chosen.label, server, FILE)
        if chosen.id == BUNDLED:
            return Place(BUNDLED, chosen.label, self._scratches.bundled(), BUNDLED)
        key = resolved.id if chosen.id == SERVER else chosen.id
        return Place(chosen.id, chosen.label, self._scratches.choose(resolved.engine.name, [], key), key)

    def free_bytes(self, place_id: str) -> int | None:
        """Of the disk that the bundled server's data lie on; None for another machine's."""
        if place_id != BUNDLED:
            return None
        with suppress(OSError):
            return shutil.disk_usage(self._home).free
        return None


def _alias(one: ScratchPlace, resolved: Resolved) -> str:
    """The connection's own id is another word for its server."""
    return resolved.id if one.id == SERVER else one.id


def _bundled() -> ScratchPlace:
    reason = ""
    try:
        postgres_tool("postgres")
    except AppError as error:
        reason = error.message
    return ScratchPlace(
        id=BUNDLED,
        label="The bundled PostgreSQL",
        available=not reason,
        reason=reason,
        notes=["Nothing is created on the target's server. What its version and extensions lack is named."],
    )


def _why_not(resolved: Resolved) -> str:
    if resolved.is_production:
        return f"{resolved.name} is a production connection: nothing is created on its server."
    if resolved.stored.read_only:
        return f"{resolved.name} is read-only: nothing is created on its server."
    return ""


def _hint(places: list[ScratchPlace]) -> str | None:
    others = [one.id for one in places if one.available]
    return f"These can be had: {', '.join(others)}." if others else None
