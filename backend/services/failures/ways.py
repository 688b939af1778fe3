"""The ways out of a failure, each with what it would run and what it would lose, or why it cannot be taken. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from backend.engine.schema.model import Step
from backend.models.failure import Landed, Way, WayCode
from backend.models.migration import Direction, MigrationStatus

from .cleaning import CleanUp
from .look import Look
from .remainder import Remainder


@dataclass(frozen=True, slots=True)
class Restorable:
    """The backup of the run, and why it cannot be restored."""

    backup_id: str | None = None
    problem: str | None = None
    losses: tuple[str, ...] = ()


def ways_of(look: Look, remainder: Remainder, cleaning: CleanUp, backup: Restorable) -> list[Way]:
    """In the order they are shown; one is recommended where one is better than the others."""
    ways = []
    if look.row is not None:
        ways = [
            _retry(look),
            _remainder(look, remainder),
            _clean_up(look, cleaning),
            _restore(backup),
            _mark_applied(look),
            _mark_not_applied(look),
        ]
    if look.invalid:
        ways.insert(3 if ways else 0, _drop_invalid(look))
    best = _best(look, {way.code: way for way in ways if way.available}, cleaning)
    for way in ways:
        way.recommended = way.code == best
    return ways


def text_of(step: Step) -> str:
    return step.sql.rstrip().rstrip(";") + ";"


def _retry(look: Look) -> Way:
    verb = "Run the file again" if look.direction == Direction.UP else "Roll back again"
    reason = None
    if look.is_partial:
        reason = "Some of it is in the database: run again, it would meet what is there already."
    elif look.unknown is not None:
        reason = look.unknown
    elif any(one.state == Landed.LANDED for one in look.statements):
        reason = "Some of its statements changed rows that are still changed: they would run twice."
    unsure = any(one.state == Landed.UNKNOWN for one in look.statements)
    says = (
        "Nothing of it is in the database."
        if not unsure
        else ("Nothing of it shows in the schema; whether rows were changed is not known of every statement.")
    )
    return _way(WayCode.RETRY, verb, says, reason)


def _remainder(look: Look, found: Remainder) -> Way:
    count = len(found.statements)
    what = "applied" if look.direction == Direction.UP else "rolled back"
    says = (
        f"Runs the {count} statement{'s' if count != 1 else ''} that did not land, with the tool, and records the"
        f" migration as {what}. Mend the file first where the one that failed would fail again."
    )
    return _way(WayCode.RUN_REMAINDER, "Run the rest", says, found.reason, statements=found.statements)


def _clean_up(look: Look, found: CleanUp) -> Way:
    back = (
        "as it was before the migration"
        if look.direction == Direction.UP
        else "as it was before the rollback"
    )
    says = " ".join([f"Undoes what landed, so that the schema is {back}; nothing is recorded.", *found.notes])
    return _way(
        WayCode.CLEAN_UP,
        "Clean up",
        says,
        found.reason,
        statements=[text_of(one) for one in found.steps],
        losses=found.losses,
    )


def _drop_invalid(look: Look) -> Way:
    count = len(look.invalid)
    return _way(
        WayCode.DROP_INVALID_INDEXES,
        f"Drop {count} invalid index{'es' if count != 1 else ''}",
        "An invalid index is kept up at each write and never used: a CREATE INDEX or REINDEX CONCURRENTLY left it. No"
        " row is lost with it.",
        None,
        statements=[f"{one.drop};" for one in look.invalid],
    )


def _restore(backup: Restorable) -> Way:
    reason = backup.problem or (None if backup.backup_id else "No backup was made before the run.")
    way = _way(
        WayCode.RESTORE,
        "Restore the backup",
        "The database becomes what it was before the run; what was written to it since goes. What is there now is backed"
        " up first.",
        reason,
        losses=list(backup.losses),
    )
    way.backup_id = backup.backup_id
    return way


def _mark_applied(look: Look) -> Way:
    reason = None
    if look.migration.status == MigrationStatus.APPLIED:
        reason = "It is recorded as applied already."
    missing = [one for one in look.statements if one.state != Landed.LANDED]
    says = "Writes the version into the migrations table and runs nothing."
    if missing and look.could_stay:
        says += f" {len(missing)} of its {len(look.statements)} statements are not known to have landed."
    elif not look.could_stay:
        says += " Nothing of it landed: only right where its work was done by hand."
    return _way(WayCode.MARK_APPLIED, "Mark as applied", says, reason)


def _mark_not_applied(look: Look) -> Way:
    reason = None
    if look.migration.status != MigrationStatus.APPLIED:
        reason = "It is not recorded as applied."
    says = "Takes the version out of the migrations table and runs nothing; what is in the database stays."
    return _way(WayCode.MARK_NOT_APPLIED, "Mark as not applied", says, reason)


def _best(look: Look, ways: dict[WayCode, Way], cleaning: CleanUp) -> WayCode | None:
    if look.row is None:
        return WayCode.DROP_INVALID_INDEXES if WayCode.DROP_INVALID_INDEXES in ways else None
    own = {line[2:] for line in look.lines}
    if WayCode.DROP_INVALID_INDEXES in ways and own <= {f"index {one.name}" for one in look.invalid}:
        return WayCode.DROP_INVALID_INDEXES
    if look.statements and all(one.state == Landed.LANDED for one in look.statements):
        done = WayCode.MARK_APPLIED if look.direction == Direction.UP else WayCode.MARK_NOT_APPLIED
        if done in ways:
            return done
    order = [WayCode.RETRY, WayCode.CLEAN_UP, WayCode.RUN_REMAINDER, WayCode.RESTORE]
    if cleaning.notes or look.direction == Direction.DOWN:
        order = [WayCode.RETRY, WayCode.RUN_REMAINDER, WayCode.RESTORE, WayCode.CLEAN_UP]
    return next((code for code in order if code in ways), None)


def _way(
    code: WayCode,
    title: str,
    says: str,
    reason: str | None,
    *,
    statements: list[str] | None = None,
    losses: list[str] | None = None,
) -> Way:
    return Way(
        code=code,
        title=title,
        says=says,
        available=reason is None,
        reason=reason,
        statements=statements or [],
        losses=losses or [],
    )
