"""Migrations as a ZIP: out, looked at, and in; and ZIPs that somebody made to do harm."""

from __future__ import annotations

import base64
import io
import json
import stat
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.kit import ChannelFailed, Shop, Toolkit

UP, DOWN = "CREATE TABLE {0} (id INT);", "DROP TABLE {0};"


@pytest.fixture
def shop(toolkit: Toolkit, tmp_path: Path) -> Shop:
    shop = toolkit.connect(f"sqlite:{tmp_path / 'shop.db'}")
    for name in ("users", "orders"):
        shop.new(f"create {name}", UP.format(name), DOWN.format(name))
    return shop


@pytest.fixture
def other(toolkit: Toolkit, tmp_path: Path) -> Shop:
    return toolkit.connect(f"sqlite:{tmp_path / 'other.db'}", "other")


def files(shop: Shop) -> dict[str, str]:
    return {one.name: one.read_text() for one in sorted(shop.folder.iterdir())}


def a_zip(members: dict[str, str | bytes]) -> str:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, body in members.items():
            made.writestr(name, body)
    return base64.b64encode(out.getvalue()).decode()


def take(shop: Shop, content: str, **more: Any) -> Any:
    looked = shop.call("share:inspect", content=content)
    return shop.agree("share:import", content=content, sha256=looked["sha256"], **more)


def states(shop: Shop, content: str) -> dict[str, tuple[str, list[str]]]:
    return {
        one["filename"]: (one["state"], one["choices"])
        for one in shop.call("share:inspect", content=content)["entries"]
    }


MIGRATION = "-- migrate:up\nCREATE TABLE t (id INT);\n-- migrate:down\nDROP TABLE t;\n"


# -- there and back ------------------------------------------------------------------------------------------------


def test_what_is_exported_comes_in_elsewhere_letter_by_letter(
    shop: Shop, other: Shop, tmp_path: Path
) -> None:
    shop.agree("migration:up", count=1)
    version = shop.call("migration:list")["migrations"][0]["version"]
    shop.call("comment:add", version=version, text="Zoë’s table")
    path = tmp_path / "out.zip"
    made = shop.call("share:export", path=str(path))
    assert (made["files"], made["comments"], made["schema_file"]) == (2, 1, True)
    looked = other.call("share:inspect", path=str(path))
    assert [one["state"] for one in looked["entries"]] == ["new", "new"]
    assert looked["metadata"]["connection"] == "shop" and looked["comments_new"] == 1
    assert [one["applied"] for one in looked["metadata"]["migrations"]] == [True, False]
    assert files(other) == {}, "looking writes nothing"
    done = other.agree("share:import", path=str(path), sha256=looked["sha256"])
    assert files(other) == files(shop) and done["comments"] == 1
    assert [one["text"] for one in other.call("comment:list")["comments"]] == ["Zoë’s table"]
    assert [one for one in other.call("migration:up")["migrations"] if one["status"] != "applied"] == []
    again = other.call("share:inspect", path=str(path))
    assert [one["state"] for one in again["entries"]] == ["same", "same"] and again["comments_new"] == 0


def test_no_secret_is_in_an_export(toolkit: Toolkit, tmp_path: Path) -> None:
    secret = "s3cr3t-Passw0rd"
    shop = toolkit.connect(f"postgres://ada:{secret}@127.0.0.1:1/shop", "far")
    shop.new("create t", UP.format("t"), DOWN.format("t"))
    made = shop.call("share:export")
    with zipfile.ZipFile(io.BytesIO(base64.b64decode(made["content"]))) as opened:
        for name in opened.namelist():
            assert secret.encode() not in opened.read(name)
        assert json.loads(opened.read("db-toolkit.json"))["migrations"][0]["applied"] is None


def test_chosen_migrations_only(shop: Shop) -> None:
    first = shop.call("migration:list")["migrations"][0]
    made = shop.call("share:export", versions=[first["version"]], schema_file=False)
    with zipfile.ZipFile(io.BytesIO(base64.b64decode(made["content"]))) as opened:
        assert opened.namelist() == ["db-toolkit.json", f"migrations/{first['filename']}"]
    with pytest.raises(ChannelFailed, match="no file of 123") as refused:
        shop.call("share:export", versions=["123"])
    assert refused.value.code == "migration_not_found"


def test_an_export_is_never_written_over_a_file_unasked(shop: Shop, tmp_path: Path) -> None:
    path = tmp_path / "mine.zip"
    path.write_text("precious")
    with pytest.raises(ChannelFailed) as refused:
        shop.call("share:export", path=str(path))
    assert (refused.value.code, path.read_text()) == ("conflict", "precious")
    shop.call("share:export", path=str(path), overwrite=True)
    assert zipfile.is_zipfile(path)


# -- what is here already ------------------------------------------------------------------------------------------


def test_different_files_are_kept_replaced_or_brought_in_after_mine(shop: Shop, toolkit: Toolkit) -> None:
    users, orders = files(shop)
    before = files(shop)
    theirs = a_zip({f"migrations/{users}": MIGRATION, f"migrations/{orders}": before[orders]})
    assert states(shop, theirs) == {
        users: ("different", ["keep", "replace", "renumber"]),
        orders: ("same", ["keep"]),
    }
    take(shop, theirs)
    assert files(shop) == before, "the first choice of what differs is to keep mine"
    done = take(shop, theirs, choices={users: "renumber"})
    (name,) = files(shop).keys() - before.keys()
    assert name > orders and name.endswith("_create_users.sql") and files(shop)[name] == MIGRATION
    assert [one["filename"] for one in done["files"] if one["written"]] == [name]
    looked = shop.call("share:inspect", content=theirs)
    with pytest.raises(ChannelFailed) as asked:
        shop.call("share:import", content=theirs, sha256=looked["sha256"], choices={users: "replace"})
    assert asked.value.code == "confirmation_required" and users in asked.value.details["losses"][0]
    take(shop, theirs, choices={users: "replace"})
    assert files(shop)[users] == MIGRATION
    (kept,) = [one for one in (toolkit.home / "trash").iterdir() if users in one.name]
    assert kept.read_text() == before[users]


def test_a_version_that_is_taken_gets_a_new_one_and_its_comments_with_it(shop: Shop, other: Shop) -> None:
    users = next(iter(files(shop)))
    version = users.split("_")[0]
    other_name = f"{version}_create_people.sql"
    (other.folder / other_name).write_text(MIGRATION)
    other.call("comment:add", version=version, text="people")
    content = other.call("share:export")["content"]
    assert states(shop, content) == {other_name: ("version_taken", ["renumber", "keep", "replace"])}
    take(shop, content)
    assert sorted(one.split("_", 1)[1] for one in files(shop)) == [
        "create_orders.sql", "create_people.sql", "create_users.sql",
    ]  # fmt: skip
    (comment,) = shop.call("comment:list")["comments"]
    assert comment["name"] == "create_people"


def test_an_applied_file_is_never_replaced(shop: Shop) -> None:
    shop.agree("migration:up")
    users, before = next(iter(files(shop))), files(shop)
    theirs = a_zip({users: MIGRATION})
    assert states(shop, theirs) == {users: ("different", ["keep", "renumber"])}
    with pytest.raises(ChannelFailed, match="not possible here"):
        take(shop, theirs, choices={users: "replace"})
    assert files(shop) == before


def test_what_is_older_than_the_applied_comes_in_behind_it(shop: Shop) -> None:
    shop.agree("migration:up")
    theirs = a_zip({"20200101000000_old.sql": MIGRATION})
    assert states(shop, theirs) == {"20200101000000_old.sql": ("new", ["renumber", "take", "keep"])}
    take(shop, theirs)
    assert list(files(shop))[-1].endswith("_old.sql") and list(files(shop))[-1] > "2026"
    assert [one["flags"] for one in shop.call("migration:list")["migrations"]] == [[], [], []]


@pytest.mark.parametrize(("here", "expected"), [("009_a.sql", "010_b.sql"), ("99_a.sql", "2")])
def test_numbered_folders_go_on_counting(other: Shop, here: str, expected: str) -> None:
    (other.folder / here).write_text(MIGRATION)
    name = here.replace("_a", "_b")
    content = a_zip({name: MIGRATION.replace("t", "b")})
    if expected == "2":  # no number of two digits is left, and a moment sorts before 99
        with pytest.raises(ChannelFailed, match="No version comes after"):
            take(other, content)
        assert list(files(other)) == [here]
        return
    take(other, content)
    assert list(files(other)) == [here, expected]


def test_the_zip_that_was_looked_at_is_the_one_that_comes_in(other: Shop) -> None:
    looked = other.call("share:inspect", content=a_zip({"1_a.sql": MIGRATION}))
    with pytest.raises(ChannelFailed) as refused:
        other.call("share:import", content=a_zip({"1_a.sql": "-- other"}), sha256=looked["sha256"])
    assert refused.value.code == "conflict" and files(other) == {}


def test_what_was_changed_in_the_zip_is_told(shop: Shop, other: Shop) -> None:
    data = base64.b64decode(shop.call("share:export")["content"])
    users, orders = files(shop)
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        members = {name: opened.read(name) for name in opened.namelist()}
    members[f"migrations/{users}"] = MIGRATION.encode()
    del members[f"migrations/{orders}"]
    members["migrations/20300101000000_more.sql"] = MIGRATION.encode()
    notes = other.call("share:inspect", content=a_zip(members))["notes"]  # type: ignore[arg-type]
    assert sorted(notes) == sorted([
        f"{users} was changed in the ZIP after it was exported.",
        f"{orders} was taken out of the ZIP after it was exported.",
        "20300101000000_more.sql was added to the ZIP after it was exported.",
    ])  # fmt: skip


def test_files_of_another_tool_are_refused(shop: Shop, toolkit: Toolkit) -> None:
    mongo = toolkit.connect("mongodb://127.0.0.1:1/shop", "mongo")
    with pytest.raises(ChannelFailed, match="migrations of dbmate"):
        mongo.call("share:inspect", content=shop.call("share:export")["content"])


# -- ZIPs made to do harm ------------------------------------------------------------------------------------------


def tree(folder: Path) -> dict[str, bytes]:
    return {
        str(one): one.read_bytes()
        for one in sorted(folder.rglob("*"))
        if one.is_file() and "toolkit.db" not in one.name
    }


EVIL = [
    "../1_a.sql", "migrations/../../1_a.sql", "/etc/1_a.sql", "C:\\1_a.sql", "C:1_a.sql", "a\\..\\1_a.sql",
    "migrations//1_a.sql", "./1_a.sql", "a\x00/1_a.sql", "1_a\n.sql", "1_" + "x" * 300 + ".sql",
]  # fmt: skip


@pytest.mark.parametrize("name", EVIL)
def test_a_name_that_leaves_the_folder_is_left_out(other: Shop, tmp_path: Path, name: str) -> None:
    content = a_zip({name: MIGRATION, "2_good.sql": MIGRATION})
    before = tree(tmp_path)
    looked = other.call("share:inspect", content=content)
    assert [one["filename"] for one in looked["entries"]] in (["2_good.sql"], ["1_a.sql", "2_good.sql"])
    take(other, content)
    new = set(tree(tmp_path)) - set(before)
    assert {Path(one).parent for one in new if "/locks/" not in one} == {other.folder}


def test_links_and_devices_are_left_out(other: Shop) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        link = zipfile.ZipInfo("migrations/1_link.sql")
        link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
        made.writestr(link, "/etc/passwd")
        made.writestr("migrations/2_good.sql", MIGRATION)
    looked = other.call("share:inspect", content=base64.b64encode(out.getvalue()).decode())
    assert [one["filename"] for one in looked["entries"]] == ["2_good.sql"]
    assert any("a link or device" in one for one in looked["notes"])


def test_a_file_that_is_a_link_here_is_not_written_through(other: Shop, tmp_path: Path) -> None:
    target = tmp_path / "elsewhere.sql"
    target.write_text("mine")
    (other.folder / "1_a.sql").symlink_to(target)
    (other.folder / "2_b.sql").symlink_to(tmp_path / "nowhere")
    content = a_zip({"1_a.sql": MIGRATION, "2_b.sql": MIGRATION})
    assert states(other, content)["1_a.sql"] == ("refused", ["keep"])
    with pytest.raises(ChannelFailed) as refused:
        take(other, content)
    assert refused.value.code in {"conflict", "invalid_request"}
    assert target.read_text() == "mine" and not (tmp_path / "nowhere").exists()


def test_a_gigabyte_of_zeros_is_refused_before_it_is_unpacked(other: Shop) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as made:
        for number in range(60):
            made.writestr(f"{number}_a.sql", b"\0" * 19_000_000)
    with pytest.raises(ChannelFailed, match="more than 400 MB") as refused:
        other.call("share:inspect", content=base64.b64encode(out.getvalue()).decode())
    assert refused.value.code == "invalid_request"


BAD = {
    "another program's": b"Rar!\x1a\x07\x00 and so on",
    "empty": b"",
    "a text": b"CREATE TABLE t (id INT);",
    "an empty ZIP": b"PK\x05\x06" + b"\0" * 18,
}


@pytest.mark.parametrize("data", BAD.values(), ids=BAD)
def test_what_is_no_zip_of_migrations_gets_a_clear_error(other: Shop, data: bytes) -> None:
    with pytest.raises(ChannelFailed) as refused:
        other.call("share:inspect", content=base64.b64encode(data).decode())
    assert refused.value.code == "invalid_request"
    assert "ZIP" in refused.value.message


def test_a_zip_cut_off_anywhere_is_refused(shop: Shop, other: Shop) -> None:
    data = base64.b64decode(shop.call("share:export")["content"])
    for end in range(0, len(data) - 1, 37):
        with pytest.raises(ChannelFailed) as refused:
            other.call("share:inspect", content=base64.b64encode(data[:end]).decode())
        assert refused.value.code == "invalid_request", end


def test_an_encrypted_zip_is_named_as_one(other: Shop) -> None:
    data = bytearray(base64.b64decode(a_zip({"1_a.sql": MIGRATION})))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + offset] |= 1
    with pytest.raises(ChannelFailed, match="encrypted"):
        other.call("share:inspect", content=base64.b64encode(bytes(data)).decode())


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(at=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_a_flipped_bit_never_brings_in_another_text(shop: Shop, other: Shop, at: int, bit: int) -> None:
    data = bytearray(base64.b64decode(shop.call("share:export")["content"]))
    data[at % len(data)] ^= 1 << bit
    answer = other.toolkit.envelope(
        "share:inspect", connection=other.id, content=base64.b64encode(bytes(data)).decode()
    )
    if not answer["ok"]:
        assert answer["error"]["code"] == "invalid_request"
        return
    texts = set(files(shop).values())
    assert all(one["theirs"] in texts for one in answer["data"]["entries"])


def test_content_that_is_no_base64_is_refused(other: Shop) -> None:
    for wrong in (
        {"content": "%%%"},
        {},
        {"content": "", "path": "/x"},
        {"path": "/nowhere/x.zip"},
        {"path": "/tmp"},
    ):
        with pytest.raises(ChannelFailed) as refused:
            other.call("share:inspect", **wrong)
        assert refused.value.code in {"invalid_request", "storage_failed"}
