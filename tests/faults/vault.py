"""Faults in the middle of a backup and of a restore: what is there afterwards is the old state or the new one, or the app
itself says that it may be neither, and the backup it names brings the old one back."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.faults import verify
from tests.faults.child import Child
from tests.faults.fault import Arena, Outcome, Prepared
from tests.faults.kinds import Kind, Scene
from tests.faults.model import File, Subject
from tests.kit import ChannelFailed, Shop, Toolkit

MOMENTS = ("backup", "restore")
SWEPT_WITHIN_S = 20.0


@dataclass(frozen=True)
class State:
    """What a database holds, by the harness's own look."""

    objects: frozenset[str]
    versions: frozenset[str]
    notes: tuple[tuple[str, int], ...]


def state_of(subject: Subject, url: str) -> State:
    # What a restore built beside is asked for by itself; so is the lease of a crashed holder.
    objects = {one for one in subject.objects(url) if "dbtoolkit" not in one and "changelog_lock" not in one}
    return State(
        frozenset(objects), frozenset(subject.versions(url)), tuple(sorted(subject.notes(url).items()))
    )


def _other(state: State, than: State) -> str:
    """What differs."""
    objects = sorted(state.objects ^ than.objects)
    return f"{objects}, {sorted(state.versions ^ than.versions)}, {state.notes} not {than.notes}"


class Vault(Arena):
    moments = MOMENTS

    @property
    def kinds(self) -> list[str]:
        # SQLite and MongoDB are backed up without a program.
        return [one for one in super().kinds if one != "tool" or self.subject.name in ("postgres", "mysql")]

    @contextmanager
    def _prepared(self, kind: Kind, direction: str) -> Iterator[tuple[Scene, Child, str, dict[str, File]]]:
        folder = Path(tempfile.mkdtemp(prefix="faults-"))
        child = None
        try:
            with kind.around(self.subject, folder, self.random) as scene:
                toolkit = Toolkit(scene.home)
                shop = toolkit.connect(scene.url)
                first, second = self.subject.ballast()
                shop.new(first.name, first.up, first.down)
                shop.up()
                self._saved = state_of(self.subject, scene.truth)
                self._backup = shop.call("backup:create")["id"]
                shop.new(second.name, second.up, second.down)
                shop.up()
                self._before = state_of(self.subject, scene.truth)
                assert self._before != self._saved
                toolkit.close()
                scene.texts = {path: path.read_bytes() for path in shop.folder.iterdir()}
                scene.channel = f"backup:{'create' if direction == 'backup' else 'restore'}"
                scene.payload = {"connection": shop.id}
                if direction == "restore":
                    scene.payload |= {"backup_id": self._backup, "confirm": shop.connection["name"]}
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
                    yield scene, child, shop.id, {}
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
        scene, subject = prepared.scene, self.subject
        report = shop.status()
        found = [] if report["reachable"] else [f"the database was not reachable: {report['problem']}"]
        state = state_of(subject, scene.truth)
        outcome.stopped_at = len(state.versions)
        outcome.was_partial = state not in (self._before, self._saved)
        if outcome.moment == "backup":
            found += self._of_backup(state, envelopes)
        else:
            found += self._of_restore(state, envelopes, shop)
        for envelope in envelopes:
            found += verify.of_manners(envelope)
        if damage := subject.damage(scene.truth):
            found.append(f"the database is damaged: {damage}")
        found += verify.of_ledger(scene.home, set(state.versions), alone=scene.second_home is None)
        found += self._of_backups(shop, envelopes if outcome.moment == "backup" else [])
        if age_lease:
            subject.age_lock(scene.truth)
        found += self._of_leftovers(prepared, shop)
        found += self._of_going_on(scene, shop, state)
        for child in (prepared.child, scene.second):
            if child is not None:
                found += verify.of_leftovers(child, [scene.home, shop.folder])
        found += verify.of_texts(scene.texts)
        try:
            subject.wait_quiet(scene.truth, within_s=2)
        except TimeoutError as error:
            found.append(str(error))
        return found

    def _of_backup(self, state: State, envelopes: list[dict[str, Any] | None]) -> list[str]:
        return [] if state == self._before else ["a backup changed the database"]

    def _of_restore(self, state: State, envelopes: list[dict[str, Any] | None], shop: Shop) -> list[str]:
        found = []
        answered = [one for one in envelopes if one is not None]
        if len(envelopes) == 1 or envelopes[1] is None:
            for envelope in answered:
                if envelope["ok"] and state != self._saved:
                    found.append(
                        "the restore answered ok, and the database does not hold what the backup does"
                    )
                said = (envelope.get("error") or {}).get("details", {}).get("state")
                if said == "untouched" and state != self._before:
                    found.append(
                        "the restore answered that nothing was touched, which the database denies: "
                        + _other(state, self._before)
                    )
        if state in (self._before, self._saved):
            return found
        rows: list[dict[str, Any]] = shop.call("history:list")["rows"]
        newest: dict[str, Any] = next((one for one in rows if one["kind"] == "restore"), {"state": "none"})
        if newest["state"] not in ("failed", "interrupted"):
            return [*found, f"the database is neither, and the history says {newest['state']}"]
        error = newest.get("error") or {}
        if not error.get("message"):
            found.append(f"the database is neither, and the history has no word on it: {newest}")
        if not newest.get("backup_id"):
            found.append("the database is neither, and no backup of what was there is named")
        return found

    def _of_backups(self, shop: Shop, envelopes: list[dict[str, Any] | None]) -> list[str]:
        """Every backup that is called good is whole; the first is among them, and one that was answered with ok."""
        found, good = [], set()
        for one in shop.call("backup:list")["backups"]:
            if one["state"] != "good":
                continue
            good.add(one["id"])
            try:
                again = shop.call("backup:verify", backup_id=one["id"])
            except ChannelFailed as error:
                found.append(f"the backup {one['id']} is called good, and verifying it says {error}")
                continue
            if again["state"] != "good":
                found.append(f"the backup {one['id']} is called good and is {again['state']}")
        wanted = {self._backup}
        if len(envelopes) == 1:
            wanted |= {one["data"]["id"] for one in envelopes if one is not None and one["ok"]}
        if missing := wanted - good:
            found.append(f"good backups are not there any more: {sorted(missing)}")
        return found

    def _of_leftovers(self, prepared: Prepared, shop: Shop) -> list[str]:
        """Once the sweep that the start began is through."""
        # A crashed restore's lease may keep the sweep out for a while.
        deadline = time.monotonic() + SWEPT_WITHIN_S + self.subject.lock_outlives_its_holder_s
        shop.toolkit.services.backups.tidy()
        while left := self._left(prepared, shop):
            if time.monotonic() > deadline:
                return [f"was left: {left}"]
            time.sleep(0.1)
        return []

    def _left(self, prepared: Prepared, shop: Shop) -> list[str]:
        """What holds what was there before is no leftover; and on a shared server others work too."""
        scene = prepared.scene
        beside = [one for one in self.subject.beside(scene.truth) if "replaced" not in one]
        if self.subject.name in ("postgres", "mysql"):
            pids = [one.process.pid for one in (prepared.child, scene.second) if one is not None]
            beside = [one for one in beside if any(f"_{pid}_" in one for pid in pids)]
        folder = scene.home / "connections" / shop.id / "backups"
        return beside + [path.name for path in folder.glob(".partial-*")]

    def _of_going_on(self, scene: Scene, shop: Shop, state: State) -> list[str]:
        """The next backup is made, and the first one restored, whatever happened; where the database was neither, what was
        there before can be brought back first."""
        found = []
        deadline = time.monotonic() + self.subject.lock_outlives_its_holder_s
        while True:
            try:
                if state not in (self._before, self._saved):
                    newest = next(
                        one for one in shop.call("history:list")["rows"] if one["kind"] == "restore"
                    )
                    if newest["backup_id"]:
                        shop.agree("backup:restore", backup_id=newest["backup_id"])
                        if state_of(self.subject, scene.truth) != self._before:
                            found.append("the backup made before does not bring back what was there")
                else:
                    shop.call("backup:create")
                shop.agree("backup:restore", backup_id=self._backup)
            except ChannelFailed as error:
                if error.code == "busy" and time.monotonic() < deadline:
                    time.sleep(1)
                    continue
                return [*found, f"it does not go on: {error}"]
            break
        if state_of(self.subject, scene.truth) != self._saved:
            found.append("restoring the first backup did not bring back its state")
        return found
