"""What a user does at the page, in a user's words. Nothing here knows of the page's classes or ids."""

from __future__ import annotations

import re
from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

# The scheme is on the page and in its editors, and no colour is on its way to another any more.
PAINTED = """scheme => {
  const moving = document.getAnimations().filter(one => one instanceof CSSTransition);
  moving.forEach(one => one.finish());
  const editors = [...document.querySelectorAll('.monaco-editor[role=code]')];
  return document.documentElement.dataset.mantineColorScheme === scheme && moving.length === 0
    && editors.every(one => one.classList.contains('vs-dark') === (scheme === 'dark'));
}"""


@dataclass
class User:
    page: Page
    base: str

    # -- the frame ---------------------------------------------------------------------------------------

    def open(self, path: str) -> None:
        self.page.goto(self.base + path)

    def opens_migrations(self, connection: str) -> None:
        self.open(f"/c/{connection}/migrations")
        expect(self.button("New migration")).to_be_visible()

    def button(self, name: str | re.Pattern[str]) -> Locator:
        return self.page.get_by_role("button", name=name, exact=isinstance(name, str))

    def press(self, name: str | re.Pattern[str]) -> None:
        self.button(name).click()

    def dialog(self, name: str | re.Pattern[str] | None = None) -> Locator:
        return self.page.get_by_role("dialog", name=name) if name else self.page.get_by_role("dialog")

    def sees(self, text: str | re.Pattern[str]) -> None:
        expect(self.page.get_by_text(text).first).to_be_visible()

    def wears(self, scheme: str) -> None:
        """Change the colour scheme, and wait until the page is painted in it."""
        self.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        self.page.wait_for_function(PAINTED, arg=scheme)

    # -- the list ----------------------------------------------------------------------------------------

    @property
    def grid(self) -> Locator:
        return self.page.get_by_role("grid", name="Migrations")

    def row(self, name: str) -> Locator:
        """The row of a migration, by its name."""
        button = self.page.get_by_role("button", name=name, exact=True)
        return self.grid.get_by_role("row").filter(has=button)

    def sees_row(self, name: str, status: str) -> None:
        expect(self.row(name).get_by_text(status, exact=True)).to_be_visible()

    def opens_menu_of(self, name: str) -> Locator:
        self.button(f"Actions for {name}").click()
        return self.page.get_by_role("menu")

    def chooses(self, name: str, item: str) -> None:
        """One item of a migration's menu."""
        self.opens_menu_of(name)
        self.page.get_by_role("menuitem", name=item, exact=True).click()

    # -- runs --------------------------------------------------------------------------------------------

    def runs(self, label: str, *, typing: str | None = None) -> None:
        """In the plan that is on the screen: type the name where it is asked, and press the run's own button."""
        sheet = self.dialog()
        run = sheet.get_by_role("button", name=label, exact=True)
        if typing is not None:
            asked = sheet.get_by_label(f"Type {typing} to go on")
            expect(asked).to_be_visible()
            expect(run).to_be_disabled()
            asked.fill(typing)
        expect(run).to_be_enabled()
        run.click()

    def panel(self, target: str) -> Locator:
        return self.page.get_by_role("region", name=f"Run on {target}")

    def sees_outcome(self, target: str, text: str | re.Pattern[str]) -> Locator:
        panel = self.panel(target)
        expect(panel.get_by_role("heading", name=text)).to_be_visible()
        return panel

    # -- the editor --------------------------------------------------------------------------------------

    def text(self, pane: str) -> Locator:
        # A pane of a comparison says in its name too how to walk through the differences.
        return self.page.get_by_role("textbox", name=re.compile(rf"^{re.escape(pane)}( use .*)?$"))

    def writes(self, pane: str, text: str) -> None:
        """Replace what stands in an editor's pane by pasting: so the editor neither closes nor completes anything."""
        self.page.evaluate("text => navigator.clipboard.writeText(text)", text)
        self.text(pane).focus()
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.press("ControlOrMeta+v")

    def reads(self, pane: str, text: str) -> None:
        """Wait until a pane shows this line."""
        expect(self.shown(pane).get_by_text(text).first).to_be_visible()

    def shown(self, pane: str) -> Locator:
        """The pane's editor with its lines: the one around its text box."""
        return self.page.get_by_role("code").filter(has=self.text(pane))

    def begins_migration(self) -> Locator:
        """New migration, blank; the field that its name goes into, with the focus in it."""
        self.press("New migration")
        name = self.page.get_by_label("What does it do?")
        blank = self.button("Begin blank")
        expect(name.or_(blank)).to_be_visible()
        if blank.is_visible():
            blank.click()
        expect(name).to_be_focused()
        return name

    def makes_migration(self, name: str, connection: str, up: str, down: str) -> None:
        """A new migration with its two halves written and not saved."""
        self.begins_migration().fill(name)
        self.press(f"Create for {connection}")
        self.writes("Up", up)
        self.writes("Down", down)
