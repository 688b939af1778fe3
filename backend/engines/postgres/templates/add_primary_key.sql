-- title: Add a primary key
-- group: Constraints
-- description: Gives a table without one a primary key; its columns must hold no empty values.
-- safe: Reading and writing stop while the index is made. On a large table make a unique index concurrently first and write PRIMARY KEY USING INDEX.
-- name: key_of_{{table}}
-- field table: table | Table
-- field columns: columns of table | Columns
-- field constraint: name = {{table}}_pkey | Name of the constraint
-- example table: loose
-- example columns: ["id"]

-- migrate:up
ALTER TABLE {{table}} ADD CONSTRAINT {{constraint}} PRIMARY KEY ({{columns}});

-- migrate:down
ALTER TABLE {{table}} DROP CONSTRAINT {{constraint}};
