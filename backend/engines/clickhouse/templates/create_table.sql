-- title: Create a table
-- group: Tables
-- description: Makes a MergeTree table, ordered by its primary key.
-- name: create_{{table}}
-- field table: new-table | New table
-- field columns: column-list | Columns
-- field engine: expression = MergeTree | Engine
-- field partition: expression, optional | Partition by | For example toYYYYMM(created_at)
-- field ttl: expression, optional | Delete rows after | For example created_at + INTERVAL 1 YEAR
-- field comment: text, optional | Comment
-- example table: invoices
-- example columns: [{"name": "id", "type": "UInt64", "primary_key": true}, {"name": "title", "type": "String", "nullable": false}, {"name": "at", "type": "DateTime", "nullable": false}]
-- example partition: toYYYYMM(at)
-- example ttl: at + INTERVAL 1 YEAR
-- example comment: it's \ here

-- migrate:up
CREATE TABLE {{table}} (
    {{columns}}
)
ENGINE = {{engine}}{{#partition}}
PARTITION BY {{partition}}{{/partition}}
ORDER BY ({{columns|key}}){{#ttl}}
TTL {{ttl}}{{/ttl}}{{#comment}}
COMMENT {{comment}}{{/comment}};

-- migrate:down
DROP TABLE {{table}};
