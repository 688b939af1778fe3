-- title: Add a column
-- group: Columns
-- description: Adds a column to a table; old parts get it when they are read.
-- name: add_{{column}}_to_{{table}}
-- field table: table | Table
-- field column: name | New column
-- field type: type | Type
-- field default: expression, optional | Default | An expression, such as 0 or 'new'
-- field after: column of table, optional | After column
-- example table: orders
-- example column: nickname
-- example type: String
-- example default: 'it\'s'
-- example after: total

-- migrate:up
ALTER TABLE {{table}} ADD COLUMN {{column}} {{type}}{{#default}} DEFAULT {{default}}{{/default}}{{#after}} AFTER {{after}}{{/after}};

-- migrate:down
ALTER TABLE {{table}} DROP COLUMN {{column}} SETTINGS mutations_sync = 2;
