"""Which files a run takes, in which order, and what refuses it before anything runs. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from backend.core.errors import (
    AppError,
    InvalidRequest,
    MigrationApplied,
    MigrationInvalid,
    MigrationNotFound,
    OutOfOrder,
)
from backend.models.migration import Direction, Migration, MigrationFlag, MigrationStatus

from . import down_rules
from .down_rules import names_of


@dataclass(frozen=True, slots=True)
class Selection:
    """What the caller asked for: chosen versions, or up to / down to one, or a count, or (up) everything."""

    versions: Sequence[str] | None = None
    to: str | None = None
    count: int | None = None

    def check(self) -> None:
        given = [name for name in ("versions", "to", "count") if getattr(self, name) is not None]
        if len(given) > 1:
            raise InvalidRequest(f"Give one of versions, to or count, not {' and '.join(given)}.")
        if self.versions is not None and not self.versions:
            raise InvalidRequest("`versions` is empty.")


@dataclass(frozen=True, slots=True)
class RunPlan:
    """The files in the order they run; `problems` refuse the run, `warnings` do not."""

    direction: Direction
    migrations: list[Migration]
    problems: list[AppError] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def plan_up(migrations: Sequence[Migration], selection: Selection, *, allow_out_of_order: bool) -> RunPlan:
    """Pending and failed files, oldest first."""
    selection.check()
    pending = [one for one in migrations if one.status != MigrationStatus.APPLIED]
    chosen = pending
    warnings: list[str] = []
    if selection.versions is not None:
        wanted = [_find(migrations, version) for version in selection.versions]
        applied = [one for one in wanted if one.status == MigrationStatus.APPLIED]
        if applied:
            raise MigrationApplied(
                f"Already applied: {names_of(applied)}.",
                hint="Choose pending migrations.",
                versions=[one.version for one in applied],
            )
        names = {one.filename for one in wanted}
        chosen = [one for one in pending if one.filename in names]
        last_chosen = pending.index(chosen[-1]) if chosen else 0
        skipped = [one for one in pending[:last_chosen] if one.filename not in names]
        if skipped:
            warnings.append(f"Older ones stay pending and will be out of order: {names_of(skipped)}.")
    elif selection.to is not None:
        last = migrations.index(_find(migrations, selection.to))
        chosen = [one for one in migrations[: last + 1] if one.status != MigrationStatus.APPLIED]
    elif selection.count is not None:
        chosen = pending[: selection.count]
    problems: list[AppError] = [*_invalid(chosen), *_duplicates(chosen)]
    late = [one for one in chosen if MigrationFlag.OUT_OF_ORDER in one.flags]
    if late and allow_out_of_order:
        warnings.append(f"Older than the newest applied one: {names_of(late)}.")
    elif late:
        problems.append(
            OutOfOrder(
                f"Older than the newest applied one: {names_of(late)}.",
                hint="Rename them to come after the applied ones, or allow out-of-order runs.",
                files=[one.filename for one in late],
            )
        )
    return RunPlan(Direction.UP, chosen, problems, warnings)


def plan_down(
    migrations: Sequence[Migration],
    selection: Selection,
    *,
    allow_out_of_order: bool = False,
    redone: Collection[str] = (),
    backups: down_rules.Backups = down_rules.no_backups,
) -> RunPlan:
    """Applied files, newest first. What stands in the way is in `down_rules`; `allow_out_of_order` passes over an order
    that is not the reverse of how they were applied, and goes by that order itself. `redone`: versions a redo applied
    again, whose time says nothing of the order."""
    selection.check()
    applied = [one for one in migrations if one.status == MigrationStatus.APPLIED][::-1]
    if selection.versions is not None:
        wanted = [_find(migrations, version, applied_first=True) for version in selection.versions]
        pending = [one for one in wanted if one.status != MigrationStatus.APPLIED]
        if pending:
            raise InvalidRequest(
                f"Not applied, so there is nothing to roll back: {names_of(pending)}.",
                versions=[one.version for one in pending],
            )
        names = {one.filename for one in wanted}
        chosen = [one for one in applied if one.filename in names]
    elif selection.to is not None:
        stays = _find(migrations, selection.to, applied_first=True)
        if stays.status != MigrationStatus.APPLIED:
            raise InvalidRequest(
                f"{stays.filename} is not applied, so it cannot be the one that stays.",
                hint="Name an applied version.",
            )
        chosen = applied[: applied.index(stays)]
    else:
        chosen = applied[: selection.count or 1]
    problems = down_rules.what_is_in_the_way(chosen, backups)
    in_the_way = {name for problem in problems for name in problem.details["files"]}
    problems += [*_invalid([one for one in chosen if one.filename not in in_the_way]), *_duplicates(chosen)]
    order = down_rules.out_of_order(applied, chosen, redone)
    if order and not allow_out_of_order:
        return RunPlan(Direction.DOWN, chosen, [*problems, *order], [])
    warnings = [problem.message for problem in order] or down_rules.what_stays_above(applied, chosen)
    return RunPlan(Direction.DOWN, down_rules.latest_first(chosen, redone), problems, warnings)


def plan_failed(
    migrations: Sequence[Migration], versions: Sequence[str] | None, *, allow_out_of_order: bool
) -> RunPlan:
    """The failed ones again, oldest first."""
    if versions is None:
        failed = [one.filename for one in migrations if one.status == MigrationStatus.FAILED]
        if not failed:
            return RunPlan(Direction.UP, [])
        versions = failed
    else:
        others = [
            one for one in (_find(migrations, v) for v in versions) if one.status != MigrationStatus.FAILED
        ]
        if others:
            raise InvalidRequest(f"Not failed, so there is nothing to retry: {names_of(others)}.")
    return plan_up(migrations, Selection(versions=versions), allow_out_of_order=allow_out_of_order)


def _find(migrations: Sequence[Migration], version: str, *, applied_first: bool = False) -> Migration:
    named = [one for one in migrations if one.filename == version]
    found = named or [one for one in migrations if one.version == version]
    if applied_first and len(found) > 1:
        found = [one for one in found if one.status == MigrationStatus.APPLIED] or found
    if not found:
        raise MigrationNotFound(f"There is no migration {version!r}.", version=version)
    if len(found) > 1:
        raise MigrationInvalid(
            f"{len(found)} files have the version {version}: {names_of(found)}.",
            hint="Give one of them another version.",
            files=[one.filename for one in found],
            reason="duplicate_version",
        )
    return found[0]


def _invalid(chosen: Sequence[Migration]) -> list[AppError]:
    bad = [one for one in chosen if MigrationFlag.INVALID in one.flags]
    if not bad:
        return []
    said = "; ".join(
        f"{one.filename}: {one.problems[0].message if one.problems else 'not valid'}" for one in bad[:5]
    )
    return [
        MigrationInvalid(
            f"{said}{f' and {len(bad) - 5} more' if len(bad) > 5 else ''}",
            hint="Mend the file; nothing has run.",
            files=[one.filename for one in bad],
            reason="invalid",
            problems=[
                {"file": one.filename, **problem.model_dump()}
                for one in bad[:20]
                for problem in one.problems[:5]
            ],
        )
    ]


def _duplicates(chosen: Sequence[Migration]) -> list[AppError]:
    bad = [one for one in chosen if MigrationFlag.DUPLICATE_VERSION in one.flags]
    if not bad:
        return []
    return [
        MigrationInvalid(
            f"Another file has the same version as {names_of(bad)}.",
            hint="The tool records a version once. Give one of the files another version.",
            files=[one.filename for one in bad],
            reason="duplicate_version",
        )
    ]
