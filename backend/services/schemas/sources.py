"""A side read into a snapshot: live, or loaded from its text, or replayed from its migrations on a scratch database."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from backend.core.context import say
from backend.core.errors import DatabaseMissing, InvalidRequest, MigrationFailed, SchemaInvalid, SqlFailed
from backend.drivers import git_show
from backend.engine.registry import engine_named
from backend.engine.schema.model import Snapshot
from backend.engine.schema.port import Loaded, SchemaTools, schema_tools
from backend.engine.target import Target
from backend.models.connection import EngineName
from backend.models.migration import Direction
from backend.models.schema_diff import SourceInfo
from backend.services.connections import Connections, Resolved
from backend.services.toolbox import tool_named

from .as_run import Replayer
from .replays import Replays
from .scratches import ScratchServer
from .sides import Side


class Sources:
    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._replays = Replays()

    def read(self, side: Side, scratch: ScratchServer | None) -> Snapshot:
        """The side's schema. `scratch` is needed for everything that is not live."""
        tools = schema_tools(str(side.engine))
        say(f"Reading {side.label}")
        if side.live is not None:
            try:
                return tools.snapshot(side.live)
            except DatabaseMissing:
                if side.resolved is None or scratch is None:
                    raise
            # The first migration of a project is written before there is a database.
            side.label += " (not created yet: empty)"
            with tools.scratch(scratch.target, "empty") as target:
                return tools.snapshot(target)
        if scratch is None:
            raise InvalidRequest(f"{side.label} needs a scratch database.")
        mark = self._mark(side, scratch)
        known = self._replays.get(mark) if mark else None
        if known is not None:
            return known
        found = self._load(side, tools, scratch)
        # A file that changed while it was replayed is not what the mark says.
        if mark and mark == self._mark(side, scratch):
            self._replays.put(mark, found)
        return found

    def _mark(self, side: Side, scratch: ScratchServer) -> tuple[str, ...] | None:
        """What a replay's outcome hangs on; None where it may hang on more (scripts import what they like)."""
        resolved = side.resolved
        if resolved is None or not side.files or resolved.tool.language != "sql":
            return None
        try:
            digests = [hashlib.sha256(path.read_bytes()).hexdigest() for path in side.files]
        except OSError:
            return None
        return (
            str(side.engine),
            scratch.target.url,
            scratch.version,
            resolved.stored.migrations_table,
            *digests,
        )

    def _load(self, side: Side, tools: SchemaTools, scratch: ScratchServer) -> Snapshot:
        with tools.scratch(scratch.target, "load") as target:
            if side.text is not None:
                loaded = _loaded(tools, target, side.text, side.label)
                side.skipped += loaded.skipped
                side.notes += loaded.notes
            else:
                with self._files(side) as files:
                    target = self._replay(side, target, files)
            return tools.snapshot(target)

    def info(self, side: Side, snapshot: Snapshot) -> SourceInfo:
        return SourceInfo(
            label=side.label,
            engine=side.engine,
            server_version=snapshot.server_version,
            sha256=snapshot.sha256,
            objects=len(snapshot.objects),
            skipped=[*side.skipped, *side.notes, *snapshot.problems],
        )

    @contextmanager
    def _files(self, side: Side) -> Iterator[Sequence[Path]]:
        revision = side.source.revision
        if revision is None or side.resolved is None:
            yield side.files
            return
        with tempfile.TemporaryDirectory(prefix="db-toolkit-revision-") as folder:
            written: list[Path] = []
            for directory in side.resolved.migrations_dirs:
                for name, data in git_show.files(directory, revision).items():
                    if side.resolved.tool.is_migration(name):
                        path = Path(folder) / Path(name).name
                        path.write_bytes(data)
                        written.append(path)
            yield sorted(written, key=lambda path: side.resolved.tool.sort_key(path.name))  # type: ignore[union-attr, arg-type, return-value]

    def replayer(self, engine_name: EngineName, resolved: Resolved | None) -> Replayer:
        """The tool that runs files on scratch databases: of the connection, or without one the engine's own."""
        if resolved is None:
            engine = engine_named(str(engine_name))
            return Replayer(engine, tool_named(str(engine.tool)), engine.default_migrations_table)
        return Replayer(
            resolved.engine,
            resolved.tool,
            resolved.stored.migrations_table,
            self._connections.target(resolved).env,
            resolved.migrations_dirs,
        )

    def _replay(self, side: Side, scratch: Target, files: Sequence[Path]) -> Target:
        """Run the files with the real tool, oldest first."""
        resolved = side.resolved
        if resolved is None or not files:
            return scratch
        replayer = self.replayer(side.engine, resolved)
        left, said = replayer.run(scratch, files, Direction.UP)
        if left:
            raise MigrationFailed(
                f"{left[0].name} cannot be replayed on an empty database: {said}",
                hint="A migration that only works on what is there already stops a replay; compare with the schema file.",
                file=left[0].name,
                label=side.label,
            )
        return replayer.at(scratch)


def _loaded(tools: SchemaTools, target: Target, text: str, label: str) -> Loaded:
    try:
        return tools.load(target, text, label)
    except SqlFailed as error:
        # It is no migration of the project's: there is nothing to open or to run again.
        where = {key: error.details.get(key) for key in ("line", "statement")}
        raise SchemaInvalid(error.message, hint=error.hint, **where) from None
