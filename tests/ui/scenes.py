"""Every page in every state worth looking at, over one prepared home. The axe tests and the screenshots share them."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import expect

from tests.kit import Shop, Toolkit
from tests.ui.user import User

SLOW = """\
CREATE TABLE counted AS
WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers LIMIT 4000000000)
SELECT count(*) AS many FROM numbers;"""


@dataclass
class Stage:
    """The home that the scenes play in: one connection for each state, all on SQLite and none reachable elsewhere."""

    toolkit: Toolkit
    folder: Path
    shops: dict[str, Shop] = field(default_factory=dict)

    def build(self) -> None:
        self.shops["sample"] = Shop(self.toolkit, self.toolkit.call("connection:sample"))
        for name, more in {
            "blog live": {"environment": "production", "color": "#d6456b"},
            "blog staging": {"environment": "staging"},
            "empty": {},
            "orders": {"environment": "test", "color": "#0d9488"},
            "slow": {},
        }.items():
            self.shops[name] = self.toolkit.connect(_url(self.folder, name), name, **more)
        live = self.shops["blog live"]
        live.new("create posts", "CREATE TABLE posts (id INTEGER, title TEXT);", "DROP TABLE posts;")
        live.new("seed posts", "INSERT INTO posts VALUES (1, 'Hello');", "DELETE FROM posts WHERE id = 1;")
        live.up()
        live.new("create tags", "CREATE TABLE tags (id INTEGER, name TEXT);", "DROP TABLE tags;")
        orders = self.shops["orders"]
        orders.write(
            "20260101000000_create_orders.sql",
            _file("CREATE TABLE orders (id INTEGER);", "DROP TABLE orders;"),
        )
        orders.write(
            "20260102000000_create_items.sql", _file("CREATE TABLE items (id INTEGER);", "DROP TABLE items;")
        )
        orders.up()
        orders.write(
            "20260101000000_create_orders.sql", _file("CREATE TABLE orders (id TEXT);", "DROP TABLE orders;")
        )
        (orders.folder / "20260102000000_create_items.sql").unlink()
        orders.write("20251201000000_older_than_the_others.sql", _file("SELECT 1;", "SELECT 1;"))
        orders.write("20260103000000_without_a_block.sql", "CREATE TABLE x (id INTEGER);\n")
        orders.write(
            "20260104000000_fails.sql",
            _file(
                "CREATE TABLE half (id INTEGER);\n\nINSERT INTO nowhere (id)\nVALUES (1);", "DROP TABLE half;"
            ),
        )
        orders.write(
            "20260105000000_after_it.sql",
            _file("CREATE TABLE after_it (id INTEGER);", "DROP TABLE after_it;"),
        )
        self.shops["slow"].write(
            "20260101000000_create_numbers.sql",
            _file("CREATE TABLE numbers (n INTEGER);", "DROP TABLE numbers;"),
        )
        self.shops["slow"].write("20260102000000_count_them_all.sql", _file(SLOW, "DROP TABLE counted;"))
        self.toolkit.connect(
            "postgres://app@127.0.0.1:1/crm?sslmode=disable", "crm", environment="staging", read_only=True
        ).new("create leads", "CREATE TABLE leads (id integer);", "DROP TABLE leads;")
        self.toolkit.connect("postgres://app:secret@127.0.0.1:1/vault?sslmode=disable", "vault", secret="ask")

    def cancel_runs(self) -> None:
        """Ends what a scene left running; the connection can then run again."""
        for job in self.toolkit.call("job:list")["jobs"]:
            if job["state"] == "running":
                self.toolkit.call("job:cancel", job_id=job["job_id"])
        until = time.monotonic() + 20
        while any(job["state"] == "running" for job in self.toolkit.call("job:list")["jobs"]):
            assert time.monotonic() < until, "a run does not end"
            time.sleep(0.05)


def _url(folder: Path, name: str) -> str:
    return f"sqlite:{(folder / (name.replace(' ', '_') + '.db')).as_posix()}"


def _file(up: str, down: str) -> str:
    return f"-- migrate:up\n{up}\n\n-- migrate:down\n{down}\n"


@dataclass(frozen=True)
class Scene:
    """`show` brings it onto the screen from any page; it ends with what must be visible before one looks."""

    name: str
    show: Callable[[User, Stage], None]
    needs_home: bool = True


def _heading(user: User, name: str | re.Pattern[str]) -> None:
    expect(user.page.get_by_role("heading", name=name, level=1)).to_be_visible()


def _page(path: str, heading: str | re.Pattern[str], *texts: str) -> Callable[[User, Stage], None]:
    def show(user: User, _: Stage) -> None:
        user.open(path)
        _heading(user, heading)
        for text in texts:
            user.sees(text)

    return show


def _list(user: User, connection: str) -> None:
    user.opens_migrations(connection)
    expect(user.page.get_by_role("region", name="Target").get_by_role("button").last).to_be_visible()


def _welcome(user: User, _: Stage) -> None:
    user.open("/")
    user.sees("No database at hand?")


def _full(user: User, _: Stage) -> None:
    _list(user, "sample-shop")
    user.sees_row("create_reviews", "Pending")


def _chosen(user: User, stage: Stage) -> None:
    _full(user, stage)
    for name in ("create_reviews", "add_phone_to_customers", "create_order_totals_view"):
        user.row(name).get_by_role("checkbox").click()
    user.sees("3 chosen")


def _filtered(user: User, _: Stage) -> None:
    user.open("/c/sample-shop/migrations?q=create&status=applied&table=orders")
    expect(user.button("Remove the filter Table: orders")).to_be_visible()


def _picker(user: User, stage: Stage) -> None:
    _full(user, stage)
    user.press("Table")
    expect(user.page.get_by_role("option").first).to_be_visible()


def _nothing_matches(user: User, _: Stage) -> None:
    user.open("/c/sample-shop/migrations?q=zebra")
    user.sees("Nothing matches")


def _row_menu(user: User, stage: Stage) -> None:
    _full(user, stage)
    expect(user.opens_menu_of("create_reviews")).to_be_visible()


def _rename(user: User, stage: Stage) -> None:
    _full(user, stage)
    user.chooses("create_reviews", "Rename…")
    expect(user.dialog()).to_be_visible()


def _delete(user: User, stage: Stage) -> None:
    _full(user, stage)
    user.chooses("create_reviews", "Delete the file…")
    expect(user.dialog()).to_be_visible()


def _sheet(user: User, stage: Stage) -> None:
    _full(user, stage)
    user.press("Apply 2 to Sample shop")
    expect(user.dialog().get_by_role("button", name="Apply 2 to Sample shop")).to_be_enabled()


def _sheet_with_losses(user: User, stage: Stage) -> None:
    _full(user, stage)
    user.chooses("create_products", "Roll back to here, keeping this")
    expect(user.dialog().get_by_label("Type Sample shop to go on")).to_be_visible()


def _baseline(user: User, stage: Stage) -> None:
    _full(user, stage)
    user.chooses("create_reviews", "Mark as applied…")
    expect(user.dialog()).to_be_visible()


def _production(user: User, _: Stage) -> None:
    _list(user, "blog-live")
    user.sees_row("create_tags", "Pending")


def _production_sheet(user: User, stage: Stage) -> None:
    _production(user, stage)
    user.press("Apply 1 to blog live")
    expect(user.dialog().get_by_label("Type blog live to go on")).to_be_visible()


def _empty(user: User, _: Stage) -> None:
    user.open("/c/empty/migrations")
    user.sees("No migrations yet")


def _flags(user: User, _: Stage) -> None:
    _list(user, "orders")
    user.sees_row("without_a_block", "Invalid")


def _refused(user: User, stage: Stage) -> None:
    _flags(user, stage)
    user.press(re.compile(r"^Apply \d to orders$"))
    expect(user.dialog().get_by_role("alert").first).to_be_visible()


def _failed(user: User, stage: Stage) -> None:
    _flags(user, stage)
    for name in ("fails", "after_it"):
        user.row(name).get_by_role("checkbox").click()
    user.press("Apply 2 chosen to orders")
    user.runs("Apply 2 to orders")
    user.sees_outcome("orders", "Failed")


def _failed_log(user: User, stage: Stage) -> None:
    _failed(user, stage)
    user.panel("orders").get_by_text("Log", exact=True).click()
    expect(user.panel("orders").get_by_role("region", name="Log")).to_be_visible()


def _running(user: User, stage: Stage) -> None:
    stage.cancel_runs()
    _list(user, "slow")
    user.press(re.compile(r"^Apply \d to slow$"))
    sheet = user.dialog()
    sheet.get_by_role("button", name=re.compile("^Apply")).click()
    files = user.panel("slow").get_by_role("region", name="Files of the run")
    expect(files.get_by_role("listitem").filter(has_text="count_them_all")).to_contain_text("Running")


def _unreachable(user: User, _: Stage) -> None:
    _list(user, "crm")
    expect(user.page.get_by_role("main").get_by_role("alert")).to_be_visible()


def _locked(user: User, _: Stage) -> None:
    _list(user, "vault")
    expect(user.button("Unlock vault")).to_be_visible()


def _unlock(user: User, stage: Stage) -> None:
    _locked(user, stage)
    user.press("Unlock vault")
    expect(user.dialog("Password of vault")).to_be_visible()


def _edits(user: User, connection: str, filename: str) -> None:
    user.open(f"/c/{connection}/edit/{filename}")
    expect(user.shown("Up").locator(".view-line").first).to_be_visible()


def _editor_applied(user: User, _: Stage) -> None:
    _edits(user, "sample-shop", "20260112100000_create_orders.sql")
    user.sees("Edit anyway")


def _editor(user: User, stage: Stage) -> None:
    # What another scene typed there is not part of this one.
    for draft in stage.shops["sample"].call("draft:list")["drafts"]:
        stage.shops["sample"].call("draft:delete", key=draft["key"])
    _edits(user, "sample-shop", "20260202110000_create_reviews.sql")
    expect(user.button("Apply this to Sample shop")).to_be_visible()


def _editor_unsaved(user: User, stage: Stage) -> None:
    _editor(user, stage)
    user.text("Up").focus()
    user.page.keyboard.press("ControlOrMeta+End")
    user.page.keyboard.type("\n-- more to come")
    user.sees("Unsaved")


def _leaving(user: User, stage: Stage) -> None:
    _editor_unsaved(user, stage)
    user.press("Back to the migrations")
    expect(user.dialog("Leave with unsaved changes?")).to_be_visible()


def _completion(user: User, stage: Stage) -> None:
    _editor(user, stage)
    user.text("Up").focus()
    user.page.keyboard.press("ControlOrMeta+End")
    user.page.keyboard.type("\nUPDATE cust", delay=20)
    expect(user.page.get_by_role("option").filter(has_text="customers").first).to_be_visible()


def _editor_file(user: User, stage: Stage) -> None:
    _editor(user, stage)
    user.page.get_by_text("File", exact=True).click()
    expect(user.shown("The whole file").locator(".view-line").first).to_be_visible()


def _editor_invalid(user: User, _: Stage) -> None:
    user.open("/c/orders/edit/20260103000000_without_a_block.sql")
    expect(user.page.get_by_role("region", name="Problems")).to_be_visible()
    expect(user.shown("The whole file").locator(".view-line").first).to_be_visible()


def _editor_edited(user: User, _: Stage) -> None:
    _edits(user, "orders", "20260101000000_create_orders.sql")
    expect(user.button("Compare with what ran")).to_be_visible()


def _compare(user: User, stage: Stage) -> None:
    _editor_edited(user, stage)
    user.press("Compare with what ran")
    dialog = user.dialog("What ran, and the file now")
    expect(dialog).to_contain_text("INTEGER")


def _editor_missing(user: User, _: Stage) -> None:
    user.open("/c/orders/edit/20260102000000")
    expect(user.button("Restore the file")).to_be_visible()
    expect(user.shown("Up").locator(".view-line").first).to_be_visible()


def _conflict(user: User, stage: Stage) -> None:
    shop = stage.shops["blog live"]
    file = next(shop.folder.glob("*_create_tags.sql"))
    file.write_text(_file("CREATE TABLE tags (id INTEGER, name TEXT);", "DROP TABLE tags;"))
    _edits(user, shop.id, file.name)
    user.text("Up").focus()
    user.page.keyboard.press("ControlOrMeta+End")
    user.page.keyboard.type("\n-- mine")
    user.sees("Unsaved")
    file.write_text(_file("CREATE TABLE labels (id INTEGER, name TEXT);", "DROP TABLE labels;"))
    expect(user.dialog()).to_contain_text("labels")


def _palette(user: User, stage: Stage) -> None:
    _full(user, stage)
    user.page.keyboard.press("ControlOrMeta+k")
    user.page.get_by_role("textbox", name="Search or run a command").fill("orders")
    expect(user.dialog().get_by_role("button", name=re.compile("create_orders")).first).to_be_visible()


def _keys(user: User, stage: Stage) -> None:
    _full(user, stage)
    user.page.keyboard.press("?")
    expect(user.dialog("Keys")).to_be_visible()


def _local(user: User, stage: Stage) -> None:
    _dialog("form")(user, stage)
    user.dialog().get_by_role("radio", name=re.compile("^PostgreSQL")).click()
    user.press("Start a local PostgreSQL")
    expect(user.button("Use another server")).to_be_visible()


def _dialog(tab: str) -> Callable[[User, Stage], None]:
    def show(user: User, _: Stage) -> None:
        user.open("/connections")
        _heading(user, "Connections")
        user.page.get_by_role("main").get_by_role("button", name="New connection").click()
        dialog = user.dialog("New connection")
        if tab == "url":
            dialog.get_by_text("Paste a URL", exact=True).click()
            dialog.get_by_role("textbox", name="URL").fill("mysql://app:pass@db.example.com:3306/shop")
            expect(dialog).to_contain_text("db.example.com")
        elif tab == "folder":
            dialog.get_by_text("Open a folder", exact=True).click()
            expect(dialog.get_by_label("Folders", exact=True)).to_be_visible()
        else:
            expect(dialog.get_by_role("radio", name="SQLite")).to_be_visible()

    return show


def _tested(user: User, stage: Stage) -> None:
    _dialog("form")(user, stage)
    dialog = user.dialog("New connection")
    dialog.get_by_label("Port").fill("1")
    dialog.get_by_role("textbox", name="Database").fill("shop")
    dialog.get_by_role("button", name="Test").click()
    expect(dialog.get_by_role("alert")).to_be_visible()


def _remove(user: User, _: Stage) -> None:
    user.open("/c/empty/connection")
    user.press("Remove…")
    expect(user.dialog("Remove empty?")).to_be_visible()


def _new(user: User, _: Stage) -> None:
    _full(user, _)
    user.begins_migration().fill("create invoices")


def _switcher(user: User, stage: Stage) -> None:
    _full(user, stage)
    user.press(re.compile("change the connection$"))
    expect(user.page.get_by_role("menu")).to_be_visible()


SCENES: list[Scene] = [
    Scene("welcome", _welcome, needs_home=False),
    Scene("connections", _page("/connections", "Connections", "Locked")),
    Scene("connection-new-form", _dialog("form")),
    Scene("connection-new-local", _local),
    Scene("connection-new-tested", _tested),
    Scene("connection-new-url", _dialog("url")),
    Scene("connection-new-folder", _dialog("folder")),
    Scene("connection-general", _page("/c/blog-live/connection", "Connection", "Colour")),
    Scene(
        "connection-variables", _page("/c/blog-live/connection?tab=variables", "Connection", "No variables")
    ),
    Scene("connection-files", _page("/c/blog-live/connection?tab=files", "Connection", "migrations")),
    Scene("connection-remove", _remove),
    Scene("migrations-empty", _empty),
    Scene("migrations-full", _full),
    Scene("migrations-flags", _flags),
    Scene("migrations-production", _production),
    Scene("migrations-unreachable", _unreachable),
    Scene("migrations-locked", _locked),
    Scene("migrations-chosen", _chosen),
    Scene("migrations-filtered", _filtered),
    Scene("migrations-picker", _picker),
    Scene("migrations-nothing-matches", _nothing_matches),
    Scene("migrations-row-menu", _row_menu),
    Scene("migrations-rename", _rename),
    Scene("migrations-delete", _delete),
    Scene("run-sheet", _sheet),
    Scene("run-sheet-losses", _sheet_with_losses),
    Scene("run-sheet-baseline", _baseline),
    Scene("run-sheet-production", _production_sheet),
    Scene("run-sheet-refused", _refused),
    Scene("run-failed", _failed),
    Scene("run-failed-log", _failed_log),
    Scene("run-running", _running),
    Scene("new-migration", _new),
    Scene("editor-pending", _editor),
    Scene("editor-applied", _editor_applied),
    Scene("editor-unsaved", _editor_unsaved),
    Scene("editor-leaving", _leaving),
    Scene("editor-completion", _completion),
    Scene("editor-file", _editor_file),
    Scene("editor-invalid", _editor_invalid),
    Scene("editor-edited", _editor_edited),
    Scene("editor-compare", _compare),
    Scene("editor-missing", _editor_missing),
    Scene("editor-conflict", _conflict),
    Scene("database-file", _page("/c/sample-shop/database?tab=file", "Database", "CREATE TABLE")),
    Scene("database-server", _page("/c/sample-shop/database", "Database", "SQLite")),
    Scene("database-unreachable", _page("/c/crm/database", "Database", "Try again")),
    Scene("settings-general", _page("/settings", "Settings", "Theme")),
    Scene("settings-editor", _page("/settings?section=editor", "Settings")),
    Scene("settings-safety", _page("/settings?section=safety", "Settings")),
    Scene("settings-tools", _page("/settings?section=tools", "Settings", "dbmate")),
    Scene("settings-about", _page("/settings?section=about", "Settings")),
    Scene("palette", _palette),
    Scene("keys", _keys),
    Scene("connection-switcher", _switcher),
    Scene("unlock", _unlock),
    Scene("no-such-connection", _page("/c/nothing/migrations", "No such connection")),
]


@contextmanager
def a_stage(toolkit: Toolkit, folder: Path) -> Iterator[Stage]:
    """A built stage. What its scenes left running is cancelled at the end."""
    stage = Stage(toolkit, folder)
    stage.build()
    try:
        yield stage
    finally:
        stage.cancel_runs()


from tests.ui import scenes_editor, scenes_insight, scenes_overview  # noqa: E402

SCENES += scenes_insight.SCENES
SCENES += scenes_overview.SCENES
SCENES += scenes_editor.SCENES
