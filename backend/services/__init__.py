"""The workflows. A service takes plain arguments and answers models; it knows no shell and no channel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backend.core.events import EventBus
    from backend.services.about import About
    from backend.services.adoption import Adoption
    from backend.services.analytics.report import Reports
    from backend.services.analytics.service import Analytics
    from backend.services.backups.service import Backups
    from backend.services.browse.service import Browse
    from backend.services.collections import Collections
    from backend.services.comments import Comments
    from backend.services.connections import Connections
    from backend.services.conversion.baseline import Baselines
    from backend.services.conversion.export import ToolExport
    from backend.services.conversion.service import Conversions
    from backend.services.dashboard import Dashboard
    from backend.services.databases import Databases
    from backend.services.drafts import Drafts
    from backend.services.error_reports import ErrorReports
    from backend.services.failures import Failures
    from backend.services.history import History
    from backend.services.history_export import HistoryExport
    from backend.services.jobs import Jobs
    from backend.services.ledger_health import LedgerHealth
    from backend.services.listing import Listing
    from backend.services.local_databases import LocalDatabases
    from backend.services.lookup import Lookup
    from backend.services.migrations import MigrationService
    from backend.services.presence import Presence
    from backend.services.preview.service import PreviewService
    from backend.services.rehearsal import Rehearsals
    from backend.services.runs.resume import Resume
    from backend.services.runs.service import Runs
    from backend.services.sample import Sample
    from backend.services.schemas import Schemas
    from backend.services.schemas.drift import DriftService
    from backend.services.sharing import Sharing
    from backend.services.templates.service import Templates
    from backend.services.timeline import Timeline
    from backend.services.undo import UndoService
    from backend.services.validation import ValidationService
    from backend.services.variables import Variables
    from backend.services.watch import Watch
    from backend.store.settings import SettingsStore


@dataclass
class Services:
    """Every room a channel may call, built once by `backend/app.py`."""

    events: EventBus
    settings: SettingsStore
    connections: Connections
    variables: Variables
    adoption: Adoption
    migrations: MigrationService
    listing: Listing
    runs: Runs
    resume: Resume
    backups: Backups
    failures: Failures
    databases: Databases
    schemas: Schemas
    browse: Browse
    drift: DriftService
    rehearsals: Rehearsals
    collections: Collections
    comments: Comments
    sharing: Sharing
    conversions: Conversions
    tool_export: ToolExport
    baselines: Baselines
    templates: Templates
    sample: Sample
    local_databases: LocalDatabases
    drafts: Drafts
    jobs: Jobs
    about: About
    error_reports: ErrorReports
    watch: Watch
    presence: Presence
    ledger_health: LedgerHealth
    validation: ValidationService
    undo: UndoService
    preview: PreviewService
    dashboard: Dashboard
    timeline: Timeline
    lookup: Lookup
    history: History
    history_export: HistoryExport
    analytics: Analytics
    reports: Reports

    def start(self) -> None:
        """Tidy up after a crashed run and watch the folders; for a shell that stays."""
        self.runs.tidy()
        self.rehearsals.tidy()
        self.backups.tidy()
        self.sharing.recover()
        self.watch.start()
        self.migrations.folders_are_watched(self.watch.told_since)

    def close(self) -> None:
        """End running jobs, watchers and the bundled servers."""
        self.jobs.close()
        self.watch.close()
        self.analytics.close()
        self.presence.close()
        self.sample.close()
        self.rehearsals.close()
