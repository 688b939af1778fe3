-- title: Rebuild a table
-- group: Tables
-- description: Makes a table anew with the columns given, keeping the rows: for what ALTER TABLE cannot do.
-- safe: Made anew under its own name, with foreign keys off so that rows that refer to it stay, in one transaction of its own, and checked at the end. Columns that are left out lose what they hold.
-- destructive: yes
-- name: rebuild_{{table}}
-- field table: table | Table
-- field columns: column-list | Columns it shall have
-- field constraints: expression, optional | Table constraints | For example UNIQUE (a, b)
-- field keep: columns of table | Columns to copy | Those the old and the new table both have
-- example table: customers
-- example columns: [{"name": "id", "type": "INTEGER", "primary_key": true}, {"name": "email", "type": "TEXT"}, {"name": "total", "type": "INTEGER", "nullable": false, "default": "0"}, {"name": "extra", "type": "TEXT"}]
-- example keep: ["id", "email", "total"]
-- example constraints: CHECK (total >= 0)

-- migrate:up transaction:false
PRAGMA foreign_keys = OFF;
PRAGMA legacy_alter_table = ON;
BEGIN;
ALTER TABLE {{table}} RENAME TO {{table|old}};
CREATE TABLE {{table}} (
    {{columns}}{{#constraints}},
    {{constraints}}{{/constraints}}
);
INSERT INTO {{table}} ({{keep}}) SELECT {{keep}} FROM {{table|old}};
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
INSERT INTO {{table}} ({{keep}}) SELECT {{keep}} FROM {{table|old}};
DROP TABLE {{table|old}};
{{table|indexes}}
-- Fails, and so undoes everything, where a foreign key now points nowhere.
CREATE TEMP TABLE broken_references (number INTEGER CHECK (number = 0));
INSERT INTO broken_references SELECT count(*) FROM pragma_foreign_key_check;
DROP TABLE broken_references;
COMMIT;
PRAGMA legacy_alter_table = OFF;
