"""Where things are, and what this machine is called. Pure: reads nothing but names."""

from __future__ import annotations

import platform
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
LOCKS = ROOT / "build" / "locks"
BIN = ROOT / "bin"
UI = ROOT / "ui"

IS_WINDOWS = sys.platform == "win32"
VENV_BIN = VENV / ("Scripts" if IS_WINDOWS else "bin")
VENV_PYTHON = VENV_BIN / ("python.exe" if IS_WINDOWS else "python")


def platform_key(system: str = sys.platform, machine: str | None = None) -> str:
    """This machine as the manifest names it: linux-amd64, darwin-arm64, windows-amd64, …"""
    os_name = {"win32": "windows", "darwin": "darwin"}.get(system, "linux")
    raw = (machine or platform.machine()).lower()
    cpu = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}.get(raw, raw)
    # Windows on ARM runs x86-64 programs, and neither dbmate nor PostgreSQL is built for it.
    return "windows-amd64" if os_name == "windows" else f"{os_name}-{cpu}"


def site_packages() -> Path:
    """The virtual environment's site-packages. Raises FileNotFoundError before there is one."""
    if IS_WINDOWS:
        return VENV / "Lib" / "site-packages"
    for found in sorted((VENV / "lib").glob("python3.*/site-packages")):
        return found
    raise FileNotFoundError(VENV / "lib")
