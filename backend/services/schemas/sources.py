"""The sides of a comparison, each read into a snapshot: live, from a file, replayed from migrations, from a revision."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from backend.core.context import current_job
from backend.core.errors import AppError, InvalidRequest, MigrationFailed, MigrationNotFound, NotFound
from backend.core.paths import given_path, storage_errors
from backend.core.redaction import learn_secret, redact
from backend.drivers import git_show
from backend.engine.registry import engine_named
from backend.engine.schema.model import Snapshot
from backend.engine.schema.port import schema_tools
from backend.engine.target import CancelToken, FailedBlock, Target
from backend.engine.tool import ToolRun
from backend.models.connection import EngineName
from backend.models.migration import Direction
from backend.models.schema_diff import SchemaSource, SourceInfo
from backend.services.connections import Connections, Resolved
from backend.services.migrations import MigrationService
from backend.services.url_secrets import understand

from .scratches import ScratchServer

_LONGEST_FILE = 64 << 20


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


class Sources:
    def __init__(self, connections: Connections, migrations: MigrationService) -> None:
        self._connections = connections
        self._migrations = migrations

    def understand(self, source: SchemaSource) -> Side:
        """What a source means. Reads files, reaches no server. Raises InvalidRequest, NotFound, InvalidUrl, …"""
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
        if source.engine is None:
            raise InvalidRequest(
                "A schema file does not tell its engine.", hint='Add "engine": "postgres", say.'
            )
        if source.text is not None:
            return Side(source, source.engine, "text", text=source.text)
        path = given_path(source.file or "")
        if not path.is_file():
            raise NotFound(f"There is no file {path}.")
        with storage_errors(path, "read"):
            if path.stat().st_size > _LONGEST_FILE:
                raise InvalidRequest(f"{path.name} is larger than {_LONGEST_FILE >> 20} MB.")
            data = path.read_bytes()
        return Side(source, source.engine, path.name, text=_decoded(data, path.name))

    def _from_migrations(self, source: SchemaSource, resolved: Resolved) -> Side:
        label = f"{resolved.name}, replayed"
        if source.revision is not None:
            return Side(
                source, resolved.engine.name, f"{label} at {source.revision}", resolved, files=(), folder=None
            )
        records = [record for record in self._migrations.index(resolved).scan().files if record.is_valid]
        if source.to is not None:
            known = {name for record in records for name in (record.version, record.filename)}
            if source.to not in known:
                raise MigrationNotFound(f"There is no migration {source.to}.")
            until = next(
                n for n, record in enumerate(records) if source.to in (record.version, record.filename)
            )
            records = records[: until + 1]
            label += f" to {source.to}"
        return Side(source, resolved.engine.name, label, resolved, files=[record.path for record in records])

    # -- reading -------------------------------------------------------------------------------------------------

    def read(self, side: Side, scratch: ScratchServer | None) -> Snapshot:
        """The side's schema. `scratch` is needed for everything that is not live."""
        tools = schema_tools(str(side.engine))
        _say(f"Reading {side.label}")
        if side.live is not None:
            return tools.snapshot(side.live)
        if scratch is None:
            raise InvalidRequest(f"{side.label} needs a scratch database.")
        with tools.scratch(scratch.target, "load") as target:
            if side.text is not None:
                loaded = tools.load(target, side.text, side.label)
                side.skipped += loaded.skipped
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
            skipped=[*side.skipped, *snapshot.problems],
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

    def _replay(self, side: Side, scratch: Target, files: Sequence[Path]) -> Target:
        """Run the files with the real tool, oldest first."""
        resolved = side.resolved
        if resolved is None or not files:
            return scratch
        target = dataclasses.replace(
            scratch,
            migrations_table=resolved.stored.migrations_table,
            env=self._connections.target(resolved).env if resolved else {},
        )
        request = ToolRun(
            target=target,
            setup=resolved.engine.tool_setup(target, "db-toolkit-replay"),
            direction=Direction.UP,
            files=list(files),
            folders=resolved.migrations_dirs,
        )
        job = current_job.get()
        cancel = job.cancel_token if job is not None else CancelToken()
        outcome = resolved.tool.run(request, lambda event: None, cancel)
        done = {one.version for one in resolved.engine.applied(target)}
        missing = [path.name for path in files if resolved.tool.version_of(path.name) not in done]
        if missing:
            explained = _explained(resolved, redact(outcome.error_text or outcome.output))
            raise MigrationFailed(
                f"{missing[0]} cannot be replayed on an empty database: {explained}",
                hint="A migration that only works on what is there already stops a replay; compare with the schema file.",
                file=missing[0],
                label=side.label,
            )
        return target


def _explained(resolved: Resolved, text: str) -> str:
    try:
        return resolved.engine.explain_failure(FailedBlock(text)).message
    except AppError as error:
        return error.message


def _decoded(data: bytes, name: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidRequest(f"{name} is not UTF-8 text (byte {error.start}).") from None


def _say(message: str) -> None:
    job = current_job.get()
    if job is not None:
        job.check_cancelled()
        job.progress(0, 0, message)


def engine_of(sides: Sequence[Side]) -> EngineName:
    """The one engine of both sides. Raises InvalidRequest where they differ."""
    names = {side.engine for side in sides}
    if len(names) > 1:
        labels = " and ".join(f"{side.label} ({engine_named(str(side.engine)).label})" for side in sides)
        raise InvalidRequest(f"{labels} cannot be compared: they are different engines.")
    return names.pop()
