-- title: Create an index without stopping writes
-- group: Indexes
-- description: Makes an index while others go on writing.
-- safe: Runs outside a transaction, alone in its file. Where it fails it leaves an invalid index: drop that and run again.
-- name: index_{{columns}}_of_{{table}}
-- field table: table | Table
-- field columns: keys of table | Columns
-- field unique: boolean = false | Unique
-- field index: name of table = {{table}}_{{columns}}_idx | Name of the index
-- field method: choice(btree, hash, gin, gist, brin) = btree | Method
-- field where: expression, optional | Only rows where
-- example table: orders
-- example columns: ["id", "status"]
-- example unique: true
-- example where: total > 0
-- example index: orders_by_status

-- migrate:up transaction:false
CREATE {{#unique}}UNIQUE {{/unique}}INDEX CONCURRENTLY {{index}} ON {{table}}{{^method=btree}} USING {{method}}{{/method}} ({{columns}}){{#where}} WHERE {{where}}{{/where}};

-- migrate:down transaction:false
DROP INDEX CONCURRENTLY {{index|qualified}};
