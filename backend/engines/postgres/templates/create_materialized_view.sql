-- title: Create a materialized view
-- group: Views and triggers
-- description: Makes a view that keeps its rows until it is refreshed.
-- safe: To refresh it without stopping readers it needs a unique index and REFRESH … CONCURRENTLY.
-- name: create_view_{{view}}
-- field view: new-table | Name of the view
-- field query: select | Query
-- example view: totals
-- example query: SELECT 1 AS id, 2 AS total

-- migrate:up
CREATE MATERIALIZED VIEW {{view}} AS
{{query}};

-- migrate:down
DROP MATERIALIZED VIEW {{view}};
