-- title: Create an index
-- group: Indexes
-- description: Makes an index on one or more columns.
-- name: index_{{columns}}_of_{{table}}
-- field table: table | Table
-- field columns: keys of table | Columns
-- field index: name of table = {{table}}_{{columns}}_idx | Name of the index
-- field online: boolean = false | Refuse to stop writes | ALGORITHM=INPLACE, LOCK=NONE: fails where the server cannot
-- example table: orders
-- example columns: ["status", "total"]
-- example online: true

-- migrate:up
CREATE INDEX {{index}} ON {{table}} ({{columns}}){{#online}} ALGORITHM=INPLACE LOCK=NONE{{/online}};

-- migrate:down
DROP INDEX {{index}} ON {{table}};
