-- title: Create a full-text index
-- group: Indexes
-- description: Makes an index for MATCH … AGAINST.
-- safe: The first one of a table rebuilds it and stops writing meanwhile.
-- name: fulltext_{{columns}}_of_{{table}}
-- field table: table | Table
-- field columns: columns of table | Columns
-- field index: name = {{table}}_{{columns}}_ft | Name of the index
-- example table: orders
-- example columns: ["note"]

-- migrate:up
CREATE FULLTEXT INDEX {{index}} ON {{table}} ({{columns}});

-- migrate:down
DROP INDEX {{index}} ON {{table}};
