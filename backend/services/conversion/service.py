"""Looking at a folder of another tool, and converting it: files written all or none, applied state recorded, nothing run."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from backend.core.errors import AppError, ChangedMeanwhile, Conflict, InvalidRequest, NotSupported
from backend.core.events import EventBus
from backend.core.paths import given_path, inside
from backend.engine.port import Engine
from backend.engine.registry import engine_named
from backend.models.connection import EngineName, ToolName
from backend.models.conversion import (
    Conversion,
    ConversionNote,
    Converted,
    ConvertedFile,
    ConvertRunRequest,
    ConvertSource,
    SourceTool,
)
from backend.models.migration import MigrationStatus
from backend.services.connections import Connections, Resolved
from backend.services.consent import ask, refuse_read_only
from backend.services.migrations import MigrationService
from backend.services.runs.service import Runs
from backend.services.toolbox import tool_named
from backend.services.undo import UndoService
from backend.store.journal import FileChange, Journal, sha256_of

from .applied import look_there
from .choosing import applied_of, chosen_of, left_out_of, set_status
from .converting import Converter, MakeDown, shown
from .folder import Folder, near_files, read_folder
from .model import Options, Source
from .recognise import found_tools, named

_SURE = 80
_MOST_SHOWN = 400_000
_MOST_ANSWERED = 8_000_000


class Conversions:
    def __init__(
        self,
        connections: Connections,
        migrations: MigrationService,
        runs: Runs,
        undo: UndoService,
        events: EventBus,
        journal: Journal,
    ) -> None:
        self._connections = connections
        self._migrations = migrations
        self._runs = runs
        self._undo = undo
        self._events = events
        self._journal = journal

    def inspect(self, request: ConvertSource) -> Conversion:
        """What each migration becomes, what is applied, and what cannot be carried over. Nothing is written.

        Raises NotFound, InvalidRequest where nothing in the folder is another tool's, NotSupported for an engine whose
        migrations are no SQL.
        """
        found = self._look(request)
        shown_bytes = 0
        for one in found.files:
            shown_bytes += len(one.content or "")
            if len(one.content or "") > _MOST_SHOWN or shown_bytes > _MOST_ANSWERED:
                one.content = one.up = one.down = None
        return found

    def run(self, request: ConvertRunRequest) -> Converted:
        """Write the files into the connection's folder and record what is applied there. Theirs stays as it is.

        Raises ChangedMeanwhile where the folder is not what was looked at, InvalidRequest for files with problems that
        are not left out, Conflict where something is in the way, ReadOnly, ConfirmationRequired.
        """
        resolved = self._connections.resolve(request.connection)
        refuse_read_only(resolved, "convert migrations into it")
        fields = set(ConvertSource.model_fields) & set(ConvertRunRequest.model_fields)
        look = self._look(ConvertSource(**{key: getattr(request, key) for key in fields}))
        if look.sha256 != request.sha256:
            raise ChangedMeanwhile("The folder is not as it was looked at.", hint="Look at it again.")
        chosen = chosen_of(look, request)
        applied, notes = applied_of(look, chosen, request)
        ask(resolved, request.confirm, f"Convert {len(chosen)} migrations into {resolved.name}", [])
        written = self._write(resolved, chosen)
        old_table = resolved.stored.migrations_table
        new_table = look.migrations_table or old_table
        try:
            if new_table != old_table:
                self._connections.update(
                    resolved.id, {"migrations_table": new_table}, confirm=request.confirm
                )
            self._mark(resolved, [one.filename for one in applied], request.confirm)
        except BaseException:
            # All or nothing: files without their state would be run on a database that has them.
            self._take_back(resolved, written, old_table if new_table != old_table else None)
            raise
        finally:
            self._events.publish("migrations:changed", connection=resolved.id)
        if new_table != old_table and resolved.stored.adopted:
            notes.append(
                ConversionNote(
                    file="",
                    message=f"The bare dbmate needs DBMATE_MIGRATIONS_TABLE={new_table} in the project's .env.",
                )
            )
        names = {one.filename for one in applied}
        return Converted(
            files=[one.filename for one in chosen if one.state == "new"],
            same=[one.filename for one in chosen if one.state == "same"],
            marked=sorted(names),
            pending=[one.filename for one in chosen if one.filename not in names],
            left_out=look.left_out + left_out_of(look, request),
            notes=[*look.notes, *notes, *(note for one in chosen for note in one.notes)],
            migrations_table=new_table,
            folder=str(resolved.migrations_dirs[0]),
            says=_says(len(written), len(names)),
        )

    @staticmethod
    def other_tool(path: str) -> tuple[SourceTool, str] | None:
        """Another tool whose migrations are in this folder or where its kind of project has them, and the folder."""
        for folder, files in near_files(given_path(path)):
            for source, why in found_tools(files, at_least=_SURE):
                return SourceTool(name=source.name, label=source.label, evidence=why), str(folder)
        return None

    # -- inside --------------------------------------------------------------------------------------------------

    def _look(self, request: ConvertSource) -> Conversion:
        resolved = self._connections.resolve(request.connection) if request.connection else None
        engine = self._engine(resolved, request)
        folder = read_folder(given_path(request.path))
        _refuse_own(folder.path, resolved)
        tools = found_tools(folder.files)
        source = named(request.tool) if request.tool else (tools[0][0] if tools else None)
        if source is None:
            raise InvalidRequest(
                f"Nothing in {folder.path} is a migration of a tool that can be converted.",
                hint="Choose the folder that holds the migration files, or name the tool.",
                path=str(folder.path),
            )
        reading = source.read(folder.files, Options(request.placeholders))
        if not reading.migrations and not reading.left_out:
            raise InvalidRequest(f"There is no migration of {source.label} in {folder.path}.")
        tool = resolved.tool if resolved else tool_named(engine.tool)
        make_down = self._downs(engine) if request.generate_downs else None
        files = Converter(source, engine, tool, folder.files, make_down).convert(reading.migrations)
        there, state = None, None
        table = resolved.stored.migrations_table if resolved else None
        if resolved is not None:
            there, state, table = look_there(self._connections, resolved, source, reading, request.table)
            self._lay_over(resolved, files)
        set_status(files, state, there)
        evidence = next((why for one, why in tools if one is source), "")
        return Conversion(
            sha256=_sha256(folder, source, request),
            path=str(folder.path),
            tool=SourceTool(name=source.name, label=source.label, evidence=evidence),
            others=[
                SourceTool(name=one.name, label=one.label, evidence=why)
                for one, why in tools
                if one is not source
            ],
            tools=_all_tools(),
            files=files,
            left_out=[shown(one) for one in [*folder.left_out, *reading.left_out]],
            notes=[shown(one) for one in reading.notes],
            there=there,
            migrations_table=table,
            target_folder=str(resolved.migrations_dirs[0]) if resolved else None,
        )

    @staticmethod
    def _engine(resolved: Resolved | None, request: ConvertSource) -> Engine:
        name = resolved.engine.name if resolved else request.engine
        if name is None:
            raise InvalidRequest("Name a connection, or the engine the files are for.")
        engine = engine_named(str(name))
        if engine.tool != ToolName.DBMATE:
            raise NotSupported(
                f"{engine.label}'s migrations are no SQL: other tools' folders are not converted for it."
            )
        return engine

    def _downs(self, engine: Engine) -> MakeDown:
        def make(up: str, transaction: bool) -> tuple[str, bool, bool] | None:
            try:
                made = self._undo.generate(
                    connection=None,
                    engine=EngineName(engine.name),
                    up=up,
                    transaction=transaction,
                    live=False,
                )
            except AppError:
                return None
            return made.down, made.transaction, made.complete

        return make

    def _lay_over(self, resolved: Resolved, files: Sequence[ConvertedFile]) -> None:
        """What of them is in the target folder already."""
        here = self._migrations.index(resolved).scan().files
        by_name = {one.filename: one for one in here}
        versions = {one.version for one in here}
        for one in files:
            record = by_name.get(one.filename)
            body = (one.content or "").encode()
            if record is not None and record.sha256 == hashlib.sha256(body).hexdigest():
                one.state = "same"
            elif record is not None or one.version in versions:
                one.state = "taken"

    def _write(self, resolved: Resolved, chosen: Sequence[ConvertedFile]) -> dict[Path, str]:
        folder = resolved.migrations_dirs[0]
        changes: dict[Path, FileChange] = {}
        for one in chosen:
            path = inside(folder, one.filename)
            if one.state == "new":
                if path.is_symlink() or path.exists():
                    raise Conflict(f"There is something called {one.filename} already.", hint="Look again.")
                changes[path] = FileChange((one.content or "").encode(), None)
        self._journal.carry_out(changes)
        return {path: hashlib.sha256(change.content or b"").hexdigest() for path, change in changes.items()}

    def _take_back(self, resolved: Resolved, written: dict[Path, str], table: str | None) -> None:
        self._journal.carry_out({
            path: FileChange(None, sha256) for path, sha256 in written.items() if sha256_of(path) == sha256
        })  # fmt: skip
        if table is not None:
            self._connections.update(resolved.id, {"migrations_table": table}, confirm=resolved.name)

    def _mark(self, resolved: Resolved, filenames: Sequence[str], confirm: str | None) -> None:
        """As applied, those that are not. A database that is not there yet has nothing to mark."""
        if not filenames:
            return
        view = self._migrations.view(resolved.id)
        known = {one.filename for one in view.migrations if one.status == MigrationStatus.APPLIED}
        wanted = [one for one in filenames if one not in known]
        if wanted:
            self._runs.baseline(resolved.id, versions=wanted, mark="applied", confirm=confirm)


def _refuse_own(path: Path, resolved: Resolved | None) -> None:
    if resolved is None:
        return
    for folder in resolved.migrations_dirs:
        if path.resolve() == folder.resolve():
            raise Conflict(
                f"{path} is the migrations folder of {resolved.name} itself.",
                hint="Both tools' files side by side in one folder would be read by both. "
                "Give the connection a folder of its own first.",
            )


def _sha256(folder: Folder, source: Source, request: ConvertSource) -> str:
    asked = [source.name, sorted(request.placeholders.items()), request.generate_downs]
    return hashlib.sha256(f"{folder.sha256}\0{json.dumps(asked)}".encode()).hexdigest()


def _all_tools() -> list[SourceTool]:
    from .sources import SOURCES

    return [SourceTool(name=one.name, label=one.label) for one in SOURCES]


def _says(written: int, marked: int) -> str:
    said = f"{written} file{'s' if written != 1 else ''} written"
    return f"{said}, {marked} marked as applied." if marked else f"{said}; nothing was marked as applied."
