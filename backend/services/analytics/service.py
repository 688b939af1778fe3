"""The overview: one look at the ledger, put together. The ledger alone answers; databases only where `states` are asked."""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from backend.core.clock import utc_now
from backend.models.analytics import (
    BlockerSeen,
    Comparison,
    DatabaseState,
    ErrorKind,
    FileRef,
    LastMigration,
    LastRun,
    Outlier,
    Overview,
    Reading,
    Resources,
)
from backend.services.history import folder_of, measured, moment_of, name_then
from backend.store.connections import ConnectionStore
from backend.store.ledger_queries import LedgerQueries
from backend.store.ledger_stats import TRIED, LedgerStats, Sampled, Scope
from backend.store.settings import SettingsStore

from .compare import compare
from .figures import (
    day_range,
    distribution_of,
    error_titles,
    frequency_of,
    kind_times,
    members,
    per_days,
    rate_of,
    ref_of,
    times_of,
)
from .outliers import METHOD, explained, suspects
from .over_time import bucket_for, split_dated, trend
from .readings import Judged, Key, Readings
from .states import States
from .suggest import Looked, suggest

_SAMPLE = 5_000
_SUSPECTS = 60
_SLOWEST = 10
_FAILED = 10
_READ_S = 0.06
_KEPT = 16
_NOT_TOLD = [
    "Buffers, WAL, memory and processor time are not measured while migrations run.",
    "Waits of less than about a second are not seen: the server is looked at once a second.",
]


@dataclass(frozen=True, slots=True)
class Asked:
    """What an overview speaks of: these connections (None: all of the ledger), in [since, until)."""

    connections: tuple[str, ...] | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def scope(self) -> Scope:
        return Scope(self.connections, self.since, self.until)


class Analytics:
    def __init__(
        self,
        store: ConnectionStore,
        queries: LedgerQueries,
        stats: LedgerStats,
        settings: SettingsStore,
        states: States,
    ) -> None:
        self._store = store
        self._queries = queries
        self._stats = stats
        self._settings = settings
        self._states = states
        self._readings = Readings(queries, stats)
        self._lock = threading.Lock()
        self._kept: OrderedDict[object, Overview] = OrderedDict()

    def asked(
        self, connection: str | None, folder: str | None, since: datetime | None, until: datetime | None
    ) -> Asked:
        """Raises ConnectionNotFound for one that is neither there nor in the ledger."""
        if connection is not None:
            if not self._queries.has_runs(connection):
                self._store.load(connection)
            return Asked((connection,), since, until)
        if folder is not None:
            stored, _ = self._store.all()
            ids = tuple(one.id for one in stored if folder_of(self._store, one) == folder)
            return Asked(ids, since, until)
        return Asked(None, since, until)

    def overview(self, asked: Asked, *, states: bool = False) -> Overview:
        """Kept until the ledger, the settings' rules or what is read of the texts changes."""
        disabled = frozenset(self._settings.current().lint.disabled)
        stored, _ = self._store.all()
        known = tuple((one.id, one.name, str(one.environment)) for one in stored)
        mark = (asked, self._queries.mark(), disabled, known, utc_now().date())
        with self._lock:
            found = self._kept.get(mark)
        if found is None:
            found = self._look(asked, disabled)
            if found.reading.known == found.reading.total:
                with self._lock:
                    self._kept[mark] = found
                    while len(self._kept) > _KEPT:
                        self._kept.popitem(last=False)
        if not states:
            return found
        return found.model_copy(update={"states": self.states(asked)})

    def states(self, asked: Asked) -> list[DatabaseState]:
        return self._states.of(asked.connections)

    def name(self, asked: Asked) -> str:
        """What an overview speaks of, in words."""
        _, named, _ = self._families()
        if asked.connections is None:
            return "all connections"
        return ", ".join(named.get(one, (one, None))[0] for one in asked.connections) or "no connection"

    def kinds(self, wanted: Iterable[Key]) -> dict[Key, str]:
        """What the contents (sha256, engine, direction) do, as far as that is known after a moment."""
        return self._readings.kinds(wanted, within_s=_READ_S)[0]

    def close(self) -> None:
        self._readings.close()

    # -- inside --------------------------------------------------------------------------------------------------

    def _look(self, asked: Asked, disabled: frozenset[str]) -> Overview:
        scope = asked.scope
        family, named, engines = self._families()
        days = self._stats.days(scope)
        dated, undated = split_dated(days, utc_now().date())
        first, last = day_range(dated, asked.until)
        bucket = bucket_for(first, last) if first and last else "day"
        tried = sum(one.files for one in days if one.status in TRIED)
        sample = self._stats.sample(members(asked.connections, family), _SAMPLE)
        wanted = [(one.sha256, engines.get(one.connection, ""), one.direction) for one in sample]
        kinds, unread = self._readings.kinds(wanted, within_s=_READ_S)
        slowest, outliers, looked = self._slow(scope, family, sample, kinds, engines, named, disabled)
        total = len(dict.fromkeys(wanted))
        span_days = (last - first).days + 1 if first and last else 0
        return Overview(
            connections=list(asked.connections if asked.connections is not None else named),
            since=asked.since,
            until=asked.until,
            files=tried,
            last_run=self._last_run(scope, named),
            last_migration=self._last_migration(scope, named),
            migrations=rate_of(days, "up", "applied"),
            rollbacks=rate_of(days, "down", "rolled_back"),
            errors=self._errors(scope, tried),
            times=times_of(days, "up", "applied"),
            rollback_times=times_of(days, "down", "rolled_back"),
            distribution=distribution_of(days),
            bucket=bucket,
            trend=trend(dated, bucket),
            frequency=frequency_of(dated, bucket, first, last),
            per_day=per_days(tried - undated, span_days, 1),
            per_week=per_days(tried - undated, span_days, 7),
            undated=undated,
            slowest=slowest,
            kinds=kind_times(sample, kinds, engines, asked.connections),
            outliers=outliers,
            comparison=self._comparison(sample, family, named),
            resources=self._resources(scope),
            suggestions=suggest(looked),
            reading=Reading(known=total - unread, total=total),
            method=METHOD,
        )

    def _families(
        self,
    ) -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, str | None]], dict[str, str]]:
        """By connection: those that share its folder; its name and environment; its engine. Deleted ones stand alone."""
        stored, _ = self._store.all()
        by_folder: dict[str, list[str]] = {}
        for one in stored:
            by_folder.setdefault(folder_of(self._store, one), []).append(one.id)
        family = {one: tuple(members) for members in by_folder.values() for one in members}
        named: dict[str, tuple[str, str | None]] = {
            one.id: (one.name, str(one.environment)) for one in stored
        }
        engines = {one.id: str(one.engine) for one in stored}
        for row in self._queries.connections():
            family.setdefault(row["connection"], (row["connection"],))
            named.setdefault(row["connection"], (name_then(row), row["environment"]))
            engines.setdefault(row["connection"], row["engine"])
        return family, named, engines

    def _slow(
        self,
        scope: Scope,
        family: Mapping[str, tuple[str, ...]],
        sample: Sequence[Sampled],
        kinds: Mapping[Key, str],
        engines: Mapping[str, str],
        named: Mapping[str, tuple[str, str | None]],
        disabled: frozenset[str],
    ) -> tuple[list[FileRef], list[Outlier], list[Looked]]:
        longest = self._stats.slowest(scope, _SUSPECTS)
        unlike = self._stats.unlike_their_own(scope, members(scope.connections, family), 6)[:_SUSPECTS]
        failed = self._stats.failed(scope, _FAILED)
        rows = self._stats.files([*(one.id for one in [*longest, *unlike]), *failed])
        found = suspects([*longest, *unlike], rows, self._stats, family, sample, kinds, engines)
        slowest = [ref_of(rows[one.id], kinds, named) for one in longest[:_SLOWEST] if one.id in rows]
        looked: list[Looked] = []

        def look(row: Mapping[str, Any], why: str) -> Judged | None:
            judged = (
                self._readings.judge(
                    (row["sha256"], row["engine"], row["direction"]), row["filename"], disabled
                )
                if row["sha256"]
                else None
            )
            if judged is not None:
                looked.append(Looked(ref_of(row, kinds, named), why, judged))
            return judged

        outliers = []
        for one in found:
            row = rows[one.file.id]
            relatives = family.get(one.file.connection, (one.file.connection,))
            before = (
                self._stats.rows_met(relatives, one.file.version, one.file.id)
                if one.compared_with == "own"
                else []
            )
            outliers.append(explained(one, ref_of(row, kinds, named), row, look(row, "outlier"), before))
        for id_ in failed:
            look(rows[id_], "failed")
        for file in longest[:_SLOWEST]:
            look(rows[file.id], "slow")
        return slowest, outliers, looked

    def _comparison(
        self,
        sample: Sequence[Sampled],
        family: Mapping[str, tuple[str, ...]],
        named: Mapping[str, tuple[str, str | None]],
    ) -> Comparison:
        together = sorted({some for some in family.values() if len(some) > 1})
        tools = self._stats.tools([one.run_id for one in sample])
        return compare(sample, together, named, tools)

    def _errors(self, scope: Scope, tried: int) -> list[ErrorKind]:
        titles = error_titles()
        return [
            ErrorKind(
                code=code,
                title=titles.get(code, code.replace("_", " ").capitalize()),
                files=count,
                rate=count / tried if tried else 0.0,
            )
            for code, count in self._stats.errors(scope)
        ]

    def _resources(self, scope: Scope) -> Resources:
        met = self._stats.met(scope)
        waits: Counter[tuple[str, str | None]] = Counter()
        files: Counter[tuple[str, str | None]] = Counter()
        for _, server in met:
            for one in server.get("blockers") or []:
                key = (str(one.get("by")), one.get("object"))
                waits[key] += one.get("waited_ms") or 0
                files[key] += 1
        looked_at = [waited for waited, _ in met if waited is not None]
        return Resources(
            files=len(looked_at),
            waited_ms=sum(looked_at) if looked_at else None,
            waiting_files=sum(1 for waited in looked_at if waited > 0),
            blockers=[
                BlockerSeen(by=by, object=held, waited_ms=ms, files=files[(by, held)])
                for (by, held), ms in waits.most_common(10)
            ],
            not_told=list(_NOT_TOLD),
        )

    def _last_run(self, scope: Scope, named: Mapping[str, tuple[str, str | None]]) -> LastRun | None:
        row = self._stats.last_run(scope)
        if row is None:
            return None
        return LastRun(
            **{key: row[key] for key in ("run_id", "connection", "kind", "direction", "state")},
            connection_name=named[row["connection"]][0],
            started_at=moment_of(row["started_at"]),
            duration_ms=measured(row["duration_ms"]),
        )

    def _last_migration(
        self, scope: Scope, named: Mapping[str, tuple[str, str | None]]
    ) -> LastMigration | None:
        row = self._stats.last_applied(scope)
        if row is None:
            return None
        return LastMigration(
            **{key: row[key] for key in ("run_id", "connection", "version", "filename")},
            connection_name=named[row["connection"]][0],
            started_at=moment_of(row["started_at"]),
            duration_ms=measured(row["duration_ms"]),
        )
