"""preview:show – what migrations are going to do, read from their text and the database's catalog."""

from __future__ import annotations

from backend.models.preview import Preview, PreviewRequest
from backend.rpc.registry import channel
from backend.services import Services


@channel("preview:show")
def show(services: Services, request: PreviewRequest) -> Preview:
    """Statements, affected objects, risk, locks, time, matching rows, and what the other half restores. Nothing runs."""
    return services.preview.show(request)
