"""Which backups may go. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from backend.models.backup import Backup, BackupReason, BackupSettings, BackupState

PINNED = "You keep it."
NEWEST = "It is the newest good one."
FAILED = "The run after it did not succeed."
BY_HAND = "You made it yourself."


def kept_because(backup: Backup, backups: Sequence[Backup], unsettled: Collection[str]) -> list[str]:
    """Why neither count nor age removes it. `unsettled`: ids that runs name which failed, were cancelled or still run."""
    why = []
    if backup.pinned:
        why.append(PINNED)
    good = [one for one in backups if one.state == BackupState.GOOD]
    if good and max(good, key=lambda one: (one.created_at, one.id)).id == backup.id:
        why.append(NEWEST)
    if backup.id in unsettled:
        why.append(FAILED)
    if backup.reason == BackupReason.MANUAL:
        why.append(BY_HAND)
    return why


def removable(
    backups: Sequence[Backup], settings: BackupSettings, unsettled: Collection[str], now: datetime
) -> list[Backup]:
    """Oldest first. What is kept for a reason of its own does not use up the count."""
    free = [
        one
        for one in sorted(backups, key=lambda one: (one.created_at, one.id))
        if not kept_because(one, backups, unsettled)
    ]
    too_many = len(free) - settings.keep_count if settings.keep_count is not None else 0
    oldest = now - timedelta(days=settings.keep_days) if settings.keep_days is not None else None
    return [
        one
        for number, one in enumerate(free)
        if number < too_many or (oldest is not None and one.created_at < oldest)
    ]
