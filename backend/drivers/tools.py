"""Finds the bundled programs: dbmate, Node, PostgreSQL's tools, migrate-mongo. A changed one is refused.

bin/manifest.json names every program with its sha256. Nothing is looked up on the PATH where a bundled one exists,
so users without these tools lose nothing and users with other versions get the ones the app was tested with.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.util
import json
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import platformdirs

from backend.core.errors import ToolMissing

POSTGRES_TOOLS = ("initdb", "pg_ctl", "pg_dump", "pg_dumpall", "pg_restore", "postgres", "psql")

# PostgreSQL's programs find their libraries and templates beside themselves; these two stand alone.
_MOVABLE = {"dbmate", "node"}
_CHECK_TIMEOUT_S = 30

_MIGRATE_MONGO_VERSION = """
const { readFileSync } = await import("node:fs");
const { up, down, status, config } = await import("migrate-mongo");
const { MongoClient } = await import("mongodb");
if (![up, down, status, config.set, MongoClient].every((f) => typeof f === "function")) throw new Error("API changed");
for (const name of ["migrate-mongo", "mongodb"])
  console.log(JSON.parse(readFileSync(`node_modules/${name}/package.json`, "utf8")).version);
"""


class ToolTampered(ToolMissing):
    """A bundled program is not the one that was bundled. It was not run."""

    title = "A bundled tool was changed"
    default_hint = "Remove it and run `make setup`, or install DB Toolkit again."


@dataclass(frozen=True, slots=True)
class ToolReport:
    """What running a bundled part showed. `version` is what it printed of itself, `problem` is set where not `ok`."""

    name: str
    version: str | None
    path: str | None
    ok: bool
    problem: str | None = None


def dbmate_path(override: str | Path | None = None) -> Path:
    """dbmate, ready to run: bin/dbmate-<os>-<cpu>, or the user's own. Raises ToolMissing, ToolTampered."""
    return _program("dbmate", override)


def node_path(override: str | Path | None = None) -> Path:
    """The bundled Node, or the user's own. Raises ToolMissing, ToolTampered."""
    return _program("node", override)


def postgres_tool(name: str, override: str | Path | None = None) -> Path:
    """One of POSTGRES_TOOLS: the bundled one, or where that is not there, the one on the PATH.

    Raises ToolMissing, ToolTampered. Mind that an older pg_dump, as a PATH may have, refuses a newer server.
    """
    if name not in POSTGRES_TOOLS:
        raise ToolMissing(f"No PostgreSQL tool named {name!r}. Known: {', '.join(POSTGRES_TOOLS)}.")
    return _program(name, override, system_may_serve=True)


def npm_modules_dir() -> Path:
    """The folder with migrate-mongo and its MongoDB driver. Raises ToolMissing."""
    folder = base_dir() / "bin" / "node_modules"
    if not (folder / "migrate-mongo" / "package.json").exists():
        raise ToolMissing(f"migrate-mongo is not in {folder}.")
    return folder


def self_check() -> list[ToolReport]:
    """Run each bundled part and report what it says of itself. Never raises for a part that fails."""
    programs: dict[str, Callable[[], Path]] = {"dbmate": dbmate_path, "node": node_path}
    programs |= {name: functools.partial(postgres_tool, name) for name in POSTGRES_TOOLS}
    with ThreadPoolExecutor(max_workers=4) as pool:
        modules = pool.submit(_migrate_mongo_reports)
        return [*pool.map(_report, programs, programs.values()), *modules.result()]


def base_dir() -> Path:
    """The folder that holds bin/: the checkout, or where a packaged app unpacked itself."""
    return Path(getattr(sys, "_MEIPASS", Path(__file__).parents[2]))


def platform_key(system: str = sys.platform, machine: str | None = None) -> str:
    """This machine as the manifest names it: linux-amd64, darwin-arm64, windows-amd64, …"""
    os_name = {"win32": "windows", "darwin": "darwin"}.get(system, "linux")
    raw = (machine or platform.machine()).lower()
    cpu = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}.get(raw, raw)
    # Windows on ARM runs x86-64 programs, and neither dbmate nor PostgreSQL is built for it.
    return "windows-amd64" if os_name == "windows" else f"{os_name}-{cpu}"


def _program(name: str, override: str | Path | None, *, system_may_serve: bool = False) -> Path:
    if override:
        return _user_program(name, Path(override).expanduser())
    entry = _manifest_entry(name)
    if entry is not None:
        path = _bundled_path(entry["file"])
        if path.exists():
            _refuse_if_changed(path, entry)
            return _made_executable(name, path, entry)
    if system_may_serve or entry is None:
        system_program = shutil.which(name)
        if system_program:
            return Path(system_program)
    if entry is None:
        raise ToolMissing(
            f"No {name} is bundled for {platform_key()}, and none is on the PATH.",
            hint=f"Install {name} and name its path in the settings.",
        )
    raise ToolMissing(f"The bundled {name} ({entry['source']}) is not at {path}.")


def _user_program(name: str, path: Path) -> Path:
    """The program the user named: theirs, so no hash is asked of it."""
    if not path.is_file():
        raise ToolMissing(
            f"The {name} named in the settings does not exist: {path}", hint="Correct or clear its path."
        )
    if not os.access(path, os.X_OK):
        raise ToolMissing(
            f"The {name} named in the settings is not executable: {path}", hint=f"chmod +x '{path}'"
        )
    return path


def _manifest_entry(name: str) -> dict[str, Any] | None:
    """The program's entry for this platform: file, version, source, sha256, size_bytes."""
    manifest = base_dir() / "bin" / "manifest.json"
    try:
        stat = manifest.stat()
        programs = _read_manifest(manifest, stat.st_mtime_ns)
    except (OSError, ValueError) as problem:
        raise ToolMissing(f"The list of bundled tools cannot be read: {manifest}") from problem
    entry: dict[str, Any] | None = programs.get(name, {}).get("platforms", {}).get(platform_key())
    return entry


@functools.lru_cache(maxsize=8)
def _read_manifest(path: Path, _mtime_ns: int) -> dict[str, Any]:
    programs: dict[str, Any] = json.loads(path.read_text("utf-8"))["programs"]
    return programs


def _bundled_path(file: str) -> Path:
    """Where a manifest's `file` is: a bare name in bin/, else below the Python package that carries it."""
    package, _, inside = file.partition("/")
    if not inside:
        return base_dir() / "bin" / file
    packaged = base_dir() / file
    if packaged.exists():
        return packaged
    spec = importlib.util.find_spec(package)
    locations = list(spec.submodule_search_locations or []) if spec else []
    return Path(locations[0]) / inside if locations else packaged


def _refuse_if_changed(path: Path, entry: dict[str, Any]) -> None:
    stat = path.stat()
    if (
        stat.st_size != entry["size_bytes"]
        or _sha256(path, stat.st_mtime_ns, stat.st_size) != entry["sha256"]
    ):
        raise ToolTampered(
            f"{path} is not the program that {entry['source']} brought; it was not run.",
            path=str(path),
            expected_sha256=entry["sha256"],
        )


@functools.lru_cache(maxsize=64)
def _sha256(path: Path, _mtime_ns: int, _size_bytes: int) -> str:
    """The file's hash, read once for each state of the file (Node has 126 MB)."""
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _made_executable(name: str, path: Path, entry: dict[str, Any]) -> Path:
    """The path, its executable bit set; in a folder we may not change, a copy in the user's cache."""
    if os.access(path, os.X_OK):
        return path
    try:
        path.chmod(path.stat().st_mode | 0o755)
        return path
    except OSError as problem:
        if name not in _MOVABLE:
            raise ToolMissing(
                f"{path} is not executable and cannot be made so.", hint=f"chmod +x '{path}'"
            ) from problem
    return _copy_in_cache(path, entry)


def _copy_in_cache(path: Path, entry: dict[str, Any]) -> Path:
    folder: Path = (
        platformdirs.user_cache_path("DB-Toolkit", appauthor=False) / "tools" / entry["sha256"][:16]
    )
    copy = folder / path.name
    try:
        if not copy.exists():
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            draft = folder / f"{path.name}.{os.getpid()}"
            shutil.copyfile(path, draft)
            draft.chmod(0o700)
            draft.replace(copy)
    except OSError as problem:
        raise ToolMissing(
            f"{path} is not executable, and no copy of it can be made in {folder}."
        ) from problem
    _refuse_if_changed(copy, entry)
    return copy


def _report(name: str, find: Callable[[], Path]) -> ToolReport:
    """Find the program and ask it for its version."""
    path: Path | None = None
    try:
        path = find()
        printed = _output_of([str(path), "--version"])
    except ToolMissing as problem:
        return ToolReport(name, None, str(path) if path else None, False, problem.message)
    version = re.search(r"\d+(\.\d+)+", printed)
    if version is None:
        return ToolReport(name, None, str(path), False, f"It named no version: {printed[:200]!r}")
    return ToolReport(name, version.group(), str(path), True)


def _migrate_mongo_reports() -> list[ToolReport]:
    """Import migrate-mongo and its driver in Node, as the runner does."""
    names = ("migrate-mongo", "mongodb")
    try:
        folder = npm_modules_dir()
        command = [str(node_path()), "--input-type=module", "--eval", _MIGRATE_MONGO_VERSION]
        versions = _output_of(command, cwd=folder.parent).split()
    except ToolMissing as problem:
        return [ToolReport(name, None, None, False, problem.message) for name in names]
    return [
        ToolReport(name, version, str(folder / name), True)
        for name, version in zip(names, versions, strict=True)
    ]


def _output_of(command: list[str], cwd: Path | None = None) -> str:
    """What the command printed. Raises ToolMissing where it cannot run or fails, with its last words."""
    # A user's NODE_OPTIONS would load their code into ours.
    environment = {name: value for name, value in os.environ.items() if name != "NODE_OPTIONS"}
    try:
        done = subprocess.run(
            command,
            cwd=cwd,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            timeout=_CHECK_TIMEOUT_S,
            check=False,
            # No console window flashes up on Windows.
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except (OSError, subprocess.TimeoutExpired) as problem:
        raise ToolMissing(f"{command[0]} cannot be run: {problem}") from problem
    if done.returncode != 0:
        last_words = (done.stderr.strip() or done.stdout.strip()).splitlines()[-6:]
        raise ToolMissing(f"{command[0]} failed (exit {done.returncode}): {' '.join(last_words)}")
    return done.stdout.strip()
