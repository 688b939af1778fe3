"""What can go wrong with a run. Each kind says what the run needs around it, how it strikes, and how it is over."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.faults import disk
from tests.faults.child import ROOT, Child
from tests.faults.model import ServerSubject, Subject
from tests.faults.proxy import Line, line_to

DAY_S = 86_400


@dataclass
class Scene:
    """Where one fault happens. `url` is how the app reaches the database, `truth` how the harness does."""

    folder: Path
    home: Path
    url: str
    truth: str
    before: list[str] = field(default_factory=list)
    """Put before the command of the app's process."""
    program: list[str] | None = None
    env: dict[str, str] = field(default_factory=dict)
    line: Line | None = None
    modes: dict[Path, int] = field(default_factory=dict)
    channel: str = "migration:up"
    payload: dict[str, Any] = field(default_factory=dict)
    texts: dict[Path, bytes] = field(default_factory=dict)
    """The migrations' files as their user wrote them."""
    second: Child | None = None
    """The other app, and the home it has."""
    second_home: Path | None = None


class Kind:
    name: str
    only_servers = False

    def fits(self, subject: Subject) -> bool:
        return isinstance(subject, ServerSubject) or not self.only_servers

    @contextmanager
    def around(self, subject: Subject, folder: Path, rng: random.Random) -> Iterator[Scene]:
        url = subject.fresh(folder)
        try:
            yield Scene(folder, folder / "home", url, url)
        finally:
            subject.forget(url)

    def ready(self, scene: Scene) -> None:
        """The connection and its files are made."""

    def strike(self, subject: Subject, scene: Scene, child: Child, until: float, rng: random.Random) -> bool:
        """Returns whether there was something to strike."""
        raise NotImplementedError

    def over(self, scene: Scene) -> None:
        """The machine is well again; the app has ended."""


class App(Kind):
    name = "app"

    def strike(self, subject: Subject, scene: Scene, child: Child, until: float, rng: random.Random) -> bool:
        alive = child.process.poll() is None
        child.kill()
        return alive


class Everything(Kind):
    name = "everything"

    def strike(self, subject: Subject, scene: Scene, child: Child, until: float, rng: random.Random) -> bool:
        alive = child.process.poll() is None
        child.kill_everything()
        return alive


class Tool(Kind):
    name = "tool"

    def strike(self, subject: Subject, scene: Scene, child: Child, until: float, rng: random.Random) -> bool:
        return child.kill_tool(until)


class Server(Kind):
    name = "server"
    only_servers = True

    def strike(self, subject: Subject, scene: Scene, child: Child, until: float, rng: random.Random) -> bool:
        alive = child.process.poll() is None
        subject.kill_server()
        # It is away for a moment, as a restarted service would be; the app meanwhile asks for it in vain.
        away = threading.Timer(rng.uniform(0, 1.0), subject.start_server)
        away.start()
        away.join()
        return alive


class _OnALine(Kind):
    only_servers = True

    @contextmanager
    def around(self, subject: Subject, folder: Path, rng: random.Random) -> Iterator[Scene]:
        assert isinstance(subject, ServerSubject)
        with (
            line_to(subject.server.host, subject.server.port) as line,
            super().around(subject, folder, rng) as scene,
        ):
            scene.line, scene.url = line, subject.url_by(scene.truth, line.port)
            yield scene


class Cut(_OnALine):
    """The line breaks, and is there again a moment later."""

    name = "cut"

    def strike(self, subject: Subject, scene: Scene, child: Child, until: float, rng: random.Random) -> bool:
        assert scene.line is not None
        alive = child.process.poll() is None
        scene.line.cut()
        time.sleep(rng.uniform(0, 1.0))
        scene.line.mend()
        return alive


class Slow(_OnALine):
    """Every packet is late, from now to the end."""

    name = "slow"

    def strike(self, subject: Subject, scene: Scene, child: Child, until: float, rng: random.Random) -> bool:
        assert scene.line is not None
        alive = child.process.poll() is None
        scene.line.delay_s = rng.uniform(0.001, 0.012)
        return alive

    def over(self, scene: Scene) -> None:
        assert scene.line is not None
        scene.line.delay_s = 0.0


class FullDisk(Kind):
    """The disk with the app's home, and with a SQLite database, is full."""

    name = "full disk"

    @contextmanager
    def around(self, subject: Subject, folder: Path, rng: random.Random) -> Iterator[Scene]:
        with disk.small_disk(folder / "disk") as small, super().around(subject, small, rng) as scene:
            yield scene

    def strike(self, subject: Subject, scene: Scene, child: Child, until: float, rng: random.Random) -> bool:
        alive = child.process.poll() is None
        disk.fill(scene.folder)
        return alive

    def over(self, scene: Scene) -> None:
        disk.make_room(scene.folder)


class ReadOnly(Kind):
    """The folder with the app's home, and with a SQLite database, may not be written to."""

    name = "read-only"

    @contextmanager
    def around(self, subject: Subject, folder: Path, rng: random.Random) -> Iterator[Scene]:
        with super().around(subject, folder, rng) as scene:
            scene.before = disk.without_privilege()
            yield scene
            disk.allow(scene.modes)

    def strike(self, subject: Subject, scene: Scene, child: Child, until: float, rng: random.Random) -> bool:
        alive = child.process.poll() is None
        scene.modes = disk.forbid(scene.folder)
        return alive

    def over(self, scene: Scene) -> None:
        disk.allow(scene.modes)


class TwoApps(Kind):
    """A second app, over the same home, wants the same; half of the time the first is killed meanwhile."""

    name = "two apps"

    def strike(self, subject: Subject, scene: Scene, child: Child, until: float, rng: random.Random) -> bool:
        alive = child.process.poll() is None
        home = scene.second_home or scene.home
        scene.second = Child(home, scene.channel, before=self._before(), **scene.payload)
        if rng.random() < 0.5:
            time.sleep(rng.uniform(0, 1.0))
            child.kill()
        return alive

    def _before(self) -> list[str]:
        return []


class TwoMachines(TwoApps):
    """The same from another machine: a home of its own, another host name, the same files."""

    name = "two machines"

    def ready(self, scene: Scene) -> None:
        scene.second_home = scene.folder / "other machine"
        # Not by this process: closing a file of the ledger would take away the locks it has on it.
        subprocess.run(["cp", "-a", scene.home, scene.second_home], check=True)
        _without_a_past(scene.second_home)

    def _before(self) -> list[str]:
        if os.geteuid() != 0 or shutil.which("unshare") is None:
            return []
        return ["unshare", "--uts", "sh", "-c", 'hostname other-machine && exec "$@"', "sh"]


class ClockJump(Kind):
    """The clock of the app's machine goes a day back or forth in the middle of the run."""

    name = "clock jump"

    @contextmanager
    def around(self, subject: Subject, folder: Path, rng: random.Random) -> Iterator[Scene]:
        with super().around(subject, folder, rng) as scene:
            scene.program = [sys.executable, "-m", "tests.faults.jumped"]
            jump = rng.choice((-DAY_S, DAY_S))
            flag = str(folder / "jumped")
            scene.env = {
                "DB_TOOLKIT_FAULT_FLAG": flag,
                "DB_TOOLKIT_FAULT_JUMP": str(jump),
                "PYTHONPATH": str(ROOT),
            }
            yield scene

    def strike(self, subject: Subject, scene: Scene, child: Child, until: float, rng: random.Random) -> bool:
        alive = child.process.poll() is None
        Path(scene.env["DB_TOOLKIT_FAULT_FLAG"]).touch()
        if rng.random() < 0.3:
            time.sleep(rng.uniform(0, 0.5))
            child.kill()
        return alive


def _without_a_past(home: Path) -> None:
    """Another machine's ledger knows nothing of this one's runs."""
    for path in home.glob("toolkit.db*"):
        path.unlink()


KINDS: Mapping[str, type[Kind]] = {
    one.name: one
    for one in (App, Tool, Everything, Server, Cut, Slow, FullDisk, ReadOnly, TwoApps, TwoMachines, ClockJump)
}
