"""The bundled programs: found without a PATH, run for real, refused when they changed."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.core.errors import ToolMissing
from backend.drivers import tools

ROOT = Path(__file__).parents[2]
MANIFEST = json.loads((ROOT / "bin" / "manifest.json").read_text("utf-8"))


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An app unpacked into a folder of its own, as PyInstaller does it: manifest and dbmate, open to all to read."""
    folder = Path(tempfile.mkdtemp(prefix="unpacked app ")).resolve()
    folder.chmod(0o755)
    (folder / "bin").mkdir(mode=0o755)
    for name in ("manifest.json", tools.dbmate_path().name):
        shutil.copy2(ROOT / "bin" / name, folder / "bin" / name)
    monkeypatch.setattr(sys, "_MEIPASS", str(folder), raising=False)
    yield folder
    shutil.rmtree(folder)


def test_every_bundled_part_runs_and_says_its_version() -> None:
    reports = {report.name: report for report in tools.self_check()}
    assert [report for report in reports.values() if not report.ok] == []
    expected = {
        name: MANIFEST["programs"][name]["platforms"][tools.platform_key()]["version"]
        for name in MANIFEST["programs"]
    }
    expected |= {name: part["version"] for name, part in MANIFEST["npm"].items()}
    assert {name: report.version for name, report in reports.items()} == expected


def test_an_empty_path_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert all(report.ok for report in tools.self_check())


def test_node_options_of_the_user_do_not_reach_our_node(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NODE_OPTIONS", "--require /nowhere/theirs.js")
    assert all(report.ok for report in tools.self_check())


@pytest.mark.parametrize(
    ("change", "length"),
    [
        (lambda content: content[:-1] + bytes([content[-1] ^ 1]), "same"),
        (lambda content: content + b"\n", "longer"),
    ],
    ids=["one bit flipped", "one byte more"],
)
def test_a_changed_dbmate_is_refused_and_not_run(elsewhere: Path, change, length) -> None:  # type: ignore[no-untyped-def]
    dbmate = tools.dbmate_path()
    dbmate.write_bytes(change(dbmate.read_bytes()))
    with pytest.raises(tools.ToolTampered, match="it was not run") as refused:
        tools.dbmate_path()
    assert refused.value.code == "tool_missing"
    assert [report.ok for report in tools.self_check() if report.name == "dbmate"] == [False]


def test_a_change_after_the_first_look_is_noticed(elsewhere: Path) -> None:
    dbmate = tools.dbmate_path()
    subprocess.run([dbmate, "--version"], check=True, capture_output=True)
    content = bytearray(dbmate.read_bytes())
    content[1_000_000] ^= 1
    dbmate.write_bytes(content)
    with pytest.raises(tools.ToolTampered):
        tools.dbmate_path()


def test_the_executable_bit_is_set_where_it_is_missing(elsewhere: Path) -> None:
    dbmate = elsewhere / "bin" / tools.dbmate_path().name
    dbmate.chmod(0o644)
    assert tools.dbmate_path() == dbmate
    subprocess.run([dbmate, "--version"], check=True, capture_output=True)


@pytest.mark.skipif(
    os.name == "nt" or os.geteuid() != 0, reason="only root can take on a user who may not change the folder"
)
def test_in_a_folder_we_may_not_change_an_executable_copy_in_the_cache_serves(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dbmate = elsewhere / "bin" / tools.dbmate_path().name
    dbmate.chmod(0o644)
    cache = elsewhere / "cache"
    cache.mkdir()
    os.chown(cache, 65534, 65534)
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    os.seteuid(65534)
    try:
        copy = tools.dbmate_path()
        again = tools.dbmate_path()
    finally:
        os.seteuid(0)
    assert copy == again
    assert copy.is_relative_to(cache)
    assert copy.stat().st_mode & 0o777 == 0o700
    assert "2." in subprocess.run([copy, "--version"], check=True, capture_output=True, text=True).stdout

    copy.write_bytes(copy.read_bytes() + b"\n")
    os.seteuid(65534)
    try:
        with pytest.raises(tools.ToolTampered):
            tools.dbmate_path()
    finally:
        os.seteuid(0)


def test_a_missing_dbmate_names_its_package_and_the_way_out(elsewhere: Path) -> None:
    tools.dbmate_path().unlink()
    with pytest.raises(ToolMissing, match="dbmate") as missing:
        tools.dbmate_path()
    assert "make setup" in (missing.value.hint or "")


def test_missing_npm_modules_are_reported_and_do_not_stop_the_check(elsewhere: Path) -> None:
    with pytest.raises(ToolMissing, match="migrate-mongo"):
        tools.npm_modules_dir()
    reports = {report.name: report for report in tools.self_check()}
    assert not reports["migrate-mongo"].ok
    assert "migrate-mongo" in (reports["migrate-mongo"].problem or "")
    assert reports["dbmate"].ok


def test_an_unreadable_manifest_refuses_rather_than_trusts(elsewhere: Path) -> None:
    (elsewhere / "bin" / "manifest.json").write_text("{ not json")
    with pytest.raises(ToolMissing, match=r"manifest\.json"):
        tools.dbmate_path()


def test_postgres_of_the_system_serves_where_none_is_bundled(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest = elsewhere / "bin" / "manifest.json"
    document = json.loads(manifest.read_text("utf-8"))
    document["programs"]["psql"]["platforms"] = {}
    manifest.write_text(json.dumps(document))
    own = elsewhere / "psql"
    own.write_text("#!/bin/sh\necho 'psql (PostgreSQL) 15.18'\n")
    own.chmod(0o755)
    monkeypatch.setenv("PATH", f"{elsewhere}:/usr/bin:/bin")
    assert tools.postgres_tool("psql") == own
    psql = next(report for report in tools.self_check() if report.name == "psql")
    assert (psql.version, psql.path) == ("15.18", str(own))


def test_an_unknown_postgres_tool_is_refused_by_name() -> None:
    with pytest.raises(ToolMissing, match="No PostgreSQL tool named 'sh'"):
        tools.postgres_tool("sh")


def test_the_users_own_program_is_taken_as_it_is(tmp_path: Path) -> None:
    own = tmp_path / "my dbmate"
    own.write_text("#!/bin/sh\n")
    with pytest.raises(ToolMissing, match="is not executable"):
        tools.dbmate_path(own)
    own.chmod(0o755)
    assert tools.dbmate_path(str(own)) == own
    with pytest.raises(ToolMissing, match="does not exist"):
        tools.dbmate_path(tmp_path / "gone")


@pytest.mark.parametrize(
    ("system", "machine", "key"),
    [
        ("linux", "x86_64", "linux-amd64"),
        ("linux", "aarch64", "linux-arm64"),
        ("darwin", "x86_64", "darwin-amd64"),
        ("darwin", "arm64", "darwin-arm64"),
        ("win32", "AMD64", "windows-amd64"),
        ("win32", "ARM64", "windows-amd64"),
    ],
)
def test_every_supported_platform_has_each_program_in_the_manifest(
    system: str, machine: str, key: str
) -> None:
    assert tools.platform_key(system, machine) == key
    # The set-up, which runs before anything is installed, has its own copy of this rule.
    spec = importlib.util.spec_from_file_location("places", ROOT / "build" / "setup_steps" / "places.py")
    assert spec is not None and spec.loader is not None
    places = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(places)
    assert places.platform_key(system, machine) == key
    for name, program in MANIFEST["programs"].items():
        entry = program["platforms"][key]
        assert len(entry["sha256"]) == 64, name
        assert entry["file"].endswith(".exe") == (system == "win32"), name
