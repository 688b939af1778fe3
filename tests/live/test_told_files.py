"""A search serves from a look at the files that is some seconds old only where the system tells of each change."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from backend.services.folder_index import FolderIndex
from tests.kit import Shop, Toolkit
from tests.live.conftest import until

FILE = "-- migrate:up\nSELECT 1;\n\n-- migrate:down\nSELECT 1;\n"


@pytest.fixture
def told(toolkit: Toolkit, sqlite_shop: Shop) -> Shop:
    """A connection with two files whose folder the system tells of by now."""
    for name in ("20260101000000_a.sql", "20260102000000_b.sql"):
        sqlite_shop.write(name, FILE)
    toolkit.services.start()
    until(lambda: toolkit.services.watch.told_since([sqlite_shop.folder]) is not None, "it is told of")
    return sqlite_shop


def found(shop: Shop, words: str) -> list[str]:
    names: list[str] = shop.call("migration:find", query=words)["filenames"]
    return names


def test_a_letter_typed_looks_at_no_file(told: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(found(told, "select")) == 2
    monkeypatch.setattr(os, "scandir", lambda _: pytest.fail("the folder was read again"))
    assert len(found(told, "select 1")) == 2


def test_what_is_edited_made_or_gone_is_found_by_the_next_search(told: Shop) -> None:
    assert found(told, "zebra") == []
    path = told.folder / "20260101000000_a.sql"
    path.write_text(FILE + "-- zebra\n")
    until(lambda: found(told, "zebra") == [path.name], "the edited file is found")
    other = told.write("20260103000000_c.sql", FILE + "-- zebra\n")
    until(lambda: found(told, "zebra") == [path.name, other.name], "the new file is found")
    path.unlink()
    until(lambda: found(told, "zebra") == [other.name], "the removed file is gone")


def test_only_the_files_that_are_named_are_looked_at(told: Shop, tmp_path: Path) -> None:
    resolved = told.toolkit.services.connections.resolve(told.id)
    index = FolderIndex(resolved.tool, resolved.migrations_dirs, resolved.engine.dialect)
    index.scan()
    first, second = sorted(told.folder.iterdir())
    for path in (first, second):
        path.write_text(FILE + "-- edited\n")
    index.touched([first.name, "notes.txt", "20260109000000_never_was.sql"])
    texts = index.scan(60.0).texts
    assert "edited" in texts[first.name] and "edited" not in texts[second.name]
    # A file that comes shows in the folder's own time, whoever told of what.
    os.replace(second, told.folder / "20260104000000_d.sql")
    assert "20260104000000_d.sql" in index.scan(60.0).texts
