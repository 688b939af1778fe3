-- title: Empty a table
-- group: Tables
-- description: Deletes every row of a table at once.
-- safe: Every row is gone for good. Take a backup first.
-- destructive: yes
-- name: empty_{{table}}
-- field table: table | Table
-- example table: orders

-- migrate:up
TRUNCATE TABLE {{table}};

-- migrate:down
SELECT 1; -- The rows cannot be brought back.
