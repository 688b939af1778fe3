"""Which files a preview shows: those a run would take, files named one by one, or a text that is not saved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from backend.core.envelope import envelope_error
from backend.core.errors import AppError, InvalidRequest
from backend.engine.target import Target
from backend.engine.tool import ParsedFile
from backend.models.migration import Direction, Migration, MigrationFlag, MigrationStatus
from backend.models.preview import PreviewRequest
from backend.services.connections import Connections
from backend.services.migrations import MigrationService, View
from backend.services.runs.plan import RunPlan, Selection, plan_down, plan_up
from backend.services.runs.service import Runs


@dataclass(slots=True)
class Chosen:
    view: View
    files: list[tuple[Migration | None, ParsedFile]]
    problems: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    losses: list[str] = field(default_factory=list)
    asks: bool = False


class Chooser:
    def __init__(self, connections: Connections, migrations: MigrationService, runs: Runs) -> None:
        self._connections = connections
        self._migrations = migrations
        self._runs = runs

    def choose(self, request: PreviewRequest) -> Chosen:
        """Raises InvalidRequest and MigrationNotFound for what is not there."""
        view = self._migrations.view(request.connection)
        if request.content is not None:
            chosen = self._text(view, request, request.content)
        elif view.problem is not None:
            chosen = self._unread(view, request)
        else:
            chosen = self._planned(view, request)
        if view.resolved.stored.read_only and chosen.files:
            chosen.warnings.append("This connection is read-only: a run of these is refused.")
        return chosen

    # -- from the folder -----------------------------------------------------------------------------------------

    def _planned(self, view: View, request: PreviewRequest) -> Chosen:
        try:
            plan = self._runs.plan(
                request.connection,
                request.direction,
                request.versions,
                request.to,
                request.count,
                request.allow_out_of_order,
            )
        except AppError as error:
            return self._named(view, request, error)
        files = self._read(view, plan["migrations"])
        return Chosen(
            view, files, plan["problems"], plan["warnings"], plan["losses"], plan["needs_confirmation"]
        )

    def _named(self, view: View, request: PreviewRequest, error: AppError) -> Chosen:
        """Files that no run would take (already applied, say) can be looked at all the same."""
        wanted = set(request.versions or ())
        found = [one for one in view.migrations if wanted & {one.version, one.filename}]
        if not found or request.to is not None or request.count is not None:
            raise error
        named = {name for one in found for name in (one.version, one.filename)}
        if wanted - named:
            raise error
        if request.direction == Direction.DOWN:
            found.reverse()
        return Chosen(view, self._read(view, found), [envelope_error(error)])

    def _unread(self, view: View, request: PreviewRequest) -> Chosen:
        """Without the database: what is applied is known from the ledger alone."""
        selection = Selection(request.versions, request.to, request.count)
        try:
            if request.direction == Direction.UP:
                plan = plan_up(view.migrations, selection, allow_out_of_order=True)
            else:
                plan = plan_down(view.migrations, selection, allow_out_of_order=True)
        except AppError as error:
            return self._named(view, request, error)
        assert view.problem is not None
        problems = [envelope_error(view.problem), *(envelope_error(one) for one in plan.problems)]
        files = self._read(view, plan.migrations)
        losses = self._losses(view, None, plan, [parsed for _, parsed in files])
        warnings = [
            *plan.warnings,
            "What is applied is taken from what DB Toolkit ran, not from the database.",
        ]
        asks = bool(files) and (bool(losses) or view.resolved.is_production)
        return Chosen(view, files, problems, warnings, losses, asks)

    def _read(self, view: View, migrations: Sequence[Migration]) -> list[tuple[Migration | None, ParsedFile]]:
        index = self._migrations.index(view.resolved)
        records = {record.filename: record for record in view.scan.files}
        found: list[tuple[Migration | None, ParsedFile]] = []
        for one in migrations:
            if one.filename in records:
                found.append((one, index.read(records[one.filename])))
            elif MigrationFlag.MISSING_FILE not in one.flags:
                raise InvalidRequest(f"There is no file {one.filename}.")
        return found

    # -- a text --------------------------------------------------------------------------------------------------

    def _text(self, view: View, request: PreviewRequest, content: str) -> Chosen:
        if request.to is not None or request.count is not None or len(request.versions or ()) > 1:
            raise InvalidRequest(
                "With `content`, `versions` names one file or none, and `to` and `count` are absent."
            )
        resolved = view.resolved
        migration: Migration | None = None
        folder = resolved.migrations_dirs[0]
        suffix = ".js" if resolved.engine.dialect is None else ".sql"
        filename = f"20000101000000_new{suffix}"
        if request.versions:
            record = self._migrations.index(resolved).find(request.versions[0])
            folder, filename = record.path.parent, record.filename
            migration = next((one for one in view.migrations if one.filename == filename), None)
        parsed = resolved.tool.parse(folder / filename, content.encode(errors="surrogateescape"))
        problems = [envelope_error(view.problem)] if view.problem is not None else []
        target = self._connections.target(resolved) if view.problem is None else None
        stand_in = migration or Migration(
            version=parsed.version,
            name=parsed.name,
            filename=filename,
            path=str(parsed.path),
            status=MigrationStatus.PENDING,
        )
        losses = self._losses(view, target, RunPlan(request.direction, [stand_in]), [parsed])
        return Chosen(
            view, [(migration, parsed)], problems, [], losses, bool(losses) or resolved.is_production
        )

    def _losses(
        self, view: View, target: Target | None, plan: RunPlan, read: Sequence[ParsedFile]
    ) -> list[str]:
        return self._runs.losses(view, target, plan, read) if read else []
