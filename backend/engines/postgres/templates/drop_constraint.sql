-- title: Drop a constraint
-- group: Constraints
-- description: Drops a check or unique constraint; down makes it again.
-- safe: Down fails where rows that break it came in meanwhile.
-- name: drop_{{constraint}}
-- field table: table | Table
-- field constraint: name of table | Name of the constraint
-- example table: orders
-- example constraint: orders_total_check

-- migrate:up
ALTER TABLE {{table}} DROP CONSTRAINT {{constraint}};

-- migrate:down
{{constraint|definition}}
