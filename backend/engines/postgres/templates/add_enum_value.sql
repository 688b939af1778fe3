-- title: Add an enum value
-- group: Types
-- description: Adds a value to an enum type.
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
SELECT 1; -- PostgreSQL cannot take a value out of an enum type again.
