-- title: Create a trigger
-- group: Views and triggers
-- description: Makes a function and a trigger that runs it for each row.
-- name: trigger_{{trigger}}
-- field table: table | Table
-- field when: choice(BEFORE, AFTER) = BEFORE | When
-- field event: choice(INSERT, UPDATE, DELETE) = UPDATE | Event
-- field trigger: name = {{table}}_{{when}}_{{event}} | Name of the trigger
-- field function: name = {{trigger}}_fn | Name of the function
-- field body: expression | What it does | PL/pgSQL without the last semicolon, for example NEW.updated_at := now()
-- example table: orders
-- example body: NEW.total := NEW.total + 1
-- example when: BEFORE
-- example event: INSERT

-- migrate:up
CREATE FUNCTION {{function}}() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    {{body}};
    RETURN {{#event=DELETE}}OLD{{/event}}{{^event=DELETE}}NEW{{/event}};
END
$body$;
CREATE TRIGGER {{trigger}} {{when}} {{event}} ON {{table}}
FOR EACH ROW EXECUTE FUNCTION {{function}}();

-- migrate:down
DROP TRIGGER {{trigger}} ON {{table}};
DROP FUNCTION {{function}}();
