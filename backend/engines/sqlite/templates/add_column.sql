-- title: Add a column
-- group: Columns
-- description: Adds a column to a table.
-- safe: SQLite takes only a constant default here, and no UNIQUE or PRIMARY KEY; for those rebuild the table.
-- name: add_{{column}}_to_{{table}}
-- field table: table | Table
-- field column: name | New column
-- field type: type | Type
-- field required: boolean = false | Never empty (NOT NULL) | Needs a default
-- field default: expression, optional | Default | An expression, such as 0 or 'new'
-- example table: orders
-- example column: nickname
-- example type: TEXT
-- example default: 'it''s'
-- example required: true

-- migrate:up
ALTER TABLE {{table}} ADD COLUMN {{column}} {{type}}{{#required}} NOT NULL{{/required}}{{#default}} DEFAULT {{default}}{{/default}};

-- migrate:down
ALTER TABLE {{table}} DROP COLUMN {{column}};
