"""What changed between two fingerprints, in words. Pure."""

from __future__ import annotations

from collections.abc import Mapping

_MOST = 200


def what_landed(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """`+ table users`, `- index users_email`, `~ view totals`; parts of a new or dropped table are left to the table."""
    added = [key for key in after if key not in before]
    gone = [key for key in before if key not in after]
    changed = [key for key in after if key in before and before[key] != after[key]]
    lines = [f"+ {key}" for key in _without_parts(added)]
    lines += [f"- {key}" for key in _without_parts(gone)]
    lines += [f"~ {key}" for key in changed]
    if len(lines) > _MOST:
        return [*lines[:_MOST], f"… and {len(lines) - _MOST} more"]
    return lines


def _without_parts(keys: list[str]) -> list[str]:
    owners = {
        key.split(" ", 1)[1] for key in keys if key.startswith(("table ", "collection ")) and " " in key
    }
    return [
        key
        for key in keys
        if not (key.startswith("column ") and key.split(" ", 1)[1].rpartition(".")[0] in owners)
    ]
