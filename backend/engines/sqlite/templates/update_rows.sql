-- title: Update data
-- group: Data
-- description: Changes a column in the rows that match.
-- safe: On a large table all rows stay locked until the end: take the batched form where there is one.
-- name: update_{{column}}_of_{{table}}
-- field table: table | Table
-- field column: column of table | Column
-- field value: expression | New value | A value or an expression, such as 0, 'new' or total * 2
-- field where: expression | Rows where
-- field back: expression, optional | Old value for down
-- example table: orders
-- example column: status
-- example value: 'it''s'
-- example where: total > 0
-- example back: 'new'

-- migrate:up
UPDATE {{table}} SET {{column}} = {{value}}
WHERE {{where}};

-- migrate:down
{{#back}}
UPDATE {{table}} SET {{column}} = {{back}}
WHERE {{where}};
{{/back}}
{{^back}}
SELECT 1; -- The values that were there before are not known.
{{/back}}
