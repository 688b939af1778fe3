"""The timeline: the ledger's runs, and what the migrations table tells that other tools did, in one order of time.

Only what is known has a place in time: a migration that another tool applied stands where the table says when, and
where it says nothing, at the end, without a date.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from backend.core.clock import from_iso
from backend.core.errors import InvalidRequest, NotFound
from backend.models.base import iso_z
from backend.models.timeline import (
    EventDetails,
    EventFile,
    EventStatus,
    TimelineDay,
    TimelineEvent,
    TimelineOverview,
    TimelinePage,
)
from backend.store.ledger import Ledger
from backend.store.ledger_timeline import (
    EventFilter,
    LedgerTimeline,
    OtherEvent,
    RunFiles,
    as_dict,
    loads,
)

from .connections import Connections
from .elsewhere import OTHER, Others, others_of
from .lookout import Lookout, problem_of
from .rollback_points import RollbackPoints

_FILES_SHOWN = 12


@dataclass(frozen=True)
class _Known:
    """One connection as the timeline needs it: what others did, and where one can go back to."""

    others: Others
    points: RollbackPoints


class Timeline:
    def __init__(
        self, connections: Connections, ledger: Ledger, runs: LedgerTimeline, lookout: Lookout
    ) -> None:
        self._connections = connections
        self._ledger = ledger
        self._runs = runs
        self._lookout = lookout
        self._lock = threading.Lock()
        self._known: dict[str, tuple[object, object, _Known]] = {}

    def overview(
        self,
        connection: str | None,
        from_day: str | None,
        to_day: str | None,
        statuses: Sequence[EventStatus],
        authors: Sequence[str],
        query: str | None,
        wait_s: float,
    ) -> TimelineOverview:
        """How many events match on which day. Looks at the database (for at most `wait_s` seconds); without a
        connection it takes all, with what their last look found."""
        look = self._lookout.look([connection], wait_s, "timeline")[connection] if connection else None
        which = self._filter(connection, from_day, to_day, statuses, authors, query)
        others = _events_of(self._known_of_all(connection))
        found = self._runs.days(which, others)
        ids = (connection,) if connection else None
        first, last = self._runs.span(ids)
        dated = sorted(day for one in others if (day := _day_of(one.at)))
        return TimelineOverview(
            total=sum(one.count for one in found),
            days=[TimelineDay(day=one.day, count=one.count, failed=one.failed) for one in found],
            authors=self._runs.authors(ids),
            first_day=min([*dated[:1], *([first] if first else [])], default=None),
            last_day=max([*dated[-1:], *([last] if last else [])], default=None),
            longest_ms=max((one.longest_ms for one in found if one.longest_ms is not None), default=None),
            problem=problem_of(look),
        )

    def show(
        self,
        connection: str | None,
        from_day: str | None,
        to_day: str | None,
        statuses: Sequence[EventStatus],
        authors: Sequence[str],
        query: str | None,
        offset: int,
        limit: int,
        wait_s: float,
    ) -> TimelinePage:
        """One page of the events that match, newest first. The first page looks at the database as `overview` does;
        the others are read while somebody scrolls, and go by the last look."""
        which = self._filter(connection, from_day, to_day, statuses, authors, query)
        if connection is not None and (offset == 0 or self._lookout.last(connection) is None):
            self._lookout.look([connection], wait_s, f"page {offset} {which}")
        known = self._known_of_all(connection)
        others = _events_of(known)
        places = self._runs.page(which, others, offset, limit)
        run_ids = [one for is_run, one in places if is_run]
        runs, files = self._runs.runs(run_ids), self._runs.files(run_ids, _FILES_SHOWN)
        other = {one.id: one for one in others}
        events = [
            _run_event(runs[name], files[name], known.get(runs[name]["connection"]))
            if is_run
            else _other_event(other[name], known[other[name].connection])
            for is_run, name in places
        ]
        return TimelinePage(events=events, total=self._runs.count(which, others))

    def event(self, event_id: str) -> EventDetails:
        """One event with all its files and everything the ledger keeps of it. Raises NotFound."""
        if event_id.startswith(OTHER):
            connection = event_id.split(":", 2)[1]
            self._lookout.look([connection], 10.0, "event")
            those = self._known_of_all(connection)
            found = next((one for one in _events_of(those) if one.id == event_id), None)
            if found is None:
                raise NotFound("The migrations table no longer has this.", hint="Reload the timeline.")
            return EventDetails(event=_other_event(found, those[connection], whole=True))
        row = self._runs.whole(event_id)
        if row is None:
            raise NotFound(f"There is no run {event_id!r} in the ledger.")
        if row["connection"] in {one.id for one in self._connections.store.all()[0]}:
            self._lookout.look([row["connection"]], 10.0, "event")
        files = self._runs.files([event_id], None)[event_id]
        known = self._known_of(row["connection"])
        event = _run_event(row, files, known, whole=True)
        return EventDetails(
            event=event,
            finished_at=from_iso(row["finished_at"]),
            error=as_dict(loads(row["error"])),
            output=row["output"] or "",
            tool=row["tool"],
            tool_version=row["tool_version"],
            app_version=row["app_version"],
            git_commit=row["git_commit"],
            redo=known.points.redo_of(event.files) if known else None,
        )

    # -- inside --------------------------------------------------------------------------------------------------

    @staticmethod
    def _filter(
        connection: str | None,
        from_day: str | None,
        to_day: str | None,
        statuses: Sequence[EventStatus],
        authors: Sequence[str],
        query: str | None,
    ) -> EventFilter:
        return EventFilter(
            connections=(connection,) if connection else None,
            since=_midnight(from_day, 0),
            until=_midnight(to_day, 1),
            statuses=tuple(str(one) for one in statuses),
            authors=tuple(authors),
            query=(query or "").strip() or None,
        )

    def _known_of_all(self, connection: str | None) -> dict[str, _Known]:
        ids = [connection] if connection else [one.id for one in self._connections.store.all()[0]]
        return {one: known for one in ids if (known := self._known_of(one)) is not None}

    def _known_of(self, connection: str) -> _Known | None:
        """Of the last look; made anew where files, table or ledger changed."""
        look = self._lookout.last(connection)
        if look is None or look.view is None or look.view.applied is None:
            return None
        ledger = self._ledger.last_known(connection)
        with self._lock:
            before = self._known.get(connection)
            if before is not None and before[0] is look.view.migrations and before[1] is ledger:
                return before[2]
        made = _Known(others_of(connection, look, ledger), RollbackPoints.of(look.view.migrations))
        with self._lock:
            self._known[connection] = (look.view.migrations, ledger, made)
        return made


def _events_of(known: dict[str, _Known]) -> list[OtherEvent]:
    return [event for one in known.values() for event in one.others.events]


def _run_event(row: Any, files: RunFiles, known: _Known | None, *, whole: bool = False) -> TimelineEvent:
    points = known.points if known else RollbackPoints.none()
    found = [_file(one, points) for one in files.rows]
    shown = found if whole else found[:_FILES_SHOWN]
    status = EventStatus(row["status"])
    point = points.after(files.rows) if status == EventStatus.APPLIED else None
    return TimelineEvent(
        id=row["run_id"],
        connection=row["connection"],
        day=_day_of(row["started_at"]),
        at=from_iso(row["started_at"]),
        status=status,
        kind=row["kind"],
        direction=row["direction"],
        files_total=files.total,
        files_done=files.done,
        files=shown,
        duration_ms=_sane(row["duration_ms"]),
        author=row["author"],
        os_user=row["os_user"],
        host=row["host"],
        problem=next((one for one in found if one.status in {"failed", "interrupted"}), None),
        rollback_point=point[0] if point else None,
        rollback_count=point[1] if point else 0,
        backup_id=row["backup_id"],
    )


def _other_event(one: OtherEvent, known: _Known, *, whole: bool = False) -> TimelineEvent:
    migrations = known.others.files.get(one.id, [])
    files = [
        EventFile(
            version=migration.version, filename=migration.filename, status="applied", now=migration.status
        )
        for migration in (migrations if whole else migrations[:_FILES_SHOWN])
    ]
    return TimelineEvent(
        id=one.id,
        connection=one.connection,
        day=_day_of(one.at),
        at=from_iso(one.at) if one.at else None,
        status=EventStatus.ELSEWHERE,
        kind="elsewhere",
        direction="up",
        files_total=len(migrations),
        files_done=len(migrations),
        files=files,
    )


def _file(row: Any, points: RollbackPoints) -> EventFile:
    return EventFile(
        version=row["version"],
        filename=row["filename"],
        status=row["status"],
        duration_ms=_sane(row["duration_ms"]),
        error=as_dict(loads(row["error"])),
        partial=bool(row["partial"]),
        landed=list(loads(row["landed"]) or []),
        reconciled=bool(row["reconciled"]),
        now=points.status_of(row["version"], row["filename"]),
    )


def _sane(duration_ms: float | None) -> float | None:
    """A clock that was put back can have made it negative: then nothing is known."""
    return duration_ms if duration_ms is not None and duration_ms >= 0 else None


def _midnight(day: str | None, plus_days: int) -> str | None:
    """The UTC moment at which a local day (and so many more) begins."""
    if day is None:
        return None
    try:
        wanted = date.fromisoformat(day) + timedelta(days=plus_days)
        local = datetime(wanted.year, wanted.month, wanted.day).astimezone()
    except (ValueError, OverflowError, OSError) as error:
        raise InvalidRequest(f"{day!r} is not a day.", hint="Write it as 2026-01-17.") from error
    return iso_z(local.astimezone(UTC))


def _day_of(at: str) -> str | None:
    moment = from_iso(at)
    return moment.astimezone().date().isoformat() if moment else None
