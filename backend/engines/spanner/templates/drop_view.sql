-- title: Drop a view
-- group: Views and triggers
-- description: Drops a view; down makes it again from the query given here.
-- name: drop_view_{{view}}
-- field view: view | View
-- field query: select | Its query, for down
-- example view: vip_customers
-- example query: SELECT id FROM customers

-- migrate:up transaction:false
DROP VIEW {{view}};

-- migrate:down transaction:false
CREATE VIEW {{view}} SQL SECURITY INVOKER AS
{{query}};
