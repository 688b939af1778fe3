-- title: Drop a partition
-- group: Partitions
-- description: Drops a partition with its rows.
-- safe: The rows are gone for good; DETACH PARTITION keeps them aside.
-- destructive: yes
-- name: drop_partition_of_{{table}}
-- field table: table | Table
-- field partition: expression | Partition | For example 202601 or tuple()
-- example table: orders
-- example partition: tuple()

-- migrate:up
ALTER TABLE {{table}} DROP PARTITION {{partition}};

-- migrate:down
SELECT 1; -- The rows cannot be brought back.
