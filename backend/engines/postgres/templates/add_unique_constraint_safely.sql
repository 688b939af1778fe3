-- title: Add a unique constraint, in steps
-- group: Constraints
-- description: Refuses a second row with the same values, without stopping writes.
-- safe: A unique index made concurrently, then a constraint that takes it over at once.
-- name: unique_{{columns}}_of_{{table}}
-- field table: table | Table
-- field columns: columns of table | Columns
-- field constraint: name of table = {{table}}_{{columns}}_key | Name of the constraint
-- example table: orders
-- example columns: ["id", "status"]

-- file: index
-- migrate:up transaction:false
CREATE UNIQUE INDEX CONCURRENTLY {{constraint}} ON {{table}} ({{columns}});

-- migrate:down transaction:false
DROP INDEX CONCURRENTLY {{constraint|qualified}};

-- file: constraint
-- migrate:up
ALTER TABLE {{table}} ADD CONSTRAINT {{constraint}} UNIQUE USING INDEX {{constraint}};

-- migrate:down
-- The index goes with the constraint, so it is made again.
ALTER TABLE {{table}} DROP CONSTRAINT {{constraint}};
CREATE UNIQUE INDEX {{constraint}} ON {{table}} ({{columns}});
