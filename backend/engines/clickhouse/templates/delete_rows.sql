-- title: Delete data
-- group: Data
-- description: Deletes the rows that match, as a mutation that is waited for.
-- safe: The rows are gone for good.
-- destructive: yes
-- name: delete_from_{{table}}
-- field table: table | Table
-- field where: expression | Rows where
-- example table: orders
-- example where: total > 3

-- migrate:up
ALTER TABLE {{table}} DELETE
WHERE {{where}}
SETTINGS mutations_sync = 2;

-- migrate:down
SELECT 1; -- The rows cannot be brought back.
