-- title: Add a unique constraint
-- group: Constraints
-- description: Refuses a second row with the same values.
-- safe: Fails where there are duplicates: look for them first.
-- name: unique_{{columns}}_of_{{table}}
-- field table: table | Table
-- field columns: columns of table | Columns
-- field constraint: name of table = {{table}}_{{columns}}_key | Name of the constraint
-- example table: orders
-- example columns: ["id", "status"]

-- migrate:up
ALTER TABLE {{table}} ADD CONSTRAINT {{constraint}} UNIQUE ({{columns}});

-- migrate:down
ALTER TABLE {{table}} DROP INDEX {{constraint}};
