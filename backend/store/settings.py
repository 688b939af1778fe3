"""settings.json: read once, written atomically, merged by parts. What a newer version wrote is kept, not lost."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from backend.core.clock import utc_now
from backend.core.errors import InvalidRequest
from backend.core.paths import write_atomically
from backend.models.settings import Settings

_log = logging.getLogger(__name__)


class SettingsStore:
    def __init__(self, path: Path, on_change: Callable[[], None] = lambda: None) -> None:
        self._path = path
        self._on_change = on_change
        self._lock = threading.Lock()
        self._stamp = self._stamp_now()
        self._raw, self._current = self._load()

    def current(self) -> Settings:
        """The settings, as this or another running app saved them last."""
        with self._lock:
            self._follow()
            return self._current

    def update(self, changes: dict[str, Any]) -> Settings:
        """Merge `changes` in; null resets a key to its default. Raises InvalidRequest naming the key."""
        with self._lock:
            self._follow()
            unknown = sorted(set(changes) - set(Settings.model_fields))
            if unknown:
                raise InvalidRequest(
                    f"There is no setting {', '.join(map(repr, unknown))}.",
                    hint=f"Settings: {', '.join(Settings.model_fields)}.",
                )
            raw = _merge(self._raw, changes)
            try:
                current = Settings.model_validate(
                    {k: v for k, v in raw.items() if k in Settings.model_fields}
                )
            except ValidationError as error:
                first = error.errors(include_url=False, include_input=False)[0]
                where = ".".join(map(str, first["loc"]))
                raise InvalidRequest(f"The setting {where!r} is not valid: {first['msg']}.") from None
            write_atomically(self._path, json.dumps(raw, indent=2, ensure_ascii=False).encode(), mode=0o600)
            self._raw, self._current, self._stamp = raw, current, self._stamp_now()
        self._on_change()
        return current

    def _follow(self) -> None:
        """Read the file again where another app over the same home has written it."""
        stamp = self._stamp_now()
        if stamp != self._stamp:
            self._raw, self._current = self._load()
            self._stamp = self._stamp_now()

    def _stamp_now(self) -> tuple[int, int, int] | None:
        try:
            stat = self._path.stat()
        except OSError:
            return None
        return stat.st_mtime_ns, stat.st_size, stat.st_ino

    def _load(self) -> tuple[dict[str, Any], Settings]:
        try:
            raw = json.loads(self._path.read_text(encoding="utf-8-sig"))
        except FileNotFoundError:
            return {}, Settings()
        except (OSError, ValueError) as error:
            return self._unreadable(error)
        if not isinstance(raw, dict):
            return self._unreadable(ValueError("not a JSON object"))
        try:
            return raw, Settings.model_validate({k: v for k, v in raw.items() if k in Settings.model_fields})
        except ValidationError as error:
            return self._unreadable(error)

    def _unreadable(self, error: Exception) -> tuple[dict[str, Any], Settings]:
        # Kept for the user to mend: the next save would otherwise overwrite it.
        aside = self._path.with_name(f"settings.damaged-{utc_now():%Y%m%d%H%M%S%f}.json")
        _log.error(
            "%s cannot be read (%s); defaults are used, the file is kept as %s", self._path, error, aside
        )
        try:
            self._path.replace(aside)
        except OSError:
            _log.exception("The damaged settings could not be set aside")
        return {}, Settings()


def _merge(old: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    merged = dict(old)
    for key, value in changes.items():
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, dict) and isinstance(merged.get(key), dict):
            merged[key] = _merge(merged[key], value)
        else:
            merged[key] = value
    return merged
