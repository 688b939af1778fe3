-- title: Create a unique index
-- group: Indexes
-- description: Makes an index that refuses a second row with the same values.
-- safe: Fails where there are duplicates: look for them first.
-- name: unique_{{columns}}_of_{{table}}
-- field table: table | Table
-- field columns: keys of table | Columns
-- field index: name of table = {{table}}_{{columns}}_idx | Name of the index
-- field where: expression, optional | Only rows where | Spanner takes only IS NOT NULL here
-- example table: orders
-- example columns: ["id", "status"]
-- example where: total IS NOT NULL

-- migrate:up transaction:false
CREATE UNIQUE INDEX {{index}} ON {{table}} ({{columns}}){{#where}} WHERE {{where}}{{/where}};

-- migrate:down transaction:false
DROP INDEX {{index|qualified}};
