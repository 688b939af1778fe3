-- title: Add a foreign key
-- group: Constraints
-- description: Makes rows refer to another table, by rebuilding the table.
-- safe: Made anew under its own name, with foreign keys off so that rows that refer to it stay, in one transaction of its own, and checked at the end.
-- name: fk_{{columns}}_of_{{table}}
-- field table: table | Table
-- field columns: columns of table | Columns
-- field ref_table: table | Refers to table
-- field ref_columns: columns of ref_table | Its columns
-- field constraint: name = {{table}}_{{columns}}_fk | Name of the constraint
-- field on_delete: choice(NO ACTION, RESTRICT, CASCADE, SET NULL) = NO ACTION | When the other row is deleted
-- example table: orders
-- example columns: ["id"]
-- example ref_table: customers
-- example ref_columns: ["id"]
-- example on_delete: CASCADE

-- migrate:up transaction:false
PRAGMA foreign_keys = OFF;
PRAGMA legacy_alter_table = ON;
BEGIN;
ALTER TABLE {{table}} RENAME TO {{table|old}};
{{#recreate table}}CONSTRAINT {{constraint}} FOREIGN KEY ({{columns}}) REFERENCES {{ref_table}} ({{ref_columns}}){{^on_delete=NO ACTION}} ON DELETE {{on_delete}}{{/on_delete}}{{/recreate}};
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
