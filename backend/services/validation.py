"""Validation: the file's form by its tool, the statements by their engine's parser and the risk rules.

Facts of the live database (rows, indexes) belong to pending files only; an applied file is judged by its text.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backend.core.errors import AppError, InvalidRequest
from backend.engine.lint.facts import Facts
from backend.engine.lint.linter import Options, Report, lint_file
from backend.engine.lint.registry import lint_of
from backend.engine.lint.source import of_parsed
from backend.engine.port import Engine
from backend.engine.tool import ParsedFile
from backend.models.connection import EngineName
from backend.models.finding import Severity
from backend.models.migration import Migration, MigrationFlag, MigrationStatus
from backend.models.validation import FileReport, Validation
from backend.store.settings import SettingsStore

from .connections import Connections, Resolved
from .migrations import MigrationService

_FACTS_KEPT_S = 10.0
_REPORTS_KEPT = 20_000
# A problem of the file's form as severe as a finding: what the tool refuses stops the run.
_FORM_SEVERITY = {"error": Severity.HIGH, "warning": Severity.LOW}


@dataclass(frozen=True)
class _KnownFacts:
    read_at: float
    facts: Facts | None
    version: tuple[int, ...] | None
    note: str | None


class ValidationService:
    def __init__(
        self, connections: Connections, migrations: MigrationService, settings: SettingsStore
    ) -> None:
        self._connections = connections
        self._migrations = migrations
        self._settings = settings
        self._lock = threading.Lock()
        self._facts: dict[str, _KnownFacts] = {}
        self._reports: OrderedDict[tuple[object, ...], Report] = OrderedDict()

    def validate(
        self,
        connection: str,
        versions: Sequence[str] | None = None,
        scope: str = "pending",
        version: str | None = None,
        content: str | None = None,
    ) -> Validation:
        """Judge the connection's files: the named ones, the pending ones, or all; or `content` as `version` would be.

        Raises MigrationNotFound for a version that is not there.
        """
        if content is not None:
            return self._of_text(connection, content, version)
        view = self._migrations.view(connection)
        index = self._migrations.index(view.resolved)
        chosen = _choose(view.migrations, versions, scope)
        known = self._known_facts(view.resolved)
        records = {record.filename: record for record in view.scan.files}
        reports, new_tables = [], list[str]()
        for migration in chosen:
            parsed = index.read(records[migration.filename])
            is_pending = migration.status != MigrationStatus.APPLIED
            report = self._lint(view.resolved, parsed, migration, known if is_pending else None, new_tables)
            if is_pending:
                new_tables += report.creates
            reports.append(_file_report(parsed, report, migration))
        return _validation(
            view.resolved.engine.name, reports, known, lint_of(view.resolved.engine.name) is not None
        )

    def of_folder(self, engine: Engine, files: Iterable[ParsedFile]) -> Validation:
        """Judge files without a database, as a pipeline does."""
        reports = [
            _file_report(
                parsed, lint_file(of_parsed(parsed), engine.name, self._options(None, frozenset())), None
            )
            for parsed in files
        ]
        no_facts = _KnownFacts(0, None, None, "No database was looked at: row counts are unknown.")
        return _validation(engine.name, reports, no_facts, lint_of(engine.name) is not None)

    # -- inside --------------------------------------------------------------------------------------------------

    def _of_text(self, connection: str, content: str, version: str | None) -> Validation:
        """An editor's unsaved text."""
        view = self._migrations.view(connection)
        resolved = view.resolved
        migration = None
        if version is not None:
            record = self._migrations.index(resolved).find(version)
            migration = next((one for one in view.migrations if one.filename == record.filename), None)
        suffix = ".js" if resolved.engine.dialect is None else ".sql"
        filename = migration.filename if migration else f"20000101000000_new{suffix}"
        parsed = resolved.tool.parse(
            resolved.migrations_dirs[0] / filename, content.encode(errors="surrogateescape")
        )
        is_pending = migration is None or migration.status != MigrationStatus.APPLIED
        known = self._known_facts(resolved) if is_pending else _KnownFacts(0, None, None, None)
        earlier = [one for one in view.migrations if one.status != MigrationStatus.APPLIED]
        before = earlier[: earlier.index(migration)] if migration in earlier else earlier
        report = self._lint(resolved, parsed, migration, known, self._creates(resolved, before, known))
        return _validation(
            resolved.engine.name,
            [_file_report(parsed, report, migration)],
            known,
            lint_of(resolved.engine.name) is not None,
        )

    def _creates(self, resolved: Resolved, migrations: Sequence[Migration], known: _KnownFacts) -> list[str]:
        """Tables that pending files before this one make."""
        index = self._migrations.index(resolved)
        found: list[str] = []
        for migration in migrations[:200]:
            try:
                parsed = index.read(index.find(migration.filename))
            except AppError:
                continue
            found += self._lint(resolved, parsed, migration, known, found).creates
        return found

    def _lint(
        self,
        resolved: Resolved,
        parsed: ParsedFile,
        migration: Migration | None,
        known: _KnownFacts | None,
        new_tables: Sequence[str],
    ) -> Report:
        disabled = frozenset(
            [*self._settings.current().lint.disabled, *resolved.stored.options.get("disabled_rules", [])]
        )
        flags: frozenset[MigrationFlag] = frozenset(migration.flags) if migration else frozenset()
        facts = known.facts if known else None
        key = (
            parsed.sha256,
            parsed.filename,
            resolved.stored.engine,
            flags,
            disabled,
            id(facts),
            tuple(new_tables),
        )
        with self._lock:
            cached = self._reports.get(key)
            if cached is not None:
                self._reports.move_to_end(key)
                return cached
        if facts is not None and new_tables:
            from dataclasses import replace

            facts = replace(facts, new_tables=frozenset(name.casefold() for name in new_tables))
        version = known.version if known else None
        source = of_parsed(parsed, flags)
        report = lint_file(source, resolved.engine.name, Options(facts, version, disabled))
        with self._lock:
            self._reports[key] = report
            while len(self._reports) > _REPORTS_KEPT:
                self._reports.popitem(last=False)
        return report

    def _options(self, facts: Facts | None, disabled: frozenset[str]) -> Options:
        return Options(facts, None, disabled | frozenset(self._settings.current().lint.disabled))

    def _known_facts(self, resolved: Resolved) -> _KnownFacts:
        """The catalog with its row estimates, read again after a few seconds; None and a note where it cannot be."""
        now = time.monotonic()
        with self._lock:
            known = self._facts.get(resolved.id)
        if known is not None and now - known.read_at < _FACTS_KEPT_S:
            return known
        try:
            target = self._connections.target(resolved)
            facts: Facts | None = Facts.of_catalog(resolved.engine.catalog(target))
            version, note = _version(resolved.engine.probe(target).version), None
        except AppError as error:
            facts, version = None, None
            note = f"The database was not looked at, so row counts are unknown: {error.message}"
        if known is not None and known.facts is not None and facts == known.facts:
            # The same facts keep their identity, and with it the reports that were made with them.
            facts = known.facts
        fresh = _KnownFacts(now, facts, version, note)
        with self._lock:
            self._facts[resolved.id] = fresh
        return fresh


def _choose(migrations: Sequence[Migration], versions: Sequence[str] | None, scope: str) -> list[Migration]:
    with_file = [one for one in migrations if MigrationFlag.MISSING_FILE not in one.flags]
    if versions is not None:
        wanted = set(versions)
        found = [one for one in with_file if wanted & {one.version, one.filename}]
        unknown = wanted - {name for one in found for name in (one.version, one.filename)}
        if unknown:
            raise InvalidRequest(f"There is no file for {', '.join(sorted(unknown))}.")
        return found
    if scope == "all":
        return with_file
    return [one for one in with_file if one.status != MigrationStatus.APPLIED]


def _file_report(parsed: ParsedFile, report: Report, migration: Migration | None) -> FileReport:
    return FileReport(
        version=parsed.version,
        filename=parsed.filename,
        path=str(parsed.path),
        status=migration.status if migration else None,
        problems=list(parsed.problems),
        findings=list(report.findings),
        suppressed=list(report.suppressed),
        statements=report.statements,
        unparsed=report.unparsed,
    )


def _validation(
    engine: EngineName, files: list[FileReport], known: _KnownFacts, has_rules: bool
) -> Validation:
    counts = dict.fromkeys(Severity, 0)
    for file in files:
        for finding in file.findings:
            counts[finding.severity] += 1
        for problem in file.problems:
            counts[_FORM_SEVERITY.get(problem.severity, Severity.INFO)] += 1
    worst = max(
        (severity for severity in Severity if counts[severity]), key=list(Severity).index, default=None
    )
    notes = [known.note] if known.note else []
    if not has_rules:
        notes.append("There are no risk rules for this engine yet: only the files' form was looked at.")
    return Validation(
        engine=engine, files=files, counts=counts, worst=worst, facts=known.facts is not None, notes=notes
    )


def _version(text: str) -> tuple[int, ...] | None:
    numbers = []
    for part in text.split("-")[0].split()[0].split(".") if text.split() else []:
        if not part.isdigit():
            break
        numbers.append(int(part))
    return tuple(numbers) or None


def form_severity(severity: str) -> Severity:
    """A form problem's severity on the findings' scale."""
    return _FORM_SEVERITY.get(severity, Severity.INFO)


def files_of(engine: Engine, folders: Iterable[Path]) -> list[ParsedFile]:
    """The migration files of folders, read, in the tool's order."""
    from .toolbox import tool_named

    tool = tool_named(str(engine.tool))
    found = [
        path
        for folder in folders
        if folder.is_dir()
        for path in folder.iterdir()
        if path.is_file() and tool.is_migration(path.name)
    ]
    order: Callable[[Path], Any] = lambda path: tool.sort_key(path.name)  # noqa: E731
    return [tool.parse(path, path.read_bytes()) for path in sorted(found, key=order)]
