"""One fault: a fresh database, a run in a process of its own, a kill at a random moment, and the questions afterwards."""

from __future__ import annotations

import os
import random
import shutil
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults import verify
from tests.faults.child import Child
from tests.faults.model import File, Subject
from tests.kit import Shop, Toolkit

DIRECTIONS = ("up", "down")


@dataclass
class Outcome:
    """What one fault came to."""

    kind: str
    direction: str
    moment_s: float
    hit: bool
    """False where the run was over, or no tool was there to kill."""
    stopped_at: int = 0
    """How many versions were in the table afterwards."""
    was_partial: bool = False
    findings: list[str] = field(default_factory=list)


class Arena:
    """Where faults happen: one engine, its server running."""

    def __init__(self, subject: Subject, seed: int) -> None:
        self.subject = subject
        self.random = random.Random(seed)
        self.durations: dict[str, float] = {}

    def measure(self, rounds: int = 3) -> None:
        """How long an undisturbed run takes from its first word to its end."""
        for direction in DIRECTIONS:
            times = []
            for _ in range(rounds):
                with self._prepared(direction) as (child, *_):
                    began = child.wait_until_it_runs()
                    envelope = child.end()
                    times.append(time.monotonic() - began)
                    assert envelope is not None and envelope["ok"], envelope
            self.durations[direction] = statistics.median(times)

    def hit(self, kind: str, direction: str, *, age_lease: bool = False) -> Outcome:
        """A fault that found something to kill: the tools are gone before the run's last part."""
        latest = self.durations[direction]
        outcome = self.fault(kind, direction, latest, age_lease=age_lease)
        while not outcome.hit and not outcome.findings and latest > 0.05:
            latest /= 2
            outcome = self.fault(kind, direction, latest, age_lease=age_lease)
        return outcome

    def fault(self, kind: str, direction: str, latest_s: float, *, age_lease: bool = False) -> Outcome:
        """Kill at a moment drawn evenly from the start of the run to `latest_s` after it. `age_lease`: do not wait for
        a crashed holder's lease to end by itself."""
        moment = self.random.uniform(0, latest_s)
        with self._prepared(direction) as (child, home, url, shop_id, files):
            outcome = Outcome(kind, direction, moment, hit=False)
            began = child.wait_until_it_runs()
            time.sleep(max(0.0, began + moment - time.monotonic()))
            outcome.hit = self._strike(kind, child, began + 4 * self.durations[direction])
            envelope = child.end()
            toolkit = Toolkit(home)
            try:
                # As the shells do at every start.
                toolkit.services.runs.tidy()
                shop = Shop(toolkit, toolkit.call("connection:get", connection=shop_id))
                if self.random.random() < 0.5:
                    # A hasty user's look, while the server may still work on it: it must not settle what is not over.
                    shop.status()
                self.subject.wait_quiet(url)
                outcome.findings = self._ask(outcome, child, envelope, home, url, shop, files, age_lease)
            finally:
                toolkit.close()
            if outcome.findings:
                outcome.findings.append("the app had said: " + "".join(child.said[-12:]))
        return outcome

    # -- inside --------------------------------------------------------------------------------------------------

    @contextmanager
    def _prepared(self, direction: str) -> Iterator[tuple[Child, Path, str, str, dict[str, File]]]:
        folder = Path(tempfile.mkdtemp(prefix="faults-"))
        url = self.subject.fresh(folder)
        child = None
        try:
            home = folder / "home"
            toolkit = Toolkit(home)
            shop = toolkit.connect(url)
            files = {}
            for file in self.subject.files():
                made = shop.new(file.name, file.up, file.down, transaction=file.transaction)
                files[made["version"]] = file
            if direction == "down":
                assert shop.up()["ok"]
            toolkit.close()
            more = {"count": len(files)} if direction == "down" else {}
            child = Child(
                home, f"migration:{direction}", connection=shop.id, confirm=shop.connection["name"], **more
            )
            yield child, home, url, shop.id, files
        finally:
            if child is not None and child.process.poll() is None:
                child.kill_everything()
            self.subject.start_server()
            self.subject.forget(url)
            shutil.rmtree(folder, ignore_errors=True)

    def _strike(self, kind: str, child: Child, until: float) -> bool:
        alive = child.process.poll() is None
        if kind == "app":
            child.kill()
        elif kind == "tool":
            return child.kill_tool(until)
        elif kind == "everything":
            child.kill_everything()
        elif kind == "server":
            self.subject.kill_server()
            # It is away for a moment, as a restarted service would be; the app meanwhile asks for it in vain.
            away = threading.Timer(self.random.uniform(0, 1.0), self.subject.start_server)
            away.start()
            away.join()
        return alive

    def _ask(
        self,
        outcome: Outcome,
        child: Child,
        envelope: dict[str, object] | None,
        home: Path,
        url: str,
        shop: Shop,
        files: dict[str, File],
        age_lease: bool,
    ) -> list[str]:
        subject = self.subject
        report = shop.status()
        versions, there = subject.versions(url), subject.objects(url)
        outcome.stopped_at = len(versions)
        found = verify.of_status(report, files, versions, there)
        found += verify.of_ledger(home, versions) + verify.of_envelope(envelope, versions)
        if damage := subject.damage(url):
            found.append(f"the database is damaged: {damage}")
        if report != shop.status():
            found.append("a second look at the status says something else")
        half = {
            one["version"]: _odd(files[one["version"]], there, one["version"] in versions)
            for one in report["migrations"]
            if "partial" in one["flags"]
        }
        outcome.was_partial = bool(half)
        if age_lease:
            subject.age_lock(url)
        found += verify.of_going_on(shop, subject, url, files, half)
        found += verify.of_leftovers(child, [home, shop.folder])
        try:
            # A moment for the harness's own last look to be taken off the server's list.
            subject.wait_quiet(url, within_s=2)
        except TimeoutError as error:
            found.append(str(error))
        return found


def _odd(file: File, there: set[str], applied: bool) -> set[str]:
    """What is there of an unrecorded file, or missing of a recorded one."""
    return {thing for thing in file.makes if (thing in there) != applied}


def quiet_environment() -> None:
    """No keychain, no DATABASE_URL of the user's: for the harness and the apps it starts."""
    os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"
    os.environ.pop("DATABASE_URL", None)
