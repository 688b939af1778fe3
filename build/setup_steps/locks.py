"""`make lock`: writes the lock files and bin/manifest.json anew. Needs the registries; nothing else here does so often.

Pins are kept unless `--upgrade` is given. Locks carry hashes and no address, so any mirror serves them.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import tomllib
from pathlib import Path

from . import manifest, node_parts
from .console import SetupFailed, run_quietly, step
from .places import BIN, IS_WINDOWS, LOCKS, ROOT, UI, VENV_BIN

SYSTEM_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
HEADER = """# {what}, exact versions with hashes. Written by `make lock` from pyproject.toml; do not edit.
# Dependencies of pyproject.toml: {wishes}
"""


def write_all(upgrade: bool) -> None:
    """Both Python locks, both npm locks, the manifest of bundled programs."""
    LOCKS.mkdir(exist_ok=True)
    with step("Locking the Python packages"):
        # The larger set first: the app gets the versions that the tests ran with.
        _compile(
            "requirements-dev.txt", "What the app, its tests and its checks need", upgrade, "--group", "dev"
        )
        pinned = ("--constraints", "build/locks/requirements-dev.txt")
        _compile("requirements.txt", "What the app needs", upgrade, *pinned)
    for folder in (BIN, UI):
        with step(f"Locking the npm packages of {folder.name}/"):
            verb = "update" if upgrade else "install"
            run_quietly(
                node_parts.npm_command(
                    verb, "--package-lock-only", "--omit-lockfile-registry-resolved", *node_parts.NPM_FLAGS
                ),
                what=f"npm {verb} in {folder.name}/",
                cwd=folder,
                env=node_parts.npm_env(),
            )
            _refuse_gaps(folder)
    with step("Hashing the bundled programs of every platform"):
        manifest.write()


def _compile(name: str, what: str, upgrade: bool, *extra: str) -> None:
    target = LOCKS / name
    command = [
        str(VENV_BIN / ("uv.exe" if IS_WINDOWS else "uv")),
        *("pip", "compile", "pyproject.toml", "--universal", "--python-version", "3.11", "--generate-hashes"),
        *(
            "--prerelease=if-necessary-or-explicit",
            "--no-emit-index-url",
            "--no-emit-find-links",
            "--no-header",
        ),
        *(("--upgrade",) if upgrade else ()),
        *extra,
    ]
    with tempfile.TemporaryDirectory() as folder:
        draft = Path(folder, name)
        if target.exists():
            draft.write_text(target.read_text("utf-8"), "utf-8")  # uv keeps the pins it finds there
        run_quietly([*command, "--output-file", draft], what=f"Locking {name}", cwd=ROOT, env=_certificates())
        header = HEADER.format(what=what, wishes=_wishes_sha256())
        target.write_text(header + draft.read_text("utf-8"), "utf-8")


def refuse_stale() -> None:
    """Raise SetupFailed where pyproject.toml asks for other packages than the locks were made for."""
    for name in ("requirements.txt", "requirements-dev.txt"):
        if _wishes_sha256() not in (LOCKS / name).read_text("utf-8"):
            raise SetupFailed(
                f"build/locks/{name} is older than the dependencies in pyproject.toml.", "make lock"
            )


def _wishes_sha256() -> str:
    """One hash over all that pyproject.toml asks for."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    wishes = [project["project"]["dependencies"], project["dependency-groups"]]
    return hashlib.sha256(json.dumps(wishes).encode()).hexdigest()


def _refuse_gaps(folder: Path) -> None:
    """Raise SetupFailed where the npm lock lacks a package it names: `npm ci` would refuse it everywhere.

    It happens where the registry does not (yet) serve a package's builds for every platform.
    """
    packages = json.loads((folder / "package-lock.json").read_text("utf-8"))["packages"]
    locked = {path.rpartition("node_modules/")[2] for path in packages}
    for path, package in packages.items():
        gaps = sorted(set(package.get("optionalDependencies", ())) - locked)
        if gaps:
            raise SetupFailed(
                f"The registry does not serve {', '.join(gaps)}, which {path or 'package.json'} needs.",
                f"Choose another version in {folder.name}/package.json.",
            )


def _certificates() -> dict[str, str]:
    """uv brings its own list of authorities; a machine behind a proxy has its own in the system's file."""
    if "SSL_CERT_FILE" not in os.environ and SYSTEM_CERTIFICATES.exists():
        return {"SSL_CERT_FILE": str(SYSTEM_CERTIFICATES)}
    return {}
