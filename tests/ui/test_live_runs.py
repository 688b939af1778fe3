"""A run that waits for somebody else: the user sees for whom and since when, and chooses to wait on or to stop."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pymysql
import pytest
from playwright.sync_api import Locator, expect

from backend.engines.mysql import url as mysql_urls
from tests.kit import Shop
from tests.ui.conftest import App
from tests.ui.user import User

Rows = Callable[[str], list[tuple[Any, ...]]]


@contextmanager
def postgres_holder(url: str) -> Iterator[tuple[str, Callable[[], None], Rows]]:
    """Somebody with an open transaction on `users`: who they are, how they leave, and a look at the server's list."""
    with (
        psycopg.connect(url, application_name="nightly-report") as holder,
        psycopg.connect(url, autocommit=True) as looker,
    ):
        holder.execute("SELECT * FROM users")
        pid = str(holder.info.backend_pid)
        yield pid, holder.rollback, lambda sql: looker.execute(sql.encode()).fetchall()


@contextmanager
def mysql_holder(url: str) -> Iterator[tuple[str, Callable[[], None], Rows]]:
    parsed = mysql_urls.parse(url)

    def connect(**more: Any) -> Any:
        return pymysql.connect(
            host=parsed.host, port=int(parsed.port), user=parsed.user, password=parsed.password,
            database=parsed.database, **more,
        )  # fmt: skip

    holder, looker = connect(autocommit=False), connect(autocommit=True)

    def ask(sql: str) -> list[tuple[Any, ...]]:
        with looker.cursor() as cursor:
            cursor.execute(sql)
            return list(cursor.fetchall())

    try:
        with holder.cursor() as cursor:
            cursor.execute("SELECT * FROM users")
            cursor.fetchall()
        yield str(holder.thread_id()), holder.rollback, ask
    finally:
        holder.close()
        looker.close()


HOLDERS = {"postgres_url": postgres_holder, "mysql_url": mysql_holder}
LISTS = {
    "postgres_url": "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND state = 'active'"
    " AND query LIKE '%ADD COLUMN name%' AND pid <> pg_backend_pid()",
    "mysql_url": "SELECT id FROM information_schema.processlist WHERE db = database()"
    " AND info LIKE '%ADD COLUMN name%' AND id <> connection_id()",
}


@pytest.fixture(params=list(HOLDERS))
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def shop(app: App, kind: str, request: pytest.FixtureRequest) -> Shop:
    """`users` is there, and a migration will alter it. It waits as long as it takes."""
    app.toolkit.call("settings:update", changes={"safety": {"lock_timeout_s": 600}})
    shop = app.toolkit.connect(request.getfixturevalue(kind))
    shop.new("users", "CREATE TABLE users (id integer);", "DROP TABLE users;")
    shop.up()
    shop.new(
        "add name", "ALTER TABLE users ADD COLUMN name varchar(40);", "ALTER TABLE users DROP COLUMN name;"
    )
    return shop


@pytest.fixture
def holder(
    shop: Shop, kind: str, request: pytest.FixtureRequest
) -> Iterator[tuple[str, Callable[[], None], Rows]]:
    with HOLDERS[kind](request.getfixturevalue(kind)) as held:
        yield held


def waits(user: User, shop: Shop) -> Locator:
    user.opens_migrations(shop.id)
    user.press("Apply 1 to shop")
    user.runs("Apply 1 to shop")
    server = user.panel("shop").get_by_role("region", name="What the server is doing")
    expect(server.get_by_role("list", name="Blocked by")).to_be_visible()
    return server


def until(condition: Callable[[], bool]) -> bool:
    ends = time.monotonic() + 30
    while not condition():
        if time.monotonic() > ends:
            return False
        time.sleep(0.1)
    return True


def test_the_blocker_is_shown_and_stopping_ends_the_wait_on_the_server(
    user: User, shop: Shop, kind: str, holder: tuple[str, Callable[[], None], Rows]
) -> None:
    session, _, ask = holder
    server = waits(user, shop)
    blocker = server.get_by_role("list", name="Blocked by").get_by_role("listitem")
    expect(blocker).to_contain_text(f"session {session}")
    if kind == "postgres_url":
        expect(blocker).to_contain_text("nightly-report")
        expect(blocker).to_contain_text("has a transaction open and does nothing in it")
        expect(blocker).to_contain_text("SELECT * FROM users")
    expect(server).to_contain_text("so far")
    expect(server).to_contain_text("ADD COLUMN name")
    assert until(lambda: len(ask(LISTS[kind])) == 1)

    server.get_by_role("button", name="Copy details").click()
    copied = user.page.evaluate("navigator.clipboard.readText()")
    assert session in copied and "ADD COLUMN name" in copied

    server.get_by_role("button", name="Stop waiting").click()
    user.sees_outcome("shop", re.compile("^Cancelled"))
    assert until(lambda: ask(LISTS[kind]) == []), "the server's own list still has it"
    assert shop.statuses()["add_name"] in {"pending", "failed"}
    assert ask("SELECT 1")  # nobody else was touched


def test_going_on_waiting_finishes_when_the_blocker_leaves(
    user: User, shop: Shop, holder: tuple[str, Callable[[], None], Rows]
) -> None:
    _, leaves, _ = holder
    server = waits(user, shop)
    server.get_by_role("button", name="Go on waiting").click()
    expect(server.get_by_role("button", name="Waiting on")).to_have_attribute("aria-pressed", "true")
    leaves()
    user.sees_outcome("shop", re.compile("^Applied 1"))
    assert shop.statuses()["add_name"] == "applied"


def test_a_second_window_sees_the_wait_and_can_stop_it(
    user: User, app: App, shop: Shop, holder: tuple[str, Callable[[], None], Rows]
) -> None:
    waits(user, shop)
    context = user.page.context.browser
    assert context is not None
    another = context.new_context()
    page = another.new_page()
    page.goto(app.link)
    second = User(page, user.base)
    second.opens_migrations(shop.id)
    panel = second.panel("shop")
    expect(panel.get_by_role("list", name="Blocked by")).to_be_visible()
    panel.get_by_role("button", name="Stop waiting").click()
    user.sees_outcome("shop", re.compile("^Cancelled"))
    second.sees_outcome("shop", re.compile("^Cancelled"))
    another.close()


def test_giving_up_says_who_was_in_the_way(
    user: User, app: App, shop: Shop, kind: str, holder: tuple[str, Callable[[], None], Rows]
) -> None:
    session, leaves, _ = holder
    app.toolkit.call("settings:update", changes={"safety": {"lock_timeout_s": 5}})
    waits(user, shop)
    panel = user.sees_outcome("shop", re.compile("^Failed"))
    expect(panel).to_contain_text("It waited for")
    expect(panel).to_contain_text(f"session {session}")
    leaves()
    panel.get_by_role("button", name="Retry 1 on shop").click()
    user.runs(user.dialog().get_by_role("button", name=re.compile(" 1 to shop$")).inner_text())
    user.sees_outcome("shop", re.compile("^Applied 1"))


def test_a_damaged_ledger_is_told_once(user: User, app: App, sqlite_url: str) -> None:
    shop = app.toolkit.connect(sqlite_url)
    app.toolkit.call("migration:status", connection=shop.id)
    database = app.toolkit.services.jobs._database
    database.close()
    for suffix in ("-wal", "-shm"):
        database.path.with_name(f"toolkit.db{suffix}").unlink(missing_ok=True)
    database.path.write_bytes(b"gone" * 5000)
    user.opens_migrations(shop.id)
    user.sees("The history of runs was damaged")
    user.sees(re.compile(r"toolkit\.db\.damaged-\d+"))
    user.page.reload()
    expect(user.button("New migration")).to_be_visible()
    expect(user.page.get_by_text("The history of runs was damaged")).to_have_count(0)
