"""Consent, enforced here and not in the UI: read-only connections refuse, losses and production ask for the name."""

from __future__ import annotations

from collections.abc import Sequence

from backend.core.errors import ConfirmationRequired, ReadOnly

from .connections import Resolved


def refuse_read_only(resolved: Resolved, doing: str) -> None:
    """Raise ReadOnly where the connection may not be written to."""
    if resolved.stored.read_only:
        raise ReadOnly(f"{resolved.name} is read-only: DB Toolkit will not {doing}.")


def ask(
    resolved: Resolved, confirm: str | None, doing: str, losses: Sequence[str], *, always: bool = False
) -> None:
    """Raise ConfirmationRequired unless `confirm` is the connection's name, where something is lost, where the
    connection is production, or `always`."""
    if not (losses or resolved.is_production or always) or confirm == resolved.name:
        return
    if resolved.is_production:
        why = f"{resolved.name} is a production connection."
    elif losses:
        why = "Data would be lost, or it cannot be shown that none is."
    else:
        why = "This cannot be undone."
    raise ConfirmationRequired(
        f"{doing}: {why}",
        hint=f"Send `confirm` with the connection's name, {resolved.name!r}.",
        confirm=resolved.name,
        losses=list(losses),
        production=resolved.is_production,
    )
