-- title: Fill a column in batches
-- group: Data
-- description: Updates a table piece by piece, committing after each, so that nothing is locked for long.
-- safe: Runs outside a transaction: stopped half way, what is done stays; drop the procedure and run it again.
-- name: backfill_{{column}}_of_{{table}}
-- field table: table | Table
-- field key: column of table | Key to walk by | A unique number, such as id
-- field column: column of table | Column
-- field value: expression | New value
-- field where: expression, optional | Only rows where
-- field batch: number = 5000 | Rows at a time
-- field procedure: name = fill_{{table}}_{{column}} | Name of the interim procedure
-- example table: orders
-- example key: id
-- example column: status
-- example value: 'it''s'
-- example where: total > 0
-- example batch: 2

-- migrate:up transaction:false
CREATE PROCEDURE {{procedure}}()
BEGIN
    DECLARE low BIGINT;
    DECLARE top BIGINT;
    SELECT MIN({{key}}), MAX({{key}}) INTO low, top FROM {{table}};
    WHILE low <= top DO
        UPDATE {{table}} SET {{column}} = {{value}}
        WHERE {{key}} >= low AND {{key}} < low + {{batch}}{{#where}} AND ({{where}}){{/where}};
        COMMIT;
        SET low = low + {{batch}};
    END WHILE;
END;
CALL {{procedure}}();
DROP PROCEDURE {{procedure}};

-- migrate:down
SELECT 1; -- The values that were there before are not known.
