"""Ends a process and everything it started. Part of the process runner."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import psutil


class ProcessTree:
    """The tree below a child of ours that leads its own group. Safe only while the child is not reaped."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._strays: dict[int, psutil.Process] = {}

    def end(self, *, kill: bool) -> None:
        """Ask (terminate) or force (kill) every process of it; those that left the group are found by their parents."""
        self._remember_strays()
        if sys.platform != "win32":
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._pid, signal.SIGKILL if kill else signal.SIGTERM)
        for process in self._strays.values():
            # psutil compares start times, so a reused id is never hit.
            with contextlib.suppress(Exception):
                process.kill() if kill else process.terminate()

    def _remember_strays(self) -> None:
        import psutil

        with contextlib.suppress(psutil.Error):
            leader = psutil.Process(self._pid)
            found = leader.children(recursive=True)
            if sys.platform == "win32":
                found.append(leader)
            else:
                found = [process for process in found if _group_of(process.pid) != self._pid]
            for process in found:
                self._strays.setdefault(process.pid, process)


def _group_of(pid: int) -> int | None:
    try:
        return os.getpgid(pid)
    except OSError:
        return None
