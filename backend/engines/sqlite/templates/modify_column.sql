-- title: Change a column
-- group: Columns
-- description: Changes type, emptiness and default of a column, by rebuilding the table.
-- safe: Made anew under its own name, with foreign keys off so that rows that refer to it stay, in one transaction of its own, and checked at the end.
-- name: change_{{column}}_of_{{table}}
-- field table: table | Table
-- field column: column of table | Column
-- field type: type | New type
-- field required: boolean = false | Never empty (NOT NULL)
-- field default: expression, optional | Default | An expression, such as 0 or 'new'
-- example table: orders
-- example column: total
-- example type: NUMERIC
-- example required: true
-- example default: 0

-- migrate:up transaction:false
PRAGMA foreign_keys = OFF;
PRAGMA legacy_alter_table = ON;
BEGIN;
ALTER TABLE {{table}} RENAME TO {{table|old}};
{{#recreate table}}{{column}} {{type}}{{#required}} NOT NULL{{/required}}{{#default}} DEFAULT {{default}}{{/default}}{{/recreate}};
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
