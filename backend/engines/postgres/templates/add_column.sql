-- title: Add a column
-- group: Columns
-- description: Adds a column to a table.
-- safe: A constant default does not rewrite the table; one that differs per row, such as gen_random_uuid(), does.
-- name: add_{{column}}_to_{{table}}
-- field table: table | Table
-- field column: name | New column
-- field type: type | Type
-- field default: expression, optional | Default | An expression, such as 0 or 'new'
-- field required: boolean = false | Never empty (NOT NULL) | Needs a default where the table has rows
-- example table: orders
-- example column: nickname
-- example type: varchar(255)
-- example default: 'it''s'
-- example required: true

-- migrate:up
ALTER TABLE {{table}} ADD COLUMN {{column}} {{type}}{{#default}} DEFAULT {{default}}{{/default}}{{#required}} NOT NULL{{/required}};

-- migrate:down
ALTER TABLE {{table}} DROP COLUMN {{column}};
