-- title: Create a partitioned table
-- group: Partitions
-- description: Makes a table that is split by a column, with its first partition.
-- safe: A primary key must hold the column it is split by.
-- name: create_{{table}}
-- field table: new-table | New table
-- field columns: column-list | Columns
-- field key: name | Split by column
-- field from: value | First partition from
-- field to: value | First partition up to, not including
-- field partition: new-table = {{table}}_p1 | Name of the first partition
-- example table: measures
-- example columns: [{"name": "id", "type": "bigint", "nullable": false}, {"name": "day", "type": "date", "nullable": false}]
-- example key: day
-- example from: "2026-01-01"
-- example to: "2026-02-01"

-- migrate:up
CREATE TABLE {{table}} (
    {{columns}}
) PARTITION BY RANGE ({{key}});
CREATE TABLE {{partition}} PARTITION OF {{table}}
FOR VALUES FROM ({{from}}) TO ({{to}});

-- migrate:down
DROP TABLE {{table}};
