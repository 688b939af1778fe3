-- title: Add a column
-- group: Columns
-- description: Adds a column, empty in every row that is there.
-- safe: BigQuery adds only columns that may be NULL; set a default afterwards with ALTER COLUMN … SET DEFAULT.
-- name: add_{{column}}_to_{{table}}
-- field table: table | Table
-- field column: name | New column
-- field type: type | Type
-- example table: orders
-- example column: nickname
-- example type: STRING

-- migrate:up
ALTER TABLE {{table}} ADD COLUMN {{column}} {{type}};

-- migrate:down
ALTER TABLE {{table}} DROP COLUMN {{column}};
