"""What is true now, in one or two plain sentences. Pure."""

from __future__ import annotations

from backend.models.failure import Landed
from backend.models.migration import Direction, MigrationStatus

from .look import Look


def summary_of(look: Look) -> str:
    if look.row is None:
        if look.invalid:
            names = ", ".join(one.name for one in look.invalid[:3])
            return (
                f"It did not fail. The database holds {len(look.invalid)} invalid indexes, though: {names}."
            )
        applied = look.migration.status == MigrationStatus.APPLIED
        return "It did not fail: it is applied." if applied else "It did not fail, and is not applied."
    return " ".join([_what_happened(look), _what_is_left(look)])


def _what_happened(look: Look) -> str:
    verb = "Rolling it back" if look.direction == Direction.DOWN else "It"
    ended = "was interrupted" if look.row is not None and look.row["status"] == "interrupted" else "failed"
    applied = look.migration.status == MigrationStatus.APPLIED
    record = "is recorded as applied" if applied else "is not recorded as applied"
    return f"{verb} {ended}; it {record}."


def _what_is_left(look: Look) -> str:
    if look.unknown is not None:
        return f"What of it stayed is not known: {look.unknown}"
    if not look.could_stay:
        return "It ran in one transaction, which was rolled back: nothing of it is in the database."
    landed = len(look.some(Landed.LANDED))
    unsure = len(look.some(Landed.UNKNOWN))
    count = len(look.statements)
    if look.is_partial:
        told = f"{landed} of its {count} statements landed" if count else "Some of it stayed"
        if unsure:
            told += f", of {unsure} it is not known"
        shown = ", ".join(look.lines[:5]) + (
            f" and {len(look.lines) - 5} more" if len(look.lines) > 5 else ""
        )
        return f"{told}: {shown}."
    if landed:
        return f"{landed} of its {count} statements landed, though nothing of them shows in the schema."
    if unsure:
        return f"Nothing of it shows in the schema; of {unsure} of its statements it is not known whether they landed."
    return "Nothing of it is in the database."
