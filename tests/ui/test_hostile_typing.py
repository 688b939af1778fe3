"""Markup typed into every field of every page stays text: nothing of it is made, nothing of it runs."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from tests.ui.conftest import App
from tests.ui.user import User

BAD = '<img src=x onerror="window.pwned=1"><b>bold</b>'
# What is written into an element by a script would be one of these.
MADE = "img[src='x'], b, [onerror]"


def fields(user: User) -> list[Locator]:
    """The fields one can type into, as the page is now."""
    found = user.page.locator(
        "input:not([type=checkbox]):not([type=radio]):not([type=file]):not([type=color]):not([readonly]), textarea"
    ).filter(visible=True)
    return [one for one in found.all() if one.is_editable()]


def types_into_all(user: User) -> int:
    count = 0
    for field in fields(user):
        # A field may go when another is filled: a list that is filtered, say.
        if field.count() == 0 or not field.is_visible() or not field.is_editable():
            continue
        if field.get_attribute("type") in ("number", "date", "time") or field.get_attribute("inputmode") in (
            "numeric",
            "decimal",
        ):
            continue
        field.fill(BAD)
        count += 1
        expect(user.page.locator(MADE)).to_have_count(0)
    return count


def test_markup_typed_into_every_field_is_text(user: User, app: App) -> None:
    sample = app.toolkit.call("connection:sample")["id"]
    user.opens_migrations(sample)
    links = user.page.get_by_role("navigation", name="Main").get_by_role("link")
    pages = list(links.evaluate_all("all => all.map(one => one.getAttribute('href'))"))
    pages += [
        f"/c/{sample}/new",
        f"/c/{sample}/new?template=create_table",
        f"/c/{sample}/new?template=insert_rows",
    ]
    pages += ["/connections", "/settings"]
    typed = 0
    for path in dict.fromkeys(pages):
        user.open(path)
        expect(user.page.get_by_role("heading", level=1)).to_be_visible()
        expect(user.page.get_by_role("main").locator(".mantine-Loader-root")).to_have_count(0)
        typed += types_into_all(user)
        # What was typed is sent and answered too: a name that is refused comes back in the words of the refusal.
        user.page.keyboard.press("Enter")
        user.page.keyboard.press("Escape")
        expect(user.page.locator(MADE)).to_have_count(0)
    assert typed >= 15

    user.open("/connections")
    user.page.get_by_role("main").get_by_role("button", name="New connection").first.click()
    expect(user.dialog().get_by_role("textbox").first).to_be_editable()
    assert types_into_all(user) > 0
    user.page.keyboard.press("Enter")
    expect(user.page.locator(MADE)).to_have_count(0)
    user.page.keyboard.press("Escape")

    user.opens_migrations(sample)
    user.chooses("create_reviews", "Rename…")
    expect(user.dialog().get_by_role("textbox").first).to_be_editable()
    assert types_into_all(user) > 0
    user.page.keyboard.press("Enter")
    expect(user.page.locator(MADE)).to_have_count(0)
    assert user.page.evaluate("window.pwned") is None
