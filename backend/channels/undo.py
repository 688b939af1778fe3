"""migration:generate-down – the down of an up, from its text and the live schema."""

from __future__ import annotations

from backend.models.base import Model
from backend.models.connection import EngineName
from backend.models.undo import GeneratedDown
from backend.rpc.registry import channel
from backend.services import Services


class GenerateDownRequest(Model):
    connection: str | None = None
    engine: EngineName | None = None
    """Where there is no connection."""
    up: str
    """The up's own text: without its directive, and of JavaScript the function's body."""
    down: str | None = None
    """What stands there now; it changes nothing."""
    transaction: bool = True
    """Whether the up runs in a transaction."""
    live: bool = True
    """Look at the live schema, which must be the one before the up. False for a file that is applied."""


@channel("migration:generate-down")
def generate_down(services: Services, request: GenerateDownRequest) -> GeneratedDown:
    """What undoes each statement of an up, in reverse order, and a comment where nothing can. Nothing runs."""
    return services.undo.generate(
        connection=request.connection,
        engine=request.engine,
        up=request.up,
        transaction=request.transaction,
        live=request.live,
    )
