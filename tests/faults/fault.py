"""One fault: a fresh database, a run in a process of its own, a strike at a random moment, and the questions afterwards."""

from __future__ import annotations

import os
import random
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.faults import verify
from tests.faults.child import Child
from tests.faults.kinds import KINDS, Kind, Scene
from tests.faults.model import File, Subject
from tests.kit import Shop, Toolkit

DIRECTIONS = ("up", "down")
_ROUNDS = 3
_SAID = 12


@dataclass
class Outcome:
    """What one fault came to."""

    kind: str
    moment: str
    """In the middle of what: up, down, save, draft, settings, …"""
    moment_s: float
    hit: bool
    """False where the run was over, or no tool was there to kill."""
    stopped_at: int = 0
    """How many versions were in the table afterwards."""
    was_partial: bool = False
    findings: list[str] = field(default_factory=list)


@dataclass
class Prepared:
    scene: Scene
    child: Child
    shop_id: str
    files: dict[str, File]


class Arena:
    """Where faults happen: one engine, its server running."""

    moments: tuple[str, ...] = DIRECTIONS
    """In the middle of what."""

    def __init__(self, subject: Subject, seed: int) -> None:
        self.subject = subject
        self.random = random.Random(seed)
        self.durations: dict[str, float] = {}

    @property
    def kinds(self) -> list[str]:
        return [name for name, kind in KINDS.items() if kind().fits(self.subject)]

    def measure(self, rounds: int = _ROUNDS) -> None:
        """How long an undisturbed run takes from its first word to its end."""
        for direction in self.moments:
            times = []
            for _ in range(rounds):
                with self._prepared(KINDS["app"](), direction) as (_, child, *_):
                    began = child.wait_until_it_runs()
                    envelope = child.end()
                    times.append(time.monotonic() - began)
                    assert envelope is not None and envelope["ok"], envelope
            self.durations[direction] = statistics.median(times)

    def hit(self, kind: str, direction: str, *, age_lease: bool = False) -> Outcome:
        """A fault that found something to strike: the tools are gone before the run's last part."""
        latest = self.durations[direction]
        outcome = self.fault(kind, direction, latest, age_lease=age_lease)
        while not outcome.hit and not outcome.findings and latest > 0.05:
            latest /= 2
            outcome = self.fault(kind, direction, latest, age_lease=age_lease)
        return outcome

    def fault(self, kind: str, direction: str, latest_s: float, *, age_lease: bool = False) -> Outcome:
        """Strike at a moment drawn evenly from the start of the run to `latest_s` after it. `age_lease`: do not wait for
        a crashed holder's lease to end by itself."""
        moment = self.random.uniform(0, latest_s)
        chosen = KINDS[kind]()
        with self._prepared(chosen, direction) as prepared_:
            prepared = Prepared(*prepared_)
            scene, child = prepared.scene, prepared.child
            outcome = Outcome(kind, direction, moment, hit=False)
            began = child.wait_until_it_runs()
            time.sleep(max(0.0, began + moment - time.monotonic()))
            until = began + 4 * self.durations[direction]
            outcome.hit = chosen.strike(self.subject, scene, child, until, self.random)
            envelopes = [child.end(), scene.second.end() if scene.second else None]
            chosen.over(scene)
            toolkit = Toolkit(scene.home)
            try:
                # As the shells do at every start.
                toolkit.services.runs.tidy()
                toolkit.services.backups.tidy()
                shop = Shop(toolkit, toolkit.call("connection:get", connection=prepared.shop_id))
                if self.random.random() < 0.5:
                    # A hasty user's look, while the server may still work on it: it must not settle what is not over.
                    shop.status()
                self.subject.wait_quiet(scene.truth)
                outcome.findings = self._ask(outcome, prepared, envelopes, shop, age_lease)
            finally:
                toolkit.close()
            if outcome.findings:
                outcome.findings.append("the app had said: " + "".join(child.said[-_SAID:]))
        return outcome

    # -- inside --------------------------------------------------------------------------------------------------

    @contextmanager
    def _prepared(self, kind: Kind, direction: str) -> Iterator[tuple[Scene, Child, str, dict[str, File]]]:
        folder = Path(tempfile.mkdtemp(prefix="faults-"))
        child = None
        try:
            with kind.around(self.subject, folder, self.random) as scene:
                toolkit = Toolkit(scene.home)
                shop = toolkit.connect(scene.url)
                files = {}
                for file in self.subject.files():
                    made = shop.new(file.name, file.up, file.down, transaction=file.transaction)
                    files[made["version"]] = file
                if direction == "down":
                    assert shop.up()["ok"]
                toolkit.close()
                scene.texts = {path: path.read_bytes() for path in shop.folder.iterdir()}
                scene.channel = f"migration:{direction}"
                scene.payload = {"connection": shop.id, "confirm": shop.connection["name"]}
                if direction == "down":
                    scene.payload["count"] = len(files)
                kind.ready(scene)
                try:
                    child = Child(
                        scene.home,
                        scene.channel,
                        before=scene.before,
                        program=scene.program,
                        env=scene.env,
                        **scene.payload,
                    )
                    yield scene, child, shop.id, files
                finally:
                    for one in (child, scene.second):
                        if one is not None and one.process.poll() is None:
                            one.kill_everything()
                    self.subject.start_server()
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _ask(
        self,
        outcome: Outcome,
        prepared: Prepared,
        envelopes: list[dict[str, Any] | None],
        shop: Shop,
        age_lease: bool,
    ) -> list[str]:
        subject, scene, files = self.subject, prepared.scene, prepared.files
        report = shop.status()
        versions, there = subject.versions(scene.truth), subject.objects(scene.truth)
        outcome.stopped_at = len(versions)
        found = verify.of_status(report, files, versions, there)
        found += verify.of_ledger(scene.home, versions, alone=scene.second_home is None)
        if scene.second is None:
            found += verify.of_envelope(envelopes[0], versions)
        for envelope in envelopes:
            found += verify.of_manners(envelope)
        if damage := subject.damage(scene.truth):
            found.append(f"the database is damaged: {damage}")
        if report != shop.status():
            found.append("a second look at the status says something else")
        half = {
            one["version"]: _odd(files[one["version"]], there, one["version"] in versions)
            for one in report["migrations"]
            if "partial" in one["flags"]
        }
        outcome.was_partial = bool(half)
        if scene.second_home is not None:
            found += verify.of_another_home(scene.second_home, prepared.shop_id, versions)
        if age_lease:
            subject.age_lock(scene.truth)
        found += verify.of_going_on(shop, subject, scene.truth, files, half)
        for child in (prepared.child, scene.second):
            if child is not None:
                found += verify.of_leftovers(child, [scene.home, shop.folder])
        found += verify.of_texts(scene.texts)
        try:
            # A moment for the harness's own last look to be taken off the server's list.
            subject.wait_quiet(scene.truth, within_s=2)
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
