"""Faults in the middle of a backup and of a restore into the same database: what is listed is whole, what is there is
known, and what was there can be brought back."""

from __future__ import annotations

import random
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.faults import states, verify
from tests.faults.child import Child
from tests.faults.fault import Outcome
from tests.faults.kinds import KINDS, Kind, Scene
from tests.faults.model import Subject
from tests.kit import ChannelFailed, Shop, Toolkit

OPERATIONS = ("backup", "restore")
CHANNELS = {"backup": "backup:create", "restore": "backup:restore"}
_KINDS = ("app", "tool", "everything", "server", "cut", "slow", "full disk")
_BEGINS = {"backup": "Backing up", "restore": "Restoring into"}
_SWEPT_WITHIN_S = 60.0


@dataclass
class Made:
    """A database with one backup, and more applied since."""

    scene: Scene
    child: Child
    shop_id: str
    backup_id: str
    then: states.State
    now: states.State


class Copies:
    """Where such faults happen: one engine, its server running."""

    def __init__(self, subject: Subject, seed: int) -> None:
        self.subject = subject
        self.random = random.Random(seed)
        self.durations: dict[str, float] = {}

    @property
    def kinds(self) -> list[str]:
        found = [name for name in _KINDS if KINDS[name]().fits(self.subject)]
        # SQLite and MongoDB are backed up by the app itself.
        return [name for name in found if name != "tool" or self.subject.name in {"postgres", "mysql"}]

    def measure(self) -> None:
        for operation in OPERATIONS:
            with self._made(KINDS["app"](), operation) as made:
                began = made.child.wait_until_it_runs()
                envelope = made.child.end()
                self.durations[operation] = time.monotonic() - began
                assert envelope is not None and envelope["ok"], envelope

    def hit(self, kind: str, operation: str) -> Outcome:
        latest = self.durations[operation]
        outcome = self.fault(kind, operation, latest)
        while not outcome.hit and not outcome.findings and latest > 0.05:
            latest /= 2
            outcome = self.fault(kind, operation, latest)
        return outcome

    def fault(self, kind: str, operation: str, latest_s: float) -> Outcome:
        moment = self.random.uniform(0, latest_s)
        chosen = KINDS[kind]()
        outcome = Outcome(kind, operation, moment, hit=False)
        with self._made(chosen, operation) as made:
            began = made.child.wait_until_it_runs()
            # A tool comes and goes: the strike waits for one, so it begins early.
            time.sleep(max(0.0, began + moment * (0.1 if kind == "tool" else 1) - time.monotonic()))
            until = began + 4 * self.durations[operation]
            outcome.hit = chosen.strike(self.subject, made.scene, made.child, until, self.random)
            envelope = made.child.end()
            chosen.over(made.scene)
            toolkit = Toolkit(made.scene.home)
            try:
                toolkit.services.runs.tidy()
                toolkit.services.backups.tidy()
                shop = Shop(toolkit, toolkit.call("connection:get", connection=made.shop_id))
                self.subject.wait_quiet(made.scene.truth)
                outcome.findings = self._ask(outcome, made, envelope, shop)
            finally:
                toolkit.close()
            if outcome.findings:
                outcome.findings.append("the app had said: " + "".join(made.child.said[-8:]))
        return outcome

    @contextmanager
    def _made(self, kind: Kind, operation: str) -> Iterator[Made]:
        folder = Path(tempfile.mkdtemp(prefix="faults-"))
        child = None
        try:
            with kind.around(self.subject, folder, self.random) as scene:
                toolkit = Toolkit(scene.home)
                shop = toolkit.connect(scene.url)
                *most, last = self.subject.files()
                for file in most:
                    shop.new(file.name, file.up, file.down, transaction=file.transaction)
                assert shop.up()["ok"]
                then = states.of(self.subject, scene.truth)
                backup = shop.call("backup:create")["id"]
                shop.new(last.name, last.up, last.down, transaction=last.transaction)
                assert shop.up()["ok"]
                states.change(self.subject, scene.truth)
                now = states.of(self.subject, scene.truth)
                toolkit.close()
                payload: dict[str, Any] = {"connection": shop.id}
                if operation == "restore":
                    payload |= {"backup_id": backup, "confirm": shop.connection["name"]}
                kind.ready(scene)
                begins = _BEGINS[operation]
                if kind.name == "tool" and self.subject.name == "mysql":
                    # MariaDB is restored by the app itself; the program is the one of the backup before it.
                    begins = _BEGINS["backup"]
                try:
                    child = Child(
                        scene.home,
                        CHANNELS[operation],
                        before=scene.before,
                        env=scene.env,
                        begins=begins,
                        **payload,
                    )
                    yield Made(scene, child, shop.id, backup, then, now)
                finally:
                    if child is not None and child.process.poll() is None:
                        child.kill_everything()
                    self.subject.start_server()
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _ask(self, outcome: Outcome, made: Made, envelope: dict[str, Any] | None, shop: Shop) -> list[str]:
        found = verify.of_manners(envelope)
        url = made.scene.truth
        if outcome.moment == "restore":
            notes = shop.toolkit.services.backups._leftovers._notes
            if not _until(lambda: not notes.broken(), _SWEPT_WITHIN_S):
                found.append("what the restore left was not swept")
            found += [
                f"left beside: {one}" for one in states.beside(self.subject, url, made.child.process.pid)
            ]
        report = shop.status()
        there = states.of(self.subject, url)
        outcome.stopped_at = len(there.versions)
        wrong = [
            one["version"]
            for one in report["migrations"]
            if (one["status"] == "applied") != (one["version"] in there.versions)
        ]
        found += [f"{version} is shown otherwise than the table has it" for version in wrong]
        found += verify.of_ledger(made.scene.home, there.versions, alone=False)
        found += (
            self._after_backup(made, there, envelope, shop)
            if outcome.moment == "backup"
            else self._after_restore(outcome, made, there, envelope, shop)
        )
        if damage := self.subject.damage(url):
            found.append(f"the database is damaged: {damage}")
        found += _backups(shop, made)
        found += self._going_on(outcome, made, shop)
        return found + verify.of_leftovers(made.child, [made.scene.home])

    @staticmethod
    def _after_backup(
        made: Made, there: states.State, envelope: dict[str, Any] | None, shop: Shop
    ) -> list[str]:
        found = [] if there == made.now else [f"a backup changed the database: {there.unlike(made.now)}"]
        listed = {one["id"] for one in shop.call("backup:list")["backups"]}
        if envelope is not None and envelope["ok"] and envelope["data"]["id"] not in listed:
            found.append("the backup that was answered is not listed")
        return found

    @staticmethod
    def _after_restore(
        outcome: Outcome, made: Made, there: states.State, envelope: dict[str, Any] | None, shop: Shop
    ) -> list[str]:
        if envelope is not None and envelope["ok"] and there != made.then:
            return [f"the answer was ok, but {there.unlike(made.then)}"]
        told = (envelope or {}).get("error") or {}
        if told.get("details", {}).get("state") == "untouched" and there != made.now:
            return [f"the answer says untouched, but {there.unlike(made.now)}"]
        if there in (made.now, made.then):
            return []
        outcome.was_partial = True
        runs = shop.call("history:list")["rows"]
        run = next((one for one in runs if one["kind"] == "restore"), None)
        error = (run or {}).get("error") or {}
        if error.get("details", {}).get("state") not in {"incomplete", "unknown"}:
            return [f"neither what was there nor the backup, and nothing says so: {there.unlike(made.now)}"]
        if not error["details"].get("safety_backup_id"):
            return ["neither what was there nor the backup, and no way back is named"]
        return []

    def _going_on(self, outcome: Outcome, made: Made, shop: Shop) -> list[str]:
        """Nothing is in the way of the next one, and what was backed up comes back."""
        deadline = time.monotonic() + self.subject.lock_outlives_its_holder_s + 10
        while True:
            try:
                if outcome.moment == "backup":
                    shop.call("backup:create")
                else:
                    shop.agree("backup:restore", backup_id=made.backup_id, safety_backup=False)
            except ChannelFailed as error:
                if error.code == "busy" and time.monotonic() < deadline:
                    time.sleep(1)
                    continue
                return [f"the next {outcome.moment} failed: {error}"]
            break
        after = states.of(self.subject, made.scene.truth)
        wanted = made.now if outcome.moment == "backup" else made.then
        return [] if after == wanted else [f"after the next {outcome.moment}: {after.unlike(wanted)}"]


def _backups(shop: Shop, made: Made) -> list[str]:
    """Every listed one is whole, the first is there, and no half one is."""
    listed = shop.call("backup:list")["backups"]
    found = [] if made.backup_id in {one["id"] for one in listed} else ["the earlier backup is gone"]
    for one in listed:
        verified = shop.call("backup:verify", backup_id=one["id"])
        if verified["state"] != "good":
            found.append(f"{one['id']} is listed as {one['state']} and is {verified['state']}")
    return found + [f"half a backup was left: {path}" for path in made.scene.home.rglob(".partial-*")]


def _until(true: Callable[[], bool], within_s: float) -> bool:
    deadline = time.monotonic() + within_s
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True
