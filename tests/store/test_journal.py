"""Several files as one: all or none, also where the writer is killed between any two of them."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
from pathlib import Path

import pytest

from backend.core.errors import AppError, EditedOnDisk
from backend.store import journal
from backend.store.journal import FileChange, Journal


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.fixture
def place(tmp_path: Path) -> Path:
    place = tmp_path / "files"
    place.mkdir()
    (place / "changed").write_text("old")
    (place / "gone").write_text("going")
    return place


def changes(place: Path) -> dict[Path, FileChange]:
    return {
        place / "changed": FileChange(b"new", sha("old")),
        place / "gone": FileChange(None, sha("going")),
        place / "sub" / "made": FileChange(b"made", None),
    }


def content(place: Path) -> dict[str, str]:
    return {str(one.relative_to(place)): one.read_text() for one in sorted(place.rglob("*")) if one.is_file()}


BEFORE = {"changed": "old", "gone": "going"}
AFTER = {"changed": "new", "sub/made": "made"}


def test_all_are_written_and_nothing_is_left_aside(place: Path, tmp_path: Path) -> None:
    kept = tmp_path / "journal"
    Journal(kept).carry_out(changes(place))
    assert content(place) == AFTER
    assert list(kept.iterdir()) == []


def test_a_file_that_changed_meanwhile_stops_it_before_anything(place: Path, tmp_path: Path) -> None:
    (place / "gone").write_text("edited")
    with pytest.raises(EditedOnDisk):
        Journal(tmp_path / "journal").carry_out(changes(place))
    assert content(place) == {"changed": "old", "gone": "edited"}


@pytest.mark.parametrize("fails_at", range(3))
def test_what_was_written_before_a_failure_is_taken_back(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails_at: int
) -> None:
    real, calls = journal._become, []

    def become(path: Path, body: bytes | None) -> None:
        calls.append(path)
        if len(calls) == fails_at + 1:
            raise AppError("no")
        real(path, body)

    monkeypatch.setattr(journal, "_become", become)
    with pytest.raises(AppError, match="no"):
        Journal(tmp_path / "journal").carry_out(changes(place))
    assert content(place) == BEFORE


def killed(place: Path, kept: Path, at: int, during: str) -> None:
    """In another process: dies as it is about to make the `at`-th file, in place or put aside."""
    real, calls = getattr(journal, during), []

    def dies(*given: object, **more: object) -> None:
        calls.append(given)
        if len(calls) == at + 1:
            os._exit(9)
        real(*given, **more)

    setattr(journal, during, dies)
    Journal(kept).carry_out(changes(place))


@pytest.mark.parametrize(
    ("during", "at"), [*(("write_atomically", n) for n in range(9)), *(("_become", n) for n in range(3))]
)
def test_a_kill_leaves_all_or_nothing_at_the_next_start(
    place: Path, tmp_path: Path, during: str, at: int
) -> None:
    kept = tmp_path / "journal"
    process = multiprocessing.get_context("fork").Process(target=killed, args=(place, kept, at, during))
    process.start()
    process.join()
    Journal(kept).recover()
    assert content(place) in (BEFORE, AFTER)
    assert not kept.exists() or list(kept.iterdir()) == []
    if during == "_become":
        assert content(place) == AFTER, "the journal was whole, so it is carried forward"
    if during == "write_atomically" and at == 0:
        assert content(place) == BEFORE


def test_a_file_somebody_changed_after_the_kill_is_not_written_over(place: Path, tmp_path: Path) -> None:
    kept = tmp_path / "journal"
    process = multiprocessing.get_context("fork").Process(target=killed, args=(place, kept, 0, "_become"))
    process.start()
    process.join()
    (place / "changed").write_text("by hand")
    said = Journal(kept).recover()
    assert content(place) == {"changed": "by hand", "sub/made": "made"}
    assert any("stays as it is" in one for one in said)


def test_a_journal_of_a_living_process_is_left_alone(place: Path, tmp_path: Path) -> None:
    kept = tmp_path / "journal"
    entry = kept / "x"
    entry.mkdir(parents=True)
    Journal._put_aside(entry, changes(place))
    assert Journal(kept).recover() == []
    assert content(place) == BEFORE and entry.is_dir()
