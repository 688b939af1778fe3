"""The down that a text was given: what `migration:generate-down` answers."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from .base import Model


class UndoStep(Model):
    """One statement of the up and what undoes it."""

    up: str
    """The statement on one line, shortened."""
    down: str | None
    """What undoes it; null where nothing has to, or nothing can."""
    line: int
    """Where it begins in the up's text, from 1."""
    source: Literal["text", "schema", "none"]
    """What the down was made from; `none` where it cannot be made."""
    note: str | None = None
    undone: bool = True
    """False where some of it cannot be undone; `note` says why."""


class GeneratedDown(Model):
    down: str
    """Ready for its half of the file: statements in reverse order, and a comment for each that cannot be undone."""
    transaction: bool
    """Whether the half may run in a transaction."""
    steps: list[UndoStep] = Field(default_factory=list)
    complete: bool
    """Every statement can be undone. Rows and values that are lost are not brought back all the same."""
    used_schema: bool
    """The live schema was looked at."""
    schema_problem: str | None = None
    """Why it was not, where it was wanted."""
