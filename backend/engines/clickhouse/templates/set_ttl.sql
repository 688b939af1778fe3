-- title: Delete old rows by themselves
-- group: Tables
-- description: Sets after which time rows are deleted.
-- safe: Rows that are older already go at once. Down takes out any TTL, also one that was there before.
-- name: ttl_of_{{table}}
-- field table: table | Table
-- field ttl: expression | Delete rows after | For example created_at + INTERVAL 90 DAY
-- example table: orders
-- example ttl: toDateTime(total) + INTERVAL 1000 YEAR

-- migrate:up
ALTER TABLE {{table}} MODIFY TTL {{ttl}} SETTINGS mutations_sync = 2;

-- migrate:down
ALTER TABLE {{table}} REMOVE TTL;
