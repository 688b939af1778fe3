-- title: Add a column
-- group: Columns
-- description: Adds a column to a table.
-- safe: INSTANT changes no row and locks nothing for long.
-- name: add_{{column}}_to_{{table}}
-- field table: table | Table
-- field column: name | New column
-- field type: type | Type
-- field required: boolean = false | Never empty (NOT NULL)
-- field default: expression, optional | Default | An expression, such as 0 or 'new'
-- field after: column of table, optional | After column | At the end where nothing is chosen, which is quickest
-- field algorithm: choice(DEFAULT, INSTANT, INPLACE) = DEFAULT | Algorithm | INSTANT and INPLACE refuse to run where the server would copy the table
-- example table: orders
-- example column: nickname
-- example type: varchar(50)
-- example default: 'it''s'
-- example after: total
-- example required: true
-- example algorithm: INSTANT

-- migrate:up
ALTER TABLE {{table}} ADD COLUMN {{column}} {{type}}{{#required}} NOT NULL{{/required}}{{#default}} DEFAULT {{default}}{{/default}}{{#after}} AFTER {{after}}{{/after}}{{^algorithm=DEFAULT}}, ALGORITHM={{algorithm}}{{/algorithm}};

-- migrate:down
ALTER TABLE {{table}} DROP COLUMN {{column}};
