"""Comparing schemas, writing the migration between them, proving it, and finding drift."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import replace

from backend.core.errors import AppError
from backend.diff.compare import Change, compare, counts
from backend.engine.schema.model import PlanOptions, Snapshot, Style
from backend.engine.schema.port import schema_tools
from backend.models.connection import EngineName
from backend.models.schema_diff import Comparison, Generated, Rename, SchemaChange, SchemaSource
from backend.services.connections import Connections
from backend.services.local_postgres import LocalPostgres
from backend.services.migrations import MigrationService

from .generator import Generator
from .scratches import ScratchServer, ScratchServers
from .sources import Side, Sources, engine_of

_log = logging.getLogger(__name__)
# The app's own table, which is left out in any case.
_NO_TABLE = "dbtoolkit_history"


class Schemas:
    def __init__(
        self, connections: Connections, migrations: MigrationService, local_postgres: LocalPostgres
    ) -> None:
        self._connections = connections
        self._sources = Sources(connections, migrations)
        self._scratches = ScratchServers(connections, local_postgres)

    def compare(
        self,
        source: SchemaSource,
        target: SchemaSource,
        *,
        renames: Mapping[str, str] | None = None,
        scratch: str | None = None,
    ) -> Comparison:
        """What has to change in `source` to become `target`."""
        sides, snapshots, _ = self._read([source, target], scratch)
        old, new = snapshots
        changes = compare(old, new, renames)
        guesses = schema_tools(old.engine).guess_renames(old, new) if changes else ()
        confirmed = {*(renames or {})} | {*(renames or {}).values()}
        return Comparison(
            engine=EngineName(old.engine),
            equal=not changes,
            source=self._sources.info(sides[0], old),
            target=self._sources.info(sides[1], new),
            changes=[_shape(one) for one in changes],
            counts=counts(changes),
            renames=[
                Rename(old=one.old, new=one.new, likeness=one.likeness, reason=one.reason)
                for one in guesses
                if one.old not in confirmed and one.new not in confirmed
            ],
        )

    def generate(
        self,
        source: SchemaSource,
        target: SchemaSource,
        *,
        style: str = "plain",
        include: Sequence[str] | None = None,
        renames: Mapping[str, str] | None = None,
        prove: bool = True,
        scratch: str | None = None,
    ) -> Generated:
        """The migration from `source` to `target`, up and down, with what was proven of it."""
        sides, (old, new), server = self._read([source, target], scratch)
        reason = None
        if server is None and prove:
            try:
                server = self._scratch(sides, scratch)
            except AppError as error:
                # Without a scratch the files can be written all the same; they are only not proven.
                reason = error.message
                _log.info("Nothing is proven: %s", reason)
        options = PlanOptions(
            style=Style(style),
            include=frozenset(include) if include is not None else None,
            renames=dict(renames or {}),
        )
        made = Generator(schema_tools(old.engine), server, reason).generate(old, new, options, prove=prove)
        # What a side lacks would otherwise be dropped or left out without a word.
        made.not_expressed += [f"{side.label}: {one}" for side in sides for one in side.skipped]
        made.proven.problems += dict.fromkeys(note for side in sides for note in side.notes)
        return made

    # -- inside --------------------------------------------------------------------------------------------------

    def _read(
        self, sources: Sequence[SchemaSource], scratch: str | None
    ) -> tuple[list[Side], tuple[Snapshot, Snapshot], ScratchServer | None]:
        sides = [self._sources.understand(source) for source in sources]
        engine_of(sides)
        server = self._scratch(sides, scratch) if any(side.live is None for side in sides) else None
        if server is not None and all(side.text is not None for side in sides):
            # Two files are compared as they are: a table of versions in them is one of their own.
            server = replace(server, target=replace(server.target, migrations_table=_NO_TABLE))
        at_once = 2 if schema_tools(str(engine_of(sides))).reads_side_by_side else 1
        with ThreadPoolExecutor(at_once) as pool:
            reading = [pool.submit(copy_context().run, self._sources.read, side, server) for side in sides]
            old, new = (one.result() for one in reading)
        if old.server_version != new.server_version:
            # Two servers print the same schema differently: both are printed by one.
            server = server or self._scratch(sides, scratch)
            old, new = (
                self._printed_by(server, side, one) for side, one in zip(sides, (old, new), strict=True)
            )
        return sides, (old, new), server

    def _scratch(self, sides: Sequence[Side], asked: str | None) -> ScratchServer:
        near = [(side.live, side.resolved) for side in sides if side.live is not None]
        near += [
            (self._connections.target(side.resolved), side.resolved)
            for side in sides
            if side.live is None and side.resolved is not None
        ]
        return self._scratches.choose(engine_of(sides), near, asked)

    def _printed_by(self, server: ScratchServer, side: Side, snapshot: Snapshot) -> Snapshot:
        if snapshot.server_version == server.version:
            return snapshot
        with server.tools.scratch(server.target, "print") as target:
            side.skipped += server.tools.restore(target, snapshot).skipped
            return server.tools.snapshot(target)


def _shape(one: Change) -> SchemaChange:
    added, removed = one.lines
    return SchemaChange(
        id=one.id,
        kind=one.kind,
        name=one.name,
        schema_name=one.schema,
        parent=one.parent,
        change=one.change.value,
        old_id=one.old_id,
        before=one.before,
        after=one.after,
        lines_added=added,
        lines_removed=removed,
    )
