"""Projects as they are found in the wild, built into a folder."""

from __future__ import annotations

import hashlib
from pathlib import Path

USERS = "-- migrate:up\nCREATE TABLE users (id INTEGER);\n\n-- migrate:down\nDROP TABLE users;\n"
ORDERS = USERS.replace("users", "orders")


def build(root: Path, files: dict[str, str | bytes]) -> Path:
    """Write the files below the root. A name that ends in `/` is a folder."""
    for name, content in files.items():
        path = root / name
        if name.endswith("/"):
            path.mkdir(parents=True, exist_ok=True)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return root


def tree(root: Path, *, without: tuple[str, ...] = ()) -> dict[str, str]:
    """Every file, folder and link below the root: what it holds, its mode and its time."""
    found = {}
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if any(name == one or name.startswith(f"{one}/") for one in without):
            continue
        stat = path.lstat()
        content = str(path.readlink()) if path.is_symlink() else path.read_bytes() if path.is_file() else b""
        data = content.encode() if isinstance(content, str) else content
        time = stat.st_mtime_ns if path.is_file() else 0
        found[name] = f"{stat.st_mode:o} {time} {hashlib.sha256(data).hexdigest()[:16]}"
    return found
