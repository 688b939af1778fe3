# ruff: noqa: E501 (tables of cases)
"""The down of MariaDB's statements: generated, run on MariaDB, and the schema is as it was."""

from __future__ import annotations

import pytest

from tests.kit import Toolkit
from tests.undo.bench import Bench, Case, parameters

SHOP = """
CREATE TABLE customers (id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY, email varchar(80) NOT NULL, name varchar(40) DEFAULT 'it''s; --' COMMENT 'who',
  kind enum('a','b') NOT NULL DEFAULT 'a', born date, UNIQUE KEY customers_email (email), KEY name_kind (name, kind)) COMMENT='ours';
CREATE TABLE orders (id int NOT NULL PRIMARY KEY, customer_id bigint NOT NULL, total decimal(10,2) DEFAULT 0, note text, n int DEFAULT 3,
  CONSTRAINT orders_customer FOREIGN KEY (customer_id) REFERENCES customers (id) ON DELETE CASCADE, CONSTRAINT positive CHECK (total >= 0), KEY by_n (n));
CREATE TABLE loose (a int, b int, c varchar(10) CHARACTER SET latin1);
CREATE TABLE parts (id int) PARTITION BY RANGE (id) (PARTITION p1 VALUES LESS THAN (100));
CREATE VIEW rich AS SELECT id, email FROM customers WHERE id > 10;
CREATE TRIGGER touched BEFORE UPDATE ON orders FOR EACH ROW BEGIN SET NEW.n = 1; SET NEW.note = 'x;'; END;
CREATE PROCEDURE p(a int) BEGIN SELECT a; SELECT 2; END;
CREATE FUNCTION f(a int) RETURNS int DETERMINISTIC RETURN a + 1;
INSERT INTO customers (id, email) VALUES (1, 'a');
"""
CASES = [
    Case("create_table", "CREATE TABLE items (id int PRIMARY KEY, name varchar(9), KEY k (name)); CREATE INDEX n ON items (name); ALTER TABLE items ADD x int;", lacks=("INDEX", "COLUMN")),
    Case("create_quoted", "CREATE TABLE `select ``x`` ; --` (id int);", holds=("DROP TABLE `select ``x`` ; --`;",)),
    Case("create_and_rename", "CREATE TABLE a (x int); RENAME TABLE a TO b; ALTER TABLE b RENAME c;", holds=("DROP TABLE c;",)),
    Case("create_indexes", "CREATE UNIQUE INDEX i ON loose (a); ALTER TABLE loose ADD INDEX (b), ADD KEY (b, a), ADD FULLTEXT ft (c);"),
    Case("create_objects", "CREATE VIEW v AS SELECT 1 AS a; CREATE TRIGGER t2 AFTER INSERT ON loose FOR EACH ROW BEGIN SET @x = 1; SET @y = 2; END;\n"
         "CREATE PROCEDURE q() SELECT 1; CREATE FUNCTION g() RETURNS int DETERMINISTIC RETURN 1; CREATE SEQUENCE s START WITH 5; CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO SET @a = 1;"),
    Case("replace_view", "CREATE OR REPLACE VIEW rich AS SELECT 1 AS one;"),
    Case("replace_procedure", "CREATE OR REPLACE PROCEDURE p(a int) SELECT 3;"),
    Case("create_if_not_exists", "CREATE TABLE IF NOT EXISTS loose (z int); CREATE TABLE IF NOT EXISTS fresh (z int);", lacks=("DROP TABLE loose",), holds=("DROP TABLE fresh;",)),
    Case("add_columns", "ALTER TABLE customers ADD COLUMN age int, ADD COLUMN (x int, y int), ADD z varchar(3) AFTER id; UPDATE customers SET age = 1;"),
    Case("add_constraints", "ALTER TABLE loose ADD PRIMARY KEY (a), ADD CONSTRAINT u UNIQUE (b), ADD CONSTRAINT c1 CHECK (a > 0); ALTER TABLE loose ADD CONSTRAINT u2 UNIQUE KEY (a, b);"),
    Case("add_foreign_keys", "ALTER TABLE loose MODIFY a bigint; ALTER TABLE loose ADD CONSTRAINT fk FOREIGN KEY (a) REFERENCES customers (id);"),
    Case("add_foreign_key_unnamed", "ALTER TABLE far ADD FOREIGN KEY (a) REFERENCES customers (id);", seed="CREATE TABLE far (a bigint);"),
    Case("add_foreign_key_with_index", "ALTER TABLE far ADD FOREIGN KEY fk (a) REFERENCES customers (id);", seed="CREATE TABLE far (a bigint, KEY a_too (a));"),
    Case("drop_columns", "ALTER TABLE customers DROP COLUMN name, DROP born; ALTER TABLE loose DROP a;", holds=("The values of customers.name do not come back",)),
    Case("drop_indexed_column", "ALTER TABLE orders DROP COLUMN n;"),
    Case("drop_index_then_column", "DROP INDEX by_n ON orders; ALTER TABLE orders DROP COLUMN n;"),
    Case("drop_table", "DROP TABLE orders;", holds=("The rows of orders do not come back",)),
    Case("drop_tables", "DROP VIEW rich; DROP TABLE orders, customers;"),
    Case("drop_objects", "DROP VIEW rich; DROP TRIGGER touched; DROP PROCEDURE p; DROP FUNCTION IF EXISTS f; DROP TABLE IF EXISTS nothing;"),
    Case("drop_indexes_and_keys", "ALTER TABLE customers DROP INDEX customers_email, DROP KEY name_kind; ALTER TABLE orders DROP FOREIGN KEY orders_customer, DROP CONSTRAINT positive, DROP PRIMARY KEY;"),
    Case("replace_constraint", "ALTER TABLE orders DROP CONSTRAINT positive; ALTER TABLE orders ADD CONSTRAINT positive CHECK (total > 1);"),
    Case("rename_all", "RENAME TABLE orders TO purchases, loose TO tight; ALTER TABLE purchases RENAME COLUMN note TO remark, RENAME INDEX by_n TO on_n; ALTER TABLE tight RENAME TO tighter;"),
    Case("rename_then_alter", "ALTER TABLE orders RENAME TO purchases; ALTER TABLE purchases DROP KEY by_n, MODIFY n bigint NOT NULL;"),
    Case("modify_and_change", "ALTER TABLE customers MODIFY name varchar(50) NOT NULL, MODIFY kind enum('a','b','c') FIRST; ALTER TABLE loose CHANGE a aa bigint NOT NULL DEFAULT 4, MODIFY c text;\n"
         "ALTER TABLE orders ALTER COLUMN total SET DEFAULT 5, ALTER n DROP DEFAULT;"),
    Case("table_options", "ALTER TABLE customers COMMENT = 'theirs'; ALTER TABLE loose ROW_FORMAT=COMPRESSED; ALTER TABLE orders CONVERT TO CHARACTER SET latin1;", leaves=()),
    Case("partitions", "ALTER TABLE parts ADD PARTITION (PARTITION p2 VALUES LESS THAN (200), PARTITION p3 VALUES LESS THAN MAXVALUE);"),
    Case("swap_table", "CREATE TABLE loose_new (a int, b int, d int); INSERT INTO loose_new (a, b) SELECT a, b FROM loose; DROP TABLE loose; RENAME TABLE loose_new TO loose;",
         holds=("INSERT INTO loose (a, b) SELECT a, b FROM loose_new",)),
    Case("rows_by_key", "INSERT INTO customers (id, email) VALUES (7, 'it''s'), (8, \"b\"); INSERT INTO customers (email) VALUES ('q;--');",
         holds=("DELETE FROM customers WHERE id IN (7, 8);", "DELETE FROM customers WHERE email = 'q;--';")),
    Case("rows_lost", "UPDATE customers SET name = 'x'; DELETE FROM loose; TRUNCATE TABLE loose; REPLACE INTO customers (id, email) VALUES (1, 'z');", says="It may have met rows"),
    Case("traps", "# ALTER TABLE customers DROP COLUMN email;\n/* DROP TABLE customers; */\nCREATE -- TABLE nope\n TABLE /* x */ `a;b`\n(\n t varchar(40) DEFAULT \"DROP TABLE orders; #\"\n)\n;",
         holds=("DROP TABLE `a;b`;",)),
]  # fmt: skip


@pytest.mark.parametrize("case", parameters(CASES))
def test_the_down_brings_the_schema_back(toolkit: Toolkit, mysql_url: str, case: Case) -> None:
    Bench(toolkit, mysql_url, SHOP).check(case)
