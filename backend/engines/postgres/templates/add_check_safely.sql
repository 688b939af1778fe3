-- title: Add a check, in steps
-- group: Constraints
-- description: Refuses rows for which an expression is false, without stopping writes for long.
-- safe: NOT VALID checks only new rows and is quick; VALIDATE then reads the old ones while others write.
-- name: check_{{constraint}}
-- field table: table | Table
-- field check: expression | Must hold | For example total >= 0
-- field constraint: name | Name of the constraint
-- example table: orders
-- example check: total >= 0
-- example constraint: orders_total_positive

-- file: add
-- migrate:up
ALTER TABLE {{table}} ADD CONSTRAINT {{constraint}} CHECK ({{check}}) NOT VALID;

-- migrate:down
ALTER TABLE {{table}} DROP CONSTRAINT {{constraint}};

-- file: validate
-- migrate:up
ALTER TABLE {{table}} VALIDATE CONSTRAINT {{constraint}};

-- migrate:down
-- Back to not valid, as the step before left it.
ALTER TABLE {{table}} DROP CONSTRAINT {{constraint}};
ALTER TABLE {{table}} ADD CONSTRAINT {{constraint}} CHECK ({{check}}) NOT VALID;
