-- title: Add a foreign key
-- group: Constraints
-- description: Makes rows refer to rows of another table.
-- safe: Both tables are locked against writing while all rows are checked; the form in steps does not. Index the columns, or deleting in the other table reads this one whole.
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

-- migrate:up
ALTER TABLE {{table}} ADD CONSTRAINT {{constraint}} FOREIGN KEY ({{columns}}) REFERENCES {{ref_table}} ({{ref_columns}}){{^on_delete=NO ACTION}} ON DELETE {{on_delete}}{{/on_delete}};

-- migrate:down
ALTER TABLE {{table}} DROP CONSTRAINT {{constraint}};
