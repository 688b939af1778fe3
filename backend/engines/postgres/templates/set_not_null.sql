-- title: Forbid empty values
-- group: Columns
-- description: Makes a column NOT NULL.
-- safe: The whole table is read under a lock that stops writing; on a large table use the form in steps.
-- name: require_{{column}}_of_{{table}}
-- field table: table | Table
-- field column: column of table | Column
-- example table: orders
-- example column: total

-- migrate:up
ALTER TABLE {{table}} ALTER COLUMN {{column}} SET NOT NULL;

-- migrate:down
ALTER TABLE {{table}} ALTER COLUMN {{column}} DROP NOT NULL;
