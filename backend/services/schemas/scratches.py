"""Where scratch databases are made: never on a production or read-only connection's server."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from backend.core.errors import AppError, NotSupported
from backend.engine.registry import engine_named
from backend.engine.schema.port import SchemaTools, schema_tools
from backend.engine.target import Target
from backend.models.connection import EngineName
from backend.services.connections import Connections, Resolved
from backend.services.local_postgres import LocalPostgres


@dataclass(frozen=True, slots=True)
class ScratchServer:
    """A server that scratch databases may be made on."""

    tools: SchemaTools
    target: Target
    label: str
    version: str


class ScratchServers:
    def __init__(self, connections: Connections, own: LocalPostgres) -> None:
        """`own`: the bundled PostgreSQL, started when it is needed."""
        self._connections = connections
        self._own = own
        self._swept: set[tuple[str, str]] = set()

    def choose(
        self, engine: EngineName, near: Sequence[tuple[Target, Resolved | None]], asked: str | None = None
    ) -> ScratchServer:
        """The server asked for by a connection's id, else that of one of the sides, else the bundled PostgreSQL, else that
        of a development connection. Raises NotSupported with the reason where there is none."""
        tools = schema_tools(str(engine))
        if not tools.scratch_on_same_server:
            folder = Path.cwd()
            target = Target(str(engine), "sqlite:scratch.db", folder, "schema_migrations")
            return ScratchServer(tools, target, "a temporary file", "")
        if asked is not None:
            resolved = self._connections.resolve(asked)
            if not may_hold(resolved):
                raise NotSupported(f"{resolved.name} is production or read-only: nothing is created there.")
            return self._server(tools, resolved, self._connections.target(resolved))
        for target, side in near:
            if (side is None or may_hold(side)) and not target.read_only:
                return self._server(tools, side, target)
        if engine == EngineName.POSTGRES:
            return self.bundled()
        for stored in self._connections.store.all()[0]:
            if stored.engine != engine:
                continue
            try:
                other = self._connections.resolve(stored.id)
                if may_hold(other):
                    return self._server(tools, other, self._connections.target(other))
            except AppError:
                continue
        raise NotSupported(
            "There is no server to make a scratch database on: production and read-only connections are left alone.",
            hint="Add a development connection of this engine, and it is used for it.",
            capability="scratch",
        )

    def close(self) -> None:
        """Stop the bundled server, where it runs for us."""
        self._own.close()

    def bundled(self) -> ScratchServer:
        """The PostgreSQL that comes with the app, started where it is not running."""
        tools = schema_tools("postgres")
        # A database of the server's own, so that scratch databases can be made from there.
        url = self._own.maintenance_url()
        target = Target("postgres", url, Path.cwd(), "schema_migrations", private=True)
        return self._finished(tools, target, "the bundled PostgreSQL")

    def _server(self, tools: SchemaTools, resolved: Resolved | None, target: Target) -> ScratchServer:
        return self._finished(tools, target, f"the server of {resolved.name}" if resolved else "its server")

    def _finished(self, tools: SchemaTools, target: Target, label: str) -> ScratchServer:
        version = tools.printed_as(engine_named(target.engine).probe(target).version or "")
        key = (target.engine, target.url)
        if key not in self._swept:
            self._swept.add(key)
            tools.sweep(target)
        return ScratchServer(tools, target, label, version)


def may_hold(resolved: Resolved) -> bool:
    """Whether anything may be created on the connection's server."""
    return not resolved.is_production and not resolved.stored.read_only
