-- title: Drop a skipping index
-- group: Indexes
-- description: Drops a skipping index; down makes it again.
-- safe: After down it is filled for new rows only, until MATERIALIZE INDEX.
-- name: drop_index_{{index}}
-- field table: table | Table
-- field index: index of table | Index
-- example table: orders
-- example index: orders_status_idx

-- migrate:up
ALTER TABLE {{table}} DROP INDEX {{index}} SETTINGS mutations_sync = 2;

-- migrate:down
{{index|definition}}
