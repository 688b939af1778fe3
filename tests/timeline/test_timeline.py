"""The timeline: runs and what other tools did, in one order of time, by day, in pages."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from backend.models.base import iso_z
from tests.kit import ChannelFailed, Shop, Toolkit
from tests.timeline.past import write_history


def events(shop: Shop, **more: object) -> list[dict]:  # type: ignore[type-arg]
    found: list[dict] = shop.call("timeline:show", **more)["events"]  # type: ignore[type-arg]
    return found


def words(shop: Shop, **more: object) -> list[tuple[str, int]]:
    """(status, files) newest first."""
    return [(one["status"], one["files_total"]) for one in events(shop, **more)]


def three(shop: Shop) -> list[str]:
    return [
        shop.new(name, f"CREATE TABLE {name} (id INTEGER);", f"DROP TABLE {name};")["filename"]
        for name in ("users", "orders", "items")
    ]


def test_runs_stand_newest_first_with_their_files(sqlite_shop: Shop) -> None:
    three(sqlite_shop)
    sqlite_shop.up(count=2)
    sqlite_shop.up()
    sqlite_shop.down()
    assert words(sqlite_shop) == [("rolled_back", 1), ("applied", 1), ("applied", 2)]


def test_a_failed_run_names_the_file_that_stopped_it(sqlite_shop: Shop) -> None:
    three(sqlite_shop)
    sqlite_shop.new("bad", "INSERT INTO nowhere VALUES (1);", "SELECT 1;")
    with pytest.raises(ChannelFailed):
        sqlite_shop.up()
    (event,) = events(sqlite_shop)
    assert event["status"] == "failed" and (event["files_done"], event["files_total"]) == (3, 4)
    assert event["problem"]["filename"].endswith("_bad.sql")
    assert "nowhere" in event["problem"]["error"]["message"]


def test_marking_is_told_from_running(sqlite_shop: Shop) -> None:
    names = three(sqlite_shop)
    sqlite_shop.agree("migration:baseline", versions=names[:2])
    assert words(sqlite_shop) == [("marked", 2)]


def test_one_can_go_back_to_a_run_while_what_is_above_has_a_way_down(sqlite_shop: Shop) -> None:
    names = three(sqlite_shop)
    sqlite_shop.up(count=1)
    sqlite_shop.up(count=1)
    sqlite_shop.up(count=1)
    newest, middle, oldest = events(sqlite_shop)
    assert newest["rollback_point"] is None
    assert (middle["rollback_point"], middle["rollback_count"]) == (names[1], 1)
    assert (oldest["rollback_point"], oldest["rollback_count"]) == (names[0], 2)

    sqlite_shop.down(to=oldest["rollback_point"])

    assert sqlite_shop.statuses() == {"users": "applied", "orders": "pending", "items": "pending"}
    assert [one["rollback_point"] for one in events(sqlite_shop)] == [None] * 4


def test_a_file_that_is_missing_above_takes_the_way_back_away(sqlite_shop: Shop) -> None:
    names = three(sqlite_shop)
    sqlite_shop.up(count=1)
    sqlite_shop.up()
    (sqlite_shop.folder / names[1]).unlink()
    assert [one["rollback_point"] for one in events(sqlite_shop)] == [None, None]


def test_details_hold_every_file_the_output_and_what_each_is_now(sqlite_shop: Shop) -> None:
    for number in range(20):
        sqlite_shop.write(
            f"202601{number + 1:02d}000000_t{number}.sql",
            f"-- migrate:up\nCREATE TABLE t{number} (id INTEGER);\n-- migrate:down\nDROP TABLE t{number};\n",
        )
    sqlite_shop.up()
    sqlite_shop.down()
    event = events(sqlite_shop)[1]
    assert len(event["files"]) == 12 and event["files_total"] == 20
    details = sqlite_shop.toolkit.call("timeline:event", id=event["id"])
    assert [one["now"] for one in details["event"]["files"]] == ["applied"] * 19 + ["pending"]
    assert "Applied" in details["output"] and details["tool"] == "dbmate"


def test_only_the_newest_file_alone_is_offered_to_run_again(sqlite_shop: Shop) -> None:
    names = three(sqlite_shop)
    sqlite_shop.up(count=1)
    sqlite_shop.up(count=1)
    redo = [sqlite_shop.toolkit.call("timeline:event", id=one["id"])["redo"] for one in events(sqlite_shop)]
    assert redo == [names[1], None]


def test_a_run_that_is_not_there_is_refused(toolkit: Toolkit) -> None:
    with pytest.raises(ChannelFailed, match="not_found"):
        toolkit.call("timeline:event", id="no such run")
    with pytest.raises(ChannelFailed):
        toolkit.call("timeline:event", id="other:nowhere:x")


def test_filters_leave_what_matches(sqlite_shop: Shop) -> None:
    names = three(sqlite_shop)
    sqlite_shop.up()
    sqlite_shop.down()
    assert words(sqlite_shop, statuses=["rolled_back"]) == [("rolled_back", 1)]
    assert words(sqlite_shop, query="ORDERS") == [("applied", 3)]
    assert words(sqlite_shop, query="%") == []
    author = events(sqlite_shop)[0]["author"]
    assert len(events(sqlite_shop, authors=[author])) == 2
    assert events(sqlite_shop, authors=["nobody"]) == []
    assert names[2].endswith("items.sql")


def test_the_overview_and_the_pages_agree(toolkit: Toolkit, sqlite_shop: Shop) -> None:
    write_history(toolkit, sqlite_shop.id, 400, 90)
    overview = sqlite_shop.call("timeline:overview")
    pages = [events(sqlite_shop, offset=at, limit=37) for at in range(0, overview["total"], 37)]
    together = [one for page in pages for one in page]
    assert len(together) == overview["total"] == 400
    assert len({one["id"] for one in together}) == 400
    assert [one["at"] for one in together] == sorted((one["at"] for one in together), reverse=True)
    days = [day["day"] for day in overview["days"] for _ in range(day["count"])]
    assert [one["day"] for one in together] == days


def test_a_range_of_days_takes_both_ends(toolkit: Toolkit, sqlite_shop: Shop) -> None:
    write_history(toolkit, sqlite_shop.id, 200, 60)
    overview = sqlite_shop.call("timeline:overview")
    newer, older = overview["days"][3], overview["days"][9]
    wanted = sum(one["count"] for one in overview["days"][3:10])
    zoomed = sqlite_shop.call("timeline:overview", from_day=older["day"], to_day=newer["day"])
    assert zoomed["total"] == wanted
    assert (zoomed["days"][0]["day"], zoomed["days"][-1]["day"]) == (newer["day"], older["day"])
    assert zoomed["first_day"] == overview["first_day"]


@pytest.mark.parametrize("day", ["yesterday", "2026-02-30", "2026-1-1x", "9999-12-31'"])
def test_what_is_no_day_is_refused(sqlite_shop: Shop, day: str) -> None:
    with pytest.raises(ChannelFailed, match="invalid_request"):
        sqlite_shop.call("timeline:show", from_day=day)


def test_a_clock_that_jumped_never_shows_a_negative_time(toolkit: Toolkit, sqlite_shop: Shop) -> None:
    sqlite_shop.call("timeline:overview")
    ledger = sqlite3.connect(toolkit.home / "toolkit.db")
    later = iso_z(datetime.now(UTC) + timedelta(days=400))
    with ledger:
        ledger.execute(
            "INSERT INTO run (run_id, connection, engine, kind, direction, state, started_at, finished_at, duration_ms)"
            " VALUES ('jumped', ?, 'sqlite', 'up', 'up', 'ok', ?, '2020-01-01T00:00:00.000Z', -5000)",
            (sqlite_shop.id, later),
        )
    ledger.close()
    (event,) = events(sqlite_shop)
    assert event["duration_ms"] is None and event["at"] == later


def test_all_connections_stand_in_one_order(toolkit: Toolkit, tmp_path: Path) -> None:
    one, two = (toolkit.connect(f"sqlite:{tmp_path / name}.db", name) for name in ("one", "two"))
    three(one)
    three(two)
    one.up(count=1)
    two.up()
    one.up()
    found = toolkit.call("timeline:show")
    assert [event["connection"] for event in found["events"]] == ["one", "two", "one"]
    assert found["total"] == 3 and toolkit.call("timeline:overview")["total"] == 3


def test_an_unreachable_database_still_has_what_was_run(toolkit: Toolkit, sqlite_shop: Shop) -> None:
    write_history(toolkit, sqlite_shop.id, 5, 2)
    toolkit.call("connection:update", connection=sqlite_shop.id, url=f"sqlite:{toolkit.home}")
    overview = sqlite_shop.call("timeline:overview")
    assert overview["total"] == 5 and overview["problem"]["code"] == "connection_failed"
    assert [one["rollback_point"] for one in events(sqlite_shop)] == [None] * 5
