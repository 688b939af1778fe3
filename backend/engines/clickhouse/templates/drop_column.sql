-- title: Remove a column
-- group: Columns
-- description: Drops a column with what it holds.
-- safe: What the column holds is gone for good: down makes it again, empty or with its default. Stop using it in code first; take a backup.
-- destructive: yes
-- name: drop_{{column}}_from_{{table}}
-- field table: table | Table
-- field column: column of table | Column
-- example table: orders
-- example column: note

-- migrate:up
ALTER TABLE {{table}} DROP COLUMN {{column}} SETTINGS mutations_sync = 2;

-- migrate:down
-- The column as it was; what it held cannot be brought back.
ALTER TABLE {{table}} ADD COLUMN {{column|definition}};
