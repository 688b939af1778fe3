-- title: Update data
-- group: Data
-- description: Changes a column in the rows that match, as a mutation that is waited for.
-- safe: A mutation rewrites every part that holds such a row.
-- name: update_{{column}}_of_{{table}}
-- field table: table | Table
-- field column: column of table | Column
-- field value: expression | New value | A value or an expression, such as 0, 'new' or total * 2
-- field where: expression | Rows where
-- field back: expression, optional | Old value for down
-- example table: orders
-- example column: status
-- example value: 'it\'s'
-- example where: total > 0
-- example back: 'new'

-- migrate:up
ALTER TABLE {{table}} UPDATE {{column}} = {{value}}
WHERE {{where}}
SETTINGS mutations_sync = 2;

-- migrate:down
{{#back}}
ALTER TABLE {{table}} UPDATE {{column}} = {{back}}
WHERE {{where}}
SETTINGS mutations_sync = 2;
{{/back}}
{{^back}}
SELECT 1; -- The values that were there before are not known.
{{/back}}
