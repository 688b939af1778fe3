"""The parent process of one throwaway server: it ends the server when the test run is over or was killed.

    python guard.py SPEC.json      (started by tests/servers/launch.py; environment as the server needs it)

The spec names the owner (process id and creation time), the command, the user to run it as, the signal that
stops it, and the folders to remove if the owner dies without cleaning up.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType

import psutil

POLL_S = 0.2
STOP_TIMEOUT_S = 8.0
PR_SET_PDEATHSIG = 1


class Stop(Exception):
    """Somebody asked this guard to end its server."""


def on_stop(_signal: int, _frame: FrameType | None) -> None:
    raise Stop


def die_with_parent() -> None:
    """In the child, before exec: even a guard that is killed outright takes its server along (Linux)."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def is_alive(pid: int, created_at: float) -> bool:
    """Whether that very process lives (a process id may be used again by another)."""
    try:
        process = psutil.Process(pid)
        return abs(process.create_time() - created_at) < 1 and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True


def end(child: subprocess.Popen[bytes], stop_signal: int) -> None:
    """Stop the server by its own signal, and by force when that takes too long."""
    if child.poll() is not None:
        return
    family = psutil.Process(child.pid).children(recursive=True)
    child.send_signal(stop_signal)
    try:
        child.wait(STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
    for process in family:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


def main(spec_file: str) -> int:
    spec = json.loads(Path(spec_file).read_text())
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, on_stop)
    account: dict[str, object] = {}
    if spec["account"]:
        account = {"user": spec["account"][0], "group": spec["account"][1], "extra_groups": []}
    with Path(spec["log"]).open("ab") as log:
        child = subprocess.Popen(  # type: ignore[call-overload]
            spec["command"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=spec["cwd"],
            preexec_fn=die_with_parent if sys.platform == "linux" else None,
            **account,
        )
    Path(spec["pid_file"]).write_text(str(child.pid))
    try:
        while child.poll() is None:
            if not is_alive(spec["owner_pid"], spec["owner_created_at"]):
                end(child, signal.SIGKILL if spec["stop_signal"] == 0 else spec["stop_signal"])
                for folder in spec["remove_when_orphaned"]:
                    shutil.rmtree(folder, ignore_errors=True)
                return 0
            time.sleep(POLL_S)
    except Stop:
        end(child, spec["stop_signal"])
    return child.returncode if child.returncode and child.returncode > 0 else 0


if __name__ == "__main__":
    os.umask(0o022)
    sys.exit(main(sys.argv[1]))
