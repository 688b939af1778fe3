-- title: Add an enum value
-- group: Types
-- description: Adds a value to an enum type; down makes the type anew without it.
-- safe: Runs outside a transaction: a new value cannot be used in the one that adds it.
-- name: add_{{value}}_to_{{type}}
-- field type: enum | Type
-- field value: text | New value
-- field before: text, optional | Before value | At the end where nothing is given
-- example type: mood
-- example value: it's fine
-- example before: ok

-- migrate:up transaction:false
ALTER TYPE {{type}} ADD VALUE IF NOT EXISTS {{value}}{{#before}} BEFORE {{before}}{{/before}};

-- migrate:down
-- PostgreSQL cannot take a value out of a type: a new type takes its place in every column of a table.
-- Fails, and so changes nothing, where a row holds the value or an index, view or function needs the type.
DO $body$
DECLARE
    labels text;
    used record;
BEGIN
    SELECT string_agg(quote_literal(enumlabel), ', ' ORDER BY enumsortorder) INTO labels
    FROM pg_enum WHERE enumtypid = {{type|literal}}::regtype AND enumlabel <> {{value}};
    CREATE TEMP TABLE columns_of_the_type ON COMMIT DROP AS
    SELECT a.attrelid::regclass AS owner, a.attname AS name, pg_get_expr(d.adbin, d.adrelid) AS old_default
    FROM pg_attribute a
    JOIN pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p')
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE a.atttypid = {{type|literal}}::regtype AND a.attinhcount = 0 AND NOT a.attisdropped;
    ALTER TYPE {{type}} RENAME TO {{type|oldname}};
    EXECUTE 'CREATE TYPE ' || {{type|literal}} || ' AS ENUM (' || labels || ')';
    FOR used IN SELECT * FROM columns_of_the_type LOOP
        EXECUTE format('ALTER TABLE %s ALTER COLUMN %I DROP DEFAULT, ALTER COLUMN %I TYPE %s USING %I::text::%s',
            used.owner, used.name, used.name, {{type|literal}}, used.name, {{type|literal}});
        IF used.old_default IS NOT NULL THEN
            EXECUTE format('ALTER TABLE %s ALTER COLUMN %I SET DEFAULT %s', used.owner, used.name, used.old_default);
        END IF;
    END LOOP;
    DROP TYPE {{type|old}};
END
$body$;
