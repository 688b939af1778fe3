"""Time, always UTC."""

from __future__ import annotations

from datetime import UTC, datetime


def utc_now() -> datetime:
    return datetime.now(UTC)


def from_iso(text: str | None) -> datetime | None:
    """A stored ISO 8601 text as a moment; None for None."""
    return datetime.fromisoformat(text) if text else None
