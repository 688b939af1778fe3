-- title: Drop a foreign key
-- group: Constraints
-- description: Takes a named foreign key out of a table, by rebuilding it.
-- safe: Made anew under its own name, with foreign keys off so that rows that refer to it stay, in one transaction of its own, and checked at the end.
-- name: drop_fk_{{constraint}}
-- field table: table | Table
-- field constraint: name of table | Name of the constraint
-- example table: orders
-- example constraint: orders_customer_fk

-- migrate:up transaction:false
PRAGMA foreign_keys = OFF;
PRAGMA legacy_alter_table = ON;
BEGIN;
ALTER TABLE {{table}} RENAME TO {{table|old}};
{{#recreate table}}CONSTRAINT {{constraint}}{{/recreate}};
INSERT INTO {{table}} ({{table|columns}}) SELECT {{table|columns}} FROM {{table|old}};
DROP TABLE {{table|old}};
{{table|indexes}}
-- Fails, and so undoes everything, where a foreign key now points nowhere.
CREATE TEMP TABLE broken_references (number INTEGER CHECK (number = 0));
INSERT INTO broken_references SELECT count(*) FROM pragma_foreign_key_check;
DROP TABLE broken_references;
COMMIT;
PRAGMA legacy_alter_table = OFF;

-- migrate:down transaction:false
PRAGMA foreign_keys = OFF;
PRAGMA legacy_alter_table = ON;
BEGIN;
ALTER TABLE {{table}} RENAME TO {{table|old}};
{{table|table}}
INSERT INTO {{table}} ({{table|columns}}) SELECT {{table|columns}} FROM {{table|old}};
DROP TABLE {{table|old}};
{{table|indexes}}
-- Fails, and so undoes everything, where a foreign key now points nowhere.
CREATE TEMP TABLE broken_references (number INTEGER CHECK (number = 0));
INSERT INTO broken_references SELECT count(*) FROM pragma_foreign_key_check;
DROP TABLE broken_references;
COMMIT;
PRAGMA legacy_alter_table = OFF;
