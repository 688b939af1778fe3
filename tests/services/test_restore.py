"""A file that is gone while its migration is applied: put back as it was run, and nothing written over."""

from __future__ import annotations

import pytest

from tests.kit import ChannelFailed, Shop

FIRST = "20260101000000_first.sql"
TEXT = "-- migrate:up\nCREATE TABLE café (id INTEGER);\n\n-- migrate:down\nDROP TABLE café;\n"


def test_a_missing_file_is_put_back_as_it_was_run(sqlite_shop: Shop) -> None:
    path = sqlite_shop.write(FIRST, TEXT)
    assert sqlite_shop.up()["ok"]
    path.unlink()
    restored = sqlite_shop.call("migration:restore", version=FIRST)
    assert restored["status"] == "applied" and restored["flags"] == []
    assert path.read_bytes() == TEXT.encode()
    assert sqlite_shop.down()["ok"]


def test_a_file_that_is_there_is_not_written_over(sqlite_shop: Shop) -> None:
    path = sqlite_shop.write(FIRST, TEXT)
    assert sqlite_shop.up()["ok"]
    path.write_text("-- mine\n" + TEXT, encoding="utf-8")
    with pytest.raises(ChannelFailed) as refused:
        sqlite_shop.call("migration:restore", version=FIRST)
    assert refused.value.code == "migration_not_found"
    assert path.read_text(encoding="utf-8") == "-- mine\n" + TEXT


def test_a_version_that_is_not_known_is_named(sqlite_shop: Shop) -> None:
    with pytest.raises(ChannelFailed) as refused:
        sqlite_shop.call("migration:restore", version="20250101000000")
    assert refused.value.code == "migration_not_found"
