"""Validation: the file's form by its tool, the statements by their engine's parser and the risk rules.

Facts of the live database (rows, indexes) belong to pending files only; an applied file is judged by its text.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Literal

from backend.core.errors import AppError, InvalidRequest
from backend.engine.handed import one_reading
from backend.engine.lint.facts import Absence, Facts
from backend.engine.lint.registry import has_lint, lint_of
from backend.engine.port import Engine
from backend.engine.syntax import READERS
from backend.engine.target import Target
from backend.engine.tool import MigrationTool, ParsedFile
from backend.models.connection import EngineName, ToolName
from backend.models.finding import Finding, Severity
from backend.models.migration import Direction, Migration, MigrationFlag, MigrationStatus
from backend.models.validation import Check, FileReport, Validation
from backend.store.lint_cache import LintCache
from backend.store.settings import SettingsStore

from .connections import Connections, Resolved
from .file_report import FORM_SEVERITY, file_report, form_severity
from .lint_reports import NOTHING_KNOWN, Asked, Known, LintReports
from .migrations import MigrationService, View
from .syntax_check import SyntaxCheck, syntax_check
from .validation_checks import checks_of

_FACTS_KEPT_S = 10.0
_MOST_BEFORE = 200
"""Pending files before an editor's text that are looked at for what they make."""
Columns = Literal["characters", "utf16"]


class ValidationService:
    def __init__(
        self,
        connections: Connections,
        migrations: MigrationService,
        settings: SettingsStore,
        cache: LintCache | None = None,
    ) -> None:
        self._connections = connections
        self._migrations = migrations
        self._settings = settings
        self._reports = LintReports(cache)
        self._lock = threading.Lock()
        self._known: dict[str, tuple[float, Known]] = {}

    def validate(
        self,
        connection: str,
        versions: Sequence[str] | None = None,
        scope: str = "pending",
        version: str | None = None,
        content: str | None = None,
        checks: bool = False,
        columns: Columns = "characters",
    ) -> Validation:
        """Judge the connection's files: the named ones, the pending ones, or all; or `content` as `version` would be.

        Raises InvalidRequest for a version that is not there.
        """
        view = self._migrations.view(connection)
        if content is not None:
            with one_reading():
                result = self._of_text(view, content, version, columns)
        else:
            result = self._of_files(view, _choose(view.migrations, versions, scope), columns)
            if versions is None:
                self._add_config(view.resolved, result, columns)
        self._reports.save()
        if checks:
            result.checks = self.checks(view)
        return result

    def checks(self, view: View) -> list[Check]:
        """What a run needs besides right files: connection, order, disk, backup, tool."""
        return checks_of(self._connections, view)

    def of_folder(self, engine: Engine, files: Iterable[ParsedFile]) -> Validation:
        """Judge files without a database, as a pipeline does."""
        disabled = frozenset(self._settings.current().lint.disabled)
        asked = [
            Asked(parsed, engine.name, disabled=disabled, absent_modules=_absent_modules(parsed))
            for parsed in files
        ]
        self._reports.load(asked)
        reports, is_all_known = [], True
        with syntax_check(engine, None, None) as check:
            for one in asked:
                # Without a database the parser's answer hangs on the file alone, so a known report holds it.
                known = self._reports.known(one.key)
                answer = None if known is not None else check.answer(one.parsed, pending=False)
                is_all_known = is_all_known and known is not None
                report = known or self._reports.of_folder(one, answer)
                reports.append(file_report(one.parsed, report, None, check.describe(answer)))
        self._reports.save()
        note = Known(note="No database was looked at: row counts are unknown.")
        return _validation(
            engine.name, reports, note, has_rules=has_lint(engine.name) if is_all_known else None
        )

    def severe(
        self, view: View, migrations: Sequence[Migration], files: Sequence[ParsedFile]
    ) -> list[tuple[str, Finding]]:
        """(filename, finding) of what wants a typed confirmation where these files are applied now, in this order."""
        with self._lock:
            self._known.pop(view.resolved.id, None)
        known = self._facts_of(view.resolved)
        found: list[tuple[str, Finding]] = []
        new_tables: list[str] = []
        for migration, parsed in zip(migrations, files, strict=True):
            report = self._reports.of(self._asked(view.resolved, parsed, migration, known, new_tables))
            new_tables += report.creates
            found += [
                (parsed.filename, one)
                for one in report.findings
                if one.confirm and one.direction == Direction.UP
            ]
        return found

    # -- inside --------------------------------------------------------------------------------------------------

    def _of_files(self, view: View, chosen: Sequence[Migration], columns: Columns) -> Validation:
        resolved = view.resolved
        index = self._migrations.index(resolved)
        records = {record.filename: record for record in view.scan.files}
        known = self._facts_of(resolved)
        names = {one.filename for one in chosen}
        reports: list[FileReport] = []
        new_tables: list[str] = []
        with syntax_check(resolved.engine, *self._target(resolved, known)) as check:
            for migration in view.migrations:
                is_pending = migration.status != MigrationStatus.APPLIED
                if migration.filename not in names:
                    if is_pending and migration.filename in records and len(reports) < len(chosen):
                        self._pass_by(
                            resolved,
                            check,
                            index.read(records[migration.filename]),
                            migration,
                            known,
                            new_tables,
                        )
                    continue
                try:
                    parsed = index.read(records[migration.filename])
                except AppError as error:
                    reports.append(_unreadable(migration, error))
                    continue
                answer = check.answer(parsed, pending=is_pending)
                asked = self._asked(
                    resolved,
                    parsed,
                    migration,
                    known if is_pending else NOTHING_KNOWN,
                    new_tables if is_pending else [],
                )
                report = self._reports.of_live(asked, answer)
                if is_pending:
                    new_tables += report.creates
                reports.append(file_report(parsed, report, migration, check.describe(answer), columns))
        return _validation(resolved.engine.name, reports, known)

    def _add_config(self, resolved: Resolved, result: Validation, columns: Columns) -> None:
        """The tool's configuration, which decides what happens to all the files."""
        for parsed in config_files(resolved.tool, resolved.folder):
            report = self._reports.of(self._asked(resolved, parsed, None, NOTHING_KNOWN, ()))
            told = file_report(parsed, report, None, (READERS[resolved.engine.name], None), columns)
            result.files.append(told)
            for finding in told.findings:
                result.counts[finding.severity] += 1
        result.worst = _worst(result.counts)

    def _of_text(self, view: View, content: str, version: str | None, columns: Columns) -> Validation:
        """An editor's unsaved text."""
        resolved = view.resolved
        index = self._migrations.index(resolved)
        migration = None
        folder = resolved.migrations_dirs[0]
        if version is not None:
            record = index.find(version)
            folder = record.path.parent
            migration = next((one for one in view.migrations if one.filename == record.filename), None)
        suffix = ".js" if resolved.engine.dialect is None else ".sql"
        filename = migration.filename if migration else f"20000101000000_new{suffix}"
        parsed = resolved.tool.parse(folder / filename, content.encode(errors="surrogateescape"))
        is_pending = migration is None or migration.status != MigrationStatus.APPLIED
        known = self._facts_of(resolved)
        earlier = [one for one in view.migrations if one.status != MigrationStatus.APPLIED]
        before = earlier[: earlier.index(migration)] if migration in earlier else earlier
        new_tables: list[str] = []
        with syntax_check(resolved.engine, *self._target(resolved, known)) as check:
            for one in before[:_MOST_BEFORE] if is_pending else ():
                try:
                    other = index.read(index.find(one.filename))
                except AppError:
                    continue
                self._pass_by(resolved, check, other, one, known, new_tables)
            answer = check.answer(parsed, pending=is_pending)
            asked = self._asked(
                resolved, parsed, migration, known if is_pending else NOTHING_KNOWN, new_tables
            )
            report = self._reports.of_live(asked, answer)
            told = file_report(parsed, report, migration, check.describe(answer), columns)
        return _validation(resolved.engine.name, [told], known if is_pending else NOTHING_KNOWN)

    def _pass_by(
        self,
        resolved: Resolved,
        check: SyntaxCheck,
        parsed: ParsedFile,
        migration: Migration,
        known: Known,
        new_tables: list[str],
    ) -> None:
        check.pass_by(parsed)
        new_tables += self._reports.of(self._asked(resolved, parsed, migration, known, new_tables)).creates

    def _asked(
        self,
        resolved: Resolved,
        parsed: ParsedFile,
        migration: Migration | None,
        known: Known,
        new_tables: Sequence[str],
    ) -> Asked:
        disabled = {
            *self._settings.current().lint.disabled,
            *resolved.stored.options.get("disabled_rules", []),
        }
        flags: frozenset[MigrationFlag] = frozenset(migration.flags) if migration else frozenset()
        return Asked(
            parsed,
            resolved.engine.name,
            flags,
            frozenset(disabled),
            known,
            tuple(new_tables) if known.facts else (),
            absent_modules=_absent_modules(parsed),
        )

    def _target(self, resolved: Resolved, known: Known) -> tuple[Target | None, str | None]:
        """The database to ask, or why it cannot be: a server that was just found away is not waited for again."""
        if known.facts is None and resolved.engine.name != EngineName.SQLITE:
            return None, known.note
        try:
            return self._connections.target(resolved), None
        except AppError as error:
            return None, error.message

    def _facts_of(self, resolved: Resolved) -> Known:
        """The catalog with its row estimates, read again after a few seconds; None and a note where it cannot be."""
        now = time.monotonic()
        with self._lock:
            read_at, known = self._known.get(resolved.id, (-_FACTS_KEPT_S, NOTHING_KNOWN))
        if now - read_at < _FACTS_KEPT_S:
            return known
        try:
            target = self._connections.target(resolved)
            catalog = resolved.engine.catalog(target)
            version = _version(resolved.engine.probe(target).version)
            digest = hashlib.sha256(catalog.model_dump_json().encode()).hexdigest()
            fresh = Known(Facts.of_catalog(catalog), version, None, digest)
        except AppError as error:
            note = f"The database was not looked at, so row counts are unknown: {error.message}"
            fresh = Known(note=note)
        with self._lock:
            self._known[resolved.id] = (time.monotonic(), fresh)
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


def _unreadable(migration: Migration, error: AppError) -> FileReport:
    from backend.models.migration import FileProblem

    return FileReport(
        version=migration.version,
        filename=migration.filename,
        path=migration.path,
        status=migration.status,
        problems=[FileProblem(code="unreadable", message=error.message)],
    )


def _validation(
    engine: EngineName, files: list[FileReport], known: Known, *, has_rules: bool | None = None
) -> Validation:
    """`has_rules`: where that is known already, so that rules nobody asks are not imported."""
    counts = dict.fromkeys(Severity, 0)
    for file in files:
        for finding in file.findings:
            counts[finding.severity] += 1
        for problem in file.problems:
            counts[FORM_SEVERITY.get(problem.severity, Severity.INFO)] += 1
    notes = [known.note] if known.note else []
    if has_rules is None:
        has_rules = lint_of(engine) is not None
    if not has_rules:
        notes.append("There are no risk rules for this engine yet: only the files' form was looked at.")
    notes += sorted(
        {file.parser_unknown for file in files if file.parser_unknown and " asked: " in file.parser_unknown}
    )
    return Validation(
        engine=engine,
        files=files,
        counts=counts,
        worst=_worst(counts),
        facts=known.facts is not None,
        notes=notes,
    )


def _worst(counts: dict[Severity, int]) -> Severity | None:
    found = (severity for severity in Severity if counts[severity])
    return max(found, key=list(Severity).index, default=None)


def _version(text: str) -> tuple[int, ...] | None:
    numbers = []
    for part in text.split("-")[0].split()[0].split(".") if text.split() else []:
        if not part.isdigit():
            break
        numbers.append(int(part))
    return tuple(numbers) or None


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


def _absent_modules(parsed: ParsedFile) -> tuple[tuple[str, Absence], ...]:
    if not parsed.modules:
        return ()
    from backend.drivers.migrate_mongo.modules import absent_modules

    return absent_modules(parsed)


def config_files(tool: MigrationTool, project: Path) -> list[ParsedFile]:
    """The tool's configuration where rules judge it too: migrate-mongo's."""
    if tool.name != ToolName.MIGRATE_MONGO:
        return []
    from backend.drivers.migrate_mongo.config import find_config
    from backend.drivers.migrate_mongo.parse import config_file

    try:
        path = find_config(project)
        return [config_file(path, path.read_bytes())] if path is not None else []
    except OSError:
        # What it says is then unknown; a run that needs it fails on it with the reason.
        return []


__all__ = ["ValidationService", "config_files", "files_of", "form_severity"]
