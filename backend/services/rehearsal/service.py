"""A rehearsal from request to result: choose the files and the place, ask about the size, copy, walk, drop, remember."""

from __future__ import annotations

import logging
import time
import uuid
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from backend.core.clock import utc_now
from backend.core.context import current_job, say
from backend.core.errors import AppError, Cancelled, DatabaseMissing, NotFound
from backend.engine.rehearsal.port import Copied, CopySize, RehearsalTools, rehearsal_tools
from backend.engine.target import Target
from backend.models.migration import Direction
from backend.models.rehearsal import (
    Rehearsal,
    RehearsalNote,
    RehearsalNotes,
    RehearsedFile,
    RehearseRequest,
    RowsWanted,
    Scratch,
    ScratchPlan,
    Verdict,
)
from backend.services.connections import Connections, Resolved
from backend.services.migrations import MigrationService
from backend.services.schemas.as_run import Replayer
from backend.services.schemas.scratches import ScratchServers
from backend.store.rehearsals import RehearsalStore

from . import sizes
from .demanded import Demanded
from .files import Chooser, Chosen, as_own
from .limit import Limit
from .places import Place, Places
from .remembered import Remembered, schema_mark
from .tidy import Tidy
from .verdict import worst
from .walk import Walk, half_of

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Found:
    """What is known so far: also what is answered where it stopped."""

    scratch: Scratch
    files: list[RehearsedFile] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    error: AppError | None = None


class Rehearsals:
    def __init__(
        self,
        connections: Connections,
        migrations: MigrationService,
        scratches: ScratchServers,
        store: RehearsalStore,
        home: Path,
    ) -> None:
        self._connections = connections
        self._store = store
        self._chooser = Chooser(migrations)
        self._places = Places(connections, scratches, home)
        self._tidy = Tidy(connections, scratches, store, home)
        self._remembered = Remembered(connections, migrations, store)
        self.demanded = Demanded(store)

    # -- looking -------------------------------------------------------------------------------------------------

    def plan(self, connection: str) -> ScratchPlan:
        """What a rehearsal would copy and where to; nothing is made."""
        resolved = self._connections.resolve(connection)
        tools = rehearsal_tools(str(resolved.engine.name))
        size = _size(tools, self._source(resolved))
        places = self._places.all(resolved)
        default = next((one.id for one in places if one.is_default), "")
        return ScratchPlan(
            places=places,
            tables=size.tables,
            rows=size.rows,
            bytes_all=size.bytes,
            free_bytes=size.free_bytes if size.free_bytes is not None else self._places.free_bytes(default),
            asks_from_bytes=sizes.ASKS_FROM_BYTES,
            engine_notes=list(tools.notes),
        )

    def remembered(self, connection: str, versions: list[str] | None = None) -> RehearsalNotes:
        """The last rehearsal of each file, and whether it still holds."""
        return self._remembered.notes(connection, versions)

    def note(
        self, resolved: Resolved | str, filename: str, sha256: str, schema_sha256: str | None = None
    ) -> RehearsalNote | None:
        """The last rehearsal of this text of a file; stale where only another text of it was rehearsed, or the schema
        changed. `schema_sha256`: `schema_mark` of the target, where the caller has it already."""
        found = self._connections.resolve(resolved) if isinstance(resolved, str) else resolved
        return self._remembered.note(found, filename, sha256, schema_sha256)

    def result(self, rehearsal_id: str) -> Rehearsal:
        """A result again. Raises NotFound where it is not kept any more."""
        found = self._remembered.result(rehearsal_id)
        if found is None:
            raise NotFound("This rehearsal is not kept any more.", hint="Rehearse the migrations again.")
        return found

    def close(self) -> None:
        """Stop the server that scratch databases are made on, where it runs for us."""
        self._places.close()

    def tidy(self) -> None:
        """Drop the scratch databases that ended processes left, where any were written down."""
        self._tidy.start()

    # -- rehearsing ----------------------------------------------------------------------------------------------

    def rehearse(self, request: RehearseRequest) -> Rehearsal:
        """Run the files on a scratch copy, measured. Raises ConfirmationRequired before a large copy, Cancelled with
        `details.rehearsal`, and what keeps a scratch from being made; what a migration does is the answer."""
        resolved = self._connections.resolve(request.connection)
        tools = rehearsal_tools(str(resolved.engine.name))
        source = self._source(resolved)
        started_at, began = utc_now(), time.monotonic()
        with self._chooser.chosen(request) as chosen, Limit(request.time_limit_s) as limit:
            place = self._places.choose(resolved, source, request.scratch)
            say(f"Looking at {resolved.name}")
            size = _size(tools, source)
            if size.free_bytes is None:
                size = replace(size, free_bytes=self._places.free_bytes(place.id))
            sizes.check(resolved, size, request)
            mark = schema_mark(resolved, source)
            renamed = as_own(chosen, tools, source)
            found = self._on_scratch(resolved, tools, source, place, chosen, request, limit)
        if renamed:
            more = f" and {len(renamed) - 3} more" if len(renamed) > 3 else ""
            found.scratch.notes.append(
                f"{', '.join(renamed[:3])}{more} name the database they are for; on the scratch that name was left out."
            )
        rehearsal = _result(request, resolved, chosen, found, mark, started_at, began)
        self._ended(rehearsal, found, chosen, limit)
        return rehearsal

    def _on_scratch(
        self,
        resolved: Resolved,
        tools: RehearsalTools,
        source: Target,
        place: Place,
        chosen: Chosen,
        request: RehearseRequest,
        limit: Limit,
    ) -> _Found:
        found = _Found(Scratch(id=place.id, label=place.label), problems=list(chosen.problems))
        known = self._store.scratch_begins(place.key, str(resolved.engine.name))
        stack = ExitStack()
        try:
            server = replace(place.server.target, migrations_table=source.migrations_table, env=source.env)
            stack.enter_context(tools.around(server))
            scratch = stack.enter_context(place.server.tools.scratch(server, "rehearse"))
            found.scratch.database = _database(scratch)
            try:
                self._copy_and_walk(resolved, tools, source, scratch, chosen, request, limit, found)
            except AppError as error:
                if not limit.is_over and not isinstance(error, Cancelled):
                    raise
                found.error = limit.error() if limit.is_over else error
        finally:
            try:
                stack.close()
                self._store.scratch_ended(known)
            except AppError as error:
                # The note stays, so the next start drops it.
                _log.warning("A scratch could not be dropped: %s", error.message)
                found.scratch.dropped = False
                found.problems.append(
                    f"The scratch {found.scratch.database} could not be dropped: {error.message} It is dropped at the next "
                    "start."
                )
        return found

    def _copy_and_walk(
        self,
        resolved: Resolved,
        tools: RehearsalTools,
        source: Target,
        scratch: Target,
        chosen: Chosen,
        request: RehearseRequest,
        limit: Limit,
        found: _Found,
    ) -> None:
        what = {RowsWanted.NONE: "the schema", RowsWanted.SAMPLE: "the schema and a sample of the rows"}
        say(f"Copying {what.get(request.rows, 'the schema and all rows')} of {resolved.name}")
        _told(found.scratch, self._copied(tools, source, scratch, request, limit))
        limit.check()
        replayer = Replayer(
            resolved.engine,
            resolved.tool,
            resolved.stored.migrations_table,
            source.env,
            resolved.migrations_dirs,
        )
        placed = tools.placed(source, scratch)
        run_tag = f"db-toolkit-scratch-{uuid.uuid4().hex[:8]}"
        self._apply_first(resolved, tools, replayer, placed, chosen, limit, found)
        with ExitStack() as stack:
            twin = None
            if len(chosen.files) > 1 and chosen.direction is Direction.UP:
                made = tools.twin(scratch, placed)
                twin = stack.enter_context(made) if made is not None else None
            watch = stack.enter_context(tools.watch(placed))
            walk = Walk(resolved, tools, replayer, placed, watch, limit, chosen.direction, run_tag, twin)
            # Filled while it walks, so that what is known stays where it is stopped.
            found.files = walk.files
            found.scratch.server_version = watch.schema().server_version
            walk.over(chosen.files)

    def _apply_first(
        self,
        resolved: Resolved,
        tools: RehearsalTools,
        replayer: Replayer,
        placed: Target,
        chosen: Chosen,
        limit: Limit,
        found: _Found,
    ) -> None:
        """What is pending ahead of a text, played as the text will be: the tool itself would follow a file that names
        another database, or the server, out of the scratch."""
        if chosen.first:
            say(f"Applying {len(chosen.first)} pending ahead of it")
        for file in chosen.first:
            half = half_of(resolved, file, Direction.UP)
            played = tools.play(placed, half, lambda _: None, limit.token, limit.left_s)
            limit.check()
            if not played.ok:
                said = (played.error or {}).get("message", "nothing tells why.")
                found.problems.append(
                    f"{file.filename} is pending ahead of it and failed on the scratch: {said}"
                )
                return
            replayer.record(placed, [file.path])

    def _copied(
        self, tools: RehearsalTools, source: Target, scratch: Target, request: RehearseRequest, limit: Limit
    ) -> Copied:
        try:
            return tools.copy(source, scratch, request.rows, request.sample_rows, limit.token)
        except DatabaseMissing:
            # The first migrations of a project are written before there is a database.
            return Copied(0, 0, notes=("The database does not exist yet: the scratch began empty.",))

    def _ended(self, rehearsal: Rehearsal, found: _Found, chosen: Chosen, limit: Limit) -> None:
        """Remember it, or raise Cancelled."""
        job = current_job.get()
        if isinstance(found.error, Cancelled) or (limit.is_over and not limit.timed_out):
            raise Cancelled(
                "The rehearsal was cancelled; its scratch is gone."
                if rehearsal.scratch.dropped
                else "The rehearsal was cancelled.",
                rehearsal=rehearsal.model_dump(mode="json"),
            )
        if found.error is not None and not found.files:
            raise found.error
        # A text that is not saved may be saved as it is: then this was its rehearsal.
        self._remembered.keep(rehearsal, [(one.filename, one.sha256) for one in chosen.first])
        if job is not None:
            job.progress(len(chosen.files), len(chosen.files), "Done")

    def _source(self, resolved: Resolved) -> Target:
        return replace(self._connections.target(resolved), read_only=True)


def _size(tools: RehearsalTools, source: Target) -> CopySize:
    try:
        return tools.size(source)
    except DatabaseMissing:
        return CopySize(0, 0, 0)


def _told(scratch: Scratch, copied: Copied) -> None:
    scratch.tables, scratch.rows, scratch.bytes = copied.tables, copied.rows, copied.bytes
    scratch.missing, scratch.notes = list(copied.missing), list(copied.notes)


def _database(scratch: Target) -> str:
    """Its name, without anything of the URL that may be secret."""
    return scratch.url.partition("?")[0].rpartition("/")[2]


def _result(
    request: RehearseRequest,
    resolved: Resolved,
    chosen: Chosen,
    found: _Found,
    mark: str,
    started_at: datetime,
    began: float,
) -> Rehearsal:
    files = found.files
    tried = len(files)
    verdict = worst(one.verdict for one in files) if files else Verdict.STOPPED
    if tried < len(chosen.files):
        rest = len(chosen.files) - tried
        found.problems.append(
            f"{rest} file{'s' if rest > 1 else ''} after {files[-1].filename} {'were' if rest > 1 else 'was'} not tried."
            if files
            else "Nothing was tried."
        )
    took = timedelta(seconds=time.monotonic() - began)
    return Rehearsal(
        id=uuid.uuid4().hex,
        connection=request.connection,
        engine=str(resolved.engine.name),
        direction=request.direction,
        verdict=verdict,
        files=files,
        scratch=found.scratch,
        rows=request.rows,
        schema_sha256=mark,
        started_at=started_at,
        finished_at=started_at + took,
        duration_ms=round(took.total_seconds() * 1000, 1),
        problems=list(dict.fromkeys(found.problems)),
    )
