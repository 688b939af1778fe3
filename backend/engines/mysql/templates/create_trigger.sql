-- title: Create a trigger
-- group: Views and triggers
-- description: Makes a trigger that runs for each row.
-- name: trigger_{{trigger}}
-- field table: table | Table
-- field when: choice(BEFORE, AFTER) = BEFORE | When
-- field event: choice(INSERT, UPDATE, DELETE) = UPDATE | Event
-- field trigger: name = {{table}}_{{when}}_{{event}} | Name of the trigger
-- field body: expression | What it does | For example SET NEW.total = 0
-- example table: orders
-- example body: SET NEW.total = NEW.total + 1
-- example when: BEFORE
-- example event: INSERT

-- migrate:up
CREATE TRIGGER {{trigger}} {{when}} {{event}} ON {{table}}
FOR EACH ROW
{{body}};

-- migrate:down
DROP TRIGGER {{trigger}};
