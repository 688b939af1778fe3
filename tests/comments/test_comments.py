"""Comments on migrations: written, edited, merged by git, and read from what a merge left."""

from __future__ import annotations

import json
import subprocess
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.store import comments as store
from tests.kit import ChannelFailed, Shop, Toolkit


@pytest.fixture
def shop(toolkit: Toolkit, tmp_path: Path) -> Shop:
    shop = toolkit.connect(f"sqlite:{tmp_path / 'shop.db'}")
    shop.new("create users", "CREATE TABLE users (id INT);", "DROP TABLE users;")
    shop.new("create orders", "CREATE TABLE orders (id INT);", "DROP TABLE orders;")
    return shop


def versions(shop: Shop) -> list[str]:
    return [one["version"] for one in shop.call("migration:list")["migrations"]]


def texts(shop: Shop, version: str | None = None) -> list[str]:
    return [one["text"] for one in shop.call("comment:list", version=version)["comments"]]


def test_a_comment_is_written_edited_and_deleted_and_its_history_kept(shop: Shop) -> None:
    users, orders = versions(shop)
    first = shop.call("comment:add", version=users, text="  Needs an **index**. ")
    shop.call("comment:add", version=orders, text="Later")
    assert (first["text"], first["mine"], first["version"]) == ("Needs an **index**.", True, users)
    edited = shop.call("comment:edit", id=first["id"], text="Has an index.")
    assert [one["text"] for one in edited["history"]] == ["Needs an **index**."]
    assert edited["history"][0]["at"] == first["at"] and edited["edited_at"] >= first["at"]
    assert texts(shop, users) == ["Has an index."] and texts(shop) == ["Has an index.", "Later"]
    shop.call("comment:delete", id=first["id"])
    assert texts(shop) == ["Later"]
    kept = (shop.folder.parent / store.FILE).read_text()
    assert "index" not in kept and first["id"] in kept


def test_connections_that_share_the_folder_share_the_comments(
    shop: Shop, toolkit: Toolkit, tmp_path: Path
) -> None:
    other = toolkit.connect(f"sqlite:{tmp_path / 'two.db'}", "two", migrations_dir=str(shop.folder))
    other.call("comment:add", version=versions(shop)[0], text="From the other one")
    assert texts(shop) == ["From the other one"]


def test_only_its_author_changes_a_comment(shop: Shop, toolkit: Toolkit) -> None:
    toolkit.call("settings:update", changes={"author": "Ada"})
    written = shop.call("comment:add", version=versions(shop)[0], text="Mine")
    toolkit.call("settings:update", changes={"author": "Grace"})
    for channel, more in (("comment:edit", {"text": "Yours"}), ("comment:delete", {})):
        with pytest.raises(ChannelFailed, match="Ada wrote this comment") as refused:
            shop.call(channel, id=written["id"], **more)
        assert refused.value.code == "permission_denied"
    assert [one["mine"] for one in shop.call("comment:list")["comments"]] == [False]


@pytest.mark.parametrize("text", ["", "  \n ", "x" * 20_001, "\ud800"])
def test_a_text_that_is_none_is_refused(shop: Shop, text: str) -> None:
    with pytest.raises(ChannelFailed) as refused:
        shop.call("comment:add", version=versions(shop)[0], text=text)
    assert refused.value.code == "invalid_request"
    assert texts(shop) == []


def test_a_migration_that_is_not_there_has_no_comments(shop: Shop) -> None:
    with pytest.raises(ChannelFailed) as refused:
        shop.call("comment:add", version="20990101000000", text="Hello")
    assert refused.value.code == "migration_not_found"


def test_comments_of_a_migration_that_went_are_still_read(shop: Shop) -> None:
    users, _ = versions(shop)
    shop.call("comment:add", version=users, text="Why it was")
    shop.agree("migration:delete", version=users)
    (found,) = shop.call("comment:list")["comments"]
    assert (found["text"], found["name"]) == ("Why it was", None)


def test_two_apps_writing_at_once_lose_nothing(shop: Shop, toolkit: Toolkit) -> None:
    users = versions(shop)[0]
    shop.call("comment:add", version=users, text="first")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: shop.call("comment:add", version=users, text=f"n{n}"), range(24)))
    assert sorted(texts(shop)) == sorted(["first", *(f"n{n}" for n in range(24))])


# -- git -----------------------------------------------------------------------------------------------------------


def git(folder: Path, *words: str, fails: bool = False) -> None:
    done = subprocess.run(
        ["git", "-c", "user.name=Ada", "-c", "user.email=ada@example.org", *words],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode != 0) == fails, done.stdout + done.stderr


def both_sides_write(shop: Shop, tmp_path: Path) -> tuple[str, str]:
    """On a branch and on main a comment each, and one that both edited; returns the ids of the edited."""
    folder, users = shop.folder.parent, versions(shop)[0]
    shared = shop.call("comment:add", version=users, text="As it was")["id"]
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "comments.json", ".gitattributes", "migrations")
    git(folder, "commit", "-qm", "one")
    git(folder, "checkout", "-qb", "theirs")
    shop.call("comment:add", version=users, text="Theirs")
    shop.call("comment:edit", id=shared, text="As they want it")
    git(folder, "commit", "-qam", "two")
    git(folder, "checkout", "-q", "main")
    shop.call("comment:add", version=users, text="Ours")
    shop.call("comment:edit", id=shared, text="As we want it")
    git(folder, "commit", "-qam", "three")
    return shared, users


def test_git_merges_both_sides_by_itself(shop: Shop, tmp_path: Path) -> None:
    shared, _ = both_sides_write(shop, tmp_path)
    git(shop.folder.parent, "merge", "-q", "--no-edit", "theirs")
    answer = shop.call("comment:list")
    assert answer["problem"] is None
    assert json.loads((shop.folder.parent / store.FILE).read_text())["comments"][-1] is None
    by_id = {one["id"]: one for one in answer["comments"]}
    assert sorted(one["text"] for one in by_id.values()) == ["As we want it", "Ours", "Theirs"]
    assert [one["text"] for one in by_id[shared]["history"]] == ["As it was", "As they want it"]


@pytest.mark.parametrize("style", ["merge", "diff3"])
def test_conflict_markers_are_read_through_and_written_away(shop: Shop, tmp_path: Path, style: str) -> None:
    _, users = both_sides_write(shop, tmp_path)
    folder = shop.folder.parent
    (folder / ".gitattributes").write_text("")
    git(folder, "commit", "-qam", "without the driver")
    git(folder, "-c", f"merge.conflictStyle={style}", "merge", "-q", "--no-edit", "theirs", fails=True)
    assert "<<<<<<<" in (folder / store.FILE).read_text()
    answer = shop.call("comment:list")
    assert "conflict markers" in answer["problem"] and answer["writable"]
    assert sorted(one["text"] for one in answer["comments"]) == ["As we want it", "Ours", "Theirs"]
    shop.call("comment:add", version=users, text="And now?")
    assert "<<<<<<<" not in (folder / store.FILE).read_text()
    answer = shop.call("comment:list")
    assert answer["problem"] is None and len(answer["comments"]) == 4


def test_what_a_side_deleted_stays_deleted(shop: Shop, tmp_path: Path) -> None:
    shared, _ = both_sides_write(shop, tmp_path)
    shop.call("comment:delete", id=shared)
    git(shop.folder.parent, "commit", "-qam", "gone")
    git(shop.folder.parent, "merge", "-q", "--no-edit", "theirs")
    assert sorted(texts(shop)) == ["Ours", "Theirs"]


# -- files that are not what they should be ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        b"[1, 2",
        b'{"comments": "none"}',
        b"\x00\xff\xfe",
        b'{"format": "db-toolkit-comments-9", "comments": []}',
        b'{"format": "db-toolkit-comments-1", "comments": [{"id": 1}]}',
        b'{"format": "db-toolkit-comments-1", "comments": [{"id": "a", "version": "1", "author": "x",'
        b' "at": "2026-01-01T00:00:00", "text": "no zone"}]}',
    ],
)
def test_a_strange_file_is_told_and_never_written_over(shop: Shop, content: bytes) -> None:
    path = shop.folder.parent / store.FILE
    path.write_bytes(content)
    answer = shop.call("comment:list")
    assert answer["problem"] and not answer["writable"]
    with pytest.raises(
        ChannelFailed, match=r"cannot be read|another version|not a file of comments"
    ) as refused:
        shop.call("comment:add", version=versions(shop)[0], text="Hello")
    assert refused.value.code == "conflict"
    assert path.read_bytes() == content


def test_a_file_that_a_formatter_wrote_anew_is_the_same(shop: Shop) -> None:
    users = versions(shop)[0]
    shop.call("comment:add", version=users, text="Zoë: “ok”\nnext line")
    path = shop.folder.parent / store.FILE
    path.write_text(json.dumps(json.loads(path.read_text()), indent=4))
    assert texts(shop) == ["Zoë: “ok”\nnext line"]


def test_a_file_cut_off_keeps_what_is_left(shop: Shop) -> None:
    for n in range(3):
        shop.call("comment:add", version=versions(shop)[0], text=f"n{n}")
    path = shop.folder.parent / store.FILE
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines[:5]))
    answer = shop.call("comment:list")
    assert [one["text"] for one in answer["comments"]] == ["n0", "n1"] and "cut off" in answer["problem"]


_MOMENT = st.integers(0, 50).map(lambda n: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=n))
_TEXT = st.text(st.characters(codec="utf-8"), min_size=1, max_size=40)


def a_comment(number: int, at: datetime, text: str, version: str) -> store.KeptComment:
    return store.KeptComment(id=f"c{number}", version=version, author="Ada", at=at, text=text)


@given(given_=st.lists(st.tuples(_MOMENT, _TEXT, _TEXT), max_size=12))
def test_whatever_is_written_is_read_again(
    tmp_path_factory: pytest.TempPathFactory, given_: list[Any]
) -> None:
    path = tmp_path_factory.mktemp("kept") / store.FILE
    written = {f"c{n}": a_comment(n, *one) for n, one in enumerate(given_)}
    store.write(path, written.values())
    found = store.read(path)
    assert (found.comments, found.problem, found.lost) == (written, None, False)
    # Every comment is one line: what makes git merge them.
    assert len(path.read_text().split("\n")) == len(written) + 5
