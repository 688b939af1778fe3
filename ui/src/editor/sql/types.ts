/** The types that a column can have, per dialect, the likely ones first. Words only. */
import type { Dialect } from '../languages';

const list = (text: string) => text.trim().split(/\s*,\s*/);

const TYPES: Record<Exclude<Dialect, 'mongodb'>, string[]> = {
  postgres:
    list(`bigint, integer, smallint, text, varchar, boolean, numeric, timestamptz, timestamp, date, time,
    interval, uuid, jsonb, json, real, double precision, bytea, bigserial, serial, inet, cidr, macaddr, char, citext,
    int4range, int8range, tstzrange, daterange, tsvector, xml, point, money`),
  mysql:
    list(`BIGINT, INT, SMALLINT, TINYINT, MEDIUMINT, VARCHAR(255), CHAR(1), TEXT, MEDIUMTEXT, LONGTEXT, DECIMAL(10,2),
    DOUBLE, FLOAT, BOOLEAN, DATE, DATETIME, TIMESTAMP, TIME, YEAR, JSON, BLOB, MEDIUMBLOB, LONGBLOB, BINARY(16),
    VARBINARY(255), ENUM(''), SET(''), BIT`),
  sqlite: list('INTEGER, TEXT, REAL, BLOB, NUMERIC, ANY, BOOLEAN, DATE, DATETIME, VARCHAR(255)'),
  clickhouse:
    list(`UInt64, UInt32, UInt16, UInt8, Int64, Int32, Int16, Int8, String, LowCardinality(String), DateTime,
    DateTime64(3), Date, Date32, UUID, Bool, Float64, Float32, Decimal(18, 2), Nullable(String), Array(String),
    Map(String, String), FixedString(16), IPv4, IPv6, Enum8('' = 1), JSON`),
  bigquery:
    list(`INT64, STRING, BOOL, FLOAT64, NUMERIC, BIGNUMERIC, BYTES, DATE, DATETIME, TIME, TIMESTAMP, JSON,
    GEOGRAPHY, ARRAY<STRING>, STRUCT<name STRING>, INTERVAL`),
  spanner: list(
    `INT64, STRING(MAX), STRING(36), BOOL, FLOAT64, NUMERIC, BYTES(MAX), DATE, TIMESTAMP, JSON, ARRAY<STRING(MAX)>`,
  ),
};

export const typesOf = (dialect: Dialect): string[] => (dialect === 'mongodb' ? [] : TYPES[dialect]);
