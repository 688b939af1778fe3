"""All connections in rows: by project, asked at the same time, none holding up the others."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path

from tests.dashboard.silent import silent_server
from tests.kit import Shop, Toolkit

PATIENCE_S = 60.0


def rows(answer: dict) -> dict[str, dict]:  # type: ignore[type-arg]
    return {one["connection"]: one for project in answer["projects"] for one in project["connections"]}


def row_of(toolkit: Toolkit, shop: Shop, **more: object) -> dict:  # type: ignore[type-arg]
    return rows(toolkit.call("dashboard:all", only=[shop.id], **more))[shop.id]


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.05)


def away(toolkit: Toolkit, name: str = "crm") -> Shop:
    return toolkit.connect("postgres://app@127.0.0.1:1/crm?sslmode=disable", name)


def test_connections_that_share_a_folder_are_one_project(toolkit: Toolkit, tmp_path: Path) -> None:
    folder = tmp_path / "billing" / "db" / "migrations"
    folder.mkdir(parents=True)
    for environment in ("production", "staging", "development"):
        url = f"sqlite:{tmp_path / environment}.db"
        toolkit.connect(url, f"billing {environment}", environment=environment, migrations_dir=str(folder))
    toolkit.connect(f"sqlite:{tmp_path / 'alone.db'}", "alone")

    projects = toolkit.call("dashboard:all")["projects"]

    assert [one["name"] for one in projects] == ["alone", "billing"]
    assert [one["environment"] for one in projects[1]["connections"]] == [
        "development",
        "staging",
        "production",
    ]


def test_each_environment_says_how_far_it_is(toolkit: Toolkit, tmp_path: Path) -> None:
    folder = tmp_path / "migrations"
    folder.mkdir()
    for number in (1, 2, 3):
        (folder / f"2026010{number}000000_t{number}.sql").write_text(
            f"-- migrate:up\nCREATE TABLE t{number} (id INTEGER);\n-- migrate:down\nDROP TABLE t{number};\n"
        )
    dev, live = (
        toolkit.connect(f"sqlite:{tmp_path / name}.db", name, migrations_dir=str(folder))
        for name in ("dev", "live")
    )
    dev.up()
    live.up(count=1)
    found = rows(toolkit.call("dashboard:all"))
    assert [
        (found[one.id]["counts"]["applied"], found[one.id]["counts"]["pending"]) for one in (dev, live)
    ] == [
        (3, 0),
        (1, 2),
    ]


def test_a_database_that_says_nothing_does_not_hold_the_others(toolkit: Toolkit, sqlite_url: str) -> None:
    good = toolkit.connect(sqlite_url, "good")
    with silent_server() as server:
        silent = toolkit.connect(f"postgres://app@127.0.0.1:{server.port}/x?sslmode=disable", "silent")
        toolkit.call("dashboard:all", only=[good.id])
        told = toolkit.services.events.subscribe()
        found = rows(toolkit.call("dashboard:all", wait_s=5))
        assert found[good.id]["reachable"] is True
        assert found[silent.id]["reachable"] is None and found[silent.id]["looking"] is True
        assert found[silent.id]["counts"] is None

        server.hang_up()
        while (event := told.next(PATIENCE_S)) is not None:
            if event == ("dashboard:changed", {"connection": silent.id}):
                break
        assert event is not None, "nobody was told"
        row = row_of(toolkit, silent)
        assert row["reachable"] is False and row["problem"]["code"] == "connection_failed"


def test_a_late_look_is_answered_without_asking_again(toolkit: Toolkit) -> None:
    with silent_server() as server:
        silent = toolkit.connect(f"postgres://app@127.0.0.1:{server.port}/x?sslmode=disable", "silent")
        told = toolkit.services.events.subscribe()
        assert row_of(toolkit, silent, wait_s=0)["looking"] is True
        assert toolkit.call("dashboard:show", connection=silent.id, wait_s=0)["summary"]["looking"] is True
        server.hang_up()
        while (event := told.next(PATIENCE_S)) is not None and event[0] != "dashboard:changed":
            pass
        # Both that were called get it at once; a third time it is asked again.
        assert row_of(toolkit, silent, wait_s=0)["reachable"] is False
        assert toolkit.call("dashboard:show", connection=silent.id, wait_s=0)["summary"]["reachable"] is False


def test_what_was_last_seen_stays_known_while_a_database_is_away(toolkit: Toolkit, tmp_path: Path) -> None:
    shop = toolkit.connect(f"sqlite:{tmp_path / 'shop.db'}")
    shop.new("one", "CREATE TABLE one (id integer);", "DROP TABLE one;")
    shop.up()
    assert row_of(toolkit, shop)["counts"]["applied"] == 1
    (tmp_path / "shop.db").rename(tmp_path / "elsewhere.db")
    (tmp_path / "shop.db").mkdir()

    row = row_of(toolkit, shop)

    assert row["reachable"] is False and row["stale"] is True
    assert row["counts"]["applied"] == 1 and row["counts"]["at"] is not None


def test_what_was_last_seen_survives_a_restart(toolkit: Toolkit, sqlite_shop: Shop) -> None:
    sqlite_shop.new("one", "CREATE TABLE one (id integer);", "DROP TABLE one;")
    sqlite_shop.up()
    row_of(toolkit, sqlite_shop)
    again = Toolkit(toolkit.home)
    try:
        path = Path(sqlite_shop.connection["url"].removeprefix("sqlite:"))
        path.rename(path.with_name("elsewhere.db"))
        path.mkdir()
        row = row_of(again, sqlite_shop)
        assert row["reachable"] is False and row["counts"]["applied"] == 1
    finally:
        again.close()


def test_what_was_seen_of_another_database_is_not_claimed_of_this_one(
    toolkit: Toolkit, sqlite_shop: Shop
) -> None:
    sqlite_shop.new("one", "CREATE TABLE one (id integer);", "DROP TABLE one;")
    sqlite_shop.up()
    row_of(toolkit, sqlite_shop)
    toolkit.call("connection:update", connection=sqlite_shop.id, url=f"sqlite:{toolkit.home}")
    row = row_of(toolkit, sqlite_shop)
    assert row["reachable"] is False and row["counts"]["at"] is None


def test_a_damaged_memory_costs_nothing_but_the_memory(toolkit: Toolkit, sqlite_shop: Shop) -> None:
    (toolkit.home / "looks.json").write_text('{"shop": [1, "half')
    assert row_of(toolkit, sqlite_shop)["reachable"] is True
    assert json.loads((toolkit.home / "looks.json").read_text())[sqlite_shop.id]["total"] == 0


def test_a_connection_that_is_gone_is_forgotten(toolkit: Toolkit, sqlite_shop: Shop) -> None:
    row_of(toolkit, sqlite_shop)
    toolkit.call("connection:delete", connection=sqlite_shop.id)
    assert toolkit.call("dashboard:all")["projects"] == []
    assert json.loads((toolkit.home / "looks.json").read_text()) == {}


def test_never_seen_and_away_says_so(toolkit: Toolkit) -> None:
    shop = away(toolkit)
    shop.new("one", "SELECT 1;", "SELECT 1;")
    row = row_of(toolkit, shop)
    assert row["stale"] is True and row["counts"]["at"] is None and row["counts"]["pending"] == 1


def test_a_folder_that_is_gone_is_a_problem_of_its_own_row(
    toolkit: Toolkit, tmp_path: Path, sqlite_url: str
) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    bad = toolkit.connect(f"sqlite:{tmp_path / 'x.db'}", "bad", migrations_dir=str(folder))
    good = toolkit.connect(sqlite_url, "good")
    folder.rmdir()
    folder.write_text("a file where the folder was")
    found = rows(toolkit.call("dashboard:all"))
    assert found[good.id]["reachable"] is True
    assert found[bad.id]["connection"] == bad.id


def test_many_askers_at_once_all_get_an_answer(toolkit: Toolkit, sqlite_shop: Shop) -> None:
    answers: list[bool] = []
    threads = [
        threading.Thread(target=lambda: answers.append(row_of(toolkit, sqlite_shop)["reachable"]))
        for _ in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
    assert answers == [True] * 12
