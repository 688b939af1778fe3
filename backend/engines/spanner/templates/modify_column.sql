-- title: Change a column's type
-- group: Columns
-- description: Changes the type of a column; Spanner allows few changes, such as a longer varchar.
-- name: change_{{column}}_of_{{table}}
-- field table: table | Table
-- field column: column of table | Column
-- field type: type | New type
-- example table: orders
-- example column: note
-- example type: varchar(500)

-- migrate:up transaction:false
ALTER TABLE {{table}} ALTER COLUMN {{column}} TYPE {{type}};

-- migrate:down transaction:false
ALTER TABLE {{table}} ALTER COLUMN {{column}} TYPE {{column|type}};
