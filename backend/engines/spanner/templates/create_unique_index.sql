-- title: Create a unique index
-- group: Indexes
-- description: Makes an index that refuses a second row with the same values.
-- name: unique_{{columns}}_of_{{table}}
-- field table: table | Table
-- field columns: keys of table | Columns
-- field index: name of table = {{table}}_{{columns}}_idx | Name of the index
-- field skip_null: boolean = false | Leave rows with NULL out
-- example table: orders
-- example columns: ["status"]
-- example skip_null: true

-- migrate:up transaction:false
CREATE UNIQUE INDEX {{index}} ON {{table}} ({{columns}}){{#skip_null}} WHERE {{#columns}}{{columns}}{{/columns}} IS NOT NULL{{/skip_null}};

-- migrate:down transaction:false
DROP INDEX {{index|qualified}};
