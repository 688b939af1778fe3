"""The app in a process of its own, the processes it starts, and ways to end them all at once."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

import psutil

from backend.drivers.dbmate.stage import PREFIX

ROOT = Path(__file__).resolve().parents[2]
STARTED_WITHIN_S = 120.0
ENDS_WITHIN_S = 180.0
BEGINS = ("] Starting on ", "] Measuring ")
"""What an app says when it has its locks and begins: a run, a backup (a restore's own first)."""
TOOLS = (PREFIX, "runner.mjs", "pg_dump", "pg_restore", "mariadb-dump", "/mariadb ", "mysqldump")
"""What the command of a program that works for the app has in it."""


class Child:
    """`main.py call CHANNEL` under way: it has its locks and its plan, and is about to run."""

    def __init__(
        self,
        home: Path,
        channel: str,
        *,
        before: Sequence[str] = (),
        program: Sequence[str] | None = None,
        env: Mapping[str, str] | None = None,
        **payload: Any,
    ) -> None:
        environment = {**os.environ, "DB_TOOLKIT_HOME": str(home), **(env or {})}
        command = program or [sys.executable, str(ROOT / "main.py")]
        self.process = subprocess.Popen(
            [*before, *command, "call", channel, json.dumps(payload)],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.said: list[str] = []
        self.out: list[str] = []
        self.family: dict[int, psutil.Process] = {}
        self._going = threading.Event()
        assert self.process.stdout and self.process.stderr
        self._readers = [
            threading.Thread(target=self._hear, args=(self.process.stderr, self.said), daemon=True),
            threading.Thread(target=self._hear, args=(self.process.stdout, self.out), daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    def wait_until_it_runs(self) -> float:
        """Returns the moment at which the run began (monotonic)."""
        if not self._going.wait(STARTED_WITHIN_S):
            self.process.kill()
            raise TimeoutError(f"the run never began: {''.join(self.said)}{''.join(self.out)}")
        return time.monotonic()

    def end(self) -> dict[str, Any] | None:
        """Wait for its end. Returns the envelope it printed, None where it was killed before."""
        self.process.wait(ENDS_WITHIN_S)
        for reader in self._readers:
            reader.join(5)
        try:
            found: dict[str, Any] = json.loads("".join(self.out))
        except ValueError:
            return None
        return found

    def kill(self) -> None:
        self._look_around()
        self.process.kill()

    def kill_everything(self) -> None:
        """The app, its watcher and the tool, as when a machine runs out of memory."""
        self._look_around()
        pids = [self.process.pid, *self.family]
        for pid in pids:
            _signal(pid, signal.SIGSTOP)
        for pid in pids:
            _signal(pid, signal.SIGKILL)

    def kill_tool(self, until: float) -> bool:
        """The tool alone. Between two tools it waits for the next, at most until `until`; True where one was hit."""
        while time.monotonic() < until and self.process.poll() is None:
            for process in self._tools():
                _signal(process.pid, signal.SIGKILL)
                return True
            time.sleep(0.003)
        return False

    def orphans(self) -> list[str]:
        """What it started and what still runs, tools that were staged by it among them."""
        left = [process for process in self.family.values() if _runs(process)]
        mark = f"{PREFIX}{self.process.pid}-"
        for process in psutil.process_iter(["pid", "cmdline"]):
            if any(mark in part for part in process.info["cmdline"] or []) and process not in left:
                left.append(process)
        return [f"{process.pid} {_command(process)}" for process in left]

    def _look_around(self) -> None:
        try:
            for process in psutil.Process(self.process.pid).children(recursive=True):
                self.family[process.pid] = process
        except psutil.NoSuchProcess:
            pass

    def _tools(self) -> list[psutil.Process]:
        self._look_around()
        return [
            one
            for one in self.family.values()
            if _runs(one) and any(each in f"{_command(one)} " for each in TOOLS)
        ]

    def _hear(self, pipe: IO[str], kept: list[str]) -> None:
        for line in pipe:
            kept.append(line)
            if kept is self.said and any(each in line for each in BEGINS):
                self._going.set()
        self._going.set()


def _signal(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _command(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""
