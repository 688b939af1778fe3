"""The sides of a comparison, understood: what a source means, whose it is, and the text or files it stands for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from backend.core.errors import InvalidRequest, MigrationNotFound, NotFound
from backend.core.paths import given_path, storage_errors
from backend.core.redaction import learn_secret
from backend.drivers import git_show
from backend.engine.registry import engine_named
from backend.engine.target import Target
from backend.models.connection import EngineName
from backend.models.schema_diff import SchemaSource
from backend.services.connections import Connections, Resolved
from backend.services.migrations import MigrationService
from backend.services.url_secrets import understand

_LONGEST_FILE = 64 << 20
_SQLITE_FILE = b"SQLite format 3\0"
_ARCHIVE = b"PGDMP"


@dataclass(slots=True)
class Side:
    """One side, understood but not read yet."""

    source: SchemaSource
    engine: EngineName
    label: str
    resolved: Resolved | None = None
    live: Target | None = None
    """Where it is a live database."""
    text: str | None = None
    """A schema file's text."""
    files: Sequence[Path] = ()
    """Migration files to be replayed."""
    folder: Path | None = None
    skipped: list[str] = field(default_factory=list)
    """What of it could not be loaded, and why: whatever it would have made counts as not there."""
    notes: list[str] = field(default_factory=list)
    """What was loaded in another way than it would be elsewhere."""


class Sides:
    def __init__(self, connections: Connections, migrations: MigrationService) -> None:
        self._connections = connections
        self._migrations = migrations

    def understand_all(self, sources: Sequence[SchemaSource]) -> list[Side]:
        """Each source; a file without `engine` is of the engine of the others."""
        told = [self.understand(one) for one in sources if not _needs_engine(one)]
        engines = {side.engine for side in told}
        found = iter(told)
        return [
            self.understand(one.model_copy(update={"engine": min(engines)}) if engines else one)
            if _needs_engine(one)
            else next(found)
            for one in sources
        ]

    def understand(self, source: SchemaSource) -> Side:
        """What a source means. Reads files; asks a server only for what is applied. Raises InvalidRequest, NotFound, …"""
        given = [
            name
            for name in ("connection", "file", "text", "url", "migrations")
            if getattr(source, name) is not None
        ]
        if len(given) != 1:
            raise InvalidRequest(
                "A side is exactly one of connection, file, text, url or migrations.",
                hint='For example {"connection": "shop"} or {"file": "schema.sql", "engine": "postgres"}.',
            )
        if source.url is not None:
            engine, checked = understand(source.url.strip())
            learn_secret(engine.password_of(checked))
            live = Target(str(engine.name), checked, Path.cwd(), engine.default_migrations_table)
            return Side(source, engine.name, engine.redact_url(checked), live=live)
        if source.file is not None or source.text is not None:
            return self._from_file(source)
        resolved = self._connections.resolve(source.connection or source.migrations or "")
        engine_name = resolved.engine.name
        if source.migrations is not None:
            return self._from_migrations(source, resolved)
        if source.revision is not None:
            text = git_show.read(resolved.schema_file, source.revision)
            if text is None:
                raise NotFound(
                    f"{resolved.schema_file.name} is not in revision {source.revision}.",
                    hint="Compare the migrations of that revision instead.",
                )
            label = f"{resolved.schema_file.name} at {source.revision}"
            return Side(source, engine_name, label, resolved, text=_decoded(text, label))
        return Side(source, engine_name, resolved.name, resolved, live=self._connections.target(resolved))

    def _from_file(self, source: SchemaSource) -> Side:
        if source.text is not None:
            return Side(source, _told(source), "text", text=source.text)
        path = given_path(source.file or "")
        if not path.is_file():
            raise NotFound(
                f"There is no file {path}.",
                hint="A connection's own schema file is written by Database → Dump schema.",
            )
        with storage_errors(path, "read"):
            data = _head(path)
            if not data.startswith(_SQLITE_FILE) and path.stat().st_size > _LONGEST_FILE:
                raise InvalidRequest(f"{path.name} is larger than {_LONGEST_FILE >> 20} MB.")
            data = data if data.startswith(_SQLITE_FILE) else path.read_bytes()
        if data.startswith(_SQLITE_FILE):
            live = Target(
                "sqlite", f"sqlite:{path.resolve()}", path.parent, "schema_migrations", read_only=True
            )
            return Side(source, EngineName.SQLITE, path.name, live=live)
        if data.startswith(_ARCHIVE):
            raise InvalidRequest(
                f"{path.name} is an archive of pg_dump, not text.",
                hint=f"Make text of it: pg_restore --schema-only --file schema.sql {path.name}",
            )
        return Side(source, _told(source), path.name, text=_decoded(data, path.name))

    def _from_migrations(self, source: SchemaSource, resolved: Resolved) -> Side:
        label = f"{resolved.name}, replayed"
        if source.revision is not None:
            return Side(
                source, resolved.engine.name, f"{label} at {source.revision}", resolved, files=(), folder=None
            )
        if source.applied:
            return self._from_applied(source, resolved)
        files = self._migrations.index(resolved).scan().files
        records = [record for record in files if record.is_valid]
        if source.to is not None:
            known = {name for record in records for name in (record.version, record.filename)}
            if source.to not in known:
                raise MigrationNotFound(f"There is no migration {source.to}.")
            until = next(
                n for n, record in enumerate(records) if source.to in (record.version, record.filename)
            )
            records = records[: until + 1]
            label += f" to {source.to}"
        side = Side(source, resolved.engine.name, label, resolved, files=[record.path for record in records])
        last = records[-1].order if source.to is not None and records else None
        side.skipped += [
            f"{record.filename} is not valid and was left out"
            for record in files
            if not record.is_valid and (last is None or record.order < last)
        ]
        return side

    def _from_applied(self, source: SchemaSource, resolved: Resolved) -> Side:
        """The files of what the migrations table says is applied; what has no file is named."""
        view = self._migrations.view(resolved.id)
        if view.applied is None:
            raise view.problem or NotFound("The migrations table cannot be read.")
        applied = {one.version for one in view.applied}
        files = {one.version: one for one in reversed(view.scan.files) if one.version in applied}
        side = Side(source, resolved.engine.name, f"{resolved.name}, applied migrations replayed", resolved)
        side.files = [one.path for one in view.scan.files if files.get(one.version) is one]
        side.skipped += [
            f"{version} is applied, but its file is missing" for version in sorted(applied - files.keys())
        ]
        return side


def _needs_engine(source: SchemaSource) -> bool:
    """Whether the other side has to tell: a file or text that does not."""
    if source.engine is not None or (source.file is None and source.text is None):
        return False
    if source.file is None:
        return True
    path = given_path(source.file)
    return not (path.is_file() and _head(path) == _SQLITE_FILE)


def _told(source: SchemaSource) -> EngineName:
    if source.engine is None:
        raise InvalidRequest("A schema file does not tell its engine.", hint='Add "engine": "postgres", say.')
    return source.engine


def _head(path: Path) -> bytes:
    with storage_errors(path, "read"), path.open("rb") as stream:
        return stream.read(len(_SQLITE_FILE))


def _decoded(data: bytes, name: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidRequest(f"{name} is not UTF-8 text (byte {error.start}).") from None


def engine_of(sides: Sequence[Side]) -> EngineName:
    """The one engine of both sides. Raises InvalidRequest where they differ."""
    names = {side.engine for side in sides}
    if len(names) > 1:
        labels = " and ".join(f"{side.label} ({engine_named(str(side.engine)).label})" for side in sides)
        raise InvalidRequest(f"{labels} cannot be compared: they are different engines.")
    return names.pop()
