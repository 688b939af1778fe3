"""Jobs: long channels with progress, log and cancel. A job runs on its caller's thread; others watch it by its id."""

from __future__ import annotations

import threading
import time
import uuid
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from pydantic import TypeAdapter

from backend.core.clock import utc_now
from backend.core.context import current_job
from backend.core.envelope import envelope_error
from backend.core.errors import AppError, Busy, Cancelled, Conflict, NotFound, StorageFailed
from backend.core.events import EventBus
from backend.core.redaction import redact
from backend.engine.target import CancelToken
from backend.models.base import iso_z
from backend.models.job import Job, JobState
from backend.store.database import Database

_KEEP_FINISHED = 50
_KEEP_LOG_LINES = 5000


class RunningJob:
    """A job under way: what the work reports through and what watchers read. Implements `core.context.Progress`."""

    def __init__(self, events: EventBus, job: Job) -> None:
        self._events = events
        self._lock = threading.Lock()
        self.job = job
        self.job_id = job.job_id
        self.cancel_token = CancelToken()
        self.began = time.monotonic()

    def progress(self, done: int, total: int, message: str) -> None:
        with self._lock:
            self.job.done, self.job.total, self.job.message = done, total, redact(message)
        self._events.publish(
            "job:progress", job_id=self.job_id, done=done, total=total, message=self.job.message
        )

    def log(self, line: str, stream: str = "stdout") -> None:
        clean = redact(line)
        with self._lock:
            self.job.log.append(clean)
            del self.job.log[:-_KEEP_LOG_LINES]
        self._events.publish("job:log", job_id=self.job_id, stream=stream, line=clean)

    def file(self, version: str, filename: str, state: str, duration_ms: float | None = None) -> None:
        entry = {"version": version, "filename": filename, "state": state, "duration_ms": duration_ms}
        with self._lock:
            for known in self.job.files:
                if known["filename"] == filename:
                    known.update(entry)
                    break
            else:
                self.job.files.append(entry)
        self._events.publish("job:file", job_id=self.job_id, **entry)

    def activity(self, sessions: list[dict[str, Any]]) -> None:
        with self._lock:
            self.job.sessions = sessions
        self._events.publish("job:activity", job_id=self.job_id, sessions=sessions)

    def check_cancelled(self) -> None:
        """Raise Cancelled where someone asked to stop."""
        if self.cancel_token.is_cancelled:
            raise Cancelled("The job was cancelled before it had done anything.")

    def snapshot(self) -> Job:
        with self._lock:
            return self.job.model_copy(deep=True)


class Jobs:
    def __init__(self, events: EventBus, database: Database) -> None:
        self._events = events
        self._database = database
        self._lock = threading.Lock()
        self._jobs: OrderedDict[str, RunningJob] = OrderedDict()

    def run(
        self,
        channel: str,
        handler: Callable[[Any, Any], Any],
        services: Any,
        request: Any,
        answer: TypeAdapter[Any],
    ) -> Any:
        """Run the channel as a job and return its answer; its errors pass through."""
        running = self._start(channel, getattr(request, "job_id", None), getattr(request, "connection", None))
        token = current_job.set(running)
        try:
            result = handler(services, request)
        except AppError as error:
            state = (
                JobState.CANCELLED
                if isinstance(error, Cancelled) or _was_cancelled(error)
                else JobState.FAILED
            )
            self._finish(running, state, error=error)
            raise
        except BaseException:
            self._finish(
                running, JobState.FAILED, error=AppError("It stopped because of an error inside DB Toolkit.")
            )
            raise
        else:
            running.job.result = answer.dump_python(result, mode="json")
            self._finish(running, JobState.DONE, keep=time.monotonic() - running.began > 0.5)
            return result
        finally:
            current_job.reset(token)

    def list(self) -> list[Job]:
        with self._lock:
            jobs = list(self._jobs.values())
        return [job.snapshot() for job in reversed(jobs)]

    def get(self, job_id: str) -> Job:
        return self._find(job_id).snapshot()

    def cancel(self, job_id: str) -> Job:
        running = self._find(job_id)
        if running.job.state == JobState.RUNNING:
            # Listeners may take seconds (ending a server session); the caller of job:cancel does not wait for them.
            threading.Thread(target=running.cancel_token.cancel, name=f"cancel-{job_id}", daemon=True).start()
        return running.snapshot()

    def close(self) -> None:
        """Cancel what runs and wait a little for it."""
        with self._lock:
            running = [job for job in self._jobs.values() if job.job.state == JobState.RUNNING]
        for job in running:
            job.cancel_token.cancel()
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline and any(job.job.state == JobState.RUNNING for job in running):
            time.sleep(0.05)

    def _find(self, job_id: str) -> RunningJob:
        with self._lock:
            running = self._jobs.get(job_id)
        if running is None:
            raise NotFound(f"No job {job_id!r}.", hint="It may be from before the app was started.")
        return running

    def _start(self, channel: str, job_id: str | None, connection: str | None) -> RunningJob:
        job = Job(
            job_id=job_id or uuid.uuid4().hex,
            channel=channel,
            connection=connection,
            state=JobState.RUNNING,
            started_at=utc_now(),
        )
        running = RunningJob(self._events, job)
        with self._lock:
            if job.job_id in self._jobs:
                raise Conflict(f"There is a job {job.job_id!r} already.")
            self._jobs[job.job_id] = running
            finished = [key for key, one in self._jobs.items() if one.job.state != JobState.RUNNING]
            for key in finished[: max(0, len(finished) - _KEEP_FINISHED)]:
                del self._jobs[key]
        self._events.publish("job:started", job_id=job.job_id, job=job.model_dump(mode="json"))
        return running

    def _finish(
        self, running: RunningJob, state: JobState, *, error: AppError | None = None, keep: bool = True
    ) -> None:
        running.job.finished_at = utc_now()
        running.job.duration_ms = round((time.monotonic() - running.began) * 1000, 1)
        running.job.sessions = []
        running.job.error = envelope_error(error) if error else None
        running.job.state = state
        self._events.publish(
            "job:finished", job_id=running.job_id, job=running.snapshot().model_dump(mode="json")
        )
        if keep or error:
            # The ledger has the run; a job that cannot be noted must not turn a finished run into a failed one.
            with suppress(StorageFailed, Busy), self._database.write() as db:
                job = running.job
                db.execute(
                    "INSERT OR REPLACE INTO job VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        job.job_id,
                        job.channel,
                        job.connection,
                        str(state),
                        iso_z(job.started_at),
                        iso_z(job.finished_at or utc_now()),
                        job.message,
                        error.code if error else None,
                    ),
                )


def _was_cancelled(error: AppError) -> bool:
    run = error.details.get("run")
    return bool(isinstance(run, dict) and run.get("cancelled"))
