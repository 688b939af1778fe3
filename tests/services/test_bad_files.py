"""Files dbmate would trip over: shown with what is wrong, refused before anything runs, mended by saving, never lost."""

from __future__ import annotations

import os

import pytest

from tests.kit import ChannelFailed, Shop, Toolkit

GOOD = "-- migrate:up\nCREATE TABLE users (id INTEGER);\n\n-- migrate:down\nDROP TABLE users;\n"
FIRST = "20260101000000_first.sql"

BAD = {
    "bom": b"\xef\xbb\xbf" + GOOD.encode(),
    "utf16": GOOD.encode("utf-16"),
    "utf16_without_mark": GOOD.encode("utf-16-le"),
    "cr_only": GOOD.replace("\n", "\r").encode(),
    "not_utf8": GOOD.replace("users", "us\xe9rs").encode("latin-1"),
}


@pytest.mark.parametrize("kind", BAD)
def test_an_odd_encoding_is_named_refused_and_mended_by_saving(sqlite_shop: Shop, kind: str) -> None:
    path = sqlite_shop.write(FIRST, BAD[kind])
    (one,) = sqlite_shop.status()["migrations"]
    assert (
        one["flags"] == ["invalid"] and one["problems"][0]["line"] and len(one["problems"][0]["message"]) > 20
    )
    with pytest.raises(ChannelFailed) as failure:
        sqlite_shop.up()
    assert failure.value.code == "migration_invalid" and FIRST in failure.value.message
    assert path.read_bytes() == BAD[kind]

    shown = sqlite_shop.call("migration:read", version=FIRST)
    assert "CREATE TABLE" in shown["content"] and "\r" not in shown["content"]
    sqlite_shop.call(
        "migration:update", version=FIRST, content=shown["content"], expected_sha256=shown["sha256"]
    )
    assert path.read_bytes() == shown["content"].encode()
    assert sqlite_shop.up()["ok"]


@pytest.mark.parametrize("kind", ["bom", "utf16", "cr_only"])
def test_saving_one_half_mends_it_too(sqlite_shop: Shop, kind: str) -> None:
    path = sqlite_shop.write(FIRST, BAD[kind])
    sqlite_shop.call("migration:update", version=FIRST, down="DROP TABLE IF EXISTS users;")
    assert path.read_text(encoding="utf-8") == GOOD.replace("DROP TABLE users", "DROP TABLE IF EXISTS users")
    assert sqlite_shop.up()["ok"]


def test_crlf_is_fine_and_stays(sqlite_shop: Shop) -> None:
    path = sqlite_shop.write(FIRST, GOOD.replace("\n", "\r\n"))
    sqlite_shop.call("migration:update", version=FIRST, down="DROP TABLE users;\nSELECT 1;")
    assert path.read_bytes().count(b"\r\n") == path.read_bytes().count(b"\n") > 5
    assert sqlite_shop.up()["ok"] and sqlite_shop.down()["ok"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (GOOD + "\n-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT 1;\n", ""),
        ("-- migrate:up\nCREATE TABLE users (id INTEGER);\n", "down"),
        ("CREATE TABLE users (id INTEGER);\n", "up"),
        ("", "up"),
        ("/* header */\n" + GOOD, ""),
        (" -- migrate:up\nSELECT 1;\n -- migrate:down\n", "up"),
        ("-- migrate:down\nSELECT 1;\n-- migrate:up\nSELECT 1;\n", ""),
    ],
)
def test_a_file_dbmate_would_refuse_is_refused_before_anything_runs(
    sqlite_shop: Shop, text: str, says: str
) -> None:
    sqlite_shop.write(
        FIRST, "-- migrate:up\nCREATE TABLE before (id INTEGER);\n-- migrate:down\nDROP TABLE before;\n"
    )
    path = sqlite_shop.write("20260202000000_bad.sql", text)
    with pytest.raises(ChannelFailed) as failure:
        sqlite_shop.up()
    assert failure.value.code == "migration_invalid"
    assert "20260202000000_bad.sql" in failure.value.message and says in failure.value.message.lower()
    assert failure.value.hint
    assert sqlite_shop.tables() == set() and path.read_text() == text
    assert sqlite_shop.up(versions=[FIRST])["ok"], "the file that is not at fault runs"


def test_duplicate_versions_are_both_shown_and_refused(sqlite_shop: Shop) -> None:
    sqlite_shop.write("20260101000000_a.sql", GOOD)
    sqlite_shop.write("20260101000000_b.sql", GOOD.replace("users", "orders"))
    assert all("duplicate_version" in flags for flags in sqlite_shop.flags().values())
    with pytest.raises(ChannelFailed) as failure:
        sqlite_shop.up()
    assert failure.value.code in {"migration_invalid", "conflict"}
    assert "20260101000000_a.sql" in failure.value.message and "20260101000000_b.sql" in failure.value.message
    with pytest.raises(ChannelFailed) as failure:
        sqlite_shop.call("migration:read", version="20260101000000")
    assert failure.value.code == "migration_not_found" and "_a.sql" in (failure.value.hint or "")
    assert "orders" in sqlite_shop.call("migration:read", version="20260101000000_b.sql")["content"]
    assert sqlite_shop.tables() == set()


def test_a_five_megabyte_file_is_listed_read_searched_saved_and_run(sqlite_shop: Shop) -> None:
    rows = "".join(f"INSERT INTO big VALUES ({n}, '{'x' * 100_000}');\n" for n in range(51))
    text = f"-- migrate:up\nCREATE TABLE big (id INTEGER, t TEXT);\n{rows}-- migrate:down\nDROP TABLE big;\n"
    assert len(text) > 5_000_000
    path = sqlite_shop.write(FIRST, text)
    assert sqlite_shop.call("migration:list", query="create table big")["total"] == 1
    shown = sqlite_shop.call("migration:read", version=FIRST)
    assert shown["content"] == text
    sqlite_shop.call("draft:save", key=FIRST, content=text, base_sha256=shown["sha256"])
    sqlite_shop.call(
        "migration:update", version=FIRST, content=text + "-- end\n", expected_sha256=shown["sha256"]
    )
    assert path.read_text() == text + "-- end\n"
    assert sqlite_shop.up()["ok"] and sqlite_shop.tables() == {"big"}


def test_a_file_changed_on_disk_is_not_written_over(sqlite_shop: Shop) -> None:
    path = sqlite_shop.write(FIRST, GOOD)
    read = sqlite_shop.call("migration:read", version=FIRST)
    path.write_text(GOOD + "-- theirs\n")
    with pytest.raises(ChannelFailed) as failure:
        sqlite_shop.call(
            "migration:update", version=FIRST, content=GOOD + "-- mine\n", expected_sha256=read["sha256"]
        )
    error = failure.value
    assert error.code == "edited_on_disk" and FIRST in error.message and error.hint
    assert error.details["content"] == GOOD + "-- theirs\n"
    assert error.details["expected_sha256"] == read["sha256"] != error.details["actual_sha256"]
    assert path.read_text() == GOOD + "-- theirs\n"
    sqlite_shop.call(
        "migration:update",
        version=FIRST,
        content=GOOD + "-- mine\n",
        expected_sha256=error.details["actual_sha256"],
    )
    assert path.read_text() == GOOD + "-- mine\n"


def test_a_file_deleted_meanwhile_leaves_the_draft(sqlite_shop: Shop) -> None:
    path = sqlite_shop.write(FIRST, GOOD)
    read = sqlite_shop.call("migration:read", version=FIRST)
    sqlite_shop.call("draft:save", key=FIRST, content="mine", base_sha256=read["sha256"])
    path.unlink()
    for channel, more in (
        ("migration:update", {"content": "x", "expected_sha256": read["sha256"]}),
        ("migration:read", {}),
        ("migration:delete", {}),
        ("migration:up", {"versions": [FIRST]}),
    ):
        with pytest.raises(ChannelFailed) as failure:
            sqlite_shop.call(channel, **({"version": FIRST} if channel != "migration:up" else {}), **more)
        assert failure.value.code == "migration_not_found" and FIRST in failure.value.message
    assert not path.exists()
    assert [one["content"] for one in sqlite_shop.call("draft:list")["drafts"]] == ["mine"]


def test_a_rename_onto_another_file_changes_neither(sqlite_shop: Shop) -> None:
    sqlite_shop.write("20260101000000_a.sql", GOOD)
    sqlite_shop.write("20260101000000_b.sql", GOOD.replace("users", "orders"))
    with pytest.raises(ChannelFailed) as failure:
        sqlite_shop.call(
            "migration:update", version="20260101000000_a.sql", content="-- new\n" + GOOD, name="b"
        )
    assert failure.value.code == "conflict"
    assert sorted((path.name, path.read_text()) for path in sqlite_shop.folder.iterdir()) == [
        ("20260101000000_a.sql", GOOD),
        ("20260101000000_b.sql", GOOD.replace("users", "orders")),
    ]


def test_a_deleted_file_is_in_the_trash(toolkit: Toolkit, sqlite_shop: Shop) -> None:
    sqlite_shop.write(FIRST, GOOD)
    sqlite_shop.call("migration:delete", version=FIRST)
    (kept,) = (toolkit.home / "trash").iterdir()
    assert kept.name.endswith(FIRST) and kept.read_text() == GOOD


def test_a_name_that_is_no_text_is_listed_and_refused(toolkit: Toolkit, sqlite_shop: Shop) -> None:
    (sqlite_shop.folder / os.fsdecode(b"20260101000000_\xff.sql")).write_text(GOOD)
    sent = toolkit.dispatcher.invoke_json("migration:list", {"connection": sqlite_shop.id}).decode()
    assert '"ok":true' in sent and "20260101000000_\ufffd.sql" in sent and "odd_name" in sent
    assert "users" in sqlite_shop.call("migration:read", version="20260101000000")["content"]
    with pytest.raises(ChannelFailed) as failure:
        sqlite_shop.up()
    assert failure.value.code == "migration_invalid"


def test_what_is_beside_the_migrations_is_left_alone(sqlite_shop: Shop) -> None:
    (sqlite_shop.folder / "20260101000001_folder.sql").mkdir()
    (sqlite_shop.folder / "20260101000002_dangling.sql").symlink_to("nowhere.sql")
    for name in (
        "README.md",
        "seed.sql",
        ".20260101000000_hidden.sql",
        "20260101000000_x.SQL",
        "20260101_x.sql~",
    ):
        sqlite_shop.write(name, "no migration")
    sqlite_shop.write(FIRST, GOOD)
    assert list(sqlite_shop.statuses()) == ["first"] and sqlite_shop.up()["ok"]


def test_new_files_in_the_same_second_get_versions_of_their_own(toolkit: Toolkit, sqlite_shop: Shop) -> None:
    other = Shop(Toolkit(toolkit.home), sqlite_shop.connection)
    versions = [shop.new("same", "SELECT 1;", "SELECT 1;")["version"] for shop in (sqlite_shop, other) * 3]
    assert len(set(versions)) == 6 and versions == sorted(versions)
    other.toolkit.close()
