-- title: Change a view
-- group: Views and triggers
-- description: Replaces a view's query; columns may only be added at the end.
-- safe: Down drops the view first: it fails where another view uses it.
-- name: change_view_{{view}}
-- field view: view | View
-- field query: select | New query
-- example view: vip_customers
-- example query: SELECT 1::bigint AS id, 2 AS one_more

-- migrate:up
CREATE OR REPLACE VIEW {{view}} AS
{{query}};

-- migrate:down
DROP VIEW {{view}};
{{view|definition}}
