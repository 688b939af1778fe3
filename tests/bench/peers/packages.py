"""Peers from PyPI: fetched once, in versions that stay, into the user's cache; never into this environment."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import platformdirs

from tests.bench.peers.model import PeerMissing

PINNED = {
    "results": ("results==2.0.1789346060", "psycopg[binary]==3.3.9", "pglast==8.8"),
    "migradiff": ("migradiff==1.7.2", "sqlalchemy==2.0.58", "psycopg2-binary==2.9.13", "setuptools==80.10.2"),
    "alembic": ("alembic==1.20.1", "sqlalchemy==2.1.9", "psycopg[binary]==3.3.9", "pymysql==1.2.4"),
}
FETCH_TIMEOUT_S = 180


def version_of(name: str) -> str:
    return PINNED[name][0].partition("==")[2]


def installed(name: str) -> Path:
    """The folder to put on the path. Raises PeerMissing with the cause that the installer names."""
    wanted = "\n".join(PINNED[name])
    folder = platformdirs.user_cache_path("db-toolkit-bench") / f"{name}-{sys.version_info.minor}"
    mark = folder / "installed.txt"
    if mark.is_file() and mark.read_text("utf-8") == wanted:
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    argv = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--target", str(folder), *PINNED[name]]
    try:
        done = subprocess.run(
            argv, capture_output=True, text=True, timeout=FETCH_TIMEOUT_S, check=False, env=os.environ
        )
    except subprocess.TimeoutExpired:
        raise PeerMissing(f"not fetched within {FETCH_TIMEOUT_S} s") from None
    if done.returncode:
        told = done.stderr.strip().splitlines() or ["no reason given"]
        cause = next((line for line in told if line.strip().startswith("cause:")), told[0])
        raise PeerMissing(f"cannot be installed: {cause.strip()[:160]}")
    mark.write_text(wanted, "utf-8")
    return folder
