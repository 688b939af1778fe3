-- title: Delete a table by itself
-- group: Tables
-- description: Sets when a table is deleted by itself.
-- name: expire_{{table}}
-- field table: table | Table
-- field at: text | At | A timestamp, such as 2030-01-01 00:00:00 UTC
-- example table: orders
-- example at: 2099-01-01 00:00:00 UTC

-- migrate:up
ALTER TABLE {{table}} SET OPTIONS (expiration_timestamp = TIMESTAMP {{at}});

-- migrate:down
ALTER TABLE {{table}} SET OPTIONS (expiration_timestamp = NULL);
