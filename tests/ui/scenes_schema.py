"""Scenes of the Schema page's Diff tab: before anything, full, generated, renames, equal, failing, drift."""

from __future__ import annotations

import re
import sqlite3

from playwright.sync_api import expect

from tests.ui.scenes import Scene, Stage
from tests.ui.user import User

OLD = """\
CREATE TABLE users (id INTEGER PRIMARY KEY, mail TEXT NOT NULL, age INT);
CREATE TABLE legacy (id INTEGER PRIMARY KEY);
CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id INT REFERENCES users (id), total REAL NOT NULL DEFAULT 0);
CREATE INDEX by_user ON orders (user_id);
CREATE VIEW rich AS SELECT user_id FROM orders WHERE total > 100;
"""
NEW = """\
CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT NOT NULL, age INT NOT NULL DEFAULT 0);
CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id INT REFERENCES users (id), total REAL NOT NULL DEFAULT 0);
CREATE TABLE payments (
    id INTEGER PRIMARY KEY,
    order_id INT NOT NULL REFERENCES orders (id),
    paid_at TEXT
);
CREATE INDEX by_user ON orders (user_id, total);
CREATE VIEW rich AS SELECT user_id, total FROM orders WHERE total > 1000;
CREATE TRIGGER counted AFTER INSERT ON payments BEGIN UPDATE users SET age = age + 1 WHERE id = 1; END;
"""


def compares_files(user: User, stage: Stage, old: str, new: str, connection: str = "empty") -> None:
    """Both sides are files of these texts."""
    for name, text in (("old", old), ("new", new)):
        (stage.folder / f"{name}.sql").write_text(text)
    user.open(f"/c/{connection}/schema")
    for side, name in (("From", "old"), ("To", "new")):
        picks(user, side, "A file or dump")
        user.page.get_by_label(f"{side}: path").fill(str(stage.folder / f"{name}.sql"))
    user.press("Compare")


def picks(user: User, side: str, kind: str) -> None:
    user.page.get_by_role("combobox", name=side, exact=True).click()
    user.page.get_by_role("option", name=kind, exact=True).click()


def _changes(user: User, stage: Stage) -> None:
    compares_files(user, stage, OLD, NEW)
    tree = user.page.get_by_role("tree", name="Changes")
    tree.get_by_role("treeitem", name=re.compile("^Changed users|users")).first.click()
    expect(user.page.get_by_role("code").first).to_be_visible()


def _generated(user: User, stage: Stage) -> None:
    _changes(user, stage)
    user.press("Two separate changes")
    user.press("Generate migration")
    user.sees("Proven both ways, rows kept")
    expect(user.shown("Up")).to_be_visible()


def _edited(user: User, stage: Stage) -> None:
    _generated(user, stage)
    user.writes("Down", "SELECT 1;")
    user.press("Prove again")
    user.sees("Proven up, not down")


def _equal(user: User, stage: Stage) -> None:
    compares_files(
        user, stage, OLD, OLD.replace("CREATE TABLE legacy", "CREATE TABLE  legacy").replace("  ", " ")
    )
    user.sees("The two schemas are equal")


def _failing(user: User, stage: Stage) -> None:
    compares_files(user, stage, OLD, "CREATE TABLE broken (id INTEGER,,);")
    user.sees("new.sql, line 1")


def _empty(user: User, stage: Stage) -> None:
    user.open("/c/sample-shop/schema")
    user.sees("Compare two schemas")
    user.sees("It was never checked.")


def _drift(user: User, stage: Stage) -> None:
    shop = stage.shops["blog staging"]
    if not shop.status()["migrations"]:
        shop.new("create posts", "CREATE TABLE posts (id INTEGER, title TEXT);", "DROP TABLE posts;")
        shop.up()
        with sqlite3.connect(shop.connection["url"].removeprefix("sqlite:")) as database:
            database.execute("ALTER TABLE posts ADD COLUMN body TEXT")
            database.execute("CREATE INDEX by_title ON posts (title)")
    user.open(f"/c/{shop.id}/schema")
    user.press("Check for drift")
    user.sees("Drift: 2 objects")


def _drift_dashboard(user: User, stage: Stage) -> None:
    _drift(user, stage)
    user.open("/c/blog-staging/dashboard")
    user.sees("2 objects differ from what the applied migrations make.")


def _wizard(user: User, stage: Stage) -> None:
    user.open("/c/orders/new?template=@diff")
    expect(user.button("Use this migration").or_(user.button("Compare"))).to_be_visible()
    for name, text in (("old", OLD), ("new", NEW)):
        (stage.folder / f"{name}.sql").write_text(text)
    for side, name in (("From", "old"), ("To", "new")):
        picks(user, side, "A file or dump")
        user.page.get_by_label(f"{side}: path").fill(str(stage.folder / f"{name}.sql"))
    user.press("Compare")
    user.press("Generate migration")
    user.press("Use this migration")
    expect(user.shown("Up")).to_be_visible()


def _drift_settled(user: User, stage: Stage) -> None:
    _drift(user, stage)
    user.press("Generate migration")
    user.press("Settle the drift")
    expect(user.page.get_by_role("menuitem", name=re.compile("^Keep the change"))).to_be_visible()


def _large(user: User, stage: Stage) -> None:
    old = "\n".join(f"CREATE TABLE t{n:04} (id INTEGER PRIMARY KEY, a TEXT, b INT);" for n in range(1000))
    new = "\n".join(
        f"CREATE TABLE t{n:04} (id INTEGER PRIMARY KEY, a TEXT NOT NULL DEFAULT '', b INT);\n"
        f"CREATE INDEX i{n:04} ON t{n:04} (b);"
        for n in range(1000)
    )
    compares_files(user, stage, old, new)
    user.sees("1,000")
    user.page.get_by_role("tree", name="Changes").press("End")
    expect(user.page.get_by_role("treeitem", name="i0999")).to_be_visible()


def _unreachable(user: User, stage: Stage) -> None:
    user.open("/c/crm/schema")
    user.press("crm with schema.sql")
    expect(user.page.get_by_role("alert")).to_be_visible()


SCENES: list[Scene] = [
    Scene("schema-diff-empty", _empty),
    Scene("schema-diff-changes", _changes),
    Scene("schema-diff-migration", _generated),
    Scene("schema-diff-edited", _edited),
    Scene("schema-diff-equal", _equal),
    Scene("schema-diff-failing", _failing),
    Scene("schema-diff-unreachable", _unreachable),
    Scene("schema-diff-large", _large),
    Scene("schema-diff-wizard", _wizard),
    Scene("schema-drift", _drift),
    Scene("schema-drift-dashboard", _drift_dashboard),
    Scene("schema-drift-settle", _drift_settled),
]

__all__ = ["SCENES", "compares_files", "picks"]
