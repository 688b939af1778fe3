"""The job the current thread works for, so that services report progress without passing it through every call."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Protocol


class Progress(Protocol):
    """What a job offers the work it runs."""

    job_id: str

    def progress(self, done: int, total: int, message: str) -> None: ...
    def log(self, line: str, stream: str = "stdout") -> None: ...
    def file(self, version: str, filename: str, state: str, duration_ms: float | None = None) -> None: ...
    def activity(self, sessions: list[dict[str, Any]]) -> None: ...
    def check_cancelled(self) -> None: ...
    @property
    def cancel_token(self) -> Any: ...


current_job: ContextVar[Progress | None] = ContextVar("current_job", default=None)


def stop_if_cancelled() -> None:
    """Raise Cancelled where the job this thread works for was cancelled; for loops over many statements."""
    job = current_job.get()
    if job is not None:
        job.check_cancelled()


@contextmanager
def ended_by_cancel(end: Callable[[], object]) -> Iterator[None]:
    """While inside, `end()` is called where this thread's job is cancelled, and whatever fails after that is Cancelled.

    `end()` runs on the thread that cancels, while this one waits for what it ends.
    """
    job = current_job.get()
    if job is None:
        yield
        return
    is_inside = True

    def heard() -> None:
        if is_inside:
            end()

    job.cancel_token.on_cancel(heard)
    try:
        yield
    except Exception:
        job.check_cancelled()
        raise
    finally:
        is_inside = False


def say(message: str) -> None:
    """Tell the job of this thread, if any, what is being done now. Raises Cancelled where it was cancelled."""
    stop_if_cancelled()
    job = current_job.get()
    if job is not None:
        job.progress(0, 0, message)
