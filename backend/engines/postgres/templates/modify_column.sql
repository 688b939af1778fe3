-- title: Change a column's type
-- group: Columns
-- description: Changes the type of a column.
-- safe: Most changes of type rewrite the table under a lock that stops reading: on a large table add a new column, fill it in batches and swap. varchar to a longer varchar or text does not rewrite.
-- name: change_{{column}}_of_{{table}}
-- field table: table | Table
-- field column: column of table | Column
-- field type: type | New type
-- field using: expression, optional | Converted by | Where PostgreSQL cannot convert by itself, for example total::text
-- field back: expression, optional | Converted back by
-- example table: orders
-- example column: total
-- example type: bigint
-- example using: total::bigint
-- example back: total::integer

-- migrate:up
ALTER TABLE {{table}} ALTER COLUMN {{column}} TYPE {{type}}{{#using}} USING {{using}}{{/using}};

-- migrate:down
ALTER TABLE {{table}} ALTER COLUMN {{column}} TYPE {{column|type}}{{#back}} USING {{back}}{{/back}};
