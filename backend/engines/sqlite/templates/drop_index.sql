-- title: Drop an index
-- group: Indexes
-- description: Drops an index; down makes it again.
-- safe: Look at its use first: making it again on a large table takes long.
-- name: drop_index_{{index}}
-- field table: table | Table
-- field index: index of table | Index
-- example table: orders
-- example index: orders_status_idx

-- migrate:up
DROP INDEX {{index|qualified}};

-- migrate:down
{{index|definition}}
