"""What may need a person, told in order of gravity. Pure: from the migrations as they are and the ledger's last word."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from backend.models.dashboard import Attention, AttentionAction, AttentionKind
from backend.models.finding import Severity
from backend.models.migration import Migration, MigrationFlag, MigrationStatus
from backend.models.schema_diff import Drift
from backend.store.ledger import LastKnown

_SHOWN = 5
STALE_AFTER = timedelta(days=30)
"""How old the newest good backup of a connection that wants backups may be."""
_Known = Mapping[str, LastKnown]


@dataclass(frozen=True)
class _Rule:
    kind: AttentionKind
    severity: Severity
    action: AttentionAction
    is_one: Callable[[Migration, _Known], bool]
    one: str
    many: str


def _has(flag: MigrationFlag) -> Callable[[Migration, _Known], bool]:
    return lambda migration, _: flag in migration.flags


def _interrupted(migration: Migration, known: _Known) -> bool:
    last = known.get(migration.version)
    return migration.status == MigrationStatus.FAILED and last is not None and last.status == "interrupted"


def _is_partial(migration: Migration) -> bool:
    return MigrationFlag.PARTIAL in migration.flags


def _no_down(migration: Migration, _: _Known) -> bool:
    is_sound = MigrationFlag.INVALID not in migration.flags
    return migration.status == MigrationStatus.PENDING and not migration.has_down and is_sound


_RULES = (
    _Rule(
        AttentionKind.PARTIAL,
        Severity.CRITICAL,
        AttentionAction.OPEN,
        _has(MigrationFlag.PARTIAL),
        "1 migration stopped half way: some of its statements stayed in the database.",
        "{n} migrations stopped half way: some of their statements stayed in the database.",
    ),
    _Rule(
        AttentionKind.FAILED,
        Severity.CRITICAL,
        AttentionAction.RETRY,
        lambda one, known: (
            one.status == MigrationStatus.FAILED and not _is_partial(one) and not _interrupted(one, known)
        ),
        "1 migration failed and is not applied.",
        "{n} migrations failed and are not applied.",
    ),
    _Rule(
        AttentionKind.INTERRUPTED,
        Severity.HIGH,
        AttentionAction.RETRY,
        lambda one, known: _interrupted(one, known) and not _is_partial(one),
        "1 migration was interrupted before it ended; it is not applied.",
        "{n} migrations were interrupted before they ended; they are not applied.",
    ),
    _Rule(
        AttentionKind.DUPLICATE,
        Severity.HIGH,
        AttentionAction.SHOW,
        _has(MigrationFlag.DUPLICATE_VERSION),
        "1 file has the version of another: only one of them can be recorded.",
        "{n} files share a version with another: only one of each can be recorded.",
    ),
    _Rule(
        AttentionKind.INVALID,
        Severity.HIGH,
        AttentionAction.OPEN,
        _has(MigrationFlag.INVALID),
        "1 file would be refused as it is.",
        "{n} files would be refused as they are.",
    ),
    _Rule(
        AttentionKind.OUT_OF_ORDER,
        Severity.MEDIUM,
        AttentionAction.SHOW,
        _has(MigrationFlag.OUT_OF_ORDER),
        "1 pending migration is older than the newest applied one.",
        "{n} pending migrations are older than the newest applied one.",
    ),
    _Rule(
        AttentionKind.MISSING_FILE,
        Severity.MEDIUM,
        AttentionAction.SHOW,
        _has(MigrationFlag.MISSING_FILE),
        "1 applied migration has no file any more.",
        "{n} applied migrations have no file any more.",
    ),
    _Rule(
        AttentionKind.EDITED,
        Severity.MEDIUM,
        AttentionAction.SHOW,
        _has(MigrationFlag.EDITED),
        "1 file was changed after it was applied.",
        "{n} files were changed after they were applied.",
    ),
    _Rule(
        AttentionKind.NO_DOWN,
        Severity.LOW,
        AttentionAction.OPEN,
        _no_down,
        "1 pending migration has nothing to roll it back with.",
        "{n} pending migrations have nothing to roll them back with.",
    ),
)


def attention_of(migrations: Sequence[Migration], known: _Known, *, read_only: bool) -> list[Attention]:
    """What needs a look, gravest first."""
    found = []
    for rule in _RULES:
        those = [one for one in migrations if rule.is_one(one, known)]
        if those:
            found.append(_attention(rule, those))
    due = [one for one in migrations if one.status != MigrationStatus.APPLIED]
    if read_only and due:
        count = len(due)
        found.append(
            Attention(
                kind=AttentionKind.READ_ONLY,
                severity=Severity.INFO,
                count=count,
                message=f"The connection is read-only, so {_things(count)} cannot be applied from here.",
                action=AttentionAction.CONNECTION,
            )
        )
    return found


def without_backup(newest: datetime | None, now: datetime) -> Attention | None:
    """Where backups are wanted and the newest good one is old, or there is none."""
    if newest is not None and now - newest <= STALE_AFTER:
        return None
    days = (now - newest).days if newest is not None else 0
    said = (
        f"The newest good backup is {days} days old."
        if newest is not None
        else "There is no good backup yet."
    )
    return Attention(
        kind=AttentionKind.STALE_BACKUP,
        severity=Severity.MEDIUM,
        count=1,
        message=said,
        at=newest,
        action=AttentionAction.BACKUP,
    )


def broken_restore(runs: Sequence[Mapping[str, Any]]) -> Attention | None:
    """`runs` of the ledger, newest first: a restore that was interrupted, until a later run ended well."""
    for run in runs:
        if run["state"] == "ok":
            return None
        if run["kind"] == "restore" and run["state"] == "interrupted":
            error = json.loads(run["error"] or "{}")
            return Attention(
                kind=AttentionKind.INTERRUPTED,
                severity=Severity.CRITICAL,
                count=1,
                message="A restore was interrupted: the database may hold neither what was there nor the backup.",
                detail=error.get("message"),
                at=datetime.fromisoformat(run["started_at"]),
                action=AttentionAction.BACKUP,
            )
    return None


def drifted(drift: Drift) -> Attention:
    """The database is not what its applied migrations make, as it was last found."""
    count = drift.total
    names = [one.id.partition(" ")[2] or one.name for one in drift.changes[:_SHOWN]]
    more = count - len(names)
    return Attention(
        kind=AttentionKind.DRIFT,
        severity=Severity.MEDIUM,
        count=count,
        message=(
            "1 object differs from what the applied migrations make."
            if count == 1
            else f"{count:,} objects differ from what the applied migrations make."
        ),
        detail=", ".join(names) + (f" and {more:,} more" if more > 0 else ""),
        action=AttentionAction.DRIFT,
        at=drift.checked_at,
    )


def risky(those: Sequence[Migration], severity: Severity, detail: str | None) -> Attention:
    """Pending files that a risk rule calls high or critical."""
    count = len(those)
    carry = "carries" if count == 1 else "carry"
    return Attention(
        kind=AttentionKind.RISKY_PENDING,
        severity=severity,
        count=count,
        message=f"{_things(count).capitalize()} {carry} a {severity} risk.",
        detail=detail,
        action=AttentionAction.OPEN,
        **_names(those),
    )


def _attention(rule: _Rule, those: Sequence[Migration]) -> Attention:
    first = those[0]
    detail = first.error or (first.problems[0].message if first.problems else None)
    return Attention(
        kind=rule.kind,
        severity=rule.severity,
        count=len(those),
        message=rule.one if len(those) == 1 else rule.many.format(n=f"{len(those):,}"),
        detail=detail if rule.severity in {Severity.HIGH, Severity.CRITICAL} else None,
        action=rule.action,
        **_names(those),
    )


def _names(those: Sequence[Migration]) -> dict[str, list[str]]:
    return {
        "versions": [one.version for one in those[:_SHOWN]],
        "filenames": [one.filename for one in those[:_SHOWN]],
    }


def _things(count: int) -> str:
    return "1 pending migration" if count == 1 else f"{count:,} pending migrations"
