"""Names from outside become paths in one place, and files are the old one or the new one, never half."""

from __future__ import annotations

import errno
import multiprocessing
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.errors import DiskFull, InvalidRequest, PermissionDenied, StorageFailed
from backend.core.paths import given_path, inside, shown, slug, storage_errors, sweep_halves, write_atomically


@given(st.text(max_size=200))
def test_a_slug_is_always_a_plain_folder_name(name: str) -> None:
    made = slug(name)
    assert made == slug(made) and 0 < len(made) <= 62
    assert all(char.isascii() and (char.isalnum() or char == "-") for char in made)
    assert made == made.lower() and not made.startswith("-") and made not in {"con", "nul", "aux", "com1"}


@given(st.text(max_size=300))
def test_a_name_from_outside_never_leaves_its_folder(name: str) -> None:
    folder = Path("/data/project")
    try:
        path = inside(folder, name)
    except InvalidRequest:
        return
    assert path.parent == folder and Path(os.path.normpath(path)).parent == folder


@pytest.mark.parametrize("name", ["", ".", "..", "../x", "a/b", "a\\b", "a\0b", "a\nb", "x" * 256, "é" * 128])
def test_what_is_no_file_name_is_refused(name: str) -> None:
    with pytest.raises(InvalidRequest):
        inside(Path("/data"), name)


@pytest.mark.parametrize("text", ["", "  ", "a\0b", "a\nb", "/" + "x" * 5000, "~nobody-of-this-name/x"])
def test_what_is_no_path_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest):
        given_path(text)


def test_a_path_starts_at_home_or_where_it_is_told(tmp_path: Path) -> None:
    assert given_path("~/x") == Path.home() / "x"
    assert given_path("db/x.sql", base=tmp_path) == tmp_path / "db" / "x.sql"
    assert given_path("/abs", base=tmp_path) == Path("/abs")


def test_names_that_are_no_text_can_be_shown() -> None:
    assert shown(os.fsdecode(b"/a/\xff.sql")) == "/a/\ufffd.sql"


def test_a_write_that_fails_leaves_the_old_file_and_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.sql"
    path.write_text("old")

    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(DiskFull) as failure:
        write_atomically(path, b"new")
    assert str(path) in failure.value.message and failure.value.hint
    assert path.read_text() == "old" and [one.name for one in tmp_path.iterdir()] == ["a.sql"]


def test_a_write_keeps_the_mode_and_goes_through_a_link(tmp_path: Path) -> None:
    path, link = tmp_path / "a.sql", tmp_path / "link.sql"
    path.write_text("old")
    path.chmod(0o640)
    link.symlink_to(path)
    write_atomically(link, b"new")
    assert link.is_symlink() and path.read_text() == "new" and path.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize(
    ("number", "kind"),
    [(errno.ENOSPC, DiskFull), (errno.EROFS, PermissionDenied), (errno.EIO, StorageFailed)],
)
def test_an_error_of_the_system_names_the_path(number: int, kind: type[Exception], tmp_path: Path) -> None:
    with pytest.raises(kind, match=str(tmp_path)), storage_errors(tmp_path, "write"):
        raise OSError(number, os.strerror(number))


def write_and_die(target: Path) -> None:
    os.replace = lambda *_: os._exit(9)  # type: ignore[assignment]
    write_atomically(target, b"new")


def test_what_a_killed_writer_left_is_swept_and_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "schema.sql"
    target.write_bytes(b"old")
    other = tmp_path / f".schema.sql.00000000-{2**22 - 1}-abc.tmp"
    theirs = tmp_path / ".notes.tmp"
    other.touch()
    theirs.touch()
    child = multiprocessing.get_context("fork").Process(target=write_and_die, args=(target,))
    child.start()
    child.join()
    (left,) = set(tmp_path.iterdir()) - {target, other, theirs}
    assert sweep_halves(tmp_path) == [left]
    assert {path.name for path in tmp_path.iterdir()} == {"schema.sql", other.name, ".notes.tmp"}
    assert target.read_bytes() == b"old"
