-- title: Set a column's default
-- group: Columns
-- description: Gives a column a default for new rows; rows that are there stay.
-- name: default_of_{{column}}_of_{{table}}
-- field table: table | Table
-- field column: column of table | Column
-- field default: expression | Default
-- example table: orders
-- example column: note
-- example default: 'none'

-- migrate:up
ALTER TABLE {{table}} ALTER COLUMN {{column}} SET DEFAULT {{default}};

-- migrate:down
ALTER TABLE {{table}} ALTER COLUMN {{column}} {{column|default}};
