"""The wizard in every step and state worth looking at."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from tests.kit import Shop
from tests.ui.scenes import Scene, Stage
from tests.ui.user import User

OWN = """\
-- title: Audit a table
-- group: Tables
-- description: A table beside another one that tells who changed what, and when.
-- safe: Written by a trigger: every change of a row becomes a little slower.
-- name: audit_{{table}}
-- field table: table | Table
-- migrate:up
CREATE TABLE audit_of_{{table|comment}} (id INTEGER PRIMARY KEY, said TEXT);
-- migrate:down
DROP TABLE audit_of_{{table|comment}};
"""


def _shop(stage: Stage, name: str) -> Shop:
    """A connection with a table, a team's template where `name` says so, and nothing left from another scene."""
    if name not in stage.shops:
        shop = stage.toolkit.connect(f"sqlite:{stage.folder / f'{name}.db'}", name)
        stage.shops[name] = shop
        shop.write(
            "20260101000000_create_customers.sql",
            "-- migrate:up\nCREATE TABLE customers (id INTEGER PRIMARY KEY, mail TEXT NOT NULL, phone TEXT);\n"
            "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER, total REAL);\n\n"
            "-- migrate:down\nDROP TABLE orders;\nDROP TABLE customers;\n",
        )
        shop.up()
    shop = stage.shops[name]
    for draft in shop.call("draft:list")["drafts"]:
        shop.call("draft:delete", key=draft["key"])
    return shop


def _begins(user: User, stage: Stage, name: str = "wizard", template: str = "") -> None:
    # A wizard that is left keeps its draft, also when it is the scene before: it is left first, then forgotten.
    user.page.goto("about:blank")
    shop = _shop(stage, name)
    user.open(f"/c/{shop.id}/new" + (f"?template={template}" if template else ""))
    expect(user.page.get_by_role("heading", name="New migration", level=1)).to_be_visible()


def _field(user: User, label: str, value: str) -> None:
    user.page.get_by_label(label, exact=True).and_(user.page.locator("input, textarea")).fill(value)


def _settled(user: User, text: str) -> None:
    expect(user.page.get_by_role("region", name="Preview", exact=True)).to_contain_text(text)
    user.page.mouse.move(500, 500)


def start(user: User, stage: Stage) -> None:
    _begins(user, stage)
    expect(user.page.get_by_role("option").filter(has_text="Create a table")).to_be_visible()
    expect(user.button("Begin blank")).to_be_visible()


def name(user: User, stage: Stage) -> None:
    start(user, stage)
    user.press("Begin blank")
    user.press("Create for wizard")
    user.sees("Needed")


def templates(user: User, stage: Stage) -> None:
    start(user, stage)
    user.page.get_by_role("option").filter(has_text="Rebuild a table").click()
    user.sees("Asks for")


def nothing_found(user: User, stage: Stage) -> None:
    start(user, stage)
    user.page.get_by_role("combobox", name="Search templates").fill("zebra")
    user.sees("No template of that name")


def problems(user: User, stage: Stage) -> None:
    shop = _shop(stage, "wizard team")
    folder = Path(shop.call("template:list")["folders"][0])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "audit.sql").write_text(OWN)
    (folder / "torn.sql").write_text(OWN.replace("{{table|comment}}", "{{nobody}}"))
    (folder / "older.sql").write_text("-- title: Older\nSELECT 1;\n")
    _begins(user, stage, "wizard team")
    user.sees("2 templates cannot be used")
    user.page.get_by_role("option").filter(has_text="Audit a table").click()
    user.sees("Asks for")


def empty(user: User, stage: Stage) -> None:
    _begins(user, stage, template="create_index")
    user.sees("Still to fill in")
    user.page.keyboard.press("Escape")


def wrong(user: User, stage: Stage) -> None:
    _begins(user, stage, template="add_column")
    _field(user, "Table", "customers")
    _field(user, "Type", "INTEGER); DROP TABLE customers; --")
    user.press("Next")
    user.sees("Needed.")
    user.sees("A type may not hold a comment.")
    user.page.mouse.move(500, 500)


def unknown(user: User, stage: Stage) -> None:
    _begins(user, stage, template="drop_column")
    _field(user, "Table", "customes")
    _field(user, "Column", "mail")
    user.sees("There is no table customes")
    _settled(user, "DROP COLUMN")


def table(user: User, stage: Stage) -> None:
    _begins(user, stage, template="create_table")
    _field(user, "New table", "invoices")
    for number, (column, kind) in enumerate((("number", "TEXT"), ("total", "REAL"), ("paid_at", "TEXT")), 2):
        user.press("Add a column")
        _field(user, f"Name of column {number}", column)
        _field(user, f"Type of column {number}", kind)
    user.page.get_by_label("column 2 is required (NOT NULL)").check()
    _settled(user, "paid_at TEXT")


def filled(user: User, stage: Stage) -> None:
    _begins(user, stage, template="create_index")
    _field(user, "Table", "customers")
    _field(user, "Columns", "mail")
    user.page.keyboard.press("Enter")
    user.page.keyboard.press("Escape")
    _settled(user, "customers_mail_idx")


def suggestions(user: User, stage: Stage) -> None:
    _begins(user, stage, template="create_index")
    user.page.get_by_label("Table", exact=True).and_(user.page.locator("input")).click()
    expect(user.page.get_by_role("option").filter(has_text="customers")).to_be_visible()


def suggested_columns(user: User, stage: Stage) -> None:
    _begins(user, stage, template="create_index")
    _field(user, "Table", "customers")
    user.page.get_by_label("Columns", exact=True).and_(user.page.locator("input")).click()
    expect(user.page.get_by_role("option").filter(has_text="mail")).to_be_visible()


def suggested_types(user: User, stage: Stage) -> None:
    _begins(user, stage, template="create_table")
    kind = user.page.get_by_label("Type of column 1", exact=True).and_(user.page.locator("input"))
    kind.click()
    kind.fill("")
    expect(user.page.get_by_role("option").filter(has_text="TEXT").first).to_be_visible()


def rows(user: User, stage: Stage) -> None:
    _begins(user, stage, template="insert_rows")
    _field(user, "Table", "customers")
    _field(user, "Column 1", "mail")
    _field(user, "mail of row 1", "ada@example.com")
    user.press("Add a row")
    _field(user, "mail of row 2", "grace@example.com")
    _settled(user, "grace@example.com")


def text(user: User, stage: Stage) -> None:
    filled(user, stage)
    user.press("Next")
    expect(user.shown("Up").locator(".view-line").first).to_be_visible()
    user.text("Up").focus()
    user.page.keyboard.press("ControlOrMeta+End")
    user.page.keyboard.type("\n-- asked for by support")
    user.sees("changed by hand")


def risks(user: User, stage: Stage) -> None:
    _begins(user, stage, template="drop_table")
    _field(user, "Table", "customers")
    _settled(user, "DROP TABLE customers")
    user.page.keyboard.press("Escape")
    user.press("Next")
    expect(user.page.get_by_role("list", name="Findings")).to_be_visible()
    expect(user.shown("Up").locator(".view-line").first).to_be_visible()


def moved(user: User, stage: Stage) -> None:
    text(user, stage)
    user.press("Back")
    _field(user, "Name of the index", "by_mail")
    _settled(user, "by_mail")
    user.press("Next")
    user.sees("The fields changed after you edited the text")


SCENES = [
    Scene("wizard-start", start),
    Scene("wizard-name", name),
    Scene("wizard-templates", templates),
    Scene("wizard-nothing-found", nothing_found),
    Scene("wizard-problems", problems),
    Scene("wizard-empty", empty),
    Scene("wizard-wrong", wrong),
    Scene("wizard-unknown", unknown),
    Scene("wizard-table", table),
    Scene("wizard-filled", filled),
    Scene("wizard-suggestions", suggestions),
    Scene("wizard-suggested-columns", suggested_columns),
    Scene("wizard-suggested-types", suggested_types),
    Scene("wizard-rows", rows),
    Scene("wizard-text", text),
    Scene("wizard-risks", risks),
    Scene("wizard-moved", moved),
]
