"""draft:* – text the user has not saved yet. Kept by the backend, for the port (and so the browser's storage) changes
at every start."""

from __future__ import annotations

from backend.models.base import Model, Moment
from backend.models.requests import Done, OfConnection
from backend.rpc.registry import channel
from backend.services import Services


class Draft(Model):
    key: str
    """The migration's filename, or `new:<anything>`."""
    content: str
    """Whatever the editor wants back: a JSON text of its own."""
    base_sha256: str | None = None
    """The file's sha256 the draft started from."""
    saved_at: Moment


class SaveRequest(OfConnection):
    key: str
    content: str
    base_sha256: str | None = None


class KeyRequest(OfConnection):
    key: str


class DraftList(Model):
    drafts: list[Draft]


@channel("draft:save")
def save(services: Services, request: SaveRequest) -> Draft:
    """Keep a draft."""
    return Draft(
        **services.drafts.save(request.connection, request.key, request.content, request.base_sha256)
    )


@channel("draft:list")
def list_(services: Services, request: OfConnection) -> DraftList:
    """The drafts of a connection, newest first."""
    return DraftList(drafts=[Draft(**draft) for draft in services.drafts.list(request.connection)])


@channel("draft:delete")
def delete(services: Services, request: KeyRequest) -> Done:
    """Forget a draft."""
    services.drafts.delete(request.connection, request.key)
    return Done()
