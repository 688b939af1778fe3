"""Faults while somebody's text is saved: a migration, a draft, the settings. What was said to be saved is there, whole."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, closing
from pathlib import Path

from tests.faults import disk
from tests.faults.child import ROOT
from tests.faults.fault import Outcome
from tests.faults.writer import DRAFT, LINES, RUN, number_of, text
from tests.kit import Shop, Toolkit

MOMENTS = ("save", "draft", "settings", "ledger")
KINDS = ("app", "full disk", "read-only", "two apps")
ALLOWED = {
    "app": {"ok"},
    "full disk": {"ok", "disk_full", "storage_failed"},
    "read-only": {"ok", "permission_denied", "storage_failed"},
    "two apps": {"ok", "busy", "edited_on_disk", "conflict"},
}
_STARTS_WITHIN_S = 240.0
_SECOND = 1_000_000


class Writer:
    def __init__(self, home: Path, what: str, first: int, before: list[str]) -> None:
        self._said = Path(tempfile.mkstemp(prefix="faults-writer-")[1])
        with self._said.open("wb") as out:
            self.process = subprocess.Popen(
                [*before, sys.executable, "-m", "tests.faults.writer", str(home), what, str(first)],
                cwd=ROOT,
                env={**os.environ, "DB_TOOLKIT_HOME": str(home)},
                stdout=out,
                stderr=subprocess.STDOUT,
            )

    def said(self) -> list[tuple[int, str]]:
        lines = self._said.read_text().splitlines()
        return [
            (int(line.split()[0]), line.split(" ", 1)[1])
            for line in lines
            if line[:1].isdigit() and " " in line
        ]

    def wait(self, count: int) -> None:
        deadline = time.monotonic() + _STARTS_WITHIN_S
        while len(self.said()) < count:
            if time.monotonic() > deadline or self.process.poll() is not None:
                said = self._said.read_text()[-2000:]
                raise TimeoutError(f"the writer does not write (exit code {self.process.poll()}): {said}")
            time.sleep(0.01)

    def end(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def forget(self) -> None:
        self._said.unlink(missing_ok=True)


def fault(kind: str, moment: str, rng: random.Random) -> Outcome:
    """Make a home, save in a process of its own, strike, start again, and ask."""
    outcome = Outcome(kind, moment, rng.uniform(0, 0.5), hit=True)
    folder = Path(tempfile.mkdtemp(prefix="faults-"))
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        place = stack.enter_context(disk.small_disk(folder / "disk")) if kind == "full disk" else folder
        home = place / "home"
        toolkit = Toolkit(home)
        shop = toolkit.connect(f"sqlite:{folder / 'a.db'}")
        shop.write("20260101000000_text.sql", text(0))
        shop.call("draft:save", key=DRAFT, content=text(0))
        toolkit.call("settings:update", changes={"safety": {"lock_timeout_s": 1}})
        toolkit.close()
        before = disk.without_privilege() if kind == "read-only" else []
        writers = [Writer(home, moment, 2, before)]
        if kind == "two apps":
            writers.append(Writer(home, moment, _SECOND, before))
        for writer in writers:
            stack.callback(writer.forget)
            stack.callback(writer.end)
            writer.wait(2)
        time.sleep(outcome.moment_s)
        if kind == "full disk":
            disk.fill(place)
        modes = disk.forbid(home) if kind == "read-only" else {}
        if kind in {"full disk", "read-only"}:
            time.sleep(0.3)
        for writer in writers:
            writer.end()
        said = [writer.said() for writer in writers]
        disk.allow(modes)
        disk.make_room(place)
        outcome.findings = _ask(home, moment, kind, said)
    return outcome


def _ask(home: Path, moment: str, kind: str, said: list[list[tuple[int, str]]]) -> list[str]:
    found = [
        f"the writer was answered {answer!r}"
        for one in said
        for answer in sorted({answer for _, answer in one} - ALLOWED[kind])
    ]
    toolkit = Toolkit(home)
    try:
        toolkit.services.runs.tidy()
        shop = Shop(toolkit, toolkit.call("connection:get", connection="shop"))
        (one,) = shop.status()["migrations"]
        content = shop.call("migration:read", version=one["version"])["content"]
        (draft,) = shop.call("draft:list")["drafts"]
        there = {
            "save": number_of(content),
            "draft": number_of(draft["content"]),
            "settings": int(toolkit.call("settings:get")["safety"]["lock_timeout_s"] or 0),
        }
    finally:
        toolkit.close()
    for what, number in there.items():
        if number is None:
            found.append(f"{what}: the text is half a text, of {LINES} lines")
    if moment == "ledger":
        found += _rows(home, said)
    number = there.get(moment)
    if number is not None and not any(_follows(number, one) for one in said):
        last = [one[-1] for one in said]
        found.append(f"{moment}: {number} is there, but the last that was answered is {last}")
    with closing(sqlite3.connect(home / "toolkit.db")) as ledger:
        if (whole := ledger.execute("PRAGMA integrity_check").fetchone()[0]) != "ok":
            found.append(f"the ledger is damaged: {whole}")
    found += [f"a temporary file was left: {path}" for path in home.rglob("*.tmp")]
    found += [f"taken for damaged: {path}" for path in home.rglob("*.damaged*")]
    return found


def _rows(home: Path, said: list[list[tuple[int, str]]]) -> list[str]:
    """Every run that was answered is there with its file and its end; none still runs."""
    with closing(sqlite3.connect(home / "toolkit.db")) as ledger:
        rows = ledger.execute(
            "SELECT r.run_id, r.state, count(m.id) FROM run r LEFT JOIN run_migration m USING (run_id)"
            " WHERE r.run_id LIKE ? GROUP BY r.run_id",
            (f"{RUN}%",),
        ).fetchall()
    states = {int(run_id.removeprefix(RUN)): state for run_id, state, _ in rows}
    found = [f"ledger: {run_id} has {files} files" for run_id, _, files in rows if files != 1]
    found += [f"ledger: {number} still runs" for number, state in states.items() if state == "running"]
    answered = [number for one in said for number, answer in one if answer == "ok"]
    lost = [number for number in answered if states.get(number) != "ok"]
    return found + ([f"ledger: {lost[:5]} were answered and are not there"] if lost else [])


def _follows(number: int, said: list[tuple[int, str]]) -> bool:
    """Is it the last that was answered with ok, or one that was under way after it?"""
    saved = [each for each, answer in said if answer == "ok"]
    return bool(saved) and saved[-1] <= number <= said[-1][0] + 1
