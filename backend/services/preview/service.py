"""preview:show: files or a text, what they are going to do. Reads the text and the catalog; runs nothing of it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from backend.core.clock import utc_now
from backend.core.errors import AppError
from backend.engine.forecast.known import NOTHING_KNOWN, Known
from backend.engine.forecast.port import EngineForecast, forecast_of
from backend.engine.handed import one_reading
from backend.engine.lint.engine_lint import EngineLint
from backend.engine.lint.facts import Facts
from backend.engine.lint.registry import lint_of
from backend.engine.lint.scene import Scene
from backend.engine.target import Target
from backend.models.finding import Finding
from backend.models.migration import Direction
from backend.models.preview import Preview, PreviewFile, PreviewRequest
from backend.models.rehearsal import RehearsalNote
from backend.services.analytics.service import Analytics
from backend.services.connections import Connections
from backend.services.migrations import MigrationService, View
from backend.services.runs.service import Runs
from backend.services.validation import ValidationService
from backend.store.ledger_stats import LedgerStats

from .chosen import Chooser, Chosen
from .counting import Counts
from .downcheck import draft_of, finished
from .estimates import total
from .live import read_known
from .past import Past, read_past
from .reading import MOST_SHOWN, ReadFile, give_findings, read_file, tables_of
from .statements import Shown, show_file, show_group
from .sums import counts_of, worst_of

_log = logging.getLogger(__name__)

NoteOf = Callable[[View, str, str], RehearsalNote | None]
"""(view, filename, sha256) → what is remembered of the file's last rehearsal."""


class PreviewService:
    def __init__(
        self,
        connections: Connections,
        migrations: MigrationService,
        runs: Runs,
        validation: ValidationService,
        analytics: Analytics,
        stats: LedgerStats,
        note: NoteOf,
    ) -> None:
        self._connections = connections
        self._validation = validation
        self._analytics = analytics
        self._stats = stats
        self._note = note
        self._chooser = Chooser(connections, migrations, runs)

    def show(self, request: PreviewRequest) -> Preview:
        """Everything that can be told; a database that cannot be reached leaves sizes, rows and existence unknown."""
        with one_reading():
            return self._show(request)

    def _show(self, request: PreviewRequest) -> Preview:
        chosen = self._chooser.choose(request)
        resolved = chosen.view.resolved
        forecast, lint = forecast_of(resolved.engine.name), lint_of(resolved.engine.name)
        files = [read_file(parsed, one, request.direction, lint) for one, parsed in chosen.files]
        known, target, problem = self._known(chosen, files, forecast)
        findings = self._findings(request, chosen, files)
        past = read_past(
            self._stats, self._analytics, resolved.id, resolved.engine.name.value, request.direction
        )
        shown = self._statements(request.direction, files, findings, known, forecast, past)
        counts = Counts(forecast, target, problem)
        shown_files = self._finish(
            request, chosen, files, shown, known, past, counts, lint, forecast, findings
        )
        statements = [one for file in shown_files for one in file.statements]
        return Preview(
            connection=resolved.id,
            connection_name=resolved.name,
            engine=resolved.engine.name.value,
            environment=resolved.stored.environment,
            direction=request.direction,
            files=shown_files,
            counts=counts_of(entry for per_file in shown for entry in per_file),
            risk=worst_of(
                [
                    *(one.risk for one in statements),
                    *(finding.severity for file in shown_files for finding in file.findings),
                ]
            ),
            not_understood=sum(
                statement.problem is not None
                for file in files
                if file.half is not None
                for statement in file.half.statements
            ),
            estimate=total([one.estimate for one in shown_files], "file"),
            losses=chosen.losses,
            needs_confirmation=chosen.asks,
            confirm=resolved.name if chosen.asks else None,
            problems=chosen.problems,
            warnings=chosen.warnings,
            database_read=known.is_read,
            database_problem=problem,
            read_at=utc_now(),
        )

    # -- what is known -------------------------------------------------------------------------------------------

    def _known(
        self, chosen: Chosen, files: Sequence[ReadFile], forecast: EngineForecast
    ) -> tuple[Known, Target | None, str | None]:
        """(the catalog, whom to ask for rows, why the database was not read)."""
        if chosen.view.problem is not None:
            return NOTHING_KNOWN, None, chosen.view.problem.message
        resolved = chosen.view.resolved
        if not chosen.view.database_exists:
            return NOTHING_KNOWN, None, "The database does not exist yet."
        try:
            target = self._connections.target(resolved)
            named = {
                str(name): name
                for file in files
                if file.half is not None
                for group in file.groups
                for name in tables_of(forecast.meant(file.half, group.first))
            }
            return read_known(resolved.engine, target, named.values()), target, None
        except AppError as error:
            _log.info("A preview goes without the database", exc_info=True)
            return NOTHING_KNOWN, None, error.message

    def _findings(
        self, request: PreviewRequest, chosen: Chosen, files: Sequence[ReadFile]
    ) -> dict[str, list[Finding]]:
        """By filename; those of statements are handed to them later."""
        if not files:
            return {}
        try:
            if request.content is not None:
                version = request.versions[0] if request.versions else None
                found = self._validation.validate(
                    request.connection, version=version, content=request.content
                )
            else:
                names = [file.parsed.filename for file in files]
                found = self._validation.validate(request.connection, versions=names)
        except AppError as error:
            chosen.warnings.append(f"The risk rules were not asked: {error.message}")
            return {}
        return {one.filename: list(one.findings) for one in found.files}

    # -- statements ----------------------------------------------------------------------------------------------

    def _statements(
        self,
        direction: Direction,
        files: Sequence[ReadFile],
        findings: dict[str, list[Finding]],
        known: Known,
        forecast: EngineForecast,
        past: Past,
    ) -> list[list[Shown]]:
        """One scene goes through all files: what the first makes, the second finds."""
        scene = Scene(Facts.of_catalog(known.catalog) if known.catalog is not None else None)
        touched: dict[str, str] = {}
        shown: list[list[Shown]] = []
        for file in files:
            rest = give_findings(file, direction, findings.get(file.parsed.filename, []))
            findings[file.parsed.filename] = rest
            mine: list[Shown] = []
            for group in file.groups:
                assert file.half is not None
                is_shown = len(mine) < MOST_SHOWN
                mine.append(show_group(file, group, scene, known, forecast, touched, is_shown=is_shown))
                for statement in group.statements:
                    for op in statement.ops:
                        scene.apply(op)
            shown.append(mine)
        return shown

    def _finish(
        self,
        request: PreviewRequest,
        chosen: Chosen,
        files: Sequence[ReadFile],
        shown: list[list[Shown]],
        known: Known,
        past: Past,
        counts: Counts,
        lint: EngineLint | None,
        forecast: EngineForecast,
        rest: dict[str, list[Finding]],
    ) -> list[PreviewFile]:
        other = "down" if request.direction == Direction.UP else "up"
        drafts = [draft_of(file, forecast, lint, other, known) for file in files]
        counts.ask([one for mine in shown for one in mine], drafts, known)
        result: list[PreviewFile] = []
        for file, mine, draft in zip(files, shown, drafts, strict=True):
            told = show_file(file, mine, request.direction, known, past)
            told.findings = rest.get(file.parsed.filename, [])
            told.down = finished(
                draft,
                other,
                {one.index: one.rows for one in mine if one.rows},
                counts.lost,
                of_documents=forecast.dialect is None,
            )
            if told.sha256 is not None and request.content is None:
                told.rehearsal = self._note(chosen.view, file.parsed.filename, told.sha256)
            result.append(told)
        return result
