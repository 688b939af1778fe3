-- title: Add a foreign key, in steps
-- group: Constraints
-- description: Makes rows refer to another table without stopping writes for long.
-- safe: NOT VALID checks only new rows and is quick; VALIDATE then reads the old ones while others write. Each in a transaction of its own.
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

-- file: add
-- migrate:up
ALTER TABLE {{table}} ADD CONSTRAINT {{constraint}} FOREIGN KEY ({{columns}}) REFERENCES {{ref_table}} ({{ref_columns}}){{^on_delete=NO ACTION}} ON DELETE {{on_delete}}{{/on_delete}} NOT VALID;

-- migrate:down
ALTER TABLE {{table}} DROP CONSTRAINT {{constraint}};

-- file: validate
-- migrate:up
ALTER TABLE {{table}} VALIDATE CONSTRAINT {{constraint}};

-- migrate:down
-- Back to not valid, as the step before left it.
ALTER TABLE {{table}} DROP CONSTRAINT {{constraint}};
ALTER TABLE {{table}} ADD CONSTRAINT {{constraint}} FOREIGN KEY ({{columns}}) REFERENCES {{ref_table}} ({{ref_columns}}){{^on_delete=NO ACTION}} ON DELETE {{on_delete}}{{/on_delete}} NOT VALID;
