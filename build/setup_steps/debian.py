"""System packages on Debian and Ubuntu: installed where we are root, otherwise the exact line to type.

Nothing installed here is started: services are kept off while apt works, and stay disabled afterwards.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from .console import SetupFailed, run_quietly, say, step

# A name may list alternatives, the newer first: Ubuntu 24.04 and Debian 13 renamed some.
GIT = ("git",)
WINDOW = (
    "libegl1",
    "libgl1",
    "libxkbcommon-x11-0",
    "libxcb-cursor0",
    "libxcb-icccm4",
    "libxcb-image0",
    "libxcb-keysyms1",
    "libxcb-render-util0",
    "libxcb-shape0",
    "libxcb-xinerama0",
    "libnss3",
    "libxcomposite1",
    "libxdamage1",
    "libxrandr2",
    "libxtst6",
    "libasound2t64|libasound2",
    "libxkbfile1",
    "libdbus-1-3",
    "libfontconfig1",
    "libgssapi-krb5-2",
    "libwayland-egl1",
    "libglib2.0-0t64|libglib2.0-0",
)
TESTS = (
    "xvfb",
    "chromium|chromium-browser",
    "fonts-dejavu-core",
    "postgresql",
    # The bare server: same programs as mariadb-server, but no service that a machine would start at boot.
    "mariadb-server-core",
    "mariadb-client",
    "sqlite3",
    # 18.16, too old for dbmate: for what the embedded engine lacks (accounts, the native protocol, query ids).
    "clickhouse-server",
)

DPKG_STATUS = Path("/var/lib/dpkg/status")
POLICY = Path("/usr/sbin/policy-rc.d")
SERVICES = ("postgresql", "mariadb", "clickhouse-server")


def is_debian() -> bool:
    return sys.platform == "linux" and DPKG_STATUS.exists() and shutil.which("apt-get") is not None


def missing(packages: Sequence[str]) -> list[str]:
    """The packages of the list that are not installed. Empty where there is no dpkg to ask."""
    if not is_debian():
        return []
    installed = _installed(DPKG_STATUS.read_text("utf-8", errors="replace"))
    return [package for package in packages if not installed.intersection(package.split("|"))]


def install(packages: Sequence[str], why: str) -> bool:
    """Install what is missing of `packages` where we may; else print the line to type. True when all are there."""
    wanted = missing(packages)
    if not wanted:
        return is_debian()
    if os.geteuid() != 0:
        names = " ".join(name.split("|")[-1] for name in wanted)
        say(f"Missing {why}. Type: sudo apt-get install {names}")
        return False
    try:
        with step(f"Installing {len(wanted)} system packages ({why})"), _services_kept_off():
            _apt("update")
            _apt("install", "--yes", "--no-install-recommends", *(_available(name) for name in wanted))
    except SetupFailed as problem:
        say(f"{problem}")
        say(f"Going on without: {', '.join(wanted)}")
        return False
    return True


def _installed(status: str) -> set[str]:
    """Names of installed packages in the text of dpkg's status file."""
    return set(re.findall(r"^Package: (\S+)\nStatus: \S+ ok installed$", status, re.MULTILINE))


def _available(alternatives: str) -> str:
    """The first of `a|b` that apt can install."""
    names = alternatives.split("|")
    for name in names[:-1]:
        shown = subprocess.run(["apt-cache", "show", name], capture_output=True, check=False)
        if shown.returncode == 0:
            return name
    return names[-1]


def _apt(*arguments: str) -> None:
    run_quietly(
        ["apt-get", "-q", "-o", "DPkg::Lock::Timeout=300", *arguments],
        what=f"apt-get {arguments[0]}",
        env={"DEBIAN_FRONTEND": "noninteractive", "NEEDRESTART_MODE": "l"},
    )


@contextlib.contextmanager
def _services_kept_off() -> Iterator[None]:
    """Keep package scripts from starting servers, now (policy-rc.d) and at the next boot (systemd)."""
    had = {service for service in SERVICES if _unit_exists(service)}
    ours = not POLICY.exists()
    if ours:
        POLICY.write_text("#!/bin/sh\nexit 101\n")
        POLICY.chmod(0o755)
    try:
        yield
    finally:
        if ours:
            POLICY.unlink(missing_ok=True)
        if Path("/run/systemd/system").exists():
            for service in SERVICES:
                if service not in had and _unit_exists(service):
                    subprocess.run(["systemctl", "disable", service], capture_output=True, check=False)


def _unit_exists(service: str) -> bool:
    return any(
        Path(folder, f"{service}.service").exists()
        for folder in ("/lib/systemd/system", "/etc/systemd/system")
    )
