-- title: Create a materialized view
-- group: Views and triggers
-- description: Makes a view that writes what arrives in one table into another.
-- safe: It sees only rows that arrive from now on; fill the target for the others by an INSERT … SELECT of its own.
-- name: create_view_{{view}}
-- field view: new-table | Name of the view
-- field target: table | Writes into table
-- field query: select | Query over the source table
-- example view: copies
-- example target: customers
-- example query: SELECT id, total FROM loose

-- migrate:up
CREATE MATERIALIZED VIEW {{view}} TO {{target}} AS
{{query}};

-- migrate:down
DROP VIEW {{view}};
