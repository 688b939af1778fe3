"""The wizard, from "New migration" to a file that has run: what it offers, what it asks, and that it loses nothing."""

from __future__ import annotations

import re
from pathlib import Path

import psycopg
import pymongo
import pytest
from playwright.sync_api import Locator, expect

from tests.kit import Shop
from tests.ui.conftest import App
from tests.ui.user import User

TEAM = """\
-- title: {title}
-- group: Tables
-- description: A table that tells who changed what.
-- name: audit_{{{{table}}}}
-- field table: table | Table
-- migrate:up
CREATE TABLE audit_of_{{{{table|comment}}}} (id INTEGER PRIMARY KEY);
-- migrate:down
DROP TABLE audit_of_{{{{table|comment}}}};
"""


class Wizard:
    """The wizard in a user's words."""

    def __init__(self, user: User, shop: Shop) -> None:
        self.user = user
        self.page = user.page
        self.shop = shop

    @property
    def search(self) -> Locator:
        return self.page.get_by_role("combobox", name="Search templates")

    @property
    def preview(self) -> Locator:
        return self.page.get_by_role("region", name="Preview", exact=True)

    def begins(self) -> None:
        self.user.opens_migrations(self.shop.id)
        self.user.press("New migration")
        expect(self.search).to_be_focused()

    def template(self, title: str) -> Locator:
        return self.page.get_by_role("option").filter(has_text=re.compile(rf"^{re.escape(title)}"))

    def uses(self, title: str) -> None:
        self.template(title).first.click()
        expect(self.page.get_by_role("heading", name=title)).to_be_visible()
        self.user.press("Use this template")

    def field(self, label: str) -> Locator:
        return self.page.get_by_label(label, exact=True).and_(self.page.locator("input, textarea"))

    def gives(self, **fields: str) -> None:
        for label, value in fields.items():
            self.field(label.replace("_", " ")).fill(value)

    def picks(self, label: str, choice: str) -> None:
        """One of the choices that a field shows."""
        self.field(label).click()
        self.page.get_by_role("option").filter(has_text=choice).first.click()

    def goes_on(self) -> None:
        self.user.press("Next")
        expect(self.user.button(f"Save for {self.shop.connection['name']}")).to_be_enabled()

    def saves(self) -> None:
        """Into a file, which opens in the editor."""
        self.user.press(f"Save for {self.shop.connection['name']}")
        expect(self.page).to_have_url(re.compile("/edit/"))

    def files(self) -> list[Path]:
        return sorted(self.shop.folder.iterdir())


@pytest.fixture
def postgres(app: App, postgres_url: str) -> Shop:
    shop = app.toolkit.connect(postgres_url, "shop")
    shop.write(
        "20260101000000_customers.sql",
        "-- migrate:up\nCREATE TABLE customers (id int PRIMARY KEY, mail text);\n"
        'CREATE TABLE "it\'s" (id int PRIMARY KEY);\n\n'
        '-- migrate:down\nDROP TABLE "it\'s";\nDROP TABLE customers;\n',
    )
    shop.up()
    return shop


@pytest.fixture
def sqlite(app: App, sqlite_url: str) -> Shop:
    shop = app.toolkit.connect(sqlite_url)
    shop.write(
        "20260101000000_customers.sql",
        "-- migrate:up\nCREATE TABLE customers (id INTEGER PRIMARY KEY, mail TEXT);\n\n"
        "-- migrate:down\nDROP TABLE customers;\n",
    )
    shop.up()
    return shop


def test_a_table_is_made_by_a_template_and_back_loses_nothing(
    user: User, postgres: Shop, postgres_url: str
) -> None:
    wizard = Wizard(user, postgres)
    wizard.begins()
    wizard.search.fill("create a table")
    wizard.uses("Create a table")
    wizard.gives(New_table="invoices")
    expect(wizard.field("Name of column 1")).to_have_value("id")
    user.press("Add a column")
    expect(wizard.field("Name of column 2")).to_be_focused()
    wizard.gives(Name_of_column_2="total", Type_of_column_2="numeric(12, 2)", Default_of_column_2="0")
    expect(wizard.preview).to_contain_text("CREATE TABLE invoices")
    expect(wizard.preview).to_contain_text("total numeric(12, 2) DEFAULT 0")
    expect(wizard.preview).to_contain_text("DROP TABLE invoices")

    wizard.goes_on()
    user.text("Up").focus()
    user.page.keyboard.press("ControlOrMeta+End")
    user.page.keyboard.type("\n-- as asked for by the accountants")
    user.sees("changed by hand")

    # Back to the very beginning, to another template, and to the connection's list: all of it is still there.
    user.press("Back")
    expect(wizard.field("New table")).to_have_value("invoices")
    expect(wizard.field("Default of column 2")).to_have_value("0")
    user.press("Back")
    wizard.uses("Add a column")
    expect(wizard.field("New column")).to_have_value("")
    user.press("Back")
    wizard.uses("Create a table")
    expect(wizard.field("Name of column 2")).to_have_value("total")
    user.opens_migrations(postgres.id)
    user.press("New migration")
    user.sees("This is where you left off")
    wizard.goes_on()
    user.reads("Up", "-- as asked for by the accountants")

    wizard.saves()
    user.reads("Up", "-- as asked for by the accountants")
    user.opens_migrations(postgres.id)
    user.sees_row("create_invoices", "Pending")
    assert len(wizard.files()) == 2

    user.press("Apply 1 to shop")
    user.runs("Apply 1 to shop")
    user.sees_outcome("shop", "Applied 1")
    with psycopg.connect(postgres_url) as database:
        database.execute("INSERT INTO invoices DEFAULT VALUES")
        assert database.execute("SELECT id, total FROM invoices").fetchall() == [(1, 0)]


def test_fields_offer_the_live_schema_and_the_safe_form_runs(
    user: User, postgres: Shop, postgres_url: str
) -> None:
    wizard = Wizard(user, postgres)
    wizard.begins()
    wizard.search.fill("index without stopping")
    safe = wizard.template("Create an index without stopping writes")
    expect(safe).to_contain_text("Safe")
    wizard.uses("Create an index without stopping writes")
    wizard.picks("Table", "customers")
    # The columns are those of the table that was chosen.
    wizard.field("Columns").click()
    expect(user.page.get_by_role("option").filter(has_text="mail")).to_be_visible()
    wizard.picks("Columns", "mail")
    expect(wizard.preview).to_contain_text("CREATE INDEX CONCURRENTLY customers_mail_idx ON customers (mail)")
    expect(wizard.preview).to_contain_text("outside a transaction")
    user.page.keyboard.press("Escape")
    wizard.goes_on()
    user.press("Save & apply to shop")
    user.runs("Apply 1 to shop")
    user.sees_outcome("shop", "Applied 1")
    with psycopg.connect(postgres_url) as database:
        found = database.execute(
            "SELECT indisvalid FROM pg_index WHERE indexrelid = 'customers_mail_idx'::regclass"
        )
        assert found.fetchall() == [(True,)]


def test_names_that_need_quotes_have_them(user: User, postgres: Shop, postgres_url: str) -> None:
    wizard = Wizard(user, postgres)
    wizard.begins()
    wizard.uses("Create a table")
    wizard.gives(New_table="order")
    user.press("Add a column")
    wizard.gives(Name_of_column_2='the "big" one', Type_of_column_2="text")
    expect(wizard.preview).to_contain_text('CREATE TABLE "order"')
    expect(wizard.preview).to_contain_text('"the ""big"" one" text')
    expect(wizard.preview).to_contain_text('DROP TABLE "order"')
    wizard.goes_on()
    user.press("Save & apply to shop")
    user.runs("Apply 1 to shop")
    user.sees_outcome("shop", "Applied 1")
    with psycopg.connect(postgres_url) as database:
        columns = database.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name = 'order' ORDER BY 1"
        )
        assert columns.fetchall() == [("id",), ('the "big" one',)]

    wizard.begins()
    wizard.uses("Add a column")
    wizard.picks("Table", "it's")
    wizard.gives(New_column="select", Type="text")
    expect(wizard.preview).to_contain_text('ALTER TABLE "it\'s" ADD COLUMN "select" text')


def test_an_index_of_a_collection(user: User, app: App, mongodb_url: str) -> None:
    with pymongo.MongoClient[dict[str, object]](mongodb_url) as client:
        client.get_default_database()["people"].insert_one({"email": "a@example.com", "age": 30})
        shop = app.toolkit.connect(mongodb_url, "documents")
        wizard = Wizard(user, shop)
        user.open(f"/c/{shop.id}/new")
        wizard.uses("Create an index")
        wizard.picks("Collection", "people")
        wizard.picks("Field", "email")
        expect(wizard.preview).to_contain_text("createIndex")
        expect(wizard.preview).to_contain_text("email_idx")
        wizard.goes_on()
        wizard.saves()
        (file,) = wizard.files()
        assert re.fullmatch(r"\d{14}-index-email-of-people\.js", file.name), file.name

        user.press("Apply this to documents")
        user.runs("Apply 1 to documents")
        user.sees_outcome("documents", "Applied 1")
        assert client.get_default_database()["people"].index_information()["email_idx"]["key"] == [
            ("email", 1)
        ]


def test_the_whole_way_without_the_mouse(user: User, sqlite: Shop) -> None:
    wizard = Wizard(user, sqlite)
    user.opens_migrations(sqlite.id)
    keys = user.page.keyboard
    keys.press("ControlOrMeta+k")
    expect(user.page.get_by_role("textbox", name="Search or run a command")).to_be_focused()
    keys.type("new migration")
    expect(user.page.get_by_role("button", name="New migration shop")).to_be_visible()
    keys.press("Enter")
    expect(wizard.search).to_be_focused()
    # The last of the list and back to the first, then by a word.
    keys.press("PageDown")
    keys.press("PageUp")
    expect(user.page.get_by_role("option", name="Blank migration", selected=True)).to_be_visible()
    keys.type("create table")
    expect(user.page.get_by_role("option", selected=True)).to_contain_text("Create a table")
    keys.press("Enter")
    expect(wizard.field("New table")).to_be_focused()
    keys.press("ControlOrMeta+Enter")
    user.sees("Needed.")
    expect(wizard.field("New table")).to_be_focused()
    keys.type("notes")
    for label in ("Name of column 1", "Type of column 1"):
        keys.press("Tab")
        expect(wizard.field(label)).to_be_focused()
    keys.press("Escape")
    add = user.button("Add a column")
    for _ in range(12):
        keys.press("Tab")
        if add.evaluate("one => one === document.activeElement"):
            break
    expect(add).to_be_focused()
    keys.press("Enter")
    expect(wizard.field("Name of column 2")).to_be_focused()
    keys.type("body")
    keys.press("Tab")
    keys.type("TEXT")
    expect(wizard.preview).to_contain_text("body TEXT")
    keys.press("ControlOrMeta+Enter")
    expect(user.button("Save for shop")).to_be_focused()

    # Back to the fields, a column is moved, and on again.
    keys.press("Alt+ArrowLeft")
    expect(wizard.field("Name of column 2")).to_have_value("body")
    wizard.field("Name of column 2").focus()
    keys.press("Alt+ArrowUp")
    expect(wizard.field("Name of column 1")).to_have_value("body")
    expect(wizard.field("Name of column 1")).to_be_focused()
    keys.press("ControlOrMeta+Enter")
    expect(user.button("Save for shop")).to_be_focused()
    keys.press("ControlOrMeta+Shift+Enter")
    expect(user.dialog().get_by_role("button", name="Apply 1 to shop")).to_be_focused()
    keys.press("Enter")
    user.sees_outcome("shop", "Applied 1")
    assert "notes" in sqlite.tables()


def test_what_the_database_does_not_know_is_told_before_anything_is_written(user: User, sqlite: Shop) -> None:
    wizard = Wizard(user, sqlite)
    wizard.begins()
    wizard.uses("Create an index")
    user.press("Next")
    user.sees("Needed.")
    expect(wizard.field("Table")).to_be_focused()
    wizard.gives(Table="customes")
    wizard.field("Columns").fill("mail")
    user.page.keyboard.press("Enter")
    user.sees("There is no table customes on the live database.")
    wizard.field("Table").fill("customers")
    expect(user.page.get_by_text("There is no table")).to_have_count(0)
    assert len(wizard.files()) == 1

    # What could not be a migration at all is refused where it was typed, and stays to be mended.
    user.press("Back")
    wizard.uses("Add a column")
    wizard.picks("Table", "customers")
    wizard.gives(Type="INTEGER); DROP TABLE customers; --")
    user.press("Next")
    expect(wizard.field("Type")).to_be_focused()
    expect(wizard.field("Type")).to_have_attribute("aria-invalid", "true")
    expect(wizard.preview).to_contain_text("Type: A type may not hold a comment.")
    # Everything that is missing is said at once, not after the other is mended.
    expect(wizard.field("New column")).to_have_attribute("aria-invalid", "true")
    wizard.gives(New_column="rank", Type="INTEGER")
    wizard.goes_on()
    assert len(wizard.files()) == 1


def test_a_template_of_the_teams_appears_and_a_broken_one_is_named(user: User, sqlite: Shop) -> None:
    wizard = Wizard(user, sqlite)
    wizard.begins()
    expect(wizard.template("Create a table")).to_be_visible()
    folder = Path(sqlite.call("template:list")["folders"][0])
    folder.mkdir(parents=True)
    (folder / "audit.sql").write_text(TEAM.format(title="Audit a table"))
    expect(wizard.template("Audit a table")).to_contain_text("Team")

    (folder / "torn.sql").write_text(
        TEAM.format(title="Torn").replace("{{table|comment}} (id", "{{nobody}} (id")
    )
    problems = user.page.get_by_role("region", name="Templates that cannot be used")
    expect(problems).to_contain_text("1 template cannot be used")
    expect(problems).to_contain_text(re.compile(r"torn\.sql, line 7: .*nobody"))

    wizard.uses("Audit a table")
    wizard.picks("Table", "customers")
    expect(wizard.preview).to_contain_text("CREATE TABLE audit_of_customers")
    wizard.goes_on()
    wizard.saves()
    assert [one.name[14:] for one in wizard.files()] == ["_customers.sql", "_audit_customers.sql"]

    # Mended, it can be used as well.
    user.open(f"/c/{sqlite.id}/new")
    expect(problems).to_be_visible()
    (folder / "torn.sql").write_text(TEAM.format(title="Mended"))
    expect(wizard.template("Mended")).to_be_visible()
    expect(problems).to_have_count(0)
