"""The error catalogue and the report of an error, as they cross the wall."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from .base import Model


class ErrorAction(Model):
    """A fix as a button."""

    code: str
    label: str
    does: str


class ErrorEntry(Model):
    """What is known of a code, or of a reason (`details.reason`), which says it finer."""

    key: str
    group: str
    """`codes`, or the reasons' group."""
    title: str
    means: str
    causes: list[str]
    advice: str
    fixes: list[str]
    """Codes of actions, the likeliest first."""
    data: str | None = None
    """What it means for the data; null: as the error's code says."""
    engines: dict[str, str] = Field(default_factory=dict)
    """What more there is to say for one engine."""


class ErrorCatalogue(Model):
    entries: list[ErrorEntry]
    actions: list[ErrorAction]


class ErrorReportRequest(Model):
    error: dict[str, Any]
    """The envelope's error."""
    channel: str | None = None
    connection: str | None = None
    probe: bool = False
    """Ask the server for its version; else the report says `unknown`."""


class ErrorReport(Model):
    title: str
    details: str
    """Plain text: code, versions, details. Redacted."""
    markdown: str
    """The prefilled text of an issue. Redacted."""
    url: str | None = None
    """Where issues are opened; null where the project names no place."""
