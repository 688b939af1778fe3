-- title: Drop a foreign key
-- group: Constraints
-- description: Drops a foreign key; down makes it again from what you give here.
-- name: drop_fk_{{constraint}}
-- field table: table | Table
-- field columns: columns of table | Columns
-- field ref_table: table | Refers to table
-- field ref_columns: columns of ref_table | Its columns
-- field constraint: name | Name of the constraint
-- example table: orders
-- example columns: ["customer_id"]
-- example ref_table: customers
-- example ref_columns: ["id"]
-- example constraint: orders_customer_fk

-- migrate:up
ALTER TABLE {{table}} DROP CONSTRAINT {{constraint}};

-- migrate:down
ALTER TABLE {{table}} ADD CONSTRAINT {{constraint}} FOREIGN KEY ({{columns}}) REFERENCES {{ref_table}} ({{ref_columns}}) NOT ENFORCED;
