-- title: Rename an enum value
-- group: Types
-- description: Renames a value of an enum type; rows that hold it show the new name.
-- safe: Code that runs now still writes the old name.
-- name: rename_value_of_{{type}}
-- field type: enum | Type
-- field value: text | Value
-- field new_value: text | New name
-- example type: mood
-- example value: ok
-- example new_value: it's fine

-- migrate:up
ALTER TYPE {{type}} RENAME VALUE {{value}} TO {{new_value}};

-- migrate:down
ALTER TYPE {{type}} RENAME VALUE {{new_value}} TO {{value}};
