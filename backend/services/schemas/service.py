"""Comparing schemas, writing the migration between them, proving it, and telling of it."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, replace

from backend.core.errors import AppError, ChangedMeanwhile
from backend.core.paths import given_path
from backend.diff.compare import Change, compare, counts
from backend.engine.schema.model import PlanOptions, Snapshot, Style
from backend.engine.schema.port import schema_tools
from backend.models.connection import EngineName
from backend.models.schema_diff import (
    Comparison,
    ExportedSchema,
    Generated,
    GeneratedFile,
    Proof,
    Rename,
    SchemaChange,
    SchemaSnapshot,
    SchemaSource,
    Seen,
    SnapshotObject,
)
from backend.services.connections import Connections, Resolved
from backend.services.history_export import write_stream
from backend.services.migrations import MigrationService

from .as_run import FilesAsRun, content_of
from .generator import Generator
from .report import as_text
from .scratches import ScratchServer, ScratchServers
from .sources import Side, Sources, engine_of

_log = logging.getLogger(__name__)
# The app's own table, which is left out in any case.
_NO_TABLE = "dbtoolkit_history"
_SUFFIX = {"html": "html", "markdown": "md", "json": "json"}


@dataclass(slots=True)
class Pair:
    """Both sides of a comparison, read."""

    sides: list[Side]
    old: Snapshot
    new: Snapshot
    server: ScratchServer | None
    """Where what is not live was loaded; None where nothing had to be."""


class Schemas:
    def __init__(
        self, connections: Connections, migrations: MigrationService, scratches: ScratchServers
    ) -> None:
        self._connections = connections
        self._sources = Sources(connections, migrations)
        self._scratches = scratches

    def snapshot(self, source: SchemaSource, *, scratch: str | None = None) -> SchemaSnapshot:
        """One schema as its engine prints it."""
        [side] = self._sources.understand_all([source])
        server = self._scratch([side], scratch) if side.live is None else None
        found = self._sources.read(side, server)
        return SchemaSnapshot(
            source=self._sources.info(side, found),
            counts=dict(Counter(one.kind for one in found.objects)),
            objects=[
                SnapshotObject(
                    id=one.id,
                    kind=one.kind,
                    name=one.name,
                    schema_name=one.schema,
                    parent=one.parent,
                    sql=one.sql,
                )
                for one in found.objects
            ],
        )

    def compare(
        self,
        source: SchemaSource,
        target: SchemaSource,
        *,
        renames: Mapping[str, str] | None = None,
        scratch: str | None = None,
        seen: Seen | None = None,
    ) -> Comparison:
        """What has to change in `source` to become `target`."""
        return self.compared(self.read([source, target], scratch, seen), renames)

    def compared(self, pair: Pair, renames: Mapping[str, str] | None = None) -> Comparison:
        """The comparison of two sides that are read."""
        changes = compare(pair.old, pair.new, renames)
        guesses = schema_tools(pair.old.engine).guess_renames(pair.old, pair.new) if changes else ()
        confirmed = {*(renames or {})} | {*(renames or {}).values()}
        return Comparison(
            engine=EngineName(pair.old.engine),
            equal=not changes,
            source=self._sources.info(pair.sides[0], pair.old),
            target=self._sources.info(pair.sides[1], pair.new),
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
        seen: Seen | None = None,
    ) -> Generated:
        """The migration from `source` to `target`, up and down, with what was proven of it."""
        pair = self.read([source, target], scratch, seen)
        server, reason = pair.server, None
        if server is None and prove:
            try:
                server = self._scratch(pair.sides, scratch)
            except AppError as error:
                # Without a scratch the files can be written all the same; they are only not proven.
                reason = error.message
                _log.info("Nothing is proven: %s", reason)
        replayer = self._sources.replayer(engine_of(pair.sides), self._project(pair.sides))
        made = Generator(schema_tools(pair.old.engine), server, reason, FilesAsRun(replayer)).generate(
            pair.old, pair.new, _options(style, include, renames), prove=prove
        )
        # What a side lacks would otherwise be dropped or left out without a word.
        made.not_expressed += [f"{side.label}: {one}" for side in pair.sides for one in side.skipped]
        made.proven.problems += dict.fromkeys(note for side in pair.sides for note in side.notes)
        for file in made.files:
            file.content = content_of(replayer.tool, file)
        return made

    def prove(
        self,
        source: SchemaSource,
        target: SchemaSource,
        files: Sequence[GeneratedFile],
        *,
        style: str = "plain",
        include: Sequence[str] | None = None,
        renames: Mapping[str, str] | None = None,
        scratch: str | None = None,
        seen: Seen | None = None,
    ) -> Proof:
        """What is proven of these files, as they stand. Raises NotSupported where there is no scratch database."""
        pair = self.read([source, target], scratch, seen)
        server = pair.server or self._scratch(pair.sides, scratch)
        options = _options(style, include, renames)
        replayer = self._sources.replayer(engine_of(pair.sides), self._project(pair.sides))
        generator = Generator(schema_tools(pair.old.engine), server, as_run=FilesAsRun(replayer))
        return generator.judge(pair.old, generator.wanted(pair.old, pair.new, options), options, files)

    def export(
        self,
        source: SchemaSource,
        target: SchemaSource,
        form: str,
        *,
        path: str | None = None,
        overwrite: bool = False,
        renames: Mapping[str, str] | None = None,
        scratch: str | None = None,
        seen: Seen | None = None,
    ) -> ExportedSchema:
        """The comparison as a document. Raises Conflict where the file is there already (unless `overwrite`)."""
        comparison = self.compare(source, target, renames=renames, scratch=scratch, seen=seen)
        text = as_text(comparison, form)
        size = len(text.encode("utf-8", "replace"))
        answer = ExportedSchema(
            format=form,
            filename=f"schema-diff.{_SUFFIX[form]}",
            changes=len(comparison.changes),
            size_bytes=size,
        )
        if path is None:
            answer.text = text
            return answer
        written, answer.size_bytes = write_stream(given_path(path), iter([text]), overwrite=overwrite)
        answer.filename, answer.path = written.name, str(written)
        return answer

    def read(
        self, sources: Sequence[SchemaSource], scratch: str | None = None, seen: Seen | None = None
    ) -> Pair:
        """Both sides, printed by servers of one version. Raises ChangedMeanwhile where one is not as it was `seen`."""
        sides = self._sources.understand_all(sources)
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
        if seen is not None:
            _unchanged(sides[0], old, seen.source)
            _unchanged(sides[1], new, seen.target)
        return Pair(sides, old, new, server)

    # -- inside --------------------------------------------------------------------------------------------------

    def _project(self, sides: Sequence[Side]) -> Resolved | None:
        return next((side.resolved for side in sides if side.resolved is not None), None)

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


def _options(style: str, include: Sequence[str] | None, renames: Mapping[str, str] | None) -> PlanOptions:
    return PlanOptions(
        style=Style(style),
        include=frozenset(include) if include is not None else None,
        renames=dict(renames or {}),
    )


def _unchanged(side: Side, snapshot: Snapshot, sha256: str) -> None:
    if snapshot.sha256 != sha256:
        raise ChangedMeanwhile(
            f"{side.label} has changed since it was compared.",
            hint="Compare again: what was chosen is of the schema as it was.",
            reason="schema_changed",
            side=side.label,
        )


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
