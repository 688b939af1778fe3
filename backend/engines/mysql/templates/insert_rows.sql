-- title: Insert seed data
-- group: Data
-- description: Inserts rows; down deletes exactly those.
-- safe: Down deletes rows that look just like these, also one that was there before.
-- name: seed_{{table}}
-- field table: table | Table
-- field rows: rows | Rows
-- example table: orders
-- example rows: [{"id": 101, "customer_id": 1, "total": 5, "status": "it's \\ \"here\"", "note": null}, {"id": 102, "customer_id": 2, "total": 6, "status": "Käse", "note": "; -- no"}]

-- migrate:up
INSERT INTO {{table}} ({{rows|columns}}) VALUES
    {{rows}};

-- migrate:down
DELETE FROM {{table}}
WHERE {{rows|match}};
