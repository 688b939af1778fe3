-- title: Add a check
-- group: Constraints
-- description: Refuses new rows for which an expression is false.
-- safe: Rows that are there are not looked at.
-- name: check_{{constraint}}
-- field table: table | Table
-- field check: expression | Must hold | For example total >= 0
-- field constraint: name | Name of the constraint
-- example table: orders
-- example check: total >= 0
-- example constraint: orders_total_positive

-- migrate:up
ALTER TABLE {{table}} ADD CONSTRAINT {{constraint}} CHECK ({{check}});

-- migrate:down
ALTER TABLE {{table}} DROP CONSTRAINT {{constraint}};
