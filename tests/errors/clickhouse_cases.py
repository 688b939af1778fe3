"""What ClickHouse refuses, and how the app names it."""

from __future__ import annotations

from tests.errors.case import Case

SETUP = (
    "CREATE TABLE events (id UInt32, day Date, name String, CONSTRAINT positive CHECK id > 0)"
    " ENGINE = MergeTree ORDER BY (day, id)",
    "CREATE TABLE small (x UInt8, e Enum8('a' = 1)) ENGINE = MergeTree ORDER BY x",
    "CREATE VIEW latest AS SELECT * FROM events",
    "INSERT INTO events VALUES (1, '2026-01-01', 'x')",
)

CASES = [
    Case("table exists", "\nCREATE TABLE events (x Int8) ENGINE = Memory", "migration_failed", "table_exists", 3),
    Case("database exists", "CREATE DATABASE default", "migration_failed", "database_exists", 2),
    Case("column exists", "ALTER TABLE events ADD COLUMN name String", "migration_failed", "column_exists", 2),
    Case("function exists", "CREATE FUNCTION plus AS (a) -> a", "migration_failed", "object_exists", 2),
    Case("table missing", "SELECT * FROM nowhere", "migration_failed", "table_missing", 2),
    Case("column missing", "SELECT nope FROM events", "migration_failed", "column_missing", 2),
    Case("column missing in alter", "ALTER TABLE events DROP COLUMN nope", "migration_failed", "column_missing", 2),
    Case("database missing", "SELECT * FROM nodb.t", "database_missing", None),
    Case("function unknown", "SELECT uuid_v9()", "migration_failed", "unknown_function", 2),
    Case("type unknown", "CREATE TABLE a (x Strin) ENGINE = Memory", "migration_failed", "object_missing", 2),
    Case("storage engine unknown", "CREATE TABLE a (x Int8) ENGINE = Nope", "migration_failed", "extension_missing", 2),
    Case("setting unknown", "SET no_such_setting = 1", "migration_failed", "unknown_setting", 2),
    Case("number of arguments", "SELECT length('a', 'b')", "migration_failed", "type_mismatch", 2),
    Case("type of an argument", "SELECT 1 + 'x'", "migration_failed", "type_mismatch", 2),
    Case("types without a common one", "SELECT [1, 'x']", "migration_failed", "type_mismatch", 2),
    Case("cast of a text", "SELECT toInt32('x')", "migration_failed", "invalid_value", 2),
    Case("date that is none", "SELECT toDate('2026-xx')", "migration_failed", "invalid_value", 2),
    Case("enum value", "INSERT INTO small SELECT 1, 'zz'", "migration_failed", "invalid_value", 2),
    Case("division by zero", "SELECT intDiv(1, 0)", "migration_failed", "division_by_zero", 2),
    Case("constraint", "INSERT INTO events VALUES (0, '2026-01-01', 'x')", "constraint_violation", "check", 2),
    Case("key column dropped", "ALTER TABLE events DROP COLUMN day", "migration_failed", "column_missing", 2),
    Case("key column renamed", "ALTER TABLE events RENAME COLUMN day TO d", "migration_failed", "dependent_objects", 2),
    Case("sorting key of a missing column", "CREATE TABLE k1 (x Int8) ENGINE = MergeTree ORDER BY nope",
         "migration_failed", "column_missing", 2),
    Case("nullable key", "CREATE TABLE k2 (x Nullable(Int8)) ENGINE = MergeTree ORDER BY x",
         "migration_failed", "invalid_definition", 2),
    Case("number of values", "INSERT INTO small SELECT 1", "migration_failed", "column_count", 2),
    Case("grouping", "SELECT name, count() FROM events", "migration_failed", "grouping", 2),
    Case("aggregate in where", "SELECT 1 FROM events WHERE count() > 1", "migration_failed", "grouping", 2),
    Case("wrong kind of object", "ALTER TABLE latest ADD COLUMN x Int8", "migration_failed", "unsupported_feature", 2),
    Case("transactions", "BEGIN TRANSACTION", "migration_failed", "unsupported_feature", 2),
    Case("several statements", "SELECT 1;\nSELECT 2", "syntax_error", "several_statements"),
    Case("empty", "-- nothing", "syntax_error", "empty_block"),
    Case("syntax", "\nCREATE TABLE a (\n  x Int8,\n  y Strin g\n) ENGINE = Memory", "syntax_error", "syntax", 5),
    Case("memory", "SELECT groupArray(number) FROM numbers(9000000) SETTINGS max_memory_usage = 9000000",
         "migration_failed", "out_of_memory", 2),
    Case("too slow", "SELECT count() FROM numbers(100000000000) SETTINGS max_execution_time = 0.2",
         "timeout", "statement_timeout"),
    Case("too many rows", "SELECT * FROM numbers(100) SETTINGS max_rows_to_read = 10",
         "migration_failed", "limit_reached", 2),
    Case("subquery with more rows", "SELECT (SELECT number FROM numbers(3))", "migration_failed", "row_count", 2),
    Case("index exists", "ALTER TABLE events ADD INDEX i name TYPE minmax, ADD INDEX i name TYPE minmax",
         "migration_failed", "index_exists"),
    Case("index missing", "ALTER TABLE events DROP INDEX nope", "migration_failed", "index_missing", 2),
    Case("raised", "SELECT throwIf(1, 'not today')", "migration_failed", "raised", 2),
]  # fmt: skip
