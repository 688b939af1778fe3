-- title: Rename a table
-- group: Tables
-- description: Gives a table another name.
-- safe: Code that runs now still uses the old name: ship code that knows both, or leave a view under the old name until it is gone.
-- name: rename_{{table}}_to_{{new_name}}
-- field table: table | Table
-- field new_name: name of table | New name
-- example table: orders
-- example new_name: sales

-- migrate:up transaction:false
ALTER TABLE {{table}} RENAME TO {{new_name}};

-- migrate:down transaction:false
ALTER TABLE {{new_name|qualified}} RENAME TO {{table|name}};
