"""Request shapes several channels share."""

from __future__ import annotations

from .base import Model


class Nothing(Model):
    """A channel without arguments."""


class OfConnection(Model):
    connection: str
    """The connection's id."""


class JobRequest(OfConnection):
    job_id: str | None = None
    """The caller's own id for the job, so that it can follow and cancel it; made up where absent."""


class Done(Model):
    """Nothing to say but that it is done."""

    done: bool = True
