"""The timeline as a user meets it: by day, zoomed, filtered, by keyboard, long, and the ways back it offers."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.kit import ChannelFailed, Shop
from tests.timeline.past import write_history
from tests.ui.conftest import App
from tests.ui.user import User


def three(shop: Shop) -> list[str]:
    return [
        shop.new(name, f"CREATE TABLE {name} (id INTEGER);", f"DROP TABLE {name};")["filename"]
        for name in ("users", "orders", "items")
    ]


def timeline(user: User, shop: Shop, query: str = "") -> Locator:
    user.open(f"/c/{shop.id}/timeline{query}")
    expect(user.page.get_by_role("heading", name="Timeline", level=1)).to_be_visible()
    return user.page.get_by_role("list", name=re.compile("^Events"))


def opens(events: Locator, title: str | re.Pattern[str]) -> Locator:
    return events.get_by_role("button", name=title).first


def test_one_goes_back_to_a_point_on_the_timeline(user: User, sqlite_shop: Shop) -> None:
    three(sqlite_shop)
    sqlite_shop.up(count=1)
    sqlite_shop.up()
    events = timeline(user, sqlite_shop)
    opens(events, "Applied users").click()

    user.dialog("Applied users").get_by_role("button", name="Roll shop back to here (2 migrations)").click()
    user.runs("Roll back 2 on shop")

    expect(opens(events, "Rolled back 2 migrations")).to_be_visible()
    assert sqlite_shop.statuses() == {"users": "applied", "orders": "pending", "items": "pending"}


def test_the_newest_is_redone_from_its_details(user: User, sqlite_shop: Shop) -> None:
    three(sqlite_shop)
    sqlite_shop.up(count=1)
    events = timeline(user, sqlite_shop)
    opens(events, "Applied users").click()
    user.dialog("Applied users").get_by_role("button", name="Redo on shop").click()
    sheet = user.dialog()
    asked = sheet.get_by_label("Type shop to go on")
    run = sheet.get_by_role("button", name=re.compile("^Redo .*shop$"))
    expect(asked.or_(run).first).to_be_visible()
    if asked.is_visible():
        asked.fill("shop")
    run.click()
    expect(opens(events, "Applied users again")).to_be_visible()


def test_what_runs_meanwhile_appears_by_itself(user: User, sqlite_shop: Shop) -> None:
    three(sqlite_shop)
    timeline(user, sqlite_shop)
    user.sees("Nothing has happened yet")
    sqlite_shop.up()
    expect(opens(timeline(user, sqlite_shop), "Applied 3 migrations")).to_be_visible()
    sqlite_shop.down()
    expect(user.button(re.compile("Rolled back items")).first).to_be_visible()


def test_a_failure_shows_its_file_and_why(user: User, sqlite_shop: Shop) -> None:
    three(sqlite_shop)
    sqlite_shop.new("bad", "INSERT INTO nowhere VALUES (1);", "SELECT 1;")
    with pytest.raises(ChannelFailed):
        sqlite_shop.up()
    events = timeline(user, sqlite_shop)
    opens(events, "Failed at bad").click()
    details = user.dialog("Failed at bad")
    expect(details.get_by_role("alert")).to_contain_text("nowhere")
    expect(details.get_by_role("listitem")).to_have_count(4)
    details.get_by_role("link", name=re.compile("bad.sql")).click()
    expect(user.page).to_have_url(re.compile("/edit/.*bad.sql"))


def test_range_status_and_words_stay_in_the_address(app: App, user: User, sqlite_shop: Shop) -> None:
    write_history(app.toolkit, sqlite_shop.id, 300, 90)
    three(sqlite_shop)
    sqlite_shop.up()
    timeline(user, sqlite_shop)
    user.sees("301 events")

    user.page.get_by_role("radiogroup", name="Range").get_by_text("Today", exact=True).click()
    expect(user.page).to_have_url(re.compile("from="))
    user.page.get_by_role("radiogroup", name="Range").get_by_text("All", exact=True).click()
    user.page.get_by_role("group", name="Status").get_by_role("button", name="Failed").click()
    expect(user.page).to_have_url(re.compile("status=failed"))
    expect(user.button(re.compile("^Applied .*ms"))).to_have_count(0)
    user.page.get_by_role("group", name="Status").get_by_role("button", name="Failed").click()
    user.page.keyboard.press("/")
    user.page.keyboard.type("_orders.sql")
    expect(user.button(re.compile("^Applied 3 migrations"))).to_be_visible()
    user.sees("1 of what happened")

    user.page.reload()
    user.sees("1 of what happened")
    user.page.get_by_role("textbox", name="Search the filenames").fill("zebra")
    user.sees("Nothing matches")
    user.press("Show everything")
    user.sees("301 events")


def test_a_range_is_drawn_on_the_strip_and_set_by_keyboard(app: App, user: User, sqlite_shop: Shop) -> None:
    write_history(app.toolkit, sqlite_shop.id, 200, 90)
    timeline(user, sqlite_shop)
    strip = user.page.get_by_role("img", name=re.compile("events from"))
    box = strip.bounding_box()
    assert box is not None
    user.page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + 20)
    user.page.mouse.down()
    user.page.mouse.move(box["x"] + box["width"] * 0.8, box["y"] + 20, steps=4)
    user.page.mouse.up()
    expect(user.page).to_have_url(re.compile("from=.*to="))
    user.sees(re.compile(r"^\d+ of what happened$"))
    drawn = user.page.url
    user.page.get_by_role("slider", name="First day shown").press("ArrowRight")
    expect(user.page).not_to_have_url(drawn)
    user.press("Show the whole range")
    user.sees("200 events")


def test_the_whole_by_keyboard(user: User, sqlite_shop: Shop) -> None:
    three(sqlite_shop)
    sqlite_shop.up(count=1)
    sqlite_shop.up(count=1)
    sqlite_shop.up()
    events = timeline(user, sqlite_shop)
    expect(opens(events, "Applied items")).to_be_visible()
    events.focus()
    user.page.keyboard.press("ArrowDown")
    user.page.keyboard.press("ArrowDown")
    expect(opens(events, "Applied orders")).to_be_focused()
    user.page.keyboard.press("ArrowRight")
    expect(events.get_by_role("button", name="Hide the files of Applied orders")).to_be_visible()
    user.page.keyboard.press("ArrowLeft")
    expect(events.get_by_role("button", name="Show the files of Applied orders")).to_be_visible()
    user.page.keyboard.press("j")
    expect(opens(events, "Applied users")).to_be_focused()
    user.page.keyboard.press("Home")
    expect(opens(events, "Applied items")).to_be_focused()
    user.page.keyboard.press("End")
    expect(opens(events, "Applied users")).to_be_focused()
    user.page.keyboard.press("Enter")
    expect(user.dialog("Applied users")).to_be_visible()
    user.page.keyboard.press("Escape")
    expect(user.dialog()).to_have_count(0)


def test_a_hundred_thousand_events_are_walked_with_few_in_the_page(
    app: App, user: User, sqlite_shop: Shop
) -> None:
    write_history(app.toolkit, sqlite_shop.id, 100_000, 3000)
    events = timeline(user, sqlite_shop)
    user.sees("100,000 events")
    events.focus()
    user.page.keyboard.press("ArrowDown")
    user.page.keyboard.press("End")
    last = events.locator('[aria-posinset="100000"]')
    expect(last.get_by_role("button").first).to_be_focused()
    assert events.get_by_role("listitem").count() <= 60
    user.page.keyboard.press("Home")
    expect(events.locator('[aria-posinset="1"]').get_by_role("button").first).to_be_focused()


def test_all_connections_on_one_line_of_time(
    app: App, user: User, sqlite_shop: Shop, postgres_url: str
) -> None:
    other = app.toolkit.connect(postgres_url, "blog")
    three(sqlite_shop)
    three(other)
    sqlite_shop.up(count=1)
    other.up()
    timeline(user, sqlite_shop)
    user.press("All connections")
    expect(user.page).to_have_url(re.compile("/timeline$"))
    events = user.page.get_by_role("list", name=re.compile("^Events"))
    expect(events.get_by_role("listitem")).to_contain_text(["Today", "blog", "shop"])
