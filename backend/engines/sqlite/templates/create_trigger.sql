-- title: Create a trigger
-- group: Views and triggers
-- description: Makes a trigger that runs for each row.
-- name: trigger_{{trigger}}
-- field table: table | Table
-- field when: choice(BEFORE, AFTER) = BEFORE | When
-- field event: choice(INSERT, UPDATE, DELETE) = UPDATE | Event
-- field trigger: name = {{table}}_{{when}}_{{event}} | Name of the trigger
-- field condition: expression, optional | Only when
-- field body: expression | What it does | One statement, for example UPDATE orders SET total = 0 WHERE id = NEW.id
-- example table: orders
-- example condition: NEW.total > 100
-- example body: SELECT RAISE(ABORT, 'too much')

-- migrate:up
CREATE TRIGGER {{trigger}} {{when}} {{event}} ON {{table}}
FOR EACH ROW{{#condition}} WHEN {{condition}}{{/condition}}
BEGIN
    {{body}};
END;

-- migrate:down
DROP TRIGGER {{trigger}};
