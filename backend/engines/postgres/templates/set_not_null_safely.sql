-- title: Forbid empty values, in steps
-- group: Columns
-- description: Makes a column NOT NULL without reading the table under a heavy lock.
-- safe: A check that is not valid yet, then VALIDATE (others go on writing), then SET NOT NULL, which believes the check.
-- name: require_{{column}}_of_{{table}}
-- field table: table | Table
-- field column: column of table | Column
-- field fill: expression, optional | Fill empty ones with
-- field constraint: name = {{table}}_{{column}}_not_null | Name of the interim check
-- example table: orders
-- example column: total
-- example fill: 0

-- file: check
-- migrate:up
ALTER TABLE {{table}} ADD CONSTRAINT {{constraint}} CHECK ({{column}} IS NOT NULL) NOT VALID;

-- migrate:down
ALTER TABLE {{table}} DROP CONSTRAINT {{constraint}};

-- file: validate
-- migrate:up
{{#fill}}
UPDATE {{table}} SET {{column}} = {{fill}} WHERE {{column}} IS NULL;
{{/fill}}
ALTER TABLE {{table}} VALIDATE CONSTRAINT {{constraint}};

-- migrate:down
-- The check goes back to what it was: not valid.
ALTER TABLE {{table}} DROP CONSTRAINT {{constraint}};
ALTER TABLE {{table}} ADD CONSTRAINT {{constraint}} CHECK ({{column}} IS NOT NULL) NOT VALID;

-- file: finish
-- migrate:up
ALTER TABLE {{table}} ALTER COLUMN {{column}} SET NOT NULL;
ALTER TABLE {{table}} DROP CONSTRAINT {{constraint}};

-- migrate:down
ALTER TABLE {{table}} ADD CONSTRAINT {{constraint}} CHECK ({{column}} IS NOT NULL) NOT VALID;
ALTER TABLE {{table}} ALTER COLUMN {{column}} DROP NOT NULL;
ALTER TABLE {{table}} VALIDATE CONSTRAINT {{constraint}};
