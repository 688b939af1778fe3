-- title: Add a check
-- group: Constraints
-- description: Refuses rows for which an expression is false.
-- safe: All rows are read under a lock that stops writing; fails where one breaks it.
-- name: check_{{constraint}}
-- field table: table | Table
-- field check: expression | Must hold | For example total >= 0
-- field constraint: name | Name of the constraint
-- example table: orders
-- example check: total >= 0
-- example constraint: orders_total_positive

-- migrate:up transaction:false
ALTER TABLE {{table}} ADD CONSTRAINT {{constraint}} CHECK ({{check}});

-- migrate:down transaction:false
ALTER TABLE {{table}} DROP CONSTRAINT {{constraint}};
