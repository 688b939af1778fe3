-- title: Fill a column in batches
-- group: Data
-- description: Updates a table piece by piece, committing after each, so that nothing is locked for long.
-- safe: Runs outside a transaction: stopped half way, what is done stays, and it can be run again.
-- name: backfill_{{column}}_of_{{table}}
-- field table: table | Table
-- field key: column of table | Key to walk by | A unique number, such as id
-- field column: column of table | Column
-- field value: expression | New value
-- field where: expression, optional | Only rows where
-- field batch: number = 5000 | Rows at a time
-- example table: orders
-- example key: id
-- example column: status
-- example value: 'it''s'
-- example where: total > 0
-- example batch: 2

-- migrate:up transaction:false
DO $batches$
DECLARE
    low bigint;
    top bigint;
BEGIN
    SELECT min({{key}}), max({{key}}) INTO low, top FROM {{table}};
    WHILE low <= top LOOP
        UPDATE {{table}} SET {{column}} = {{value}}
        WHERE {{key}} >= low AND {{key}} < low + {{batch}}{{#where}} AND ({{where}}){{/where}};
        low := low + {{batch}};
        COMMIT;
    END LOOP;
END
$batches$;

-- migrate:down
SELECT 1; -- The values that were there before are not known.
