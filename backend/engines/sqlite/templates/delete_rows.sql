-- title: Delete data
-- group: Data
-- description: Deletes the rows that match.
-- safe: The rows are gone for good; the form that keeps them can be undone.
-- destructive: yes
-- name: delete_from_{{table}}
-- field table: table | Table
-- field where: expression | Rows where
-- example table: orders
-- example where: total > 3

-- migrate:up
DELETE FROM {{table}}
WHERE {{where}};

-- migrate:down
SELECT 1; -- The rows cannot be brought back.
