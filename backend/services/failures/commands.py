"""MongoDB's commands, as the runner saw them go and heard of them, as the statements of a failure. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from backend.models.failure import FailedStatement, Landed


def as_statements(commands: Sequence[Mapping[str, Any]]) -> list[FailedStatement]:
    """In the order they were sent. Those of a client that the migration made itself are not among them."""
    found = []
    for index, one in enumerate(commands):
        state, why = _state(one)
        found.append(
            FailedStatement(
                index=index,
                sql=str(one.get("text") or one.get("name")),
                state=state,
                why=why,
                failed_here=one.get("ok") is False,
            )
        )
    return found


def _state(one: Mapping[str, Any]) -> tuple[Landed, str]:
    if one.get("ok") is None:
        return Landed.UNKNOWN, "It was sent, and the run ended before the server answered."
    if one["ok"] is False:
        return Landed.NOT_LANDED, f"The server refused it: {one.get('error') or 'no reason was given'}."
    if one.get("transaction") in ("aborted", "open"):
        return Landed.NOT_LANDED, "The server ran it in a transaction that was not committed."
    count = one.get("n")
    told = "The server answered that it was done" + (f" ({count} documents)." if count is not None else ".")
    if one.get("partly"):
        return Landed.UNKNOWN, f"The server did a part of it: {one.get('error')}."
    return Landed.LANDED, told
