"""A peer that is a Python package, kept running in a process of its own so that its imports are no part of the time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from threading import Timer
from typing import Any

from tests.bench.peers import inside
from tests.bench.peers.model import Field, Peer, PeerMissing, StatementsFailed, Written
from tests.bench.peers.packages import installed, version_of

TIMEOUT_S = 120


class Packaged(Peer):
    def __init__(self, package: str, *, runs_itself: bool = False, note: str = "") -> None:
        """`runs_itself`: what it writes is no SQL, and only the package can run it."""
        self.name = f"{package} {short(version_of(package))}{note}"
        self._package = package
        self._runs_itself = runs_itself
        self._process: subprocess.Popen[str] | None = None

    def prepare(self) -> None:
        environment = {**os.environ, "PYTHONPATH": str(installed(self._package))}
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", str(Path(inside.__file__)), self._package],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=environment,
        )
        if self._answer() is None:
            raise PeerMissing("is installed and does not start here")

    def write(self, old: str, new: str) -> Written:
        answer = self._asked({"do": "write", "old": old, "new": new})
        return Written(answer["script"] or "", answer["took_ms"])

    def run(self, field: Field, database: str, script: str) -> None:
        if not self._runs_itself:
            return super().run(field, database, script)
        self._asked({"do": "run", "database": database, "script": script})

    def close(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()

    def _asked(self, request: dict[str, str]) -> dict[str, Any]:
        if self._process is None or self._process.poll() is not None:
            self.close()
            self.prepare()
        process = self._process
        assert process is not None and process.stdin is not None
        process.stdin.write(json.dumps(request) + "\n")
        process.stdin.flush()
        clock = Timer(TIMEOUT_S, process.kill)
        clock.start()
        try:
            answer = self._answer()
        finally:
            clock.cancel()
        if answer is None:
            raise StatementsFailed("its process ended without an answer")
        if "error" in answer:
            raise StatementsFailed(answer["error"])
        return answer

    def _answer(self) -> dict[str, Any] | None:
        if self._process is None or self._process.stdout is None:
            return None
        line = self._process.stdout.readline()
        return json.loads(line) if line else None


def short(version: str) -> str:
    """Two numbers of it: some count their builds in seconds."""
    return ".".join(version.split(".")[:2])
