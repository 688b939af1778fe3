"""What others do to a database is told while a page shows it, and nobody is asked while none does."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable

import psycopg
import pytest

from backend.drivers import tools
from backend.services import presence
from tests.contract.conftest import dialect  # noqa: F401
from tests.contract.dialects import Dialect
from tests.kit import Shop, Toolkit
from tests.live.conftest import Heard, until
from tests.plugin_servers import PrivateServerFactory

WATCHERS = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND application_name LIKE '%%(watching)'"


def looks_at(shop: Shop, heard: Heard, page: str = "page") -> None:
    """A page shows the connection, and the database has been looked at once."""
    heard.forget()
    shop.toolkit.call("live:watch", page=page, connections=[shop.id])
    heard.until("migrations:changed")


def test_a_run_on_another_machine_is_told(
    toolkit: Toolkit,
    heard: Heard,
    elsewhere: Callable[[Shop, str], Shop],
    dialect: Dialect,  # noqa: F811
    request: pytest.FixtureRequest,
) -> None:
    url = request.getfixturevalue(dialect.url_fixture)
    shop = toolkit.connect(url)
    other = elsewhere(shop, url)
    for name, (up, down) in zip(("users", "orders"), dialect.tables, strict=False):
        shop.new(name, up, down)
    looks_at(shop, heard)
    heard.forget()
    for change in (lambda: other.up(count=1), lambda: other.up(count=1), lambda: other.down(count=1)):
        change()
        toolkit.call("live:watch", page="page", connections=[shop.id])
        assert heard.until("migrations:changed")[1] == {"connection": shop.id}
        assert heard.until("database:changed")[1] == {"connection": shop.id}
    assert list(shop.statuses().values()) == ["applied", "pending"]


def test_the_bare_tool_in_a_shell_is_told(toolkit: Toolkit, heard: Heard, postgres_url: str) -> None:
    shop = toolkit.connect(postgres_url)
    shop.new("users", "CREATE TABLE users (id integer);", "DROP TABLE users;")
    looks_at(shop, heard)
    bare = [str(tools.dbmate_path()), "--url", postgres_url, "--migrations-dir", str(shop.folder)]
    subprocess.run([*bare, "--no-dump-schema", "up"], check=True, capture_output=True, timeout=60)
    heard.until("database:changed")
    assert shop.statuses() == {"users": "applied"}


def test_nobody_is_asked_while_no_page_is_visible(toolkit: Toolkit, heard: Heard, postgres_url: str) -> None:
    shop = toolkit.connect(postgres_url)
    name = postgres_url.rsplit("/", 1)[-1].split("?")[0]
    with psycopg.connect(postgres_url, autocommit=True) as server:

        def watchers() -> int:
            row = server.execute(WATCHERS, (name,)).fetchone()
            assert row is not None
            return int(row[0])

        looks_at(shop, heard, "one")
        toolkit.call("live:watch", page="two", connections=[shop.id])
        assert watchers() == 1
        toolkit.call("live:watch", page="one", visible=False)
        [still] = toolkit.call("live:watch", page="two", connections=[shop.id])["connections"]
        assert still["state"] == "watching"
        toolkit.call("live:watch", page="two", connections=[shop.id], visible=False)
        until(lambda: watchers() == 0, "the watching session left")


def test_a_page_that_crashed_is_forgotten(
    toolkit: Toolkit, heard: Heard, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presence, "LEASE_S", 0.3)
    shop = toolkit.connect(sqlite_url)
    looks_at(shop, heard)
    until(lambda: shop.id not in toolkit.services.presence._watched, "nobody watches")
    shop.new("users", "CREATE TABLE users (id INTEGER);", "DROP TABLE users;")
    shop.up()
    heard.forget()
    monkeypatch.undo()
    # What happened while nobody looked is told when somebody does again.
    toolkit.call("live:watch", page="page", connections=[shop.id])
    heard.until("migrations:changed")
    heard.until("database:changed")


def test_what_did_not_change_is_not_told(toolkit: Toolkit, heard: Heard, sqlite_url: str) -> None:
    shop = toolkit.connect(sqlite_url)
    shop.new("users", "CREATE TABLE users (id INTEGER);", "DROP TABLE users;")
    shop.up()
    looks_at(shop, heard)
    heard.forget()
    assert heard.all(2 * presence.Pulse.every_s) == []
    [told] = toolkit.call("live:watch", page="page", connections=[shop.id])["connections"]
    assert told["looks"] >= 2


def test_a_watched_database_can_be_dropped_by_others(
    toolkit: Toolkit, heard: Heard, postgres_url: str
) -> None:
    shop = toolkit.connect(postgres_url)
    looks_at(shop, heard)
    bare = [str(tools.dbmate_path()), "--url", postgres_url, "--migrations-dir", str(shop.folder)]
    ended = subprocess.run([*bare, "drop"], capture_output=True, timeout=60, text=True)
    assert ended.returncode == 0, ended.stderr
    toolkit.call("live:watch", page="page", connections=[shop.id])
    heard.until("database:changed")
    assert shop.status()["database_exists"] is False
    subprocess.run([*bare, "create"], check=True, capture_output=True, timeout=60)
    toolkit.call("live:watch", page="page", connections=[shop.id])
    heard.until("database:changed")


def test_a_server_that_goes_and_comes_back_is_told_of(
    toolkit: Toolkit, heard: Heard, private_postgres: PrivateServerFactory
) -> None:
    server = private_postgres()
    shop = toolkit.connect(server.server.new_database().url)
    looks_at(shop, heard)
    server.kill()
    gone = heard.until("connection:changed", lambda data: "reachable" in data)
    assert gone[1] == {"connection": shop.id, "reachable": False}
    [told] = toolkit.call("live:watch", page="page", connections=[shop.id])["connections"]
    assert told["state"] == "unreachable" and told["problem"]
    server.start()
    # A page that comes does not wait until the next try is due.
    toolkit.call("live:watch", page="another", connections=[shop.id])
    back = heard.until("connection:changed", lambda data: "reachable" in data)
    assert back[1]["reachable"] is True


def test_a_refused_password_is_tried_once(toolkit: Toolkit, heard: Heard, postgres_url: str) -> None:
    rest = postgres_url.split("@", 1)[1]
    shop = toolkit.connect(f"postgres://nobody_at_all:wrong@{rest}")
    toolkit.call("live:watch", page="page", connections=[shop.id])

    def waits() -> bool:
        [told] = toolkit.call("live:watch", page="page", connections=[shop.id])["connections"]
        return bool(told["state"] == "waiting")

    until(waits, "it waits for a right one")
    [first] = toolkit.call("live:watch", page="page", connections=[shop.id])["connections"]
    time.sleep(2 * presence.Pulse.every_s)
    [later] = toolkit.call("live:watch", page="page", connections=[shop.id])["connections"]
    assert later["looks"] == first["looks"] and later["problem"]
    toolkit.call("connection:update", connection=shop.id, url=postgres_url)
    heard.until("migrations:changed")


def test_a_connection_that_is_not_there_is_no_error(toolkit: Toolkit) -> None:
    toolkit.call("live:watch", page="page", connections=["nothing", "../x"])
    until(
        lambda: (
            toolkit.call("live:watch", page="page", connections=["nothing"])["connections"][0]["state"]
            == "waiting"
        ),
        "it waits",
    )
    assert toolkit.call("live:watch", page="page", visible=False)["connections"] == []
