-- title: Change a column's type
-- group: Columns
-- description: Widens the type of a column; BigQuery refuses to narrow one.
-- name: change_{{column}}_of_{{table}}
-- field table: table | Table
-- field column: column of table | Column
-- field type: type | New type
-- example table: orders
-- example column: total
-- example type: NUMERIC

-- migrate:up
ALTER TABLE {{table}} ALTER COLUMN {{column}} SET DATA TYPE {{type}};

-- migrate:down
-- BigQuery refuses to narrow a type again: this works only where the old type holds the new one.
ALTER TABLE {{table}} ALTER COLUMN {{column}} SET DATA TYPE {{column|type}};
