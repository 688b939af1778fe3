"""job:* – long channels while they run."""

from __future__ import annotations

from backend.models.base import Model
from backend.models.job import Job
from backend.models.requests import Nothing
from backend.rpc.registry import channel
from backend.services import Services


class JobList(Model):
    jobs: list[Job]


class OfJob(Model):
    job_id: str


@channel("job:list")
def list_(services: Services, request: Nothing) -> JobList:
    """Running jobs and the last finished ones, newest first."""
    return JobList(jobs=services.jobs.list())


@channel("job:get")
def get(services: Services, request: OfJob) -> Job:
    """One job with its log, progress and (once finished) result."""
    return services.jobs.get(request.job_id)


@channel("job:cancel")
def cancel(services: Services, request: OfJob) -> Job:
    """Ask a job to end; answers at once, `job:finished` tells when it has."""
    return services.jobs.cancel(request.job_id)
