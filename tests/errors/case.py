"""One way to make a server complain, and what the app must say of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    name: str
    sql: str
    """The up half that fails: SQL, or the body of `up` for MongoDB."""
    code: str
    reason: str | None
    line: int | None = None
    """In the file, whose first line is the directive."""
    setup: tuple[str, ...] = ()
    """Run before, by somebody else's connection."""
    option: str = ""
    """What stands behind `migrate:up`."""

    def __str__(self) -> str:
        return self.name
