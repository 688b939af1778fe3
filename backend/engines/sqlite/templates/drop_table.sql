-- title: Drop a table
-- group: Tables
-- description: Drops a table with all its rows.
-- safe: The rows are gone for good: down makes the table again, empty. Take a backup first, or rename the table now and drop it later.
-- destructive: yes
-- name: drop_{{table}}
-- field table: table | Table
-- example table: orders

-- migrate:up
DROP TABLE {{table}};

-- migrate:down
-- The table as it was; its rows cannot be brought back.
{{table|definition}}
