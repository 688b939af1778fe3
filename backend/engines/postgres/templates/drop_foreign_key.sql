-- title: Drop a foreign key
-- group: Constraints
-- description: Drops a foreign key; down makes it again.
-- safe: From then on rows may refer to nothing, and down fails where some do.
-- name: drop_fk_{{constraint}}
-- field table: table | Table
-- field constraint: name of table | Name of the constraint
-- example table: orders
-- example constraint: orders_customer_fk

-- migrate:up
ALTER TABLE {{table}} DROP CONSTRAINT {{constraint}};

-- migrate:down
{{constraint|definition}}
