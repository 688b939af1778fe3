-- title: Create a table
-- group: Tables
-- description: Makes a table with its columns and primary key.
-- safe: A table without a primary key is hard to change later: give it one.
-- name: create_{{table}}
-- field table: new-table | New table
-- field columns: column-list | Columns
-- example table: invoices
-- example columns: [{"name": "id", "type": "INTEGER", "primary_key": true}, {"name": "title", "type": "TEXT", "nullable": false}, {"name": "it's", "type": "INTEGER", "default": "0"}]

-- migrate:up
CREATE TABLE {{table}} (
    {{columns}}
);

-- migrate:down
DROP TABLE {{table}};
