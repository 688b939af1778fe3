-- title: Create a table
-- group: Tables
-- description: Makes a table, partitioned and clustered where you say so.
-- name: create_{{table}}
-- field table: new-table | New table
-- field columns: column-list | Columns
-- field partition: expression, optional | Partition by | For example DATE(created_at): queries then read only the days they ask for
-- field cluster: columns of table, optional | Cluster by
-- example table: invoices
-- example columns: [{"name": "id", "type": "INT64", "nullable": false}, {"name": "title", "type": "STRING"}, {"name": "day", "type": "DATE"}]
-- example partition: day
-- example cluster: ["title"]

-- migrate:up
CREATE TABLE {{table}} (
    {{columns}}
){{#partition}}
PARTITION BY {{partition}}{{/partition}}{{#cluster}}
CLUSTER BY {{cluster}}{{/cluster}};

-- migrate:down
DROP TABLE {{table}};
