-- title: Create a view
-- group: Views and triggers
-- description: Makes a view of a query.
-- name: create_view_{{view}}
-- field view: new-table | Name of the view
-- field query: select | Query
-- example view: totals
-- example query: SELECT 1 AS id, 2 AS total

-- migrate:up
CREATE VIEW {{view}} AS
{{query}};

-- migrate:down
DROP VIEW {{view}};
