-- title: Add a partition
-- group: Partitions
-- description: Adds a partition at the end of a table that is split by range.
-- name: add_partition_{{partition}}
-- field table: table | Partitioned table
-- field partition: name | Name of the partition
-- field below: expression | Values less than
-- example table: events
-- example partition: p2
-- example below: 200

-- migrate:up
ALTER TABLE {{table}} ADD PARTITION (PARTITION {{partition}} VALUES LESS THAN ({{below}}));

-- migrate:down
-- The rows of the partition go with it.
ALTER TABLE {{table}} DROP PARTITION {{partition}};
