-- title: Rename a column
-- group: Columns
-- description: Gives a column another name.
-- safe: Code that runs now still uses the old name: add a second column, write both, then drop the old one.
-- name: rename_{{column}}_of_{{table}}
-- field table: table | Table
-- field column: column of table | Column
-- field new_name: name | New name
-- example table: orders
-- example column: note
-- example new_name: remark

-- migrate:up
ALTER TABLE {{table}} RENAME COLUMN {{column}} TO {{new_name}};

-- migrate:down
ALTER TABLE {{table}} RENAME COLUMN {{new_name}} TO {{column}};
