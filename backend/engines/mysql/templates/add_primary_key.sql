-- title: Add a primary key
-- group: Constraints
-- description: Gives a table without one a primary key.
-- name: key_of_{{table}}
-- field table: table | Table
-- field columns: columns of table | Columns
-- example table: loose
-- example columns: ["id"]

-- migrate:up
ALTER TABLE {{table}} ADD PRIMARY KEY ({{columns}});

-- migrate:down
ALTER TABLE {{table}} DROP PRIMARY KEY;
