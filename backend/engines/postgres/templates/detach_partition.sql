-- title: Detach a partition
-- group: Partitions
-- description: Makes a partition a table of its own.
-- safe: CONCURRENTLY stops nobody; it needs PostgreSQL 14 and no default partition.
-- name: detach_{{partition}}
-- field table: table | Partitioned table
-- field partition: table | Partition
-- field key: column of table | Split by column
-- field from: value | From, for down
-- field to: value | Up to, for down
-- field check: name = {{partition}}_{{key}}_check | Check that detaching leaves | PostgreSQL names it so
-- example table: events
-- example partition: events_2025
-- example key: at
-- example from: "2025-01-01"
-- example to: "2026-01-01"

-- migrate:up transaction:false
ALTER TABLE {{table}} DETACH PARTITION {{partition}} CONCURRENTLY;

-- migrate:down
ALTER TABLE {{table}} ATTACH PARTITION {{partition}}
FOR VALUES FROM ({{from}}) TO ({{to}});
-- Detaching left a check in place of the partition's bounds.
ALTER TABLE {{partition}} DROP CONSTRAINT IF EXISTS {{check}};
