"""Folders nobody should convert blindly: a clear word, and nothing written."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from pathlib import Path

import pytest

from backend.services.conversion.numbering import numbered
from tests.conversion.folders import EXAMPLES, USERS
from tests.conversion.test_tools import by_hand, converted
from tests.kit import ChannelFailed, Shop, Toolkit

GOLANG = next(one for one in EXAMPLES if one.tool == "golang-migrate")
FLYWAY = next(one for one in EXAMPLES if one.tool == "flyway")


def folder_of(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_bytes(text.encode() if isinstance(text, str) else text)
    return folder


def refused(shop: Shop, folder: Path, **more: object) -> ChannelFailed:
    with pytest.raises(ChannelFailed) as failure:
        converted(shop, folder, **more)
    assert list(shop.folder.iterdir()) == []
    return failure.value


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, "Nothing in"),
        ({"readme.sql": "SELECT 1;"}, "Nothing in"),
        ({"20240101120000_a.sql": "-- migrate:up\nSELECT 1;\n-- migrate:down\n"}, "Nothing in"),
        ({"1_a.up.sql": "SELECT 1;", "01_b.up.sql": "SELECT 2;"}, "has this version too"),
        ({"1_a.up.sql": b"SELECT '\xe9';\n"}, "not UTF-8"),
        ({"1_a.up.sql": "SELECT 1;".encode("utf-16")}, "not UTF-8"),
        ({"1_a.up.sql": b"SELECT 1;\0"}, "NUL"),
        ({"V1__a.sql": "SELECT '${secret}';"}, "placeholder ${secret}"),
        ({"1_a.up.sql": "SELECT 1;\n-- migrate:down\nDROP TABLE x;"}, "migrate:down"),
        ({"V1__a.sql": "SELECT 1;", "V1.0__b.sql": "SELECT 2;"}, "has this version too"),
        ({"1_a.sql": "-- +goose Down\nSELECT 1;\n"}, "no `-- +goose Up`"),
    ],
)
def test_it_is_refused_with_the_file_named_and_nothing_is_written(
    files: Mapping[str, str | bytes], said: str, sqlite_shop: Shop, tmp_path: Path
) -> None:
    error = refused(sqlite_shop, folder_of(tmp_path / "theirs", files))
    assert error.code == "invalid_request" and said in error.message and error.hint


def test_a_bad_file_can_be_left_out(sqlite_shop: Shop, tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "theirs", {"1_a.up.sql": USERS, "2_b.up.sql": b"\xff"})
    answer = converted(sqlite_shop, folder, leave_out=["2"])
    assert len(answer["files"]) == 1 and [one["file"] for one in answer["left_out"]] == ["2_b.up.sql"]


def test_a_huge_file_is_named_not_read(sqlite_shop: Shop, tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "theirs", {"1_a.up.sql": USERS})
    with (folder / "2_b.up.sql").open("wb") as stream:
        stream.truncate(3_000_000_000)
    assert "larger than 20 MB" in refused(sqlite_shop, folder).message


def test_a_folder_of_two_tools_says_what_else_it_could_be(sqlite_shop: Shop, tmp_path: Path) -> None:
    folder = FLYWAY.write(GOLANG.write(tmp_path / "theirs"))
    look = sqlite_shop.call("convert:inspect", path=str(folder))
    assert look["tool"]["name"] == "flyway" and "golang-migrate" in [one["name"] for one in look["others"]]
    assert "000001_create_users.up.sql" in [one["file"] for one in look["left_out"]]
    other = sqlite_shop.call("convert:inspect", path=str(folder), tool="golang-migrate")
    assert [one["files"][0][:6] for one in other["files"]] == ["000001", "000002", "000003"]


def test_a_dirty_version_has_to_be_judged_by_a_person(toolkit: Toolkit, tmp_path: Path) -> None:
    by_hand(
        tmp_path / "shop.db", [*GOLANG.ups[:2], *GOLANG.table, "UPDATE schema_migrations SET dirty = TRUE"]
    )
    shop, folder = toolkit.connect(f"sqlite:{tmp_path / 'shop.db'}"), GOLANG.write(tmp_path / "theirs")
    assert shop.call("convert:inspect", path=str(folder))["there"]["failed"] == ["000002_orders.up.sql"]
    error = refused(shop, folder)
    assert error.code == "conflict" and "000002_orders.up.sql" in error.message
    answer = converted(shop, folder, failed_as="pending")
    assert len(answer["marked"]) == 1 and len(answer["pending"]) == 2


def test_what_changed_since_it_was_looked_at_is_not_converted(sqlite_shop: Shop, tmp_path: Path) -> None:
    folder = GOLANG.write(tmp_path / "theirs")
    look = sqlite_shop.call("convert:inspect", path=str(folder))
    (folder / "000001_create_users.up.sql").write_text("DROP TABLE everything;")
    with pytest.raises(ChannelFailed, match="not as it was looked at"):
        sqlite_shop.call("convert:run", path=str(folder), sha256=look["sha256"])


def test_nothing_is_written_over_and_a_second_time_changes_nothing(sqlite_shop: Shop, tmp_path: Path) -> None:
    folder = GOLANG.write(tmp_path / "theirs")
    first = converted(sqlite_shop, folder)
    again = converted(sqlite_shop, folder)
    assert again["same"] == first["files"] and again["files"] == []
    sqlite_shop.write(first["files"][0], "-- migrate:up\nSELECT 1;\n-- migrate:down\n")
    with pytest.raises(ChannelFailed, match="taken by another file"):
        converted(sqlite_shop, folder)


def test_a_link_out_of_the_folder_is_not_followed(sqlite_shop: Shop, tmp_path: Path) -> None:
    (tmp_path / "secret.sql").write_text("SELECT 'secret';")
    folder = GOLANG.write(tmp_path / "theirs")
    (folder / "000004_x.up.sql").symlink_to(tmp_path / "secret.sql")
    look = sqlite_shop.call("convert:inspect", path=str(folder))
    assert len(look["files"]) == 3 and [one["file"] for one in look["left_out"]] == ["000004_x.up.sql"]


def test_placeholders_are_filled_in_from_the_configuration_and_the_request(
    sqlite_shop: Shop, tmp_path: Path
) -> None:
    (tmp_path / "flyway.conf").write_text("flyway.placeholders.table=users\nflyway.table=history\n")
    folder = folder_of(tmp_path / "sql", {"V1__a.sql": "CREATE TABLE ${table} (id INT, ${column} INT);"})
    look = sqlite_shop.call("convert:inspect", path=str(folder), placeholders={"column": "age"})
    assert "CREATE TABLE users (id INT, age INT);" in look["files"][0]["content"]
    assert look["there"]["table"] == "history" and len(look["files"][0]["notes"]) >= 2


def test_the_connections_own_folder_is_not_converted_into_itself(sqlite_shop: Shop) -> None:
    GOLANG.write(sqlite_shop.folder)
    with pytest.raises(ChannelFailed, match="is the migrations folder of shop itself"):
        converted(sqlite_shop, sqlite_shop.folder)


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        (["20240101120000", "20240102120000"], ["20240101120000", "20240102120000"]),
        (["1", "2", "10"], ["00000000000001", "00000000000002", "00000000000010"]),
        (["7", "20240101120000", ""], ["00000000000007", "20240101120000", "20240101120001"]),
        (["1", "1.2", "1.10"], ["00000000000001", "00000000000002", "00000000000003"]),
        (["", ""], ["00000000000001", "00000000000002"]),
    ],
)  # fmt: skip
def test_versions_are_unique_and_sort_as_theirs_ran(theirs: list[str], ours: list[str]) -> None:
    assert numbered(theirs) == ours


def test_an_undo_and_a_baseline_of_flyway_count(toolkit: Toolkit, tmp_path: Path) -> None:
    rows = "INSERT INTO flyway_schema_history VALUES (3, '1.2', 'orders', 'UNDO_SQL', 'U1.2__orders.sql', 8, TRUE)"
    by_hand(tmp_path / "shop.db", [FLYWAY.ups[0], *FLYWAY.table, rows])
    shop = toolkit.connect(f"sqlite:{tmp_path / 'shop.db'}")
    folder = FLYWAY.write(tmp_path / "theirs")
    assert shop.call("convert:inspect", path=str(folder))["there"]["applied"] == 1
    with sqlite3.connect(tmp_path / "shop.db") as connection:
        connection.execute("DELETE FROM flyway_schema_history")
        connection.execute(
            "INSERT INTO flyway_schema_history VALUES (1, '1.2', 'b', 'BASELINE', 'b', NULL, TRUE)"
        )
    assert [one["status"] for one in shop.call("convert:inspect", path=str(folder))["files"]] == [
        "applied", "applied", "pending", "pending"]  # fmt: skip


def test_changesets_of_one_name_in_two_files_are_two(toolkit: Toolkit, tmp_path: Path) -> None:
    head = "--liquibase formatted sql\n--property name:kind value:INTEGER\n--preconditions onFail:HALT\n"
    folder = folder_of(
        tmp_path / "theirs",
        {
            f"{one}.sql": f"{head}--changeset ann:1\nCREATE TABLE {one} (id ${{kind}}, x${{y}});"
            for one in ("a", "b")
        },
    )
    by_hand(tmp_path / "shop.db", ["CREATE TABLE databasechangelog (id TEXT, author TEXT, filename TEXT, orderexecuted INT)",
            "INSERT INTO databasechangelog VALUES ('1', 'ann', 'db/changelog/b.sql', 1)"])  # fmt: skip
    look = toolkit.connect(f"sqlite:{tmp_path / 'shop.db'}").call("convert:inspect", path=str(folder))
    assert [one["status"] for one in look["files"]] == ["pending", "applied"]
    assert "CREATE TABLE a (id INTEGER, x${y});" in look["files"][0]["up"]
    assert [(one["file"], one["line"]) for one in look["left_out"]] == [("a.sql", 3), ("b.sql", 3)]


def test_a_delimiter_of_mysqls_client_is_named(toolkit: Toolkit, tmp_path: Path) -> None:
    text = "DELIMITER //\nCREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW BEGIN SET NEW.x = 1; END//\nDELIMITER ;\n"
    folder = folder_of(tmp_path / "theirs", {"V1__a.sql": text})
    look = toolkit.call("convert:inspect", path=str(folder), engine="mysql")
    assert any("DELIMITER" in one["message"] for one in look["files"][0]["notes"])
