-- title: Add a partition
-- group: Partitions
-- description: Adds a partition to a table that is split by range.
-- safe: Down drops the partition with its rows. Where the table has a default partition, its rows are checked under a lock.
-- name: add_partition_{{partition}}
-- field table: table | Partitioned table
-- field partition: new-table | Name of the partition
-- field from: value | From
-- field to: value | Up to, not including
-- example table: events
-- example partition: events_2026
-- example from: "2026-01-01"
-- example to: "2027-01-01"

-- migrate:up
CREATE TABLE {{partition}} PARTITION OF {{table}}
FOR VALUES FROM ({{from}}) TO ({{to}});

-- migrate:down
DROP TABLE {{partition}};
