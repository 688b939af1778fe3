# ruff: noqa: E501 (tables of cases)
"""The down of SQLite's statements: generated, run on SQLite, and the schema is as it was."""

from __future__ import annotations

import sqlite3

import pytest

from tests.kit import Toolkit
from tests.undo.bench import Bench, Case, parameters

SHOP = """
CREATE TABLE customers (id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE, name TEXT DEFAULT 'it''s; --', age INT);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INT REFERENCES customers (id) ON DELETE CASCADE, total NUM DEFAULT 0 CHECK (total >= 0), note TEXT);
CREATE INDEX orders_note ON orders (lower(note)) WHERE note IS NOT NULL;
CREATE INDEX orders_total ON orders (total);
CREATE VIEW rich AS SELECT id, email FROM customers WHERE id > 10;
CREATE TRIGGER touched AFTER UPDATE ON orders BEGIN UPDATE orders SET note = 'x;' WHERE id = NEW.id; SELECT 1; END;
CREATE TABLE loose (a INT, b INT, c TEXT NOT NULL DEFAULT 'c');
INSERT INTO customers (id, email, name) VALUES (1, 'a', 'Ada');
INSERT INTO orders (id, customer_id, total) VALUES (1, 1, 5);
"""
CASES = [
    Case("create_table", "CREATE TABLE items (id INTEGER PRIMARY KEY, name TEXT); CREATE INDEX items_name ON items (name); ALTER TABLE items ADD COLUMN n INT;", lacks=("INDEX", "COLUMN")),
    Case("create_quoted", 'CREATE TABLE "select ""x"" ; --" (id int); CREATE TABLE [a b] (x);', holds=('DROP TABLE "select ""x"" ; --";',)),
    Case("create_and_rename", "CREATE TABLE a (x int); ALTER TABLE a RENAME TO b;", holds=("DROP TABLE b;",)),
    Case("create_and_drop", "CREATE TABLE a (x int); DROP TABLE a;"),
    Case("create_objects", "CREATE UNIQUE INDEX i ON loose (a); CREATE VIEW v AS SELECT a FROM loose; CREATE TRIGGER t AFTER INSERT ON loose BEGIN DELETE FROM loose WHERE a = 1; END;\n"
         "CREATE VIRTUAL TABLE docs USING fts5(body);"),
    Case("create_if_not_exists", "CREATE TABLE IF NOT EXISTS loose (z); CREATE INDEX IF NOT EXISTS orders_total ON orders (id); CREATE TABLE IF NOT EXISTS fresh (z);", lacks=("loose", "orders_total")),
    Case("add_columns", "ALTER TABLE customers ADD COLUMN phone TEXT; ALTER TABLE orders ADD x INT REFERENCES customers (id); UPDATE customers SET phone = 'x'; CREATE INDEX by_phone ON customers (phone);"),
    Case("drop_last_column", "ALTER TABLE customers DROP COLUMN age;", holds=("ALTER TABLE customers ADD COLUMN age INT;",)),
    Case("drop_middle_column", "ALTER TABLE customers DROP COLUMN name;", holds=("PRAGMA foreign_keys = OFF;",)),
    Case("drop_column_with_index", "DROP INDEX orders_total; ALTER TABLE orders DROP COLUMN total;"),
    Case("drop_two_columns", "ALTER TABLE loose DROP COLUMN a; ALTER TABLE loose RENAME COLUMN b TO bb; ALTER TABLE loose ADD COLUMN d INT; ALTER TABLE loose DROP COLUMN bb;"),
    Case("drop_required_column", "ALTER TABLE needed DROP COLUMN b;", seed="CREATE TABLE needed (a INT, b INT NOT NULL);", says="is NOT NULL without a default", leaves=("table needed", "column needed.b")),
    Case("drop_table", "DROP TABLE orders;", holds=("The rows of orders do not come back",)),
    Case("drop_tables", "DROP VIEW rich; DROP TABLE orders; DROP TABLE customers; DROP TABLE IF EXISTS nope;"),
    Case("drop_objects", "DROP VIEW rich; DROP TRIGGER touched; DROP INDEX orders_note; DROP INDEX IF EXISTS nope;"),
    Case("rename_all", "ALTER TABLE orders RENAME TO purchases; ALTER TABLE purchases RENAME COLUMN note TO remark; ALTER TABLE loose RENAME a TO aa;"),
    Case("rename_then_drop", "ALTER TABLE orders RENAME TO purchases; DROP INDEX orders_total; DROP TRIGGER touched;"),
    Case("rebuild", "DROP TRIGGER touched; CREATE TABLE orders_new (id INTEGER PRIMARY KEY, customer_id INT, total NUM NOT NULL, note TEXT, more TEXT);\n"
         "INSERT INTO orders_new (id, customer_id, total, note) SELECT id, customer_id, total, note FROM orders;\n"
         "DROP TABLE orders; ALTER TABLE orders_new RENAME TO orders; CREATE INDEX orders_total ON orders (total);",
         holds=("INSERT INTO orders (id, customer_id, total, note) SELECT id, customer_id, total, note FROM orders_new",)),
    Case("rebuild_the_other_way", "ALTER TABLE loose RENAME TO loose_old; CREATE TABLE loose (a INT, b INT, c TEXT, d INT); INSERT INTO loose (a, b, c) SELECT a, b, c FROM loose_old; DROP TABLE loose_old;",
         holds=("INSERT INTO loose (a, b, c) SELECT a, b, c FROM loose_undone",)),
    Case("swap_columns", "ALTER TABLE loose ADD COLUMN a2 TEXT; UPDATE loose SET a2 = a; ALTER TABLE loose DROP COLUMN a; ALTER TABLE loose RENAME COLUMN a2 TO a;"),
    Case("pragmas", "PRAGMA user_version = 7; PRAGMA application_id = 3; PRAGMA foreign_keys = on;", seed="PRAGMA user_version = 2;", holds=("PRAGMA user_version = 2;",)),
    Case("rows_by_key", "INSERT INTO customers (id, email) VALUES (7, 'it''s'), (8, 'b'); INSERT INTO customers VALUES (9, 'q;--', NULL, -1);",
         holds=("DELETE FROM customers WHERE id IN (7, 8);", "DELETE FROM customers WHERE id = 9;")),
    Case("rows_lost", "UPDATE customers SET name = 'x'; DELETE FROM loose; INSERT OR IGNORE INTO customers (id, email) VALUES (1, 'z'); INSERT INTO loose (a) VALUES (1);", says="No key of the table"),
    Case("traps", "-- ALTER TABLE customers DROP COLUMN email;\n/* DROP TABLE customers; */\nCREATE -- TABLE nope\n TABLE /* x */ \"a;b\"\n(\n t TEXT DEFAULT 'DROP TABLE orders; --'\n)\n;",
         holds=('DROP TABLE "a;b";',)),
]  # fmt: skip


@pytest.mark.parametrize("case", parameters(CASES))
def test_the_down_brings_the_schema_back(toolkit: Toolkit, sqlite_url: str, case: Case) -> None:
    Bench(toolkit, sqlite_url, SHOP).check(case)


def test_a_rebuild_keeps_the_rows_and_those_that_refer_to_them(toolkit: Toolkit, sqlite_url: str) -> None:
    bench = Bench(toolkit, sqlite_url + "?_foreign_keys=on", SHOP)
    bench.check(Case("rebuild", "ALTER TABLE customers DROP COLUMN name;"))
    with sqlite3.connect(sqlite_url.removeprefix("sqlite:")) as file:
        assert file.execute("SELECT id, email, name FROM customers").fetchall() == [(1, "a", "it's; --")]
        assert file.execute("SELECT id, customer_id FROM orders").fetchall() == [(1, 1)]
    file.close()
