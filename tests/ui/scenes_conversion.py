"""A folder of another tool, from choosing it to what came of it; the database that is there; and the way out."""

from __future__ import annotations

import sqlite3

from playwright.sync_api import expect

from tests.conversion.folders import EXAMPLES
from tests.conversion.test_tools import by_hand
from tests.kit import Shop
from tests.ui.scenes import Scene, Stage
from tests.ui.user import User

FLYWAY = next(one for one in EXAMPLES if one.tool == "flyway")


def _shop(stage: Stage, name: str) -> Shop:
    """A database Flyway has migrated half way, and no file of ours."""
    if name not in stage.shops:
        database = stage.folder / f"{name}.db"
        by_hand(database, [*FLYWAY.ups[:2], *FLYWAY.table])
        stage.shops[name] = stage.toolkit.connect(f"sqlite:{database}", name)
        FLYWAY.write(stage.folder / "flyway")
    return stage.shops[name]


def looks_through(user: User, shop: Shop, folder: str) -> None:
    user.open(f"/c/{shop.id}/new?template=@convert")
    user.page.get_by_label("Folder of the other tool's migrations").fill(folder)
    user.page.keyboard.press("Enter")
    expect(user.page.get_by_text("Flyway").first).to_be_visible()


def offered(user: User, stage: Stage) -> None:
    shop = _shop(stage, "converts")
    user.open(f"/c/{shop.id}/new")
    user.page.get_by_role("option", name="From another tool").click()
    expect(user.button("Choose the folder")).to_be_visible()


def chosen(user: User, stage: Stage) -> None:
    user.page.goto("about:blank")
    shop = _shop(stage, "converts")
    looks_through(user, shop, str(stage.folder / "flyway"))
    expect(user.button("Convert 4 into converts")).to_be_enabled()


def problems(user: User, stage: Stage) -> None:
    user.page.goto("about:blank")
    shop = _shop(stage, "converts")
    folder = FLYWAY.write(stage.folder / "placeholders")
    (folder / "V2__rows.sql").write_text("INSERT INTO users\nVALUES (1, '${mail}');\n")
    looks_through(user, shop, str(folder))
    expect(user.page.get_by_text("has no value")).to_be_visible()


def done(user: User, stage: Stage) -> None:
    user.page.goto("about:blank")
    shop = _shop(stage, "converted")
    for one in shop.folder.iterdir():
        one.unlink()
    with sqlite3.connect(stage.folder / "converted.db") as connection:
        connection.execute("DROP TABLE IF EXISTS schema_migrations")
    looks_through(user, shop, str(stage.folder / "flyway"))
    user.press("Convert 4 into converted")
    expect(user.button("Show the migrations of converted")).to_be_visible()


def empty(user: User, stage: Stage) -> None:
    shop = _shop(stage, "converts")
    user.open(f"/c/{shop.id}/migrations")
    expect(user.button("Start from the existing database")).to_be_visible()


def first(user: User, stage: Stage) -> None:
    empty(user, stage)
    user.press("Start from the existing database")
    expect(user.page.get_by_role("region", name="The first migration")).to_contain_text("CREATE TABLE")


def export(user: User, stage: Stage) -> None:
    done(user, stage)
    user.press("Show the migrations of converted")
    expect(user.grid).to_be_visible()
    user.page.keyboard.press("Control+k")
    user.page.keyboard.type("Export to another tool")
    user.page.keyboard.press("Enter")
    expect(user.dialog("Export the migrations of converted")).to_be_visible()


def folder(user: User, stage: Stage) -> None:
    _shop(stage, "converts")
    user.open("/connections")
    user.page.get_by_role("main").get_by_role("button", name="New connection").click()
    dialog = user.dialog("New connection")
    dialog.get_by_text("Open a folder", exact=True).click()
    dialog.get_by_role("textbox", name="Folder").fill(str(stage.folder / "flyway"))
    user.page.keyboard.press("Enter")
    expect(dialog.get_by_text("are Flyway's")).to_be_visible()


CONVERSION = [
    Scene("conversion-offered", offered),
    Scene("conversion-chosen", chosen),
    Scene("conversion-problems", problems),
    Scene("conversion-done", done),
    Scene("conversion-empty", empty),
    Scene("conversion-first", first),
    Scene("conversion-export", export),
    Scene("conversion-folder", folder),
]
