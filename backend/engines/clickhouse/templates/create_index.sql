-- title: Add a skipping index
-- group: Indexes
-- description: Adds an index that lets queries skip parts of a table.
-- safe: Adding it is instant; filling it for rows that are there is a step of its own, since ClickHouse takes one statement a file.
-- name: index_{{index}}_of_{{table}}
-- field table: table | Table
-- field index: name | Name of the index
-- field expression: expression | Of | A column or an expression
-- field kind: choice(minmax, set, bloom_filter, tokenbf_v1, ngrambf_v1) = minmax | Kind
-- field granularity: number = 4 | Granularity
-- example table: orders
-- example index: orders_by_total
-- example expression: total
-- example granularity: 2

-- file: add
-- migrate:up
ALTER TABLE {{table}} ADD INDEX {{index}} {{expression}} TYPE {{kind}}{{#kind=set}}(0){{/kind}}{{#kind=tokenbf_v1}}(8192, 3, 0){{/kind}}{{#kind=ngrambf_v1}}(4, 8192, 3, 0){{/kind}} GRANULARITY {{granularity}};

-- migrate:down
ALTER TABLE {{table}} DROP INDEX {{index}} SETTINGS mutations_sync = 2;

-- file: fill
-- migrate:up
ALTER TABLE {{table}} MATERIALIZE INDEX {{index}} SETTINGS mutations_sync = 2;

-- migrate:down
ALTER TABLE {{table}} CLEAR INDEX {{index}} SETTINGS mutations_sync = 2;
