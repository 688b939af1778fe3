-- title: Change a column
-- group: Columns
-- description: Changes type, emptiness and default of a column; what is not said again is lost.
-- safe: Most changes of type copy the table and stop writing meanwhile; on a large table use an online-change tool.
-- name: change_{{column}}_of_{{table}}
-- field table: table | Table
-- field column: column of table | Column
-- field type: type | New type
-- field required: boolean = false | Never empty (NOT NULL)
-- field default: expression, optional | Default | An expression, such as 0 or 'new'
-- example table: orders
-- example column: total
-- example type: bigint
-- example required: true
-- example default: 0

-- migrate:up
ALTER TABLE {{table}} MODIFY COLUMN {{column}} {{type}}{{#required}} NOT NULL{{/required}}{{#default}} DEFAULT {{default}}{{/default}};

-- migrate:down
ALTER TABLE {{table}} MODIFY COLUMN {{column|definition}};
