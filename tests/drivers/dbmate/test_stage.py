"""The temporary folder of a run: exactly the files, as they were, and gone afterwards."""

from __future__ import annotations

import os
import stat
import subprocess
import tempfile
from pathlib import Path

import pytest

from backend.core.errors import InvalidRequest, MigrationInvalid, MigrationNotFound, StorageFailed
from backend.drivers.dbmate import stage as stage_module
from backend.drivers.dbmate.stage import PREFIX, clean_stale, staged


@pytest.fixture(autouse=True)
def temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setattr(stage_module, "_MEMORY_FOLDERS", ())
    return folder


def listed(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / "one" / "1_a.sql", tmp_path / "two" / "2_b.sql", tmp_path / "one" / "3_c.sql"]
    for path in paths:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(path.name.encode())
    return paths


def test_files_of_several_folders_meet_in_one(files: list[Path], temporary_folder: Path) -> None:
    with staged(files, one_by_one=False) as stage:
        [(folder, names)] = stage.steps
        assert names == ("1_a.sql", "2_b.sql", "3_c.sql") and listed(folder) == sorted(names)
        assert folder.is_relative_to(temporary_folder)
        assert stat.S_IMODE(folder.parent.stat().st_mode) == 0o700
    assert listed(temporary_folder) == []


def test_one_by_one_each_has_its_folder_in_the_order_given(files: list[Path]) -> None:
    with staged(files[::-1], one_by_one=True) as stage:
        assert [listed(folder) for folder, _ in stage.steps] == [["3_c.sql"], ["2_b.sql"], ["1_a.sql"]]


def test_an_order_other_than_dbmates_own_takes_several_folders(files: list[Path]) -> None:
    with staged([files[1], files[2], files[0]], one_by_one=False) as stage:
        assert [names for _, names in stage.steps] == [("2_b.sql", "3_c.sql"), ("1_a.sql",)]


def test_what_is_edited_meanwhile_does_not_change_the_run(files: list[Path]) -> None:
    with staged(files, one_by_one=False) as stage:
        files[0].write_text("edited")
        assert (stage.steps[0][0] / "1_a.sql").read_text() == "1_a.sql"
        assert len(stage.sha256) == 3


def test_nothing_stays_behind_after_an_error(files: list[Path], temporary_folder: Path) -> None:
    with pytest.raises(RuntimeError), staged(files, one_by_one=False):
        raise RuntimeError
    files[1].unlink()
    with pytest.raises(MigrationNotFound, match=r"2_b\.sql"), staged(files, one_by_one=False):
        pass
    assert listed(temporary_folder) == []


def test_two_files_of_one_name_and_names_dbmate_passes_over_are_refused(files: list[Path]) -> None:
    twin = files[0].parent.parent / "two" / "1_A.sql"
    with pytest.raises(InvalidRequest), staged([files[0], twin], one_by_one=False):
        pass
    with pytest.raises(MigrationInvalid), staged([Path("notes.sql")], one_by_one=False):
        pass


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "1_dir.sql").mkdir()
    with (
        pytest.raises(StorageFailed, match=r"1_dir\.sql"),
        staged([tmp_path / "1_dir.sql"], one_by_one=False),
    ):
        pass


def test_a_comma_in_the_temporary_folder_is_avoided(
    files: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """dbmate takes a comma in `-d` for the border of two folders."""
    (tmp_path / "a,b").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "a,b"))
    with staged(files, one_by_one=False) as stage:
        assert "," not in str(stage.steps[0][0])


def test_folders_of_crashed_runs_are_removed_and_running_ones_kept(temporary_folder: Path) -> None:
    ended = subprocess.Popen(["true"])
    ended.wait()
    crashed = temporary_folder / f"{PREFIX}{ended.pid}-abc" / "00000"
    crashed.mkdir(parents=True)
    (crashed / "1_a.sql").write_text("x")
    running = temporary_folder / f"{PREFIX}{os.getpid()}-abc"
    others = [running, temporary_folder / "db-toolkit-other", temporary_folder / f"{PREFIX}file"]
    for folder in others:
        folder.mkdir()
    link = temporary_folder / f"{PREFIX}{ended.pid}-link"
    link.symlink_to(running)
    assert clean_stale() >= 1
    assert not crashed.parent.exists() and all(folder.exists() for folder in others)


def test_an_id_that_now_belongs_to_a_later_process_does_not_keep_a_folder(temporary_folder: Path) -> None:
    old = temporary_folder / f"{PREFIX}{os.getpid()}-abc"
    old.mkdir()
    clean_stale()
    assert old.exists()
    os.utime(old, (1, 1))
    assert clean_stale() >= 1 and not old.exists()


@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="there is no folder in memory here")
def test_small_files_are_staged_in_memory_and_large_ones_on_disk(
    files: list[Path], temporary_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = Path("/dev/shm")
    monkeypatch.setattr(stage_module, "_MEMORY_FOLDERS", (memory,))
    with staged(files, one_by_one=False) as stage:
        small = stage.steps[0][0]
    with staged(files[:1], one_by_one=False, content=b"x" * (17 << 20)) as stage:
        large = stage.steps[0][0]
    assert small.is_relative_to(memory) and large.is_relative_to(temporary_folder)
    crashed = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=memory))
    os.utime(crashed, (1, 1))
    assert clean_stale() >= 1 and not crashed.exists()
