"""What an unfinished batch left over, from the ledger and the database as they are now, and running the rest of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from backend.core.errors import InvalidRequest, NotFound
from backend.models.migration import Direction, Migration, MigrationStatus, Resumable, Run
from backend.services.migrations import MigrationService, View
from backend.store.ledger import Ledger

from .service import Runs

_UNFINISHED = frozenset({"failed", "cancelled", "interrupted"})
_DONE = frozenset({"applied", "rolled_back"})
_LOOK_BACK = 20


class Resume:
    def __init__(self, migrations: MigrationService, runs: Runs, ledger: Ledger) -> None:
        self._migrations = migrations
        self._runs = runs
        self._ledger = ledger

    def last(self, connection_id: str) -> Resumable | None:
        """The last batch, where it did not get to its end and something of it is still to be done.

        Marking files by hand afterwards does not end it: what was marked is done, the rest is left.
        """
        view = self._migrations.view(connection_id)
        if view.problem is not None:
            return None
        for row in self._ledger.runs(connection_id, _LOOK_BACK):
            if row["kind"] == "restore":
                return None
            if row["state"] in _UNFINISHED:
                found = self._of_row(view, row)
                return found if found.left else None
            if row["kind"] != "baseline":
                return None
        return None

    def of_run(self, connection_id: str, run_id: str) -> Resumable:
        """What is left of this run. Raises NotFound, and InvalidRequest while it still runs."""
        # A look settles what a crashed app left `running`.
        view = self._migrations.view(connection_id)
        if view.problem is not None:
            raise view.problem
        row = self._ledger.run_of(connection_id, run_id)
        if row is None:
            raise NotFound(f"There is no run {run_id!r} of {view.resolved.name}.")
        if row["state"] == "running":
            raise InvalidRequest("This run is not over yet.", hint="Wait for it, or cancel it.")
        return self._of_row(view, row)

    def resume(
        self,
        connection: str,
        run_id: str,
        confirm: str | None = None,
        backup: bool | None = None,
        allow_out_of_order: bool = False,
    ) -> Run:
        """Run what is left, planned anew: the same checks, the same consent. Nothing left is a run of nothing."""
        rest = self.of_run(connection, run_id)
        allowed: Mapping[str, Any] = {"confirm": confirm, "allow_out_of_order": allow_out_of_order}
        if not rest.left:
            return Run(run_id="", connection=connection, direction=rest.direction, ok=True)
        if rest.kind == "baseline":
            mark = "applied" if rest.direction == Direction.UP else "not_applied"
            return self._runs.baseline(connection, versions=rest.left, mark=mark, confirm=confirm)
        if rest.direction == Direction.UP:
            return self._runs.up(connection, versions=rest.left, backup=backup, **allowed)
        if rest.kind == "redo":
            return self._runs.redo(connection, version=rest.left[0], backup=backup, **allowed)
        return self._runs.down(connection, versions=rest.left, backup=backup, **allowed)

    def _of_row(self, view: View, row: Mapping[str, Any]) -> Resumable:
        files = self._ledger.migrations_of(row["run_id"])
        direction = Direction(row["direction"])
        now = {one.filename: one for one in view.migrations}
        done = [file["filename"] for file in files if file["status"] in _DONE]
        failed = [file["filename"] for file in files if file["status"] in {"failed", "interrupted"}]
        left = _left(files, now, direction)
        return Resumable(
            run_id=row["run_id"],
            kind=row["kind"],
            direction=direction,
            state=row["state"],
            started_at=row["started_at"],
            planned=len(files),
            done=done,
            failed=failed,
            left=left,
            gone=[
                file["filename"]
                for file in files
                if file["status"] not in _DONE and file["filename"] not in now
            ],
        )


def _left(
    files: Sequence[Mapping[str, Any]], now: Mapping[str, Migration], direction: Direction
) -> list[str]:
    """Not done then, and not done since. A file that is no longer there cannot be run: it is `gone`."""
    found = []
    for file in files:
        migration = now.get(file["filename"])
        if file["status"] in _DONE or migration is None:
            continue
        is_applied = migration.status == MigrationStatus.APPLIED
        if is_applied != (direction == Direction.UP):
            found.append(migration.filename)
    return found
