"""Validation: a 2 MB migration of each dialect, and `check` over a folder of 1,000 migrations, cold and again."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from backend.engine.handed import one_reading
from backend.engine.lint.linter import lint_file
from backend.engine.lint.source import of_parsed
from backend.engine.registry import engine_named
from backend.services.toolbox import tool_named
from tests.bench.measure import Line, alone, took_ms

_ROOT = Path(__file__).resolve().parents[2]
_SIZE = 2_000_000
_FILES = 1_000


def big_file(engine: str) -> tuple[str, bytes]:
    """A migration of 2 MB: a table and its rows, one statement each."""
    is_sql = engine != "mongodb"
    lines, size, number = [], 0, 0
    while size < _SIZE:
        if is_sql:
            line = f"INSERT INTO orders (id, name, amount) VALUES ({number}, 'customer {number} it''s; --', {number}.5);\n"
        else:
            line = f"    await db.collection('orders').insertOne({{ _id: {number}, name: 'customer {number}' }});\n"
        lines.append(line)
        size, number = size + len(line), number + 1
    body = "".join(lines)
    if is_sql:
        head = "-- migrate:up\nCREATE TABLE orders (id bigint PRIMARY KEY, name text, amount numeric);\n"
        return "20260101000000_big.sql", f"{head}{body}\n-- migrate:down\nDROP TABLE orders;\n".encode()
    down = "  async down(db, client) {\n    await db.collection('orders').drop();\n  },\n};\n"
    return "20260101000000-big.js", (
        f"module.exports = {{\n  async up(db, client) {{\n{body}  }},\n{down}".encode()
    )


def project(folder: Path, files: int = _FILES) -> Path:
    """A folder of migrations as projects have them: tables, indexes, columns, data, and their way back."""
    migrations = folder / "db" / "migrations"
    migrations.mkdir(parents=True)
    for number in range(files):
        table = f"things_{number // 4}"
        up, down = (
            (
                f"CREATE TABLE {table} (\n  id bigint PRIMARY KEY,\n  name varchar(200) NOT NULL,\n  note text,\n"
                f"  created_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP\n);\nCREATE INDEX {table}_name ON {table} (name);",
                f"DROP TABLE {table};",
            ),
            (f"ALTER TABLE {table} ADD COLUMN state varchar(20);", f"ALTER TABLE {table} DROP COLUMN state;"),
            (f"CREATE INDEX {table}_state ON {table} (state, created_at);", f"DROP INDEX {table}_state;"),
            (
                f"INSERT INTO {table} (id, name, state) VALUES (1, 'first', 'new'), (2, 'it''s', 'old');\n"
                f"UPDATE {table} SET note = 'n' WHERE state = 'new';",
                f"DELETE FROM {table} WHERE id IN (1, 2);",
            ),
        )[number % 4]
        name = f"{20200101000000 + number}_{('create', 'alter', 'index', 'seed')[number % 4]}_{table}.sql"
        (migrations / name).write_text(f"-- migrate:up\n{up}\n\n-- migrate:down\n{down}\n")
    return folder


def two_megabytes(folder: Path, rounds: int) -> list[Line]:
    found = []
    for engine in ("postgres", "mysql", "sqlite", "clickhouse", "bigquery", "spanner", "mongodb"):
        tool = tool_named(str(engine_named(engine).tool))
        name, data = big_file(engine)

        def judge(tool=tool, name=name, data=data, engine=engine) -> object:  # type: ignore[no-untyped-def]
            with one_reading():
                return lint_file(of_parsed(tool.parse(Path(name), data)), engine)

        judge()
        times = [took_ms(judge) for _ in range(min(rounds, 3))]
        found.append(alone(f"validate 2 MB, {engine}", times, 1000))
    return found


def folder_check(folder: Path, rounds: int) -> list[Line]:
    found = []
    for engine in ("postgres", "mysql", "sqlite"):
        home, work = folder / f"home-{engine}", project(folder / engine)
        env = {**os.environ, "DB_TOOLKIT_HOME": str(home), "GITHUB_ACTIONS": ""}
        command = [sys.executable, str(_ROOT / "main.py"), "check", "--engine", engine, "--fail-on", "never"]

        def run(command=command, work=work, env=env) -> object:  # type: ignore[no-untyped-def]
            return subprocess.run(command, cwd=work, env=env, check=True, capture_output=True)

        found.append(alone(f"check 1,000 migrations, cold, {engine}", [took_ms(run)], 10_000))
        again = [took_ms(run) for _ in range(min(rounds, 3))]
        found.append(alone(f"check 1,000 migrations, again, {engine}", again, 1000))
    return found


def checking(folder: Path, rounds: int) -> list[Line]:
    return [*two_megabytes(folder, rounds), *folder_check(folder, rounds)]
