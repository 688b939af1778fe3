-- title: Add a required column, in steps
-- group: Columns
-- description: Adds a column, fills it in batches, then makes it NOT NULL.
-- safe: No step holds a heavy lock for long, and the batches commit one by one.
-- name: add_{{column}}_to_{{table}}
-- field table: table | Table
-- field column: name | New column
-- field type: type | Type
-- field fill: expression | Value for rows that are there
-- field default: expression, optional | Default for new rows
-- field key: column of table | Key to walk by | A unique column, such as id
-- field batch: number = 5000 | Rows at a time
-- example table: orders
-- example column: nickname
-- example type: text
-- example fill: 'it''s'
-- example default: 'new'
-- example key: id
-- example batch: 2

-- file: add
-- migrate:up
ALTER TABLE {{table}} ADD COLUMN {{column}} {{type}};
{{#default}}
ALTER TABLE {{table}} ALTER COLUMN {{column}} SET DEFAULT {{default}};
{{/default}}

-- migrate:down
ALTER TABLE {{table}} DROP COLUMN {{column}};

-- file: fill
-- migrate:up transaction:false
DO $batches$
DECLARE
    changed bigint;
BEGIN
    LOOP
        UPDATE {{table}} SET {{column}} = {{fill}}
        WHERE {{key}} IN (SELECT {{key}} FROM {{table}} WHERE {{column}} IS NULL LIMIT {{batch}} FOR UPDATE SKIP LOCKED);
        GET DIAGNOSTICS changed = ROW_COUNT;
        EXIT WHEN changed = 0;
        COMMIT;
    END LOOP;
END
$batches$;

-- migrate:down
SELECT 1; -- What was filled in goes with the column.

-- file: require
-- migrate:up
ALTER TABLE {{table}} ALTER COLUMN {{column}} SET NOT NULL;

-- migrate:down
ALTER TABLE {{table}} ALTER COLUMN {{column}} DROP NOT NULL;
