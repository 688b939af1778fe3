"""Ends our child processes when this process dies, even by `kill -9`. Part of the process runner; use `guard()`.

POSIX: one small `sh` for the whole application holds the read end of a pipe whose only write end is ours. It knows the
process groups that run; when the pipe closes, because we are gone in whatever way, it ends them. (Linux's
PR_SET_PDEATHSIG would need code between fork and exec, follows the *thread* that forked, and spares grandchildren.)
Windows: a job object that the system empties when our handle to it closes.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading

_log = logging.getLogger(__name__)

# It ignores what a terminal sends to everybody, and asks before it kills. (dash takes `--` after `-s NAME` only.)
_WATCH = r"""
trap '' HUP INT TERM QUIT PIPE
groups=' '
while read -r verb group; do
  case $verb in
    add) groups="$groups$group " ;;
    drop) case $groups in *" $group "*) groups="${groups%% $group *} ${groups#* $group }" ;; esac ;;
  esac
done
for group in $groups; do kill -s TERM -- "-$group" 2>/dev/null; done
for group in $groups; do
  tries=0
  while kill -s 0 -- "-$group" 2>/dev/null && [ $tries -lt 10 ]; do sleep 0.2; tries=$((tries+1)); done
  kill -s KILL -- "-$group" 2>/dev/null
done
"""


class Guard:
    """`add` a process group after its start, `drop` it before its leader is reaped. Never raises, never waits."""

    def add(self, pid: int) -> None: ...

    def drop(self, pid: int) -> None: ...


class PosixGuard(Guard):
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._owner = 0
        self._watcher: subprocess.Popen[bytes] | None = None

    def add(self, pid: int) -> None:
        with self._lock:
            if not self._send(f"add {pid}\n"):
                self._start()
                self._send(f"add {pid}\n")

    def drop(self, pid: int) -> None:
        with self._lock:
            self._send(f"drop {pid}\n")

    def _send(self, line: str) -> bool:
        if self._watcher is None or self._watcher.stdin is None or self._owner != os.getpid():
            return False
        try:
            # Far below PIPE_BUF and unbuffered: one write, whole or not at all.
            self._watcher.stdin.write(line.encode())
        except OSError:
            return False
        return True

    def _start(self) -> None:
        """Start the watcher; after a fork the child gets one of its own."""
        try:
            self._watcher = subprocess.Popen(
                ["/bin/sh", "-c", _WATCH],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd="/",
                env={"PATH": os.defpath},
                bufsize=0,
                start_new_session=True,
            )
            self._owner = os.getpid()
        except OSError:
            _log.warning("Tools will not be ended if this application is killed: no watcher could be started")
            self._watcher = None


def _guard() -> Guard:
    if sys.platform == "win32":
        from .process_job import JobGuard

        return JobGuard()
    return PosixGuard()


_instance: Guard | None = None
_instance_lock = threading.Lock()


def guard() -> Guard:
    """The guard of this application."""
    global _instance
    with _instance_lock:
        if _instance is None:
            _instance = _guard()
        return _instance
