"""Jobs: long channels while they run."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from pydantic import Field

from .base import Model, Moment


class JobState(StrEnum):
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Job(Model):
    job_id: str
    channel: str
    connection: str | None = None
    state: JobState
    done: int = 0
    total: int = 0
    message: str = ""
    started_at: Moment
    finished_at: Moment | None = None
    duration_ms: float | None = None
    """Measured by a clock that never jumps; `finished_at` may lie before `started_at` where the system's clock was set."""
    cancellable: bool = True
    result: Any = None
    error: dict[str, Any] | None = None
    log: list[str] = Field(default_factory=list)
    files: list[dict[str, Any]] = Field(default_factory=list)
    """Per-file progress of a run: {version, filename, state, duration_ms}."""
    sessions: list[dict[str, Any]] = Field(default_factory=list)
    """What the server was last seen doing for it, while it runs; as in the event job:activity."""
