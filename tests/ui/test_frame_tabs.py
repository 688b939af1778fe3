"""Several connections side by side: each tab is found again as it was left."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.kit import Shop
from tests.ui.conftest import App
from tests.ui.user import User


def until(holds: Callable[[], bool], limit_s: float = 20) -> None:
    end = time.monotonic() + limit_s
    while not holds():
        assert time.monotonic() < end, "it does not come about"
        time.sleep(0.05)


def many(app: App, folder: Path, *names: str, **more: str) -> list[Shop]:
    return [
        app.toolkit.connect(f"sqlite:{(folder / f'{name}.db').as_posix()}", name, **more) for name in names
    ]


def strip(user: User) -> Locator:
    return user.page.get_by_role("navigation", name="Open connections")


def tab(user: User, name: str) -> Locator:
    return strip(user).get_by_role("link", name=re.compile(rf"^Tab {re.escape(name)}\b"))


def order(user: User) -> list[str]:
    names = strip(user).get_by_role("link").evaluate_all("all => all.map(one => one.title)")
    return [str(one) for one in names]


def opens(user: User, first: str, *others: str) -> None:
    """The connections in tabs, in this order; the last one is looked at."""
    user.open(f"/c/{first}/migrations")
    for one in others:
        in_the_rail(user, one).click()
    expect(user.page.get_by_role("heading", name="Migrations", level=1)).to_be_visible()
    if others:
        expect(strip(user).get_by_role("link")).to_have_count(1 + len(others))


def in_the_rail(user: User, name: str) -> Locator:
    return user.page.get_by_role("region", name="Connection list").get_by_role("link", name=name)


@pytest.fixture
def long(app: App, tmp_path: Path) -> Shop:
    shop = many(app, tmp_path, "long")[0]
    for at in range(120):
        (shop.folder / f"202601{at // 24 + 10}{at % 24:02}0000_change_{at:03}.sql").write_text(
            f"-- migrate:up\nCREATE TABLE t{at} (id INTEGER);\n\n-- migrate:down\nDROP TABLE t{at};\n"
        )
    return shop


def test_a_tab_keeps_its_page_its_filters_and_where_it_was_scrolled_to(
    user: User, app: App, tmp_path: Path, long: Shop
) -> None:
    many(app, tmp_path, "blog")
    user.open(f"/c/{long.id}/migrations?status=pending")
    user.sees_row("change_119", "Pending")
    user.grid.evaluate("grid => grid.scrollTo(0, 1500)")
    expect(user.row("change_119")).to_have_count(0)
    in_the_rail(user, "blog").click()
    user.sees("No migrations yet")
    tab(user, "long").click()
    expect(user.page).to_have_url(re.compile(r"/c/long/migrations\?status=pending$"))
    expect(user.row("change_070")).to_be_visible()
    assert user.grid.evaluate("grid => grid.scrollTop") == 1500


def test_unsaved_text_waits_in_its_tab_without_a_question(user: User, app: App, tmp_path: Path) -> None:
    shop, _ = many(app, tmp_path, "shop", "blog")
    shop.new("create things", "CREATE TABLE things (id INTEGER);", "DROP TABLE things;")
    opens(user, "blog", "shop")
    user.press("create_things")
    user.writes("Up", "CREATE TABLE other (id INTEGER);")
    user.sees("Unsaved")
    tab(user, "blog").click()
    user.sees("No migrations yet")
    tab(user, "shop").click()
    user.reads("Up", "CREATE TABLE other")


def test_tabs_are_there_again_at_the_next_start_with_the_page_of_last_time(
    user: User, app: App, tmp_path: Path
) -> None:
    many(app, tmp_path, "shop", "blog")
    opens(user, "blog", "shop")
    user.page.get_by_role("link", name="Database").click()
    user.page.get_by_role("tab", name="Server").click()
    expect(user.page.get_by_role("heading", name="Database", level=1)).to_be_visible()
    # At once, without leaving it the time to save: what is not saved yet goes along.
    user.page.goto("about:blank")
    until(lambda: app.toolkit.call("settings:get")["ui"].get("last_path") == "/c/shop/database?tab=server")
    user.open("/")
    expect(user.page).to_have_url(re.compile(r"/c/shop/database\?tab=server$"))
    assert order(user) == ["blog", "shop"]


def test_a_tab_is_dragged_to_its_place(user: User, app: App, tmp_path: Path) -> None:
    many(app, tmp_path, "one", "two", "three")
    opens(user, "one", "two", "three")
    from_box, to_box = tab(user, "three").bounding_box(), tab(user, "one").bounding_box()
    assert from_box and to_box
    mouse = user.page.mouse
    mouse.move(from_box["x"] + 30, from_box["y"] + 12)
    mouse.down()
    mouse.move(from_box["x"] - 60, from_box["y"] + 12, steps=4)
    mouse.move(to_box["x"] + 30, to_box["y"] + 12, steps=8)
    mouse.up()
    assert order(user) == ["three", "one", "two"]
    mouse.move(to_box["x"] + 400, to_box["y"] + 12)
    assert order(user) == ["three", "one", "two"]


def test_tabs_close_by_button_middle_click_key_and_menu(user: User, app: App, tmp_path: Path) -> None:
    many(app, tmp_path, "a1", "b2", "c3", "d4", "e5")
    opens(user, "a1", "b2", "c3", "d4", "e5")
    tab(user, "a1").click(button="middle")
    expect(strip(user).get_by_role("link")).to_have_count(4)
    expect(user.page).to_have_url(re.compile("/c/e5/"))
    tab(user, "e5").hover()
    user.press("Close the tab e5")
    expect(user.page).to_have_url(re.compile("/c/d4/"))
    tab(user, "b2").focus()
    user.page.keyboard.press("Delete")
    assert order(user) == ["c3", "d4"]
    expect(tab(user, "c3")).to_be_focused()
    tab(user, "d4").click(button="right")
    user.page.get_by_role("menu", name="Actions for the tab d4").get_by_role(
        "menuitem", name="Close", exact=True
    ).click()
    expect(strip(user)).to_have_count(0)
    expect(user.page).to_have_url(re.compile("/c/c3/"))


def test_what_has_no_room_is_in_the_menu_and_the_open_one_is_always_seen(
    user: User, app: App, tmp_path: Path
) -> None:
    names = [f"base {at:02}" for at in range(12)]
    ids = [one.id for one in many(app, tmp_path, *names)]
    user.open(f"/c/{ids[0]}/migrations")
    for name in names[1:-1]:
        in_the_rail(user, name).click(modifiers=["ControlOrMeta"])
    in_the_rail(user, names[-1]).click()
    expect(tab(user, names[-1])).to_be_visible()
    assert tab(user, names[-1]).get_attribute("aria-current") == "true"
    more = user.button(re.compile(r"^\d+ ?more open connections"))
    more.click()
    user.page.get_by_role("menuitem", name=re.compile(names[8])).click()
    expect(tab(user, names[8])).to_be_visible()
    expect(user.page).to_have_url(re.compile(f"/c/{ids[8]}/"))
    overflow = "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert not user.page.evaluate(overflow)


def test_production_is_marked_before_one_is_in_it(user: User, app: App, tmp_path: Path) -> None:
    many(app, tmp_path, "shop")
    many(app, tmp_path, "live", environment="production")
    opens(user, "live", "shop")
    frame = user.page.locator("[data-production]")
    expect(frame).to_have_count(0)
    expect(strip(user).get_by_role("link", name=re.compile("^Tab live.*production"))).to_be_visible()
    tab(user, "live").click()
    expect(frame).to_have_count(1)


def test_two_windows_do_not_close_each_others_tabs(user: User, app: App, tmp_path: Path, page: Page) -> None:
    many(app, tmp_path, "one", "two")
    opens(user, "one", "two")
    until(lambda: len(app.toolkit.call("settings:get")["ui"].get("tabs", [])) == 2)
    other = page.context.new_page()
    other.goto(f"{app.base}/c/two/migrations")
    second = User(other, app.base)
    expect(tab(second, "one")).to_be_visible()
    tab(second, "one").click(button="middle")
    expect(strip(second)).to_have_count(0)
    expect(tab(user, "one")).to_be_visible()


def test_what_was_chosen_is_chosen_still(user: User, app: App, tmp_path: Path, long: Shop) -> None:
    many(app, tmp_path, "blog")
    opens(user, long.id)
    for name in ("change_119", "change_117"):
        user.row(name).get_by_role("checkbox").click()
    user.sees("2 chosen")
    in_the_rail(user, "blog").click()
    expect(strip(user)).to_be_visible()
    tab(user, "long").click()
    user.sees("2 chosen")
