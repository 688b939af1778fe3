"""The types a `type` field offers, the usual ones of each dialect first. Any other may be typed. Data only."""

TYPES: dict[str, tuple[str, ...]] = {
    "postgres": (
        "text", "bigint", "integer", "boolean", "timestamptz", "date", "numeric(12, 2)", "double precision", "uuid", "jsonb",
        "varchar(255)", "smallint", "time", "interval", "bytea", "inet", "text[]", "bigint GENERATED ALWAYS AS IDENTITY",
    ),
    "mysql": (
        "varchar(255)", "bigint", "int", "boolean", "text", "datetime", "timestamp", "date", "decimal(12, 2)", "double", "json",
        "bigint unsigned", "bigint AUTO_INCREMENT", "smallint", "tinyint", "char(36)", "mediumtext", "time", "blob", "longblob",
    ),
    "sqlite": ("TEXT", "INTEGER", "REAL", "NUMERIC", "BLOB", "ANY"),
    "clickhouse": (
        "String", "UInt64", "Int64", "UInt32", "Int32", "UInt8", "Float64", "Decimal(18, 2)", "Bool", "Date", "DateTime",
        "DateTime64(3)", "UUID", "LowCardinality(String)", "Array(String)", "Map(String, String)", "IPv4", "IPv6", "JSON",
    ),
    "bigquery": (
        "STRING", "INT64", "FLOAT64", "NUMERIC", "BIGNUMERIC", "BOOL", "TIMESTAMP", "DATE", "DATETIME", "TIME", "BYTES", "JSON",
        "GEOGRAPHY", "ARRAY<STRING>",
    ),
    "spanner": (
        "varchar(255)", "bigint", "boolean", "timestamptz", "date", "numeric", "double precision", "jsonb", "text", "bytea",
        "varchar[]",
    ),
    "mongodb": (
        "string", "int", "long", "double", "decimal", "bool", "date", "objectId", "array", "object", "binData", "null",
    ),
}  # fmt: skip
