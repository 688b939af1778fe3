-- title: Add a unique constraint
-- group: Constraints
-- description: Refuses a second row with the same values, by rebuilding the table.
-- safe: Made anew under its own name, with foreign keys off so that rows that refer to it stay, in one transaction of its own, and checked at the end.
-- name: unique_{{columns}}_of_{{table}}
-- field table: table | Table
-- field columns: columns of table | Columns
-- field constraint: name of table = {{table}}_{{columns}}_key | Name of the constraint
-- example table: orders
-- example columns: ["id", "status"]

-- migrate:up transaction:false
PRAGMA foreign_keys = OFF;
PRAGMA legacy_alter_table = ON;
BEGIN;
ALTER TABLE {{table}} RENAME TO {{table|old}};
{{#recreate table}}CONSTRAINT {{constraint}} UNIQUE ({{columns}}){{/recreate}};
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
