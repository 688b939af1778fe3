"""failure:* – what a failed or interrupted migration left, and the ways out."""

from __future__ import annotations

from backend.models.failure import Failure, FailureList, FailureRequest, Repaired, ResolveRequest
from backend.models.requests import OfConnection
from backend.rpc.registry import channel
from backend.services import Services


@channel("failure:list")
def list_(services: Services, request: OfConnection) -> FailureList:
    """Every failed or half-applied migration of a connection, as the database shows it now; without their ways."""
    return FailureList(failures=services.failures.list(request.connection))


@channel("failure:show")
def show(services: Services, request: FailureRequest) -> Failure:
    """What landed, what did not, and each way out with the statements it would run."""
    return services.failures.show(request.connection, request.version)


@channel("failure:resolve", job=True)
def resolve(services: Services, request: ResolveRequest) -> Repaired:
    """Take a way out. Asks first, as a rollback does."""
    return services.failures.resolve(request)
