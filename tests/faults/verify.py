"""Compares what DB Toolkit says after a fault with what is there. Each finding is a sentence; none means agreement."""

from __future__ import annotations

import re
import sqlite3
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from backend.drivers.dbmate.stage import PREFIX
from tests.faults.child import Child
from tests.faults.model import File, Subject
from tests.kit import ChannelFailed, Shop, Toolkit

ORPHANS_GONE_WITHIN_S = 4.0
REFUSALS = {"busy", "connection_failed", "disk_full", "storage_failed", "permission_denied", "timeout"}


def of_status(
    report: dict[str, Any], files: dict[str, File], versions: set[str], there: set[str]
) -> list[str]:
    """Status and flags of each migration against the migrations table and the objects."""
    found: list[str] = []
    if not report["reachable"]:
        return [f"the database was not reachable for status: {report['problem']}"]
    if len(report["migrations"]) != len(files):
        found.append(f"{len(report['migrations'])} migrations are listed, {len(files)} are there")
    for one in report["migrations"]:
        file, applied = files[one["version"]], one["version"] in versions
        if (one["status"] == "applied") != applied:
            found.append(
                f"{file.name} is shown {one['status']}, the table {'has' if applied else 'lacks'} it"
            )
        present = [thing for thing in file.makes if thing in there]
        is_half = len(present) < len(file.makes) if applied else bool(present)
        if is_half and "partial" not in one["flags"]:
            found.append(f"{file.name} ({one['status']}) left {present} of {file.makes}, and no flag says so")
        if not is_half and "partial" in one["flags"]:
            found.append(
                f"{file.name} ({one['status']}) is flagged partial, but {present} of {file.makes} are there"
            )
    counted = report["applied"] + report["pending"] + report["failed"]
    if report["total"] != counted or report["applied"] != len(versions):
        found.append(f"the counts are wrong: {report['applied']} of {report['total']} applied")
    return found


def of_ledger(home: Path, versions: set[str], *, alone: bool = True) -> list[str]:
    """The ledger's last word on each version against the migrations table. Not `alone`: another machine with a ledger of
    its own has run some of them too, so that no run is left open is all one can ask."""
    with closing(sqlite3.connect(home / "toolkit.db")) as ledger:
        found = [
            f"run {row[0]} still says running"
            for row in ledger.execute("SELECT run_id FROM run WHERE state = 'running'")
        ]
        rows = ledger.execute(
            "SELECT version, direction, status FROM run_migration WHERE status <> 'not_run' ORDER BY id"
        ).fetchall()
    for version, (direction, status) in {row[0]: (row[1], row[2]) for row in rows}.items():
        says_applied = status == "applied" or (direction == "down" and status in {"failed", "interrupted"})
        if status == "running" or (alone and says_applied != (version in versions)):
            found.append(
                f"the ledger's last word on {version} is {direction} {status}, which the table denies"
            )
    return found


def of_envelope(envelope: dict[str, Any] | None, versions: set[str]) -> list[str]:
    """What the surviving app answered, file by file, against the migrations table."""
    if envelope is None or _did_not_begin(envelope):
        return []
    run = envelope["data"] if envelope["ok"] else envelope["error"]["details"].get("run")
    if run is None:
        return [f"the run ended without a word on its files: {envelope}"]
    found = []
    for one in run["migrations"]:
        unknown = (one["error"] or {}).get("details", {}).get("unknown")
        applied = (
            (one["status"] == "applied") if run["direction"] == "up" else (one["status"] != "rolled_back")
        )
        if not unknown and applied != (one["version"] in versions):
            found.append(f"the answer says {one['version']} is {one['status']}, which the table denies")
    return found


def _did_not_begin(envelope: dict[str, Any]) -> bool:
    """Refused before anything ran, with a reason that holds: the line is cut, the disk is full, somebody else is at it."""
    error = envelope.get("error") or {}
    return error.get("code") in REFUSALS and "run" not in error.get("details", {})


def of_manners(envelope: dict[str, Any] | None) -> list[str]:
    """Whatever happened, the answer is an error of the catalogue with a plain sentence."""
    if envelope is None or envelope["ok"]:
        return []
    error = envelope["error"]
    if error["code"] == "internal_error" or not error["message"]:
        return [f"the app answered {error['code']}: {error['message']}"]
    return []


def of_another_home(home: Path, connection: str, versions: set[str]) -> list[str]:
    """What an app with another ledger says is applied, against the migrations table."""
    toolkit = Toolkit(home)
    try:
        toolkit.services.runs.tidy()
        report = toolkit.call("migration:status", connection=connection)
    finally:
        toolkit.close()
    said = {one["version"] for one in report["migrations"] if one["status"] == "applied"}
    found = of_ledger(home, versions, alone=False) if (home / "toolkit.db").exists() else []
    return found + ([] if said == versions else [f"the other machine shows {said ^ versions} wrongly"])


def of_texts(texts: dict[Path, bytes]) -> list[str]:
    """Every migration's text is what its user wrote."""
    return [
        f"the text of {path.name} is another than its user's"
        for path, text in texts.items()
        if not path.exists() or path.read_bytes() != text
    ]


def of_leftovers(child: Child, folders: Sequence[Path]) -> list[str]:
    """Staged folders, half-written files and processes of the ended app."""
    deadline = time.monotonic() + ORPHANS_GONE_WITHIN_S
    while (orphans := child.orphans()) and time.monotonic() < deadline:
        time.sleep(0.05)
    found = [f"a process was left: {one}" for one in orphans]
    for parent in (Path("/dev/shm"), Path(tempfile.gettempdir())):
        if parent.is_dir():
            found += [
                f"a staged folder was left: {path}" for path in parent.glob(f"{PREFIX}{child.process.pid}-*")
            ]
    for folder in folders:
        found += [f"a temporary file was left: {path}" for path in folder.rglob("*.tmp")]
        found += [f"the ledger was taken for damaged: {path}" for path in folder.glob("toolkit.db.damaged*")]
    return found


def of_going_on(
    shop: Shop, subject: Subject, url: str, files: dict[str, File], half: dict[str, set[str]]
) -> list[str]:
    """The next `up`: it succeeds, or stops at what the fault left behind and names it. `half`: by version, the objects
    that make it partial."""
    deadline = time.monotonic() + subject.lock_outlives_its_holder_s
    while True:
        try:
            shop.up()
        except ChannelFailed as error:
            if error.code == "busy" and time.monotonic() < deadline:
                time.sleep(1)
                continue
            return _is_excused(error, half)
        break
    missing = files.keys() - subject.versions(url)
    if missing:
        return [f"the next run said ok, but the table lacks {sorted(missing)}"]
    there = subject.objects(url)
    return [
        f"after the next run {thing} of {file.name} is missing"
        for version, file in files.items()
        for thing in file.makes
        if thing not in there and version not in half
    ]


def _is_excused(error: ChannelFailed, half: dict[str, set[str]]) -> list[str]:
    """What a fault left, or took away, may stop the file itself or a later one that needs it; the message names it."""
    if error.code != "migration_failed":
        return [f"the next run failed for no reason of ours: {error}"]
    names = {thing.rpartition(" ")[2].rpartition(".")[2] for things in half.values() for thing in things}
    if not any(re.search(rf"\b{re.escape(name)}\b", error.message) for name in names):
        return [f"the next run failed without naming any of {sorted(names)}: {error.message}"]
    return []
