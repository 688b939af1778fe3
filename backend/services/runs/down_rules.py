"""What stands against rolling back, and the ways out. Pure.

The tools roll back the highest version they find and pass over what has no file. So a rollback that would undo another
migration than the one that is on top, or pull one out from under others, is refused with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from backend.core.errors import AppError, MigrationInvalid, MigrationNotFound, OutOfOrder
from backend.models.migration import Migration, MigrationFlag, RunMigration

Backups = Callable[[str], str | None]
"""Of a version: the backup that was made before the run that applied it, where there is one."""

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


def no_backups(version: str) -> None:
    """Where none are known."""


def what_is_in_the_way(chosen: Sequence[Migration], backups: Backups = no_backups) -> list[AppError]:
    """Of the chosen ones: no file, or nothing to roll back with."""
    problems: list[AppError] = []
    missing = [one for one in chosen if MigrationFlag.MISSING_FILE in one.flags]
    if missing:
        known = [one for one in missing if one.sha256]
        problems.append(
            MigrationNotFound(
                f"The file is missing of {names_of(missing)}, so it cannot be rolled back; the tool would roll back an"
                " older one instead.",
                hint="Restore the file from what ran, or mark the version as not applied."
                if known
                else "Bring the file back from version control, or mark the version as not applied.",
                files=[one.filename for one in missing],
                reason="missing_file",
                ways=[*_restore(known), *_backup_of(missing, backups), _forget(missing)],
            )
        )
    without = [one for one in chosen if not one.has_down and one not in missing]
    if without:
        problems.append(
            MigrationInvalid(
                f"There is nothing to roll back with in {names_of(without)}: the down part is missing or empty.",
                hint="Write the down part, or mark the migration as not applied.",
                files=[one.filename for one in without],
                reason="no_down",
                ways=ways_without_down(without, backups),
            )
        )
    return problems


def out_of_order(
    applied: Sequence[Migration], chosen: Sequence[Migration], redone: Collection[str] = ()
) -> list[AppError]:
    """Of all applied ones (newest first) those that stay, or come too late, make this order wrong.

    - A chosen one was followed by an older version that was applied later: undone in the tools' order, what came last
      would go last, or stay on what it may rely on.
    - Over the chosen ones a version stays that has no file: nothing can be said of what it relies on.
    - Between the chosen ones a version stays.
    """
    if not chosen:
        return []
    names = {one.filename for one in chosen}
    places = [at for at, one in enumerate(applied) if one.filename in names]
    above = [one for one in applied[: places[-1]] if one.filename not in names]
    between = [one for one in applied[places[0] : places[-1]] if one.filename not in names]
    problems: list[AppError] = []
    late_above = {one.filename for one in _ran_after_newer(applied, redone)} & {one.filename for one in above}
    after_chosen = {one.filename for one in _ran_after_newer(applied, redone, names)}
    late = [one for one in applied if one.filename in late_above | after_chosen]
    if late:
        staying = [one for one in late if one.filename not in names]
        problems.append(
            OutOfOrder(
                f"Applied out of order, after newer versions: {names_of(late)}. Rolled back by version,"
                f" {'they' if len(late) > 1 else 'it'} would {'stay on' if staying else 'go after'} what"
                f" {'they' if len(late) > 1 else 'it'} may rely on.",
                hint="Roll back first what was applied last, or go on in the order they were applied in.",
                files=[one.filename for one in late],
                reason="applied_out_of_order",
                ways=[
                    _roll_back(f"Roll back {names_of(late)} first", late),
                    *([_roll_back("Roll these back too", [*chosen, *staying])] if staying else []),
                ],
            )
        )
    lost = [one for one in above if MigrationFlag.MISSING_FILE in one.flags and one not in late]
    if lost:
        known = [one for one in lost if one.sha256]
        problems.append(
            MigrationNotFound(
                f"Above stays {names_of(lost)}, of which the file is missing: what it relies on cannot be told, and it"
                " cannot be rolled back first.",
                hint="Restore the file and roll it back too, or mark the version as not applied.",
                files=[one.filename for one in lost],
                reason="missing_file_above",
                ways=[*_restore(known), _forget(lost)],
            )
        )
    told = {name for problem in problems for name in problem.details["files"]}
    between = [one for one in between if one.filename not in told]
    if between:
        problems.append(
            OutOfOrder(
                f"Between the chosen ones {names_of(between)} would stay applied.",
                hint="Roll it back too, or choose only the newest ones.",
                files=[one.filename for one in between],
                reason="stays_between",
                ways=[_roll_back("Roll these back too", [*chosen, *between])],
            )
        )
    return problems


def what_stays_above(applied: Sequence[Migration], chosen: Sequence[Migration]) -> list[str]:
    names = {one.filename for one in chosen}
    top = next((at for at, one in enumerate(applied) if one.filename in names), 0)
    newer = applied[:top]
    return [f"Newer ones stay applied and may rely on it: {names_of(newer)}."] if newer else []


def latest_first(chosen: Sequence[Migration], redone: Collection[str] = ()) -> list[Migration]:
    """Newest version first, as the tools go; where that is not how they were applied, what was applied last first."""
    if not _ran_after_newer(chosen, redone) or any(one.applied_at is None for one in chosen):
        return list(chosen)
    return sorted(chosen, key=lambda one: one.applied_at or _LONG_AGO, reverse=True)


def names_of(migrations: Iterable[Migration | RunMigration]) -> str:
    """The first five filenames, and how many more."""
    names = [one.filename for one in migrations]
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def _ran_after_newer(
    applied: Sequence[Migration], redone: Collection[str], of: Collection[str] | None = None
) -> list[Migration]:
    """Those of the applied ones (newest first) that were run after a newer version was (one named in `of`, if given).

    Only where a run was measured: marking a file by hand moves nothing, and other tools tell no time.
    """
    found = []
    earliest: datetime | None = None
    for one in applied:
        at = one.applied_at
        if at is None or one.version in redone:
            continue
        if earliest is not None and at > earliest and one.duration_ms is not None:
            found.append(one)
        if (of is None or one.filename in of) and (earliest is None or at < earliest):
            earliest = at
    return found


def ways_without_down(without: Sequence[Migration], backups: Backups = no_backups) -> list[dict[str, Any]]:
    """Write it, have it generated, go back to the backup, or forget the version."""
    return [
        _way("write_down", "migration:update", "Write the down part", without[:1]),
        _way("generate_down", "migration:generate-down", "Generate the down part", without[:1]),
        *_backup_of(without, backups),
        _forget(without),
    ]


def _backup_of(migrations: Sequence[Migration], backups: Backups) -> list[dict[str, Any]]:
    """The backup from before the first of them was applied: it holds none of them."""
    for one in sorted(migrations, key=lambda one: one.applied_at or _LONG_AGO):
        found = backups(one.version)
        if found is None:
            return []
        way = _way(
            "restore_backup", "backup:restore", f"Restore the backup from before {one.filename}", [one]
        )
        return [{**way, "backup_id": found}]
    return []


def _restore(known: Sequence[Migration]) -> list[dict[str, Any]]:
    if not known:
        return []
    noun = "the file" if len(known) == 1 else f"{len(known)} files"
    return [_way("restore_file", "migration:restore", f"Restore {noun} from what ran", known)]


def _forget(migrations: Sequence[Migration]) -> dict[str, Any]:
    way = _way("mark_not_applied", "migration:baseline", "Mark as not applied", migrations)
    return {**way, "mark": "not_applied"}


def _roll_back(label: str, migrations: Sequence[Migration]) -> dict[str, Any]:
    return _way("roll_back", "migration:down", label, migrations)


def _way(code: str, channel: str, label: str, migrations: Sequence[Migration]) -> dict[str, Any]:
    """A button: what it is, the channel to call and the filenames to call it with."""
    return {
        "code": code,
        "channel": channel,
        "label": label,
        "versions": [one.filename for one in migrations],
    }
