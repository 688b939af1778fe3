"""One small shop on every engine, with rows: what the templates' examples speak of. In plain names or in nasty ones.

customers(id, email, total), orders(id, customer_id, total, status, note) with an index, a foreign key and a check,
loose(id, total) without a key, the view vip_customers; where the engine has them an enum `mood` and a partitioned
table `events`. Expressions in examples use only `id` and `total`, which keep their names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from backend.engine.target import Target
from backend.services.templates.quoting import quoting

KEPT = {"id", "total", "day", "at"}
NASTY = {
    "customers": 'Käse "x"',
    "orders": "order",
    "customer_id": "it's `mine`",
    "status": "select",
    "note": "Note; -- /* 注",
    "orders_total_check": "orders_total_check",
    "orders_status_idx": 'by "status" \'s',
    "orders_customer_fk": 'fk "x" \'y',
    "vip_customers": "View",
    "mood": "Mood 'n' \"m\"",
}
NASTY_BIGQUERY = {"customers": "Customers", "orders": "order", "status": "select", "vip_customers": "View"}


@dataclass(frozen=True)
class Names:
    """What the things of the shop are called. `suffix` makes new names nasty as well."""

    mapping: Mapping[str, str] = field(default_factory=dict)
    suffix: str = ""
    schema: str | None = None
    """Where the tables are, if not where a session looks first."""

    def table(self, name: str) -> str:
        return f"{self.schema}.{name}" if self.schema else name

    def __call__(self, name: str) -> str:
        if name in KEPT or name.startswith(tuple("0123456789")):
            return name
        return self.mapping.get(name, name)

    def new(self, name: str) -> str:
        return name if name in KEPT else name + self.suffix


def names_of(target: Target, kind: str) -> Names:
    engine = target.engine
    if engine == "bigquery":
        # Its emulator knows no default dataset in DML, and takes only letters, digits and _.
        nasty = kind == "nasty"
        return Names(NASTY_BIGQUERY if nasty else {}, "_N" if nasty else "", _database(target))
    if kind == "plain":
        return Names()
    if engine == "mongodb":
        return Names({key: value.replace("$", "") for key, value in NASTY.items()}, " 'ü\" \\")
    return Names(NASTY, " \"ü'`", "My app" if engine == "postgres" else None)


_INT = {"bigquery": "INT64", "clickhouse": "Int32"}
_KEY = {"bigquery": "INT64", "clickhouse": "UInt64", "sqlite": "INTEGER"}
_TEXT = {"mysql": "varchar(100)", "bigquery": "STRING", "clickhouse": "String", "spanner": "varchar(100)"}


def statements(engine: str, names: Names, database: str | None = None) -> list[str]:
    """The shop in SQL, a statement each; its tables in `database` where a session has no default one."""
    quote = quoting(engine)
    word = {one: quote.name(names(one)) for one in (*NASTY, "email", "loose", "events")}
    for table in (
        "customers",
        "orders",
        "loose",
        "vip_customers",
        "mood",
        "events",
        "feelings",
        "events_2025",
    ):
        word[table] = quote.qualified(database or names.schema, names(table))
    key, integer, text = _KEY.get(engine, "bigint"), _INT.get(engine, "integer"), _TEXT.get(engine, "text")
    rows = ", ".join(f"({n}, {1 + n % 3}, {n}, 'new', 'a')" for n in range(1, 6))
    fill = [
        f"INSERT INTO {word['customers']} (id, {word['email']}, total) "
        "VALUES (1, 'a', 20), (2, 'b', 5), (3, 'c', 7), (4, 'd', 8), (5, 'e', 9)",
        f"INSERT INTO {word['orders']} (id, {word['customer_id']}, total, "
        f"{word['status']}, {word['note']}) VALUES {rows}",
        f"INSERT INTO {word['loose']} (id, total) VALUES (1, 2)",
    ]
    view = f"CREATE VIEW {word['vip_customers']} AS SELECT id FROM {word['customers']} WHERE total > 10"
    if engine == "clickhouse":
        tail = "ENGINE = MergeTree ORDER BY id"
        return [
            f"CREATE TABLE {word['customers']} (id {key}, {word['email']} {text}, total {integer}) {tail}",
            f"CREATE TABLE {word['orders']} (id {key}, {word['customer_id']} {key}, "
            f"total {integer} DEFAULT 1, {word['status']} {text}, "
            f"{word['note']} {text} DEFAULT 'it\\'s', "
            f"INDEX {word['orders_status_idx']} {word['status']} TYPE set(10) GRANULARITY 2, "
            f"CONSTRAINT orders_total_check CHECK total > -10) {tail}",
            f"CREATE TABLE {word['loose']} (id {key}, total {integer}) {tail}",
            view,
            *fill,
        ]
    if engine == "bigquery":
        return [
            f"CREATE TABLE {word['customers']} (id {key}, {word['email']} {text}, total {integer})",
            f"CREATE TABLE {word['orders']} (id {key}, {word['customer_id']} {key}, "
            f"total {integer}, {word['status']} {text}, {word['note']} {text})",
            f"CREATE TABLE {word['loose']} (id {key}, total {integer})",
            view,
            *fill,
        ]
    made = [
        f"CREATE TABLE {word['customers']} (id {key} NOT NULL PRIMARY KEY, {word['email']} {text} NOT NULL, total {integer})",
        f"CREATE TABLE {word['orders']} (id {key} NOT NULL PRIMARY KEY, {word['customer_id']} {key}, "
        f"total {integer} DEFAULT 1, "
        f"{word['status']} {text} NOT NULL, {word['note']} {text} DEFAULT 'it''s', "
        f"CONSTRAINT {word['orders_customer_fk']} FOREIGN KEY ({word['customer_id']}) REFERENCES {word['customers']} (id), "
        f"CONSTRAINT orders_total_check CHECK (total > -10))",
        f"CREATE INDEX {word['orders_status_idx']} ON {word['orders']} ({word['status']})",
        f"CREATE TABLE {word['loose']} (id {key} NOT NULL, total {integer})",
        view,
        *fill,
    ]
    if engine == "postgres" and names.schema:
        made.insert(0, f"CREATE SCHEMA {quote.name(names.schema)}")
    if engine == "postgres":
        made += [
            f"CREATE TYPE {word['mood']} AS ENUM ('sad', 'ok')",
            f"CREATE TABLE {word['feelings']} (id bigint, mood {word['mood']} DEFAULT 'ok' NOT NULL)",
            f"INSERT INTO {word['feelings']} VALUES (1, 'sad')",
            f"CREATE TABLE {word['events']} (id bigint, at date) PARTITION BY RANGE (at)",
            f"CREATE TABLE {word['events_2025']} PARTITION OF {word['events']} "
            "FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')",
        ]
    if engine == "mysql":
        made.append(
            "CREATE TABLE events (id bigint) PARTITION BY RANGE (id) (PARTITION p1 VALUES LESS THAN (100))"
        )
    return made


def plant(target: Target, names: Names) -> None:
    """Make the shop in an empty database, each engine by its own driver."""
    engine = target.engine
    if engine == "mongodb":
        _plant_mongodb(target, names)
        return
    sql = statements(engine, names, _database(target) if engine in {"clickhouse", "bigquery"} else None)
    if engine in {"postgres", "spanner"}:
        import psycopg

        url = "postgresql" + target.url[target.url.index(":") :]
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(";\n".join(sql).encode())
    elif engine == "sqlite":
        import sqlite3

        with sqlite3.connect(target.url.removeprefix("sqlite:")) as file:
            file.executescript(";\n".join(sql))
        file.close()
    elif engine == "mysql":
        from backend.engines.mysql import ENGINE
        from tests.engines.mysql.helpers import run
        from tests.engines.sqlite.project import Project

        run(Project(target.working_dir, target.url, ENGINE), *sql)
    else:
        send(target, sql)


def send(target: Target, sql: list[str]) -> None:
    """Statements, one by one, through the engine's own session (ClickHouse, BigQuery)."""
    if target.engine == "clickhouse":
        from backend.engines.clickhouse.connect import session as clickhouse_session

        with clickhouse_session(target) as server:
            for one in sql:
                server.query(one)
    else:
        from backend.engines.bigquery.connect import session as bigquery_session

        with bigquery_session(target) as api:
            for one in sql:
                api.query(one, reads=False)


def _database(target: Target) -> str:
    """The last part of the URL's path: ClickHouse's database, BigQuery's dataset."""
    return urlsplit(target.url).path.rpartition("/")[2]


def _plant_mongodb(target: Target, names: Names) -> None:
    from pymongo import MongoClient

    client: MongoClient[dict[str, Any]] = MongoClient(target.url)
    database = client.get_default_database()
    orders = database[names("orders")]
    orders.insert_many(
        {"id": n, names("customer_id"): 1 + n % 3, "total": n, names("status"): "new", names("note"): "a"}
        for n in range(1, 6)
    )
    orders.create_index([(names("status"), 1)], name=names("orders_status_idx"), sparse=True)
    database[names("customers")].insert_many(
        [{"id": 1, "email": "a", "total": 20}, {"id": 2, "email": "b", "total": 5}]
    )
    client.close()
