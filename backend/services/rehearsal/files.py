"""Which files are rehearsed: chosen as a run would choose them, or one text that is not saved yet."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from backend.core.clock import utc_now
from backend.core.errors import AppError, InvalidRequest, MigrationApplied, MigrationInvalid
from backend.core.paths import inside, storage_errors
from backend.engine.rehearsal.port import RehearsalTools
from backend.engine.target import Target
from backend.engine.tool import ParsedFile
from backend.models.migration import Direction, Migration, MigrationStatus
from backend.models.rehearsal import RehearseRequest
from backend.services.connections import Resolved
from backend.services.migrations import MigrationService, View
from backend.services.runs.plan import RunPlan, Selection, plan_down, plan_up


@dataclass(frozen=True, slots=True)
class ChosenFile:
    """A file as it was read once: what is measured, and what the tool gets, is this text."""

    parsed: ParsedFile
    path: Path
    """Where the tool finds it: a copy, for SQL; in its place, for scripts that ask for files beside them."""

    @property
    def version(self) -> str:
        return self.parsed.version

    @property
    def filename(self) -> str:
        return self.path.name

    @property
    def sha256(self) -> str:
        return self.parsed.sha256


@dataclass(slots=True)
class Chosen:
    view: View
    direction: Direction
    files: list[ChosenFile]
    """In the order they run."""
    first: list[ChosenFile] = field(default_factory=list)
    """Pending ones that would run before a text that is not saved: they are applied, not measured."""
    problems: list[str] = field(default_factory=list)


class Chooser:
    def __init__(self, migrations: MigrationService) -> None:
        self._migrations = migrations

    @contextmanager
    def chosen(self, request: RehearseRequest) -> Iterator[Chosen]:
        """The files, readable until the end. Raises what refuses a run of them."""
        view = self._migrations.view(request.connection)
        if view.problem is not None:
            raise view.problem
        with tempfile.TemporaryDirectory(prefix="db-toolkit-rehearsal-") as folder:
            copies = Path(folder)
            if request.content is not None:
                yield self._of_text(view, request, copies)
            else:
                plan = _plan(view, request)
                files = [self._of_file(view, one, copies) for one in plan.migrations]
                yield Chosen(view, request.direction, files, problems=list(plan.warnings))

    def _of_file(self, view: View, migration: Migration, copies: Path) -> ChosenFile:
        record = next((one for one in view.scan.files if one.filename == migration.filename), None)
        if record is None:
            raise MigrationInvalid(f"{migration.filename} is no longer there.")
        with storage_errors(record.path, "read"):
            data = record.path.read_bytes()
        return _kept(view.resolved, record.path, data, copies)

    def _of_text(self, view: View, request: RehearseRequest, copies: Path) -> Chosen:
        resolved = view.resolved
        if request.direction is Direction.DOWN:
            raise InvalidRequest("A text that is not saved is rehearsed up: it is not applied anywhere.")
        if request.to is not None or request.count is not None or len(request.versions or ()) > 1:
            raise InvalidRequest("With `content`, give the filename in `versions`, or nothing.")
        name = request.versions[0] if request.versions else None
        known = next((one for one in view.migrations if name in (one.filename, one.version)), None)
        if known is not None and known.status == MigrationStatus.APPLIED:
            raise MigrationApplied(
                f"{known.filename} is applied to {resolved.name}, so it would run on what it made itself.",
                hint="Rehearse its rollback (direction down), or save the change as a new migration.",
            )
        filename = known.filename if known is not None else name
        if filename is None or not resolved.tool.is_migration(filename):
            filename = resolved.tool.new_filename(
                "unsaved", utc_now(), [one.filename for one in view.scan.files]
            )
        data = (request.content or "").encode("utf-8", "surrogateescape")
        file = _kept(resolved, inside(copies, filename), data, copies, in_copies=True)
        errors = [one for one in file.parsed.problems if one.severity == "error"]
        if errors:
            raise MigrationInvalid(
                f"{filename}: {errors[0].message}",
                hint="Mend the text; nothing has run.",
                files=[filename],
                problems=[{"file": filename, **one.model_dump()} for one in errors[:5]],
            )
        order = resolved.tool.sort_key
        before = [
            one
            for one in view.migrations
            if one.status != MigrationStatus.APPLIED and order(one.filename) < order(filename)  # type: ignore[operator]
        ]
        problems: list[str] = []
        first: list[ChosenFile] = []
        for one in before:
            try:
                first.append(self._of_file(view, one, copies))
            except AppError as error:
                problems.append(f"{one.filename} is pending and was left out: {error.message}")
        return Chosen(view, request.direction, [file], first, problems)


def as_own(chosen: Chosen, tools: RehearsalTools, source: Target) -> list[str]:
    """Let files that name the database they are for mean the scratch, in the copies that are run; the names of those that
    were changed."""
    resolved = chosen.view.resolved
    if resolved.tool.language != "sql":
        return []
    changed: list[str] = []
    for files in (chosen.files, chosen.first):
        for place, file in enumerate(files):
            text = tools.as_own(source, file.parsed.content)
            if text == file.parsed.content:
                continue
            data = text.encode("utf-8", "surrogateescape")
            with storage_errors(file.path, "write"):
                file.path.write_bytes(data)
            # It is still the rehearsal of the file as it was saved.
            parsed = replace(resolved.tool.parse(file.path, data), sha256=file.sha256)
            files[place] = ChosenFile(parsed, file.path)
            changed.append(file.filename)
    return changed


def _plan(view: View, request: RehearseRequest) -> RunPlan:
    selection = Selection(request.versions, request.to, request.count)
    if request.direction is Direction.UP:
        plan = plan_up(view.migrations, selection, allow_out_of_order=True)
    else:
        plan = plan_down(view.migrations, selection, allow_out_of_order=True)
    for problem in plan.problems:
        raise problem
    if not plan.migrations:
        what = "pending" if request.direction is Direction.UP else "applied"
        raise InvalidRequest(
            f"There is nothing to rehearse: nothing is {what} on {view.resolved.name}.",
            hint="Choose a migration, or write one.",
        )
    return plan


def _kept(
    resolved: Resolved, path: Path, data: bytes, copies: Path, *, in_copies: bool = False
) -> ChosenFile:
    parsed = resolved.tool.parse(path, data)
    if resolved.tool.language != "sql" and not in_copies:
        return ChosenFile(parsed, path)
    copy = inside(copies, path.name)
    with storage_errors(copy, "write"):
        copy.write_bytes(data)
    return ChosenFile(parsed, copy)
