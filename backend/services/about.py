"""The application itself: version, folders, bundled tools; and folders to choose from."""

from __future__ import annotations

import os
import platform
from pathlib import Path
from typing import Any

from backend import __version__
from backend.core.errors import NotFound
from backend.core.paths import given_path, is_text, storage_errors
from backend.core.people import os_user
from backend.models.connection import ToolFound
from backend.store.secrets import Keychain
from backend.store.settings import SettingsStore

_MOST_FOLDERS = 2000


class About:
    def __init__(
        self, home: Path, log_file: Path, settings: SettingsStore, keychain: Keychain, *, is_window: bool
    ) -> None:
        self._home = home
        self._log_file = log_file
        self._settings = settings
        self._keychain = keychain
        self.is_window = is_window

    def info(self) -> dict[str, Any]:
        return {
            "version": __version__,
            "home": str(self._home),
            "log_file": str(self._log_file),
            "user": self._settings.current().author or os_user(),
            "platform": platform.platform(terse=True),
            "window": self.is_window,
            "keychain": self._keychain.usable,
        }

    def self_check(self) -> list[ToolFound]:
        """Run each bundled part and say what it answers."""
        from backend.drivers.tools import self_check

        return [
            ToolFound(name=r.name, version=r.version, path=r.path, ok=r.ok, problem=r.problem)
            for r in self_check()
        ]

    def folders(self, path: str | None) -> dict[str, Any]:
        """The subfolders of a folder, without hidden ones. Raises NotFound, PermissionDenied."""
        folder = given_path(path) if path else Path.home()
        if not folder.is_dir():
            raise NotFound(f"There is no folder {folder}.")
        folder = folder.resolve()
        listed, sql_files, js_files = [], 0, 0
        with storage_errors(folder, "read"), os.scandir(folder) as entries:
            for entry in entries:
                # A name that is not text cannot be sent back, so it cannot be chosen.
                if entry.name.startswith(".") or not is_text(entry.name):
                    continue
                try:
                    is_folder = entry.is_dir()
                except OSError:
                    continue
                if is_folder:
                    listed.append(entry.name)
                elif entry.name.endswith(".sql"):
                    sql_files += 1
                elif entry.name.endswith((".js", ".mjs", ".cjs", ".ts")):
                    js_files += 1
        names = sorted(listed, key=str.lower)[:_MOST_FOLDERS]
        return {
            "path": str(folder),
            "parent": str(folder.parent) if folder.parent != folder else None,
            "folders": [
                {"name": name, "path": str(folder / name), "has_migrations": _has_migrations(folder / name)}
                for name in names
            ],
            "sql_files": sql_files,
            "js_files": js_files,
        }


def _has_migrations(folder: Path) -> bool:
    try:
        return any(
            (folder / name).exists() for name in ("db/migrations", "migrations", "migrate-mongo-config.js")
        )
    except OSError:
        return False
