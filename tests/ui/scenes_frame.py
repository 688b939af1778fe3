"""The frame in every state: tabs, menus, messages, the palette and the list of keys, the rules, a lost app."""

from __future__ import annotations

import re

from playwright.sync_api import Route, expect

from tests.ui.scenes import Scene, Stage
from tests.ui.user import User


def _tabs(user: User, _: Stage) -> None:
    user.opens_migrations("sample-shop")
    rail = user.page.get_by_role("region", name="Connection list")
    for name in ("blog live", "blog staging", "orders", "Sample shop"):
        rail.get_by_role("link", name=name).click()
    tabs = user.page.get_by_role("navigation", name="Open connections").get_by_role("link")
    expect(tabs.nth(3)).to_be_visible()
    expect(user.page.get_by_role("heading", level=1).first).to_be_visible()


def _many_tabs(user: User, stage: Stage) -> None:
    _tabs(user, stage)
    rail = user.page.get_by_role("region", name="Connection list")
    for name in ("empty", "slow", "crm", "vault"):
        rail.get_by_role("link", name=name).click(modifiers=["ControlOrMeta"])
    user.page.set_viewport_size({"width": 1024, "height": 700})
    more = user.button(re.compile("more open connections"))
    more.click()
    expect(user.page.get_by_role("menuitem").first).to_be_visible()


def _tab_menu(user: User, stage: Stage) -> None:
    _tabs(user, stage)
    strip = user.page.get_by_role("navigation", name="Open connections")
    strip.get_by_role("link", name=re.compile("^Tab blog live.*production")).click(button="right")
    expect(user.page.get_by_role("menu", name="Actions for the tab blog live")).to_be_visible()


def _connection_menu(user: User, _: Stage) -> None:
    user.opens_migrations("sample-shop")
    rail = user.page.get_by_role("region", name="Connection list")
    rail.get_by_role("link", name="orders").click(button="right")
    expect(user.page.get_by_role("menu", name="Actions for orders")).to_be_visible()


def _palette_empty(user: User, _: Stage) -> None:
    user.opens_migrations("sample-shop")
    user.page.keyboard.press("ControlOrMeta+k")
    expect(user.dialog("Search").get_by_role("button", name=re.compile("^New migration"))).to_be_visible()


def _palette_nothing(user: User, stage: Stage) -> None:
    _palette_empty(user, stage)
    user.page.get_by_role("textbox", name="Search or run a command").fill(">zebra")
    user.sees("No action is called “zebra”.")


def _keys_searched(user: User, _: Stage) -> None:
    user.opens_migrations("sample-shop")
    user.page.keyboard.press("?")
    user.page.get_by_label("Search the keys").fill("tab")


def _toast(user: User, stage: Stage) -> None:
    user.open("/settings?section=about")
    user.sees("Licences")
    shop = stage.shops["empty"]
    for file in shop.folder.glob("*.sql"):
        file.unlink()
    shop.new("create notes", "CREATE TABLE notes (id INTEGER);", "DROP TABLE notes;")
    shop.up()
    expect(user.button("Show the run")).to_be_visible()
    shop.down()
    for file in shop.folder.glob("*.sql"):
        file.unlink()
    user.sees("1 migration rolled back on empty")


def _lost(user: User, _: Stage) -> None:
    def cut(route: Route) -> None:
        route.abort()

    user.page.route("**/events", cut)
    user.opens_migrations("blog-live")
    user.sees("Connection to the app lost.")
    user.page.unroute("**/events", cut)


def _large(user: User, _: Stage) -> None:
    user.page.set_viewport_size({"width": 640, "height": 400})
    user.opens_migrations("sample-shop")
    user.sees_row("create_reviews", "Pending")


def _rules(user: User, _: Stage) -> None:
    user.open("/settings?section=rules")
    expect(user.page.get_by_label("Search the rules")).to_be_visible()
    expect(user.page.get_by_role("switch").first).to_be_visible()


def _rules_searched(user: User, stage: Stage) -> None:
    _rules(user, stage)
    user.page.get_by_label("Search the rules").fill("index")
    user.sees(re.compile(r"^\d+ of \d+ rules"))


def _rules_none(user: User, stage: Stage) -> None:
    _rules(user, stage)
    user.page.get_by_label("Search the rules").fill("zebra")
    user.sees("No rule matches")


def _rule(user: User, _: Stage) -> None:
    user.open("/rules/drop-table")
    user.sees("Where it is on")


def _rule_missing(user: User, _: Stage) -> None:
    user.open("/rules/no-such-rule")
    expect(user.page.get_by_role("main").get_by_role("alert")).to_be_visible()


SCENES_FRAME: list[Scene] = [
    Scene("frame-tabs", _tabs),
    Scene("frame-many-tabs", _many_tabs),
    Scene("frame-tab-menu", _tab_menu),
    Scene("frame-connection-menu", _connection_menu),
    Scene("frame-palette-empty", _palette_empty),
    Scene("frame-palette-nothing", _palette_nothing),
    Scene("frame-keys-searched", _keys_searched),
    Scene("frame-toast", _toast),
    Scene("frame-lost", _lost),
    Scene("frame-large", _large),
    Scene("frame-rules", _rules),
    Scene("frame-rules-searched", _rules_searched),
    Scene("frame-rules-none", _rules_none),
    Scene("frame-rule", _rule),
    Scene("frame-rule-missing", _rule_missing),
]
