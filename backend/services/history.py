"""History: what the ledger remembers, searched, shown in full and exported. Reading only; nothing here asks a database."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from backend.core.clock import utc_now
from backend.core.errors import NotFound
from backend.models.history import (
    Clock,
    FileRecord,
    HistoryConnection,
    HistoryContent,
    HistoryFacets,
    HistoryFile,
    HistoryRecord,
    HistoryRun,
    Story,
    StoryEvent,
)
from backend.store.connections import ConnectionStore, StoredConnection
from backend.store.ledger_queries import LedgerQueries, RunFilter

from .toolbox import tool_named

FILES_SHOWN = 10
"""Of each run in a list."""
_CONTENT_CHARS = 400_000
_STORY_EVENTS = 500
_DIFF_LINES = 5_000
_A_DAY = timedelta(days=1)


class History:
    def __init__(self, store: ConnectionStore, queries: LedgerQueries) -> None:
        self._store = store
        self._queries = queries

    # -- lists ---------------------------------------------------------------------------------------------------

    def list(
        self, wanted: RunFilter, offset: int = 0, limit: int = 100, *, newest_first: bool = True
    ) -> tuple[list[HistoryRun], int]:
        """A page of runs in the order they were recorded, and how many there are in all."""
        rows, total = self._queries.page(wanted, offset, limit, newest_first=newest_first)
        known = self._known()
        return [self._run(row, known) for row in rows], total

    def facets(self, connections: Sequence[str] | None = None) -> HistoryFacets:
        known = self._known()
        seen = {row["connection"]: row for row in self._queries.connections()}
        found = [
            HistoryConnection(
                id=one,
                name=known[one].name if one in known else name_then(seen[one]),
                engine=known[one].engine if one in known else seen[one]["engine"],
                environment=str(known[one].environment) if one in known else seen[one]["environment"],
                exists=one in known,
                runs=seen[one]["runs"] if one in seen else 0,
            )
            for one in sorted(known.keys() | seen.keys())
        ]
        return HistoryFacets(connections=found, authors=self._queries.authors(connections))

    # -- one run -------------------------------------------------------------------------------------------------

    def get(self, run_id: str) -> HistoryRecord:
        """Everything known of a run. Texts come along while they are small together; the rest by `content`."""
        row = self._queries.run(run_id)
        if row is None:
            raise NotFound(
                f"There is no run {run_id!r} in the history.", hint="history:list lists the runs there are."
            )
        budget = _CONTENT_CHARS
        files = []
        for one in self._queries.files(run_id):
            size = self._queries.content_size(one["sha256"]) if one["sha256"] else None
            fits = size is not None and size <= budget
            text = self._half(row, one) if fits else HistoryContent(content=None)
            budget -= size if fits and size else 0
            files.append(
                FileRecord(
                    **_file(one).model_dump(),
                    content=text.content,
                    ran=text.ran,
                    ran_line=text.ran_line,
                    content_left_out=size is not None and not fits,
                    size=size,
                    language=_language(row),
                    server=_json(one["server"]),
                )
            )
        run = self._run(row, self._known(), with_files=False)
        counts = self._queries.status_counts(run_id)
        return HistoryRecord.model_validate(
            {
                **run.model_dump(exclude={"files", "file_count", "counts"}),
                "files": files,
                "file_count": len(files),
                "counts": counts,
                "output": row["output"],
                "server": row["server"],
                "rollback_check": _json(row["rollback_check"]),
            }
        )

    def content(self, run_id: str, version: str) -> HistoryContent:
        """One file of a run as it was run, whatever its size."""
        row = self._queries.run(run_id)
        for one in self._queries.files(run_id) if row is not None else ():
            if row is not None and version in {one["version"], one["filename"]}:
                return self._half(row, one)
        raise NotFound(f"There is no {version!r} in the run {run_id!r}.")

    # -- one migration -------------------------------------------------------------------------------------------

    def story(self, connection: str, version: str, *, shared: bool = False) -> Story:
        """Everything that happened to one migration on a connection; `shared`: on every one with the same folder."""
        ids = self.sharing(connection) if shared else [connection]
        rows = self._queries.story(ids, version, _STORY_EVENTS)
        if not rows:
            raise NotFound(
                f"Nothing is known of {version!r} on {connection!r}.",
                hint="History begins with the first run through DB Toolkit.",
            )
        known = self._known()
        events, before = [], dict[str, Any]()
        for row in rows:
            run = self._run(
                {
                    key.removeprefix("run_"): row[key]
                    for key in row
                    if key.startswith("run_") and key != "run_id"
                }
                | {"run_id": row["run_id"], "error": None},
                known,
                with_files=False,
            )
            last = before.get(row["filename"]) or before.get("")
            edited = bool(last and row["sha256"] and last != row["sha256"])
            diff, left_out = self._diff(last, row["sha256"]) if edited and last else (None, False)
            events.append(
                StoryEvent(run=run, file=_file(row), edited=edited, diff=diff, diff_left_out=left_out)
            )
            before[row["filename"]] = before[""] = row["sha256"] or last
        newest = rows[-1]
        tool = tool_named(newest["run_tool"] or "dbmate")
        return Story(
            version=newest["version"],
            filename=newest["filename"],
            name=tool.name_of(newest["filename"]),
            connections=[*ids],
            events=events[::-1],
            total=len(events),
        )

    def sharing(self, connection: str) -> Sequence[str]:
        """The connections that share this one's migrations folder, itself included."""
        known = self._known()
        mine = known.get(connection)
        if mine is None:
            return [connection]
        place = folder_of(self._store, mine)
        return [one.id for one in known.values() if folder_of(self._store, one) == place]

    # -- inside --------------------------------------------------------------------------------------------------

    def _known(self) -> dict[str, StoredConnection]:
        return {one.id: one for one in self._store.all()[0]}

    def _run(
        self, row: dict[str, Any], known: dict[str, StoredConnection], *, with_files: bool = True
    ) -> HistoryRun:
        run_id = row["run_id"]
        files = self._queries.files(run_id, FILES_SHOWN + 1) if with_files else []
        counts: dict[str, int] = {}
        if len(files) > FILES_SHOWN:
            counts = self._queries.status_counts(run_id)
        else:
            for one in files:
                counts[one["status"]] = counts.get(one["status"], 0) + 1
        started, finished = moment_of(row["started_at"]), moment_of(row["finished_at"])
        stored = known.get(row["connection"])
        return HistoryRun(
            run_id=run_id,
            connection=row["connection"],
            connection_name=name_then(row),
            connection_exists=stored is not None,
            environment=row["environment"] or (str(stored.environment) if stored else None),
            engine=row["engine"],
            kind=row["kind"],
            direction=row["direction"],
            state=row["state"],
            started_at=started,
            finished_at=finished,
            clock=clock_of(row["started_at"], row["finished_at"]),
            duration_ms=measured(row["duration_ms"]),
            author=row["author"],
            os_user=row["os_user"],
            host=row["host"],
            tool=row["tool"],
            tool_version=row["tool_version"],
            app_version=row["app_version"],
            git_commit=row["git_commit"],
            backup_id=row["backup_id"],
            files=[_file(one) for one in files[:FILES_SHOWN]],
            file_count=sum(counts.values()),
            counts=counts,
            error=_json(row["error"]),
        )

    def _half(self, run: dict[str, Any], file: dict[str, Any]) -> HistoryContent:
        text = self._queries.content(file["sha256"]) if file["sha256"] else None
        if text is None:
            return HistoryContent(content=None, language=_language(run))
        tool = tool_named(run["tool"] or "dbmate")
        parsed = tool.parse(Path(file["filename"]), text.encode(errors="surrogateescape"))
        block = parsed.up if file["direction"] == "up" else parsed.down
        return HistoryContent(
            content=text,
            ran=block.body if block else None,
            ran_line=block.line if block else None,
            language=_language(run),
        )

    def _diff(self, before: str, after: str) -> tuple[str | None, bool]:
        """A unified diff of two kept texts, and whether it was left out for its size."""
        old, new = self._queries.content(before), self._queries.content(after)
        if old is None or new is None:
            return None, False
        old_lines, new_lines = old.splitlines(), new.splitlines()
        if max(len(old_lines), len(new_lines)) > _DIFF_LINES:
            return None, True
        found = difflib.unified_diff(old_lines, new_lines, before[:12], after[:12], lineterm="")
        return "\n".join(found), False


def measured(duration_ms: float | None) -> float | None:
    """A duration that can be one; a negative one is no duration."""
    return duration_ms if duration_ms is not None and duration_ms >= 0 else None


def clock_of(started_at: str | None, finished_at: str | None) -> Clock:
    started, finished = moment_of(started_at), moment_of(finished_at)
    if started is None or (finished_at and finished is None):
        return Clock.UNKNOWN
    if started > utc_now() + _A_DAY:
        return Clock.FUTURE
    return Clock.BACKWARDS if finished is not None and finished < started else Clock.OK


def folder_of(store: ConnectionStore, stored: StoredConnection) -> str:
    """The first migrations folder, absolute."""
    base = Path(stored.adopted) if stored.adopted else store.folder(stored.id)
    return str((base / (stored.migrations_dirs[0] if stored.migrations_dirs else "migrations")).resolve())


def _file(row: dict[str, Any]) -> HistoryFile:
    return HistoryFile(
        version=row["version"],
        filename=row["filename"],
        direction=row["direction"],
        status=row["status"],
        duration_ms=measured(row["duration_ms"]),
        waited_ms=measured(row["waited_ms"]),
        sha256=row["sha256"],
        partial=bool(row["partial"]),
        landed=_json(row["landed"]) or [],
        reconciled=bool(row["reconciled"]),
        error=_json(row["error"]),
    )


def name_then(row: Mapping[str, Any]) -> str:
    _, _, name = (row["database_key"] or "").partition("/")
    return name or str(row["connection"])


def _language(run: dict[str, Any]) -> str:
    return tool_named(run["tool"] or "dbmate").language


def moment_of(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _json(text: str | None) -> Any:
    if not text:
        return None
    try:
        return json.loads(text)
    except ValueError:
        return None
