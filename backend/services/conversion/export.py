"""Migrations under the names of another tool, for those who leave. For the bare dbmate nothing is to do."""

from __future__ import annotations

from pathlib import Path

from backend.core.errors import Conflict, InvalidRequest, MigrationNotFound, NotSupported
from backend.core.paths import given_path, inside, storage_errors
from backend.engine.tool import ParsedFile
from backend.models.connection import ToolName
from backend.models.conversion import ConversionNote, ConvertExported, ConvertExportRequest
from backend.services.connections import Connections
from backend.services.migrations import MigrationService, View
from backend.store.journal import FileChange, Journal


class ToolExport:
    def __init__(self, connections: Connections, migrations: MigrationService, journal: Journal) -> None:
        self._connections = connections
        self._migrations = migrations
        self._journal = journal

    def export(self, request: ConvertExportRequest) -> ConvertExported:
        """Write V…__name.sql and U…, or ….up.sql and ….down.sql: all of them or none.

        Raises Conflict where the folder is not empty, NotSupported for MongoDB, MigrationNotFound, InvalidRequest for a
        file that dbmate itself would not read.
        """
        if self._connections.resolve(request.connection).tool.name != ToolName.DBMATE:
            raise NotSupported("MongoDB's migrations are JavaScript: these tools have no place for them.")
        view = self._migrations.view(request.connection)
        folder = given_path(request.path)
        _must_be_empty(folder)
        bodies: dict[str, bytes] = {}
        notes: list[ConversionNote] = []
        for parsed in self._chosen(view, request.versions):
            for name, text in _files(parsed, request.tool, notes).items():
                if name in bodies:
                    raise Conflict(
                        f"Two migrations would both be {name}.", hint="Renumber one of them first."
                    )
                bodies[name] = text.encode()
        changes = {inside(folder, name): FileChange(body, None) for name, body in bodies.items()}
        with storage_errors(folder, "create"):
            folder.mkdir(parents=True, exist_ok=True)
        self._journal.carry_out(changes)
        count = len(bodies)
        return ConvertExported(
            path=str(folder),
            files=sorted(bodies),
            notes=notes,
            says=f"{count} file{'s' if count != 1 else ''} written. What is applied is not recorded for {request.tool}.",
        )

    def _chosen(self, view: View, versions: list[str] | None) -> list[ParsedFile]:
        index = self._migrations.index(view.resolved)
        records = [
            one
            for one in view.scan.files
            if versions is None or one.version in versions or one.filename in versions
        ]
        if not records:
            raise MigrationNotFound("There is no migration to export.")
        found = [index.read(record) for record in records]
        for one in found:
            if not one.is_valid or one.up is None:
                raise InvalidRequest(
                    f"dbmate would not read {one.filename}; mend it first.", filename=one.filename
                )
        return found


def _files(parsed: ParsedFile, tool: str, notes: list[ConversionNote]) -> dict[str, str]:
    """Name → text of one migration."""
    assert parsed.up is not None
    words = parsed.name or "migration"
    up, down = parsed.up, parsed.down
    found: dict[str, str] = {}
    if tool == "flyway":
        found[f"V{parsed.version}__{words}.sql"] = up.body + "\n"
        halves = [(f"V{parsed.version}__{words}.sql", up.transaction)]
        if parsed.has_down and down is not None:
            found[f"U{parsed.version}__{words}.sql"] = down.body + "\n"
            halves.append((f"U{parsed.version}__{words}.sql", down.transaction))
        for name, transaction in halves:
            if not transaction:
                found[f"{name}.conf"] = "executeInTransaction=false\n"
        if "${" in up.body or (down is not None and "${" in down.body):
            said = "It holds `${`, which Flyway takes for a placeholder: set placeholderReplacement=false."
            notes.append(ConversionNote(file=parsed.filename, message=said))
        return found
    found[f"{parsed.version}_{words}.up.sql"] = up.body + "\n"
    if parsed.has_down and down is not None:
        found[f"{parsed.version}_{words}.down.sql"] = down.body + "\n"
    if not up.transaction:
        said = "transaction:false has no counterpart; golang-migrate sends the file as it is, without BEGIN."
        notes.append(ConversionNote(file=parsed.filename, message=said))
    if len(parsed.version.lstrip("0")) > 18:
        notes.append(
            ConversionNote(
                file=parsed.filename, message="Its version is too large a number for golang-migrate."
            )
        )
    return found


def _must_be_empty(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise Conflict(f"{folder} is a file.", hint="Choose an empty folder.")
    with storage_errors(folder, "read"):
        if folder.is_dir() and any(folder.iterdir()):
            raise Conflict(
                f"{folder} is not empty.", hint="Choose an empty folder, or a new one.", path=str(folder)
            )
