"""The composition root: builds the rooms and hands them to each other. Nothing heavy is imported or started here."""

from __future__ import annotations

from pathlib import Path

from backend.core import log, paths
from backend.core.events import EventBus
from backend.services import Services
from backend.services.about import About
from backend.services.adoption import Adoption
from backend.services.analytics.report import Reports
from backend.services.analytics.service import Analytics
from backend.services.analytics.states import States
from backend.services.backups.history import RestoreHistory
from backend.services.backups.leftovers import Leftovers
from backend.services.backups.restoring import Restoring
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
from backend.services.local_postgres import LocalPostgres
from backend.services.lookout import Lookout
from backend.services.lookup import Lookup
from backend.services.migrations import MigrationService
from backend.services.presence import Presence
from backend.services.preview.service import PreviewService
from backend.services.rehearsal import Rehearsals
from backend.services.runs.halves import Halves
from backend.services.runs.locks import RunLocks
from backend.services.runs.pipeline import Pipeline
from backend.services.runs.reconcile import Reconciler
from backend.services.runs.resume import Resume
from backend.services.runs.schema_memory import SchemaMemory
from backend.services.runs.service import Runs
from backend.services.sample import Sample
from backend.services.schemas.drift import DriftService
from backend.services.schemas.scratches import ScratchServers
from backend.services.schemas.service import Schemas
from backend.services.sharing import Sharing
from backend.services.templates.service import Templates
from backend.services.timeline import Timeline
from backend.services.undo import UndoService
from backend.services.validation import ValidationService
from backend.services.variables import Variables
from backend.services.watch import Watch
from backend.store.connections import ConnectionStore
from backend.store.database import Database
from backend.store.drafts import DraftStore
from backend.store.drifts import DriftStore
from backend.store.half_done import HalfDoneStore
from backend.store.journal import Journal
from backend.store.ledger import Ledger
from backend.store.ledger_queries import LedgerQueries
from backend.store.ledger_stats import LedgerStats
from backend.store.ledger_timeline import LedgerTimeline
from backend.store.lint_cache import LintCache
from backend.store.looks import LookStore
from backend.store.rehearsals import RehearsalStore
from backend.store.restores import RestoreNotes
from backend.store.schema_states import SchemaStates
from backend.store.secrets import Keychain
from backend.store.settings import SettingsStore


def build(*, window: bool, home: Path | None = None) -> Services:
    """Every service over one home folder (DB_TOOLKIT_HOME by default)."""
    home = paths.app_home(home)
    log_file = log.configure(home)
    # What a killed app left of settings it was writing.
    paths.sweep_halves(home)
    events = EventBus()
    settings = SettingsStore(home / "settings.json", lambda: events.publish("settings:changed"))
    keychain = Keychain(enabled=settings.current().keychain == "auto")
    store = ConnectionStore(home / "connections", home / "trash")
    database = Database(home / "toolkit.db")
    ledger, draft_store = Ledger(database), DraftStore(database)
    local_postgres = LocalPostgres(home)

    variables = Variables(store, keychain, events)
    connections = Connections(store, variables, keychain, settings, events, draft_store, local_postgres)
    halves = Halves(HalfDoneStore(database))
    reconciler = Reconciler(connections, ledger, halves)
    templates = Templates(connections, home)
    migrations = MigrationService(connections, ledger, reconciler, events, templates)
    databases = Databases(connections, events)
    validation = ValidationService(connections, migrations, settings, LintCache(home / "lint-cache.db"))
    locks = RunLocks()
    restoring = Restoring(connections, locks, RestoreHistory(ledger, reconciler), RestoreNotes(database))
    backups = Backups(
        connections,
        settings,
        ledger,
        restoring,
        Leftovers(connections, RestoreNotes(database), locks),
        events,
    )
    scratch_postgres = LocalPostgres(home, scratch=True)
    scratches = ScratchServers(connections, scratch_postgres)
    rehearsals = Rehearsals(connections, migrations, scratches, RehearsalStore(database), home)
    runs = Runs(
        connections,
        migrations,
        databases,
        Pipeline(ledger, reconciler, halves),
        settings,
        events,
        SchemaMemory(SchemaStates(database)),
        before_run=backups.before_run,
        severe=validation.severe,
        locks=locks,
        unrehearsed=rehearsals.demanded.problem,
    )
    watch = Watch(connections, events)
    ledger_health = LedgerHealth(ledger)
    database.on_damage = lambda: events.publish("ledger:damaged")
    timeline_store, looks = LedgerTimeline(database), LookStore(home / "looks.json")
    lookout = Lookout(migrations, looks, events)
    queries = LedgerQueries(database)
    stats = LedgerStats(database)
    analytics = Analytics(store, queries, stats, settings, States(store, migrations))
    schemas = Schemas(connections, migrations, scratches)
    comments = Comments(connections, migrations, settings, events, home / "locks")
    journal, undo = Journal(home / "journal"), UndoService(connections)
    drifts = DriftStore(home / "drift.json")
    return Services(
        events=events,
        settings=settings,
        connections=connections,
        variables=variables,
        adoption=Adoption(connections, store),
        migrations=migrations,
        listing=Listing(migrations),
        runs=runs,
        resume=Resume(migrations, runs, ledger),
        backups=backups,
        failures=Failures(connections, migrations, runs, ledger, halves, backups, settings, events),
        databases=databases,
        browse=Browse(connections),
        schemas=schemas,
        rehearsals=rehearsals,
        drift=DriftService(connections, migrations, schemas, drifts, events),
        collections=Collections(connections, events),
        comments=comments,
        sharing=Sharing(connections, migrations, comments, settings, events, journal),
        conversions=Conversions(connections, migrations, runs, undo, events, journal),
        tool_export=ToolExport(connections, migrations, journal),
        baselines=Baselines(connections, migrations, schemas, runs, events, journal),
        templates=templates,
        sample=Sample(connections, runs, local_postgres),
        local_databases=LocalDatabases(connections, local_postgres),
        drafts=Drafts(store, draft_store),
        jobs=Jobs(events, database),
        error_reports=ErrorReports(connections),
        about=About(home, log_file, settings, keychain, is_window=window),
        watch=watch,
        presence=Presence(connections, events, watch, ledger_health),
        ledger_health=ledger_health,
        validation=validation,
        undo=undo,
        preview=PreviewService(
            connections,
            migrations,
            runs,
            validation,
            analytics,
            stats,
            note=lambda view, filename, sha256: rehearsals.note(view.resolved, filename, sha256),
        ),
        dashboard=Dashboard(connections, ledger, timeline_store, lookout, looks, validation, drifts, backups),
        timeline=Timeline(connections, ledger, timeline_store, lookout),
        lookup=Lookup(connections, migrations),
        history=History(store, queries),
        history_export=HistoryExport(queries),
        analytics=analytics,
        reports=Reports(analytics),
    )


def dist_folder() -> Path:
    """The built front end."""
    return paths.app_root() / "ui" / "dist"
