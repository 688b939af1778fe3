-- title: Change a column
-- group: Columns
-- description: Changes type and default of a column; the parts are rewritten.
-- safe: It is a mutation: it rewrites every part, and values that do not fit make it fail.
-- name: change_{{column}}_of_{{table}}
-- field table: table | Table
-- field column: column of table | Column
-- field type: type | New type
-- field default: expression, optional | Default | An expression, such as 0 or 'new'
-- example table: orders
-- example column: total
-- example type: Int64
-- example default: 0

-- migrate:up
ALTER TABLE {{table}} MODIFY COLUMN {{column}} {{type}}{{#default}} DEFAULT {{default}}{{/default}} SETTINGS mutations_sync = 2;

-- migrate:down
ALTER TABLE {{table}} MODIFY COLUMN {{column|definition}} SETTINGS mutations_sync = 2;
