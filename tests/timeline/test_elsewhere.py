"""What other tools did: read from the migrations table, placed in time only where the table tells when."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pymongo import MongoClient

from tests.kit import Shop, Toolkit


def events(shop: Shop, **more: object) -> list[dict]:  # type: ignore[type-arg]
    found: list[dict] = shop.call("timeline:show", **more)["events"]  # type: ignore[type-arg]
    return found


def by_hand(path: Path, *versions: str) -> None:
    """As bare dbmate records them: a version, and nothing else."""
    database = sqlite3.connect(path)
    with database:
        database.execute("CREATE TABLE IF NOT EXISTS schema_migrations (version varchar(128) primary key)")
        database.executemany("INSERT INTO schema_migrations VALUES (?)", [(one,) for one in versions])
    database.close()


def files(shop: Shop, *versions: str) -> None:
    for version in versions:
        shop.write(
            f"{version}_t{version}.sql",
            f"-- migrate:up\nCREATE TABLE t{version} (id INTEGER);\n-- migrate:down\nDROP TABLE t{version};\n",
        )


def test_without_a_time_they_stand_last_and_without_a_date(toolkit: Toolkit, tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    shop = toolkit.connect(f"sqlite:{path}")
    files(shop, "20260101000000", "20260102000000", "20260103000000")
    by_hand(path, "20260101000000", "20260102000000")
    shop.up()

    ours, theirs = events(shop)

    assert ours["status"] == "applied" and ours["files_total"] == 1
    assert (theirs["status"], theirs["files_total"], theirs["at"], theirs["day"]) == (
        "elsewhere",
        2,
        None,
        None,
    )
    assert shop.call("timeline:overview")["days"][-1] == {"day": None, "count": 1, "failed": 0}


def test_what_the_ledger_ran_is_not_told_twice(sqlite_shop: Shop) -> None:
    files(sqlite_shop, "20260101000000")
    sqlite_shop.up()
    sqlite_shop.down()
    sqlite_shop.up()
    assert [one["status"] for one in events(sqlite_shop)] == ["applied", "rolled_back", "applied"]


def test_applied_again_by_hand_after_our_rollback_is_theirs(toolkit: Toolkit, tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    shop = toolkit.connect(f"sqlite:{path}")
    files(shop, "20260101000000")
    shop.up()
    shop.down()
    by_hand(path, "20260101000000")
    assert [one["status"] for one in events(shop)] == ["rolled_back", "applied", "elsewhere"]


def test_a_range_of_days_leaves_out_what_has_no_date(toolkit: Toolkit, tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    shop = toolkit.connect(f"sqlite:{path}")
    files(shop, "20260101000000")
    by_hand(path, "20260101000000")
    assert len(events(shop)) == 1
    assert events(shop, from_day="2000-01-01") == []
    assert events(shop, statuses=["applied"]) == []
    assert len(events(shop, statuses=["elsewhere"], query="t2026")) == 1


def test_mongodb_tells_when_and_what_together(toolkit: Toolkit, mongodb_url: str) -> None:
    shop = toolkit.connect(mongodb_url)
    names = [
        shop.new(name, f"await db.createCollection('{name}');", f"await db.collection('{name}').drop();")[
            "filename"
        ]
        for name in ("users", "orders", "items")
    ]
    first = datetime.now(UTC) - timedelta(days=3)
    client: MongoClient = MongoClient(mongodb_url)  # type: ignore[type-arg]
    try:
        client.get_default_database()["changelog"].insert_many(
            [
                {"fileName": names[0], "appliedAt": first, "migrationBlock": 1},
                {"fileName": names[1], "appliedAt": first + timedelta(hours=1), "migrationBlock": 1},
            ]
        )
    finally:
        client.close()
    shop.up()

    ours, theirs = events(shop)

    assert ours["status"] == "applied" and [one["filename"] for one in ours["files"]] == [names[2]]
    assert theirs["status"] == "elsewhere" and [one["filename"] for one in theirs["files"]] == names[:2]
    assert theirs["day"] == (first + timedelta(hours=1)).astimezone().date().isoformat()
    details = toolkit.call("timeline:event", id=theirs["id"])
    assert [one["now"] for one in details["event"]["files"]] == ["applied", "applied"]
