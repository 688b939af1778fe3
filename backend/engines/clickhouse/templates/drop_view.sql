-- title: Drop a view
-- group: Views and triggers
-- description: Drops a view; down makes it again.
-- name: drop_view_{{view}}
-- field view: view | View
-- example view: vip_customers

-- migrate:up
DROP VIEW {{view}};

-- migrate:down
{{view|definition}}
