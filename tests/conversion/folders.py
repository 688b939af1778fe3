"""Folders as each tool's documentation shows them: the same small shop, written in the style of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

USERS = "CREATE TABLE users (\n  id INTEGER PRIMARY KEY,\n  email VARCHAR(80) NOT NULL\n);"
ORDERS = "CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users (id));"
INDEX = "CREATE INDEX orders_user ON orders (user_id);"
VIEW = "CREATE VIEW emails AS SELECT email FROM users;"


@dataclass(frozen=True)
class Example:
    """`files` in the tool's style; `applied` writes its table as after the first two of three migrations."""

    tool: str
    files: Mapping[str, str]
    ups: tuple[str, ...] = (USERS, ORDERS, INDEX)
    table: tuple[str, ...] = ()
    downs: tuple[str, ...] = ("taken", "taken", "taken")
    left_out: tuple[str, ...] = ()
    more: Mapping[str, str] = field(default_factory=dict)

    def write(self, folder: Path) -> Path:
        for name, text in {**self.files, **self.more}.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
        return folder


EXAMPLES = (
    Example(
        "flyway",
        {
            "V1__create_users.sql": USERS,
            "V1.2__orders.sql": ORDERS,
            "V1.10__index.sql": INDEX,
            "R__emails.sql": VIEW,
            "U1.2__orders.sql": "DROP TABLE orders;",
            "beforeMigrate.sql": "SELECT 1;",
        },
        ups=(USERS, ORDERS, INDEX, VIEW),
        downs=("generated", "taken", "generated", "generated"),
        left_out=("beforeMigrate.sql",),
        table=(
            "CREATE TABLE flyway_schema_history (installed_rank INTEGER, version VARCHAR(50), description VARCHAR(200),"
            " type VARCHAR(20), script VARCHAR(1000), checksum INTEGER, success BOOLEAN)",
            "INSERT INTO flyway_schema_history VALUES (1, '1', 'create users', 'SQL', 'V1__create_users.sql', 7, TRUE)",
            "INSERT INTO flyway_schema_history VALUES (2, '1.2', 'orders', 'SQL', 'V1.2__orders.sql', 8, TRUE)",
        ),
    ),
    Example(
        "golang-migrate",
        {
            "000001_create_users.up.sql": USERS,
            "000001_create_users.down.sql": "DROP TABLE users;",
            "000002_orders.up.sql": ORDERS,
            "000002_orders.down.sql": "DROP TABLE orders;",
            "000003_index.up.sql": INDEX,
            "000003_index.down.sql": "DROP INDEX orders_user;",
        },
        table=(
            "CREATE TABLE schema_migrations (version BIGINT NOT NULL PRIMARY KEY, dirty BOOLEAN NOT NULL)",
            "INSERT INTO schema_migrations VALUES (2, FALSE)",
        ),
    ),
    Example(
        "goose",
        {
            "20240101120000_create_users.sql": f"-- +goose Up\n-- +goose StatementBegin\n{USERS}\n-- +goose StatementEnd\n\n"
            "-- +goose Down\nDROP TABLE users;\n",
            "20240102120000_orders.sql": f"-- +goose Up\n{ORDERS}\n-- +goose Down\nDROP TABLE orders;\n",
            "20240103120000_index.sql": "-- +goose NO TRANSACTION\n-- +goose Up\n"
            f"{INDEX}\n-- +goose Down\nDROP INDEX orders_user;\n",
            "20240104120000_rows.go": "package migrations\n",
        },
        left_out=("20240104120000_rows.go",),
        table=(
            "CREATE TABLE goose_db_version (id INTEGER PRIMARY KEY, version_id BIGINT, is_applied BOOLEAN)",
            "INSERT INTO goose_db_version VALUES (1, 0, TRUE), (2, 20240101120000, TRUE), (3, 20240102120000, TRUE),"
            " (4, 20240103120000, TRUE), (5, 20240103120000, FALSE)",
        ),
    ),
    Example(
        "sql-migrate",
        {
            "1_create_users.sql": f"-- +migrate Up\n{USERS}\n\n-- +migrate Down\nDROP TABLE users;\n",
            "2_orders.sql": f"-- +migrate Up\n-- +migrate StatementBegin\n{ORDERS}\n-- +migrate StatementEnd\n"
            "-- +migrate Down\nDROP TABLE orders;\n",
            "10_index.sql": f"-- +migrate Up notransaction\n{INDEX}\n-- +migrate Down\nDROP INDEX orders_user;\n",
        },
        table=(
            "CREATE TABLE gorp_migrations (id VARCHAR(255) PRIMARY KEY, applied_at TIMESTAMP)",
            "INSERT INTO gorp_migrations VALUES ('1_create_users.sql', NULL), ('2_orders.sql', NULL)",
        ),
    ),
    Example(
        "liquibase",
        {
            "changelog.sql": f"--liquibase formatted sql\n\n--changeset ann:1\n{USERS}\n--rollback DROP TABLE users;\n\n"
            f"--changeset ann:2 splitStatements:false\n{ORDERS}\n--rollback DROP TABLE\n--rollback orders;\n\n"
            f"--changeset bob:3 runInTransaction:false context:prod\n{INDEX}\n--rollback DROP INDEX orders_user;\n",
            "root.xml": "<databaseChangeLog/>",
        },
        left_out=("root.xml",),
        table=(
            "CREATE TABLE databasechangelog (id VARCHAR(255), author VARCHAR(255), filename VARCHAR(255),"
            " orderexecuted INTEGER, exectype VARCHAR(10))",
            "INSERT INTO databasechangelog VALUES ('1', 'ann', 'changelog.sql', 1, 'EXECUTED'),"
            " ('2', 'ann', 'changelog.sql', 2, 'MARK_RAN')",
        ),
    ),
    Example(
        "node-pg-migrate",
        {
            "1700000000001_create-users.sql": f"-- Up Migration\n{USERS}\n\n-- Down Migration\nDROP TABLE users;\n",
            "1700000000002_orders.sql": f"-- Up Migration\n{ORDERS}\n-- Down Migration\nDROP TABLE orders;\n",
            "1700000000003_index.sql": f"-- Up Migration\n{INDEX}\n-- Down Migration\nDROP INDEX orders_user;\n",
        },
        table=(
            "CREATE TABLE pgmigrations (id INTEGER PRIMARY KEY, name VARCHAR(255), run_on TIMESTAMP)",
            "INSERT INTO pgmigrations VALUES (1, '1700000000001_create-users', NULL), (2, '1700000000002_orders', NULL)",
        ),
    ),
    Example(
        "prisma",
        {
            "20240101120000_create_users/migration.sql": USERS,
            "20240101120000_create_users/down.sql": "DROP TABLE users;",
            "20240102120000_orders/migration.sql": ORDERS,
            "20240103120000_index/migration.sql": INDEX,
            "migration_lock.toml": 'provider = "sqlite"\n',
        },
        downs=("taken", "generated", "generated"),
        table=(
            "CREATE TABLE _prisma_migrations (id VARCHAR(36), migration_name VARCHAR(255), finished_at TIMESTAMP,"
            " rolled_back_at TIMESTAMP)",
            "INSERT INTO _prisma_migrations VALUES ('a', '20240101120000_create_users', '2024-01-01 12:00:00', NULL),"
            " ('b', '20240102120000_orders', NULL, '2024-01-01 12:00:00'),"
            " ('c', '20240102120000_orders', '2024-01-01 12:00:00', NULL)",
        ),
    ),
    Example(
        "knex",
        {
            "20240101120000_create_users.js": "exports.up = (knex) => knex.raw(sql('up'))\n",
            "20240101120000_create_users.up.sql": USERS,
            "20240101120000_create_users.down.sql": "DROP TABLE users;",
            "20240102120000_orders.js": "",
            "20240102120000_orders.up.sql": ORDERS,
            "20240102120000_orders.down.sql": "DROP TABLE orders;",
            "20240103120000_index.js": "",
            "20240103120000_index.up.sql": INDEX,
            "20240103120000_index.down.sql": "DROP INDEX orders_user;",
        },
        table=(
            "CREATE TABLE knex_migrations (id INTEGER, name VARCHAR(255), batch INTEGER)",
            "INSERT INTO knex_migrations VALUES (1, '20240101120000_create_users.js', 1), (2, '20240102120000_orders.js', 1)",
        ),
    ),
    Example(
        "pairs",
        {
            "1-create-users-up.sql": USERS,
            "1-create-users-down.sql": "DROP TABLE users;",
            "2-orders-up.sql": ORDERS,
            "2-orders-down.sql": "DROP TABLE orders;",
            "3-index-up.sql": INDEX,
            "3-index-down.sql": "DROP INDEX orders_user;",
        },
        table=(
            "CREATE TABLE ar_internal_metadata (key VARCHAR(99), value VARCHAR(99))",
            "CREATE TABLE schema_migrations (version VARCHAR(99) NOT NULL PRIMARY KEY)",
            "INSERT INTO schema_migrations VALUES ('1'), ('2')",
        ),
    ),
    Example(
        "django",
        {
            "shop.0001_initial.sql": f"BEGIN;\n--\n-- Create model User\n--\n{USERS}\nCOMMIT;\n",
            "shop.0001_initial.backwards.sql": "BEGIN;\n--\n-- Create model User\n--\nDROP TABLE users;\nCOMMIT;\n",
            "shop.0002_orders.sql": f"BEGIN;\n--\n-- Create model Order\n--\n{ORDERS}\nCOMMIT;\n",
            "shop.0003_index.sql": "BEGIN;\n--\n-- Create index orders_user on field(s) user of model order\n--\n"
            f"{INDEX}\nCOMMIT;\n",
        },
        downs=("taken", "generated", "generated"),
        table=(
            "CREATE TABLE django_migrations (id INTEGER, app VARCHAR(255), name VARCHAR(255))",
            "INSERT INTO django_migrations VALUES (1, 'auth', '0001_initial'), (2, 'shop', '0001_initial'),"
            " (3, 'shop', '0002_orders')",
        ),
    ),
)
