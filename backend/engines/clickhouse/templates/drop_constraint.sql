-- title: Drop a check
-- group: Constraints
-- description: Drops a check; down makes it again.
-- name: drop_{{constraint}}
-- field table: table | Table
-- field constraint: name of table | Name of the constraint
-- example table: orders
-- example constraint: orders_total_check

-- migrate:up
ALTER TABLE {{table}} DROP CONSTRAINT {{constraint}};

-- migrate:down
{{constraint|definition}}
