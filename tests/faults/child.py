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
STANDS_STILL_S = 60.0
"""Without a word and without a tenth of a second of processor time: it hangs. A busy machine is only slow."""
PROGRAMS = {"pg_dump", "pg_restore", "psql", "mariadb-dump", "mysqldump", "mariadb", "mysql"}
"""What backups and restores are made with."""
ENDS_WITHIN_S = 180.0
BEGINS = ("] Starting on ", "] Measuring ")
"""What an app says when it has its locks and begins: a run, a backup (a restore's own first)."""


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
        last, deadline = self._progress(), time.monotonic() + STANDS_STILL_S
        while not self._going.wait(0.25):
            now = self._progress()
            if now != last:
                last, deadline = now, time.monotonic() + STANDS_STILL_S
            elif time.monotonic() > deadline:
                self.process.kill()
                raise TimeoutError(f"the run never began: {''.join(self.said)}{''.join(self.out)}")
        return time.monotonic()

    def _progress(self) -> tuple[int, float]:
        """Lines said and processor time, coarsely."""
        try:
            spent = psutil.Process(self.process.pid).cpu_times()
        except psutil.NoSuchProcess:
            return len(self.said), 0.0
        return len(self.said), round(spent.user + spent.system, 1)

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
        return [one for one in self.family.values() if _runs(one) and _is_tool(_command(one))]

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


def _is_tool(command: str) -> bool:
    return PREFIX in command or "runner.mjs" in command or Path(command.split(" ")[0]).name in PROGRAMS


def _command(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""
