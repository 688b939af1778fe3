-- title: Drop an index without stopping writes
-- group: Indexes
-- description: Drops an index without waiting in front of others.
-- safe: Runs outside a transaction, alone in its file.
-- name: drop_index_{{index}}
-- field table: table | Table
-- field index: index of table | Index
-- example table: orders
-- example index: orders_status_idx

-- migrate:up transaction:false
DROP INDEX CONCURRENTLY {{index|qualified}};

-- migrate:down
{{index|definition}}
