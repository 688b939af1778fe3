"""Known vulnerabilities of what the lock files name: pip-audit and npm audit. It asks the registries."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from . import node_parts
from .console import say
from .places import BIN, ROOT, UI


def run_all() -> int:
    """1 where something is found, and also where a registry gives no answer: that is not *clean*."""
    failed = []
    with tempfile.TemporaryDirectory(prefix="db-toolkit-audit-") as folder:
        say("pip-audit, in an environment of its own")
        venv.create(folder, with_pip=True)
        bin_dir = Path(folder) / ("Scripts" if sys.platform == "win32" else "bin")
        subprocess.run([bin_dir / "python", "-m", "pip", "install", "--quiet", "pip-audit"], check=True)
        for name in ("requirements.txt", "requirements-dev.txt"):
            lock = ROOT / "build" / "locks" / name
            command = [str(bin_dir / "pip-audit"), "--strict", "--no-deps", "--disable-pip", "-r", str(lock)]
            if subprocess.call(command) != 0:
                failed.append(name)
    for place in (BIN, UI):
        say(f"npm audit of {place.name}/")
        env = {**os.environ, **node_parts.npm_env()}
        if subprocess.call(node_parts.npm_command("audit", "--package-lock-only"), cwd=place, env=env) != 0:
            failed.append(f"{place.name}/package-lock.json")
    say(
        f"Not clean, or not answered: {', '.join(failed)}"
        if failed
        else "Nothing is known against any of them"
    )
    return 1 if failed else 0
