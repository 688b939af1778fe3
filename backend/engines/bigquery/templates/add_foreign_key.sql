-- title: Add a foreign key
-- group: Constraints
-- description: Tells the optimizer that rows refer to another table; BigQuery does not check it.
-- safe: Queries believe it: rows that break it give wrong answers.
-- name: fk_{{columns}}_of_{{table}}
-- field table: table | Table
-- field columns: columns of table | Columns
-- field ref_table: table | Refers to table
-- field ref_columns: columns of ref_table | Its columns
-- field constraint: name = {{table}}_{{columns}}_fk | Name of the constraint
-- example table: orders
-- example columns: ["id"]
-- example ref_table: customers
-- example ref_columns: ["id"]

-- migrate:up
ALTER TABLE {{table}} ADD CONSTRAINT {{constraint}} FOREIGN KEY ({{columns}}) REFERENCES {{ref_table}} ({{ref_columns}}) NOT ENFORCED;

-- migrate:down
ALTER TABLE {{table}} DROP CONSTRAINT {{constraint}};
