"""A connection that takes only rehearsed files: this very text, on the schema as it is, passed."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.kit import ChannelFailed, Shop, Toolkit


@pytest.fixture
def shop(toolkit: Toolkit, tmp_path: Path) -> Shop:
    shop = toolkit.connect(f"sqlite:{tmp_path / 'shop.db'}")
    shop.new("users", "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);", "DROP TABLE users;")
    shop.up()
    shop.call("connection:update", require_rehearsal=True)
    return shop


def refusal(shop: Shop, **request: Any) -> dict[str, Any]:
    with pytest.raises(ChannelFailed) as refused:
        shop.up(**request)
    assert refused.value.code == "rehearsal_required"
    [planned] = shop.call("migration:plan", **request)["problems"]
    assert planned["code"] == "rehearsal_required"
    why: dict[str, Any] = refused.value.details["why"]
    return {name.partition("_")[2].removesuffix(".sql"): said for name, said in why.items()}


def test_a_run_waits_for_the_rehearsal_of_this_very_text_on_this_very_schema(
    shop: Shop, tmp_path: Path
) -> None:
    file = shop.new(
        "phone", "ALTER TABLE users ADD COLUMN phone TEXT;", "ALTER TABLE users DROP COLUMN phone;"
    )
    assert refusal(shop) == {"phone": "it was never rehearsed"}
    shop.call("preview:rehearse")
    assert shop.call("migration:plan")["problems"] == []
    # Another text, and then the first again.
    path = Path(file["path"])
    text = path.read_text()
    path.write_text(text.replace("phone TEXT", "phone BLOB"))
    assert refusal(shop) == {"phone": "another text of it was rehearsed"}
    path.write_text(text)
    assert shop.call("migration:plan")["problems"] == []
    # Somebody changes the schema behind everyone's back.
    with closing(sqlite3.connect(tmp_path / "shop.db")) as other:
        other.execute("CREATE TABLE hotfix (id)")
    assert refusal(shop) == {"phone": "the schema changed since its rehearsal"}
    shop.call("preview:rehearse")
    assert shop.up()["ok"]


def test_files_run_in_the_company_they_were_rehearsed_in(shop: Shop) -> None:
    for name in ("a", "b", "c"):
        shop.new(name, f"CREATE TABLE {name} (id INTEGER);", f"DROP TABLE {name};")
    shop.call("preview:rehearse")
    pending = [
        one["version"] for one in shop.call("migration:list")["migrations"] if one["status"] == "pending"
    ]
    last = sorted(pending)[-1]
    assert "which is not in this run" in refusal(shop, versions=[last])["c"]
    assert shop.up(count=1)["ok"]
    assert set(refusal(shop)) == {"b", "c"}
    shop.call("preview:rehearse")
    assert len(shop.up()["migrations"]) == 2


def test_a_rehearsal_that_failed_or_was_broken_does_not_count(shop: Shop) -> None:
    shop.new("broken", "CREATE TABLE left_behind (id);", "SELECT 1;")
    assert shop.call("preview:rehearse")["verdict"] == "broken"
    assert refusal(shop) == {"broken": "its rehearsal found it broken"}


def test_rollbacks_and_baselines_are_free_and_an_edited_file_is_not_redone(shop: Shop) -> None:
    [users] = shop.call("migration:list")["migrations"]
    shop.agree("migration:redo")
    path = Path(users["path"])
    path.write_text(path.read_text().replace("name TEXT", "name BLOB"))
    with pytest.raises(ChannelFailed) as refused:
        shop.call("migration:redo", confirm=shop.connection["name"])
    assert refused.value.code == "rehearsal_required"
    assert shop.agree("migration:down")["ok"]
    shop.agree("migration:baseline")
    shop.call("connection:update", require_rehearsal=False)
    shop.new("free", "CREATE TABLE free (id);", "DROP TABLE free;")
    assert shop.up()["ok"]


def test_on_production_the_rule_is_not_switched_off_in_passing(shop: Shop) -> None:
    shop.call("connection:update", environment="production")
    with pytest.raises(ChannelFailed) as asked:
        shop.call("connection:update", require_rehearsal=False)
    assert asked.value.code == "confirmation_required"
    assert (
        shop.call("connection:update", require_rehearsal=False, confirm=shop.connection["name"])[
            "require_rehearsal"
        ]
        is False
    )
