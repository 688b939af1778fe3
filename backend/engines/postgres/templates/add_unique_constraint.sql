-- title: Add a unique constraint
-- group: Constraints
-- description: Refuses a second row with the same values.
-- safe: Reading and writing stop while its index is made, and it fails where there are duplicates; the form in steps does not stop them.
-- name: unique_{{columns}}_of_{{table}}
-- field table: table | Table
-- field columns: columns of table | Columns
-- field constraint: name of table = {{table}}_{{columns}}_key | Name of the constraint
-- example table: orders
-- example columns: ["id", "status"]

-- migrate:up
ALTER TABLE {{table}} ADD CONSTRAINT {{constraint}} UNIQUE ({{columns}});

-- migrate:down
ALTER TABLE {{table}} DROP CONSTRAINT {{constraint}};
