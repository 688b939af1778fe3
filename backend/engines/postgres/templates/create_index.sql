-- title: Create an index
-- group: Indexes
-- description: Makes an index on one or more columns.
-- safe: Writing to the table waits until it is done; on a table in use take the concurrent form.
-- name: index_{{columns}}_of_{{table}}
-- field table: table | Table
-- field columns: keys of table | Columns
-- field index: name of table = {{table}}_{{columns}}_idx | Name of the index
-- field method: choice(btree, hash, gin, gist, brin) = btree | Method
-- field where: expression, optional | Only rows where
-- example table: orders
-- example columns: ["status", {"name": "total", "descending": true}]
-- example where: total > 0
-- example index: orders_by_status

-- migrate:up
CREATE INDEX {{index}} ON {{table}}{{^method=btree}} USING {{method}}{{/method}} ({{columns}}){{#where}} WHERE {{where}}{{/where}};

-- migrate:down
DROP INDEX {{index|qualified}};
