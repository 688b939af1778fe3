"""The virtual environment, and in it exactly what the lock file names, checked by hash."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import shutil
import sys
from pathlib import Path

from . import debian
from .console import SetupFailed, run_quietly, say, step
from .places import LOCKS, VENV, VENV_PYTHON

STAMP = VENV / ".db-toolkit.json"
RUNTIME_LOCK = LOCKS / "requirements.txt"
DEV_LOCK = LOCKS / "requirements-dev.txt"


def is_ready(dev: bool) -> bool:
    """Whether the environment holds what the lock names (for tests and checks too, with `dev`)."""
    stamp = _stamp()
    wanted = {"runtime": _sha256(RUNTIME_LOCK)} | ({"dev": _sha256(DEV_LOCK)} if dev else {})
    return VENV_PYTHON.exists() and all(stamp.get(lock) == sha256 for lock, sha256 in wanted.items())


def make_ready(dev: bool) -> None:
    """Create the environment where it is missing, moved or of a vanished Python, and install the lock."""
    if not _is_sound():
        _create()
    lock = DEV_LOCK if dev else RUNTIME_LOCK
    count = sum(1 for line in lock.read_text("utf-8").splitlines() if "==" in line and line[0].isalnum())
    with step(f"Installing up to {count} Python packages"):
        run_quietly(
            [
                VENV_PYTHON,
                "-m",
                "pip",
                "install",
                "--require-hashes",
                "--no-input",
                "--progress-bar=off",
                "-r",
                lock,
            ],
            what="Installing the Python packages",
            env={"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_ROOT_USER_ACTION": "ignore"},
            hint="Check that this machine reaches its Python package index (pip config list), then try again.",
        )
    # What tests need holds what the app needs, in the same versions (the locks are made so).
    STAMP.write_text(
        json.dumps(
            {"place": str(VENV), "runtime": _sha256(RUNTIME_LOCK), "dev": _sha256(DEV_LOCK) if dev else None}
        ),
        "utf-8",
    )


def _is_sound() -> bool:
    """Whether the folder is a working environment made for this place (its scripts hold absolute paths)."""
    return VENV_PYTHON.exists() and _stamp().get("place", str(VENV)) == str(VENV)


def _create() -> None:
    if importlib.util.find_spec("ensurepip") is None:
        package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
        if not debian.install([package], why="Python's venv module, which Debian and Ubuntu ship apart"):
            raise SetupFailed(
                "This Python cannot create virtual environments: its ensurepip module is missing.",
                f"Type: sudo apt-get install {package}   then run the same command again.",
            )
    if VENV.exists():
        say("The virtual environment is incomplete or was moved; making it anew")
        shutil.rmtree(VENV)
    with step(f"Creating .venv with Python {sys.version.split()[0]}"):
        run_quietly([_base_python(), "-m", "venv", VENV], what="Creating .venv")


def _base_python() -> str:
    """The Python behind the one that runs this, in case that one is itself in a virtual environment."""
    base = getattr(sys, "_base_executable", None) or sys.executable
    return base if Path(base).exists() else sys.executable


def _stamp() -> dict[str, str | None]:
    try:
        stamp = json.loads(STAMP.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
