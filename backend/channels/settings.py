"""settings:* – the app's settings, and what the UI remembers."""

from __future__ import annotations

from typing import Any

from backend.models.base import Model
from backend.models.requests import Nothing
from backend.models.settings import Settings
from backend.rpc.registry import channel
from backend.services import Services
from backend.services.backups.overrides import check_folder


class UpdateRequest(Model):
    changes: dict[str, Any]
    """A partial Settings; nested objects are merged, null resets to the default."""


@channel("settings:get")
def get(services: Services, request: Nothing) -> Settings:
    """The settings."""
    return services.settings.current()


@channel("settings:update")
def update(services: Services, request: UpdateRequest) -> Settings:
    """Change settings; unknown keys are refused."""
    backups = request.changes.get("backups")
    if isinstance(backups, dict):
        check_folder(backups.get("folder"))
    return services.settings.update(request.changes)
