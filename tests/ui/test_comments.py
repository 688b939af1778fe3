"""Comments on a migration, as two people write them."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.ui.conftest import App
from tests.ui.user import User


def test_a_comment_is_written_answered_edited_and_seen_in_the_list(
    app: App, user: User, sqlite_url: str
) -> None:
    shop = app.toolkit.connect(sqlite_url)
    name = shop.new("create users", "CREATE TABLE users (id INT);", "DROP TABLE users;")["name"]
    user.opens_migrations(shop.id)
    user.page.get_by_role("button", name=f"Actions for {name}").first.click()
    user.page.get_by_role("menuitem", name="Comments…").click()
    sheet = user.dialog()
    expect(sheet.get_by_text("No comments yet")).to_be_visible()
    sheet.get_by_label("Your comment").fill("Needs an **index** <img src=x onerror=alert(1)>")
    sheet.get_by_label("Your comment").press("Control+Enter")
    said = sheet.get_by_role("list", name="Comments").get_by_role("listitem").first
    expect(said.locator("strong", has_text="index")).to_be_visible()
    expect(said.locator("img")).to_have_count(0)
    said.get_by_role("button", name="Edit").click()
    said.get_by_role("textbox", name="The comment").fill("Has one.")
    said.get_by_role("button", name="Save").click()
    expect(said.get_by_text("Has one.")).to_be_visible()
    # Somebody else writes meanwhile, in another app over the same folder: it appears by itself.
    app.toolkit.call("settings:update", changes={"author": "Grace"})
    shop.call("comment:add", version=shop.call("migration:list")["migrations"][0]["version"], text="Thanks!")
    expect(sheet.get_by_text("Thanks!")).to_be_visible()
    user.page.keyboard.press("Escape")
    expect(user.page.get_by_role("button", name=f"2 comments on {name}")).to_be_visible()
