-- title: Forbid empty values
-- group: Columns
-- description: Makes a column NOT NULL.
-- name: require_{{column}}_of_{{table}}
-- field table: table | Table
-- field column: column of table | Column
-- example table: orders
-- example column: total

-- migrate:up transaction:false
ALTER TABLE {{table}} ALTER COLUMN {{column}} SET NOT NULL;

-- migrate:down transaction:false
ALTER TABLE {{table}} ALTER COLUMN {{column}} DROP NOT NULL;
