"""The diagram, the tables and the documentation in every state worth looking at."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

from playwright.sync_api import Locator, expect

from tests.kit import Shop
from tests.schema import many_tables
from tests.ui.scenes import Scene, Stage
from tests.ui.user import User

SHOP = """
CREATE TABLE countries (code TEXT PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE customers (id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE, name TEXT, country TEXT REFERENCES countries, created_at TEXT DEFAULT CURRENT_TIMESTAMP);
CREATE TABLE addresses (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers ON DELETE CASCADE, street TEXT, city TEXT, country TEXT NOT NULL REFERENCES countries);
CREATE TABLE categories (id INTEGER PRIMARY KEY, name TEXT NOT NULL, parent_id INTEGER REFERENCES categories);
CREATE TABLE products (id INTEGER PRIMARY KEY, sku TEXT NOT NULL UNIQUE, title TEXT NOT NULL, price_cents INTEGER NOT NULL CHECK (price_cents >= 0), category_id INTEGER REFERENCES categories);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers, ships_to INTEGER REFERENCES addresses, placed_at TEXT NOT NULL, state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'paid', 'sent')));
CREATE TABLE order_items (order_id INTEGER NOT NULL REFERENCES orders ON DELETE CASCADE, product_id INTEGER NOT NULL REFERENCES products ON DELETE RESTRICT, quantity INTEGER NOT NULL DEFAULT 1, PRIMARY KEY (order_id, product_id)) WITHOUT ROWID;
CREATE TABLE payments (id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL UNIQUE REFERENCES orders, amount_cents INTEGER NOT NULL, paid_at TEXT);
CREATE TABLE reviews (id INTEGER PRIMARY KEY, product_id INTEGER NOT NULL REFERENCES products, customer_id INTEGER REFERENCES customers ON DELETE SET NULL, stars INTEGER NOT NULL CHECK (stars BETWEEN 1 AND 5), body TEXT);
CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT);
CREATE INDEX orders_open ON orders (customer_id, placed_at DESC) WHERE state = 'open';
CREATE INDEX products_by_title ON products (lower(title));
CREATE VIEW order_totals AS SELECT o.id, sum(p.price_cents * i.quantity) AS cents FROM orders o JOIN order_items i ON i.order_id = o.id JOIN products p ON p.id = i.product_id GROUP BY o.id;
CREATE TRIGGER order_placed AFTER INSERT ON orders BEGIN UPDATE customers SET name = name WHERE id = NEW.customer_id; END;
"""


def ten_tables(stage: Stage) -> Shop:
    """A shop of ten tables and a view, made by one migration."""
    if "ten tables" not in stage.shops:
        shop = stage.toolkit.connect(f"sqlite:{(stage.folder / 'ten.db').as_posix()}", "ten tables")
        shop.write("20260101000000_create_the_shop.sql", f"-- migrate:up\n{SHOP}\n-- migrate:down\n")
        shop.up()
        stage.shops["ten tables"] = shop
    return stage.shops["ten tables"]


def many(stage: Stage, tables: int = 1000) -> Shop:
    name = f"{tables} tables"
    if name not in stage.shops:
        file = stage.folder / f"many{tables}.db"
        many_tables.write(file, tables)
        stage.shops[name] = stage.toolkit.connect(f"sqlite:{file.as_posix()}", name)
    return stage.shops[name]


def _hostile(stage: Stage) -> Shop:
    if "hostile" not in stage.shops:
        file = Path(stage.folder) / "hostile.db"
        with sqlite3.connect(file) as connection:
            connection.executescript(
                'CREATE TABLE "<img src=x onerror=alert(1)>" (id INTEGER PRIMARY KEY, "a.b `|""c" TEXT);'
                'CREATE TABLE "a.very.long.name.with.dots.that.goes.on.and.on.and.on" (x INTEGER REFERENCES '
                '"<img src=x onerror=alert(1)>" (id), "🙂 \\ [x](y)" TEXT DEFAULT \'</script><script>alert(2)</script>\');'
            )
        connection.close()
        stage.shops["hostile"] = stage.toolkit.connect(f"sqlite:{file.as_posix()}", "hostile")
    return stage.shops["hostile"]


def opens(user: User, shop: str, tab: str, more: str = "") -> None:
    user.open(f"/c/{shop}/schema?tab={tab}{more}")
    expect(user.page.get_by_role("heading", name="Schema", level=1)).to_be_visible()


def box(user: User, name: str) -> Locator:
    """A table on the canvas."""
    return user.page.get_by_role("application").get_by_role(
        "group", name=re.compile(rf"^\w[\w ]* {re.escape(name)}$")
    )


def draws(user: User, told: str) -> None:
    """The layout is done, and the tables are on the canvas."""
    expect(user.page.get_by_text(told).first).to_be_visible()
    expect(user.page.locator(".react-flow__node").first).to_be_visible()


def _ten(user: User, stage: Stage) -> None:
    opens(user, ten_tables(stage).id, "diagram")
    draws(user, "11 tables, 12 relations")


def _chosen(user: User, stage: Stage) -> None:
    opens(user, ten_tables(stage).id, "diagram", "&table=orders")
    draws(user, "11 tables, 12 relations")
    expect(user.page.get_by_role("complementary", name="Details of orders")).to_contain_text("orders_open")


def _lit(user: User, stage: Stage) -> None:
    _ten(user, stage)
    user.page.locator(".react-flow__node[data-id='orders']").hover()


def _thousand(user: User, stage: Stage) -> None:
    opens(user, many(stage).id, "diagram")
    draws(user, "40 tables of 1,000, around table_0000")


def _hundreds(user: User, stage: Stage) -> None:
    opens(user, many(stage).id, "diagram", "&show=table_0000&depth=9")
    draws(user, "300 tables of 1,000")


def _surroundings(user: User, stage: Stage) -> None:
    opens(user, many(stage).id, "diagram", "&show=table_0100&depth=2&table=table_0100")
    draws(user, "tables of 1,000")
    expect(user.page.get_by_role("complementary", name="Details of table_0100")).to_contain_text("column_0")


def _empty(tab: str, said: str):  # type: ignore[no-untyped-def]
    def show(user: User, stage: Stage) -> None:
        opens(user, "empty", tab)
        user.sees(said)

    return show


def _unreachable(tab: str):  # type: ignore[no-untyped-def]
    def show(user: User, stage: Stage) -> None:
        opens(user, "crm", tab)
        expect(user.button("Try again")).to_be_visible()

    return show


def _tables(user: User, stage: Stage) -> None:
    opens(user, ten_tables(stage).id, "tables", "&table=orders")
    expect(user.page.get_by_role("region", name="Pointed at by")).to_contain_text("order_items")
    user.sees("Created by")


def _statements(user: User, stage: Stage) -> None:
    _tables(user, stage)
    user.press("Show the statements")
    expect(user.page.get_by_role("region", name="Statements of the table")).to_contain_text(
        "CREATE TABLE orders"
    )


def _thousand_tables(user: User, stage: Stage) -> None:
    opens(user, many(stage).id, "tables", "&table=table_0500")
    user.sees("Columns")


def _docs(user: User, stage: Stage) -> None:
    opens(user, ten_tables(stage).id, "docs")
    expect(user.page.frame_locator("iframe").get_by_role("heading", name="ten tables")).to_be_visible()


def _docs_hostile(user: User, stage: Stage) -> None:
    opens(user, _hostile(stage).id, "docs")
    expect(user.page.frame_locator("iframe").get_by_role("heading", name="hostile")).to_be_visible()


def _diagram_hostile(user: User, stage: Stage) -> None:
    opens(user, _hostile(stage).id, "diagram")
    draws(user, "2 tables, 1 relation")


def _docs_markdown(user: User, stage: Stage) -> None:
    opens(user, ten_tables(stage).id, "docs")
    user.page.get_by_text("Markdown", exact=True).click()
    expect(user.page.get_by_role("region", name="Documentation as Markdown")).to_contain_text("erDiagram")


SCENES = [
    Scene("schema-diagram-ten", _ten),
    Scene("schema-diagram-chosen", _chosen),
    Scene("schema-diagram-lit", _lit),
    Scene("schema-diagram-thousand", _thousand),
    Scene("schema-diagram-hundreds", _hundreds),
    Scene("schema-diagram-surroundings", _surroundings),
    Scene("schema-diagram-empty", _empty("diagram", "Nothing to draw yet")),
    Scene("schema-diagram-unreachable", _unreachable("diagram")),
    Scene("schema-diagram-hostile", _diagram_hostile),
    Scene("schema-tables-ten", _tables),
    Scene("schema-tables-statements", _statements),
    Scene("schema-tables-thousand", _thousand_tables),
    Scene("schema-tables-empty", _empty("tables", "No tables yet")),
    Scene("schema-tables-unreachable", _unreachable("tables")),
    Scene("schema-docs-ten", _docs),
    Scene("schema-docs-markdown", _docs_markdown),
    Scene("schema-docs-hostile", _docs_hostile),
    Scene("schema-docs-empty", _empty("docs", "0 tables")),
]
