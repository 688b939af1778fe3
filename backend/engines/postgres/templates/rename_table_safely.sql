-- title: Rename a table and keep the old name
-- group: Tables
-- description: Renames a table and leaves a view under the old name, which reads and writes as the table did.
-- safe: Code that runs now goes on through the view; drop the view once nothing uses the old name.
-- name: rename_{{table}}_to_{{new_name}}
-- field table: table | Table
-- field new_name: name of table | New name
-- example table: orders
-- example new_name: sales

-- migrate:up
ALTER TABLE {{table}} RENAME TO {{new_name}};
CREATE VIEW {{table}} AS SELECT * FROM {{new_name|qualified}};

-- migrate:down
DROP VIEW {{table}};
ALTER TABLE {{new_name|qualified}} RENAME TO {{table|name}};
