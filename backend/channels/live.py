"""live:* – what pages show, so that changes by others appear there by themselves."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from backend.models.base import Model, Moment
from backend.models.requests import Done, Nothing
from backend.rpc.registry import channel
from backend.services import Services
from backend.services.presence import LEASE_S


class WatchRequest(Model):
    connections: list[str] = Field(default_factory=list)
    """The connections the page shows."""
    visible: bool = True
    """False when the page is hidden or left: then it shows nothing."""
    page: str = Field("", max_length=64)
    """The caller's own id, one a window or tab."""


class WatchedConnection(Model):
    connection: str
    state: Literal["watching", "unreachable", "waiting"]
    """`waiting`: for a password, or for the connection to be corrected; it is not asked by itself."""
    problem: str | None = None
    looks: int
    """How often the database was asked since the first page came to see it."""


class WatchAnswer(Model):
    lease_s: float = LEASE_S
    """Say it again before this many seconds are over."""
    connections: list[WatchedConnection]


@channel("live:watch")
def watch(services: Services, request: WatchRequest) -> WatchAnswer:
    """A page shows these connections: their databases are looked at until the lease ends. Events tell what changed."""
    watched = services.presence.watch(request.page, request.connections, visible=request.visible)
    return WatchAnswer(
        connections=[
            WatchedConnection(connection=o.connection, state=o.state, problem=o.problem, looks=o.looks)
            for o in watched
        ]
    )


class LedgerDamage(Model):
    """The ledger was damaged. What is applied was read from the databases again."""

    path: str
    set_aside: str
    """Where the damaged file is kept."""
    why: str
    at: Moment
    saved: dict[str, int] | None = None
    """How many rows of each table could be taken over; null where only the last changes were lost."""


class LedgerAnswer(Model):
    damage: LedgerDamage | None = None
    """What the user was not told of yet."""


@channel("live:ledger")
def ledger(services: Services, request: Nothing) -> LedgerAnswer:
    """Damage of the app's own ledger that nobody was told of yet."""
    found = services.ledger_health.untold()
    if found is None:
        return LedgerAnswer()
    return LedgerAnswer(
        damage=LedgerDamage(**{key: found[key] for key in ("path", "set_aside", "why", "at", "saved")})
    )


@channel("live:ledger-told")
def ledger_told(services: Services, request: Nothing) -> Done:
    """The user was told; it is not told again."""
    services.ledger_health.told()
    return Done()
