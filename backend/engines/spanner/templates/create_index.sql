-- title: Create an index
-- group: Indexes
-- description: Makes an index on one or more columns.
-- safe: Filling it on a large table takes long, in the background.
-- name: index_{{columns}}_of_{{table}}
-- field table: table | Table
-- field columns: keys of table | Columns
-- field index: name of table = {{table}}_{{columns}}_idx | Name of the index
-- example table: orders
-- example columns: ["status", {"name": "total", "descending": true}]

-- migrate:up transaction:false
CREATE INDEX {{index}} ON {{table}} ({{columns}});

-- migrate:down transaction:false
DROP INDEX {{index|qualified}};
