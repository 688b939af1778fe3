"""The palette, the keys, the context menus and the messages that lead somewhere, as somebody at the keyboard has them."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Locator, Route, expect

from tests.kit import Shop
from tests.ui.conftest import App
from tests.ui.test_frame_tabs import until
from tests.ui.user import User


def connected(app: App, folder: Path, name: str, **more: str) -> Shop:
    return app.toolkit.connect(f"sqlite:{(folder / f'{name}.db').as_posix()}", name, **more)


def palette(user: User) -> Locator:
    field = user.page.get_by_role("textbox", name="Search or run a command")
    # One that is just closing is not opened again, and a page that is just coming may not listen yet.
    expect(field).to_have_count(0)
    expect(user.page.get_by_role("main")).to_be_visible()
    expect(user.page.get_by_role("main").locator(".mantine-Loader-root")).to_have_count(0)
    user.page.keyboard.press("ControlOrMeta+k")
    expect(field).to_be_focused()
    return field


def found(user: User, name: str | re.Pattern[str]) -> Locator:
    return user.dialog("Search").get_by_role("button", name=name)


def test_the_palette_finds_actions_migrations_here_and_elsewhere_tables_templates_and_settings(
    user: User, app: App, tmp_path: Path
) -> None:
    shop, blog = connected(app, tmp_path, "shop"), connected(app, tmp_path, "blog")
    shop.new("create customers", "CREATE TABLE customers (id INTEGER);", "DROP TABLE customers;")
    shop.up()
    blog.new("create customer letters", "CREATE TABLE letters (id INTEGER);", "DROP TABLE letters;")
    user.opens_migrations("shop")
    field = palette(user)
    field.fill("customer")
    expect(found(user, re.compile("^create_customers "))).to_be_visible()
    expect(found(user, re.compile("^customers .*column"))).to_be_visible()
    expect(found(user, re.compile("^create_customer_letters blog"))).to_be_visible()
    field.fill("letters")
    expect(found(user, re.compile("^create_customer_letters"))).to_be_visible()
    user.page.keyboard.press("Enter")
    expect(user.page).to_have_url(re.compile("/c/blog/edit/"))
    palette(user).fill("lock")
    found(user, re.compile("^Stop waiting for a lock")).click()
    expect(user.page).to_have_url(re.compile("/settings.section=safety"))
    user.opens_migrations("shop")
    palette(user).fill("add a column")
    found(user, re.compile("^Add a column")).first.click()
    expect(user.page).to_have_url(re.compile("/c/shop/new.template="))


def test_recent_ones_stand_first_also_at_the_next_start(user: User, app: App, tmp_path: Path) -> None:
    connected(app, tmp_path, "shop")
    user.opens_migrations("shop")
    palette(user).fill("dark theme")
    user.page.keyboard.press("Enter")
    scheme = "() => document.documentElement.dataset.mantineColorScheme"
    until(lambda: user.page.evaluate(scheme) == "dark")
    until(lambda: "Dark theme" in str(app.toolkit.call("settings:get")["ui"].get("palette_recent")))
    user.open("/settings")
    palette(user)
    expect(user.dialog("Search").get_by_role("button").first).to_have_accessible_name("Dark theme")


def test_a_sign_narrows_the_palette(user: User, app: App, tmp_path: Path) -> None:
    shop = connected(app, tmp_path, "settings")
    shop.new("create settings", "CREATE TABLE settings (id INTEGER);", "DROP TABLE settings;")
    shop.up()
    user.opens_migrations("settings")
    field = palette(user)
    field.fill("@settings")
    expect(found(user, re.compile("^SQLite settings"))).to_be_visible()
    expect(found(user, "Settings G ,")).to_have_count(0)
    field.fill("#settings")
    expect(found(user, re.compile("column"))).to_be_visible()
    expect(found(user, re.compile("^SQLite"))).to_have_count(0)
    field.fill(">settings")
    expect(found(user, "Settings G ,")).to_be_visible()
    expect(found(user, re.compile("column"))).to_have_count(0)


def test_keys_are_left_to_fields_and_to_the_editor(user: User, app: App, tmp_path: Path) -> None:
    shop = connected(app, tmp_path, "shop")
    shop.new("create things", "CREATE TABLE things (id INTEGER);", "DROP TABLE things;")
    user.opens_migrations("shop")
    user.page.keyboard.press("/")
    search = user.page.get_by_role("textbox", name="Search names, versions and text")
    expect(search).to_be_focused()
    user.page.keyboard.type("n g,?")
    expect(search).to_have_value("n g,?")
    search.fill("")
    user.press("create_things")
    user.text("Up").focus()
    user.page.keyboard.press("ControlOrMeta+End")
    user.page.keyboard.type("-- ng,?")
    user.reads("Up", "ng,?")
    expect(user.dialog()).to_have_count(0)


def test_the_menus_of_a_connection_open_by_mouse_and_by_keys_and_give_the_focus_back(
    user: User, app: App, tmp_path: Path
) -> None:
    connected(app, tmp_path, "shop")
    connected(app, tmp_path, "blog")
    user.opens_migrations("shop")
    link = user.page.get_by_role("region", name="Connection list").get_by_role("link", name="blog")
    link.focus()
    user.page.keyboard.press("Shift+F10")
    menu = user.page.get_by_role("menu", name="Actions for blog")
    expect(menu).to_be_visible()
    user.page.keyboard.press("ArrowDown")
    user.page.keyboard.press("Escape")
    expect(menu).to_have_count(0)
    expect(link).to_be_focused()
    link.click(button="right")
    menu.get_by_role("menuitem", name="Copy the migrations folder").click()
    assert user.page.evaluate("navigator.clipboard.readText()").endswith("blog/migrations")
    user.open("/connections")
    user.page.get_by_role("main").get_by_text("blog.db").click(button="right")
    menu.get_by_role("menuitem", name="Remove…").click()
    expect(user.dialog("Remove blog?")).to_be_visible()


def test_a_run_that_ends_unseen_is_announced_and_leads_to_its_panel(
    user: User, app: App, tmp_path: Path
) -> None:
    shop = connected(app, tmp_path, "shop")
    shop.new("create things", "CREATE TABLE things (id INTEGER);", "DROP TABLE things;")
    user.open("/settings")
    expect(user.page.get_by_role("heading", name="Settings", level=1)).to_be_visible()
    expect(user.page.get_by_role("region", name="Connection list")).to_contain_text("shop")
    shop.up()
    user.sees("1 migration applied to shop")
    user.press("Show the run")
    user.sees_outcome("shop", re.compile("Applied"))


def test_the_title_and_the_icon_tell_the_state(user: User, app: App, tmp_path: Path) -> None:
    connected(app, tmp_path, "shop")
    connected(app, tmp_path, "live", environment="production")
    user.opens_migrations("shop")
    expect(user.page).to_have_title("Migrations – shop – DB Toolkit")
    icon = user.page.locator("link[rel=icon]")
    expect(icon).to_have_attribute("href", "/icon.svg")
    user.opens_migrations("live")
    expect(user.page).to_have_title("Migrations – live – DB Toolkit")
    expect(icon).to_have_attribute("href", re.compile("^data:image/svg"))


def test_a_lost_app_is_said_across_the_window_and_found_again(
    user: User, app: App, tmp_path: Path, console: list[str]
) -> None:
    connected(app, tmp_path, "shop")
    cut = True

    def events(route: Route) -> None:
        route.abort() if cut else route.continue_()

    user.page.route("**/events", events)
    user.opens_migrations("shop")
    banner = user.page.get_by_text("Connection to the app lost.")
    expect(banner).to_be_visible()
    cut = False
    user.press("Try now")
    expect(banner).to_have_count(0)
    assert all("Failed to load resource" in one for one in console), console
    console.clear()


def test_a_page_made_large_can_still_be_used(user: User, app: App, tmp_path: Path) -> None:
    shop = connected(app, tmp_path, "shop")
    shop.new("create things", "CREATE TABLE things (id INTEGER);", "DROP TABLE things;")
    # 200 % of a window of 1280 × 800.
    user.page.set_viewport_size({"width": 640, "height": 400})
    user.opens_migrations("shop")
    user.sees_row("create_things", "Pending")
    wider = "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert not user.page.evaluate(wider)
    expect(user.button("Apply 1 to shop")).to_be_in_viewport()
    user.page.get_by_role("link", name="Settings").click()
    expect(user.page.get_by_role("heading", name="Settings", level=1)).to_be_visible()
