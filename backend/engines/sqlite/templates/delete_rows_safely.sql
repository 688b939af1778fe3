-- title: Delete data and keep a copy
-- group: Data
-- description: Moves the rows that match into a table of their own; down brings them back.
-- safe: Drop the copy once you are sure; until then down loses nothing.
-- name: delete_from_{{table}}
-- field table: table | Table
-- field where: expression | Rows where
-- field kept: new-table = {{table}}_deleted | Table that keeps them
-- example table: orders
-- example where: total > 3

-- migrate:up
CREATE TABLE {{kept}} AS SELECT * FROM {{table}} WHERE {{where}};
DELETE FROM {{table}}
WHERE {{where}};

-- migrate:down
INSERT INTO {{table}} SELECT * FROM {{kept}};
DROP TABLE {{kept}};
