-- title: Create a partitioned table
-- group: Partitions
-- description: Makes a table that is split by a column.
-- name: create_{{table}}
-- field table: new-table | New table
-- field columns: column-list | Columns
-- field key: name | Split by column
-- field partition: name = p0 | Name of the first partition
-- field below: expression | First partition: values less than
-- example table: measures
-- example columns: [{"name": "id", "type": "bigint", "primary_key": true}, {"name": "n", "type": "int"}]
-- example key: id
-- example below: 1000

-- migrate:up
CREATE TABLE {{table}} (
    {{columns}}
)
PARTITION BY RANGE ({{key}}) (
    PARTITION {{partition}} VALUES LESS THAN ({{below}})
);

-- migrate:down
DROP TABLE {{table}};
