-- title: Create an enum type
-- group: Types
-- description: Makes a type with a fixed list of values.
-- safe: A value cannot be taken out again, only renamed.
-- name: create_type_{{type}}
-- field type: new-table | Name of the type
-- field values: values | Values in order
-- example type: size
-- example values: ["small", "it's \\ large"]

-- migrate:up
CREATE TYPE {{type}} AS ENUM ({{values}});

-- migrate:down
DROP TYPE {{type}};
