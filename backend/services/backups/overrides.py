"""A connection's own settings of backups, in its connection.json."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from backend.core.errors import InvalidRequest
from backend.core.paths import given_path, inside
from backend.models.backup import BackupOverrides, BackupSettings
from backend.store.connections import StoredConnection

_log = logging.getLogger(__name__)
_KEY = "backups"
OWN_FOLDER = "backups"
"""In the connection's own folder."""


def overrides_of(stored: StoredConnection) -> BackupOverrides:
    """What the connection says; what another version wrote in another shape is passed over."""
    try:
        return BackupOverrides.model_validate(stored.options.get(_KEY) or {})
    except ValidationError:
        _log.warning("The backup settings of %s cannot be read", stored.id)
        return BackupOverrides()


def kept_overrides(given: BackupOverrides | Mapping[str, Any]) -> dict[str, Any]:
    """As they are kept: without what is null. Raises InvalidRequest."""
    try:
        model = BackupOverrides.model_validate(given if isinstance(given, Mapping) else given.model_dump())
    except ValidationError as error:
        raise InvalidRequest(
            f"These settings of backups are not valid: {error.errors()[0]['msg']}."
        ) from None
    check_folder(model.folder)
    return model.model_dump(exclude_none=True)


def settings_of(stored: StoredConnection, app: BackupSettings) -> BackupSettings:
    """The app's settings with the connection's own over them."""
    return app.model_copy(update=overrides_of(stored).model_dump(exclude_none=True))


def backups_folder(stored: StoredConnection, app: BackupSettings, own: Path) -> Path:
    """Where its backups are: in its `own` folder, or in one of its id where another is set. Raises InvalidRequest."""
    chosen = settings_of(stored, app).folder
    if chosen is None:
        return own / OWN_FOLDER
    check_folder(chosen)
    return inside(given_path(chosen), stored.id)


def check_folder(folder: object) -> None:
    """Before it is kept, and before it is used: the file may have been written by hand. Raises InvalidRequest."""
    if isinstance(folder, str) and not Path(folder).expanduser().is_absolute():
        raise InvalidRequest(
            f"The backups' folder {folder!r} is not an absolute path.",
            hint="Settings → Safety → Backups.",
            field="folder",
        )
