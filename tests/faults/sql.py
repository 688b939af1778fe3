"""The SQL engines under fault: one set of files in three dialects, and the harness's own look at each database."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import psycopg
import pymysql

from tests.faults.model import File, ServerSubject, Subject
from tests.servers.model import PASSWORD, USER

TABLE = "schema_migrations"


def sql_files(slow: str, *, work: str) -> list[File]:
    """Files of every kind. `slow` is a statement that takes a moment; `work` fills table d_log with many rows."""

    def tables(*names: str) -> str:
        return "\n".join(f"CREATE TABLE {name} (id INTEGER, note VARCHAR(40));" for name in names)

    def drops(*names: str) -> str:
        return "\n".join(f"DROP TABLE {name};" for name in names)

    return [
        File("one_table", tables("alpha"), drops("alpha"), ("table alpha",)),
        File(
            "several_statements",
            tables("b1", "b2") + "\nCREATE INDEX b1_id ON b1 (id);\n" + tables("b3"),
            drops("b3", "b2", "b1"),
            ("table b1", "table b2", "index b1_id", "table b3"),
        ),
        File(
            "rows",
            "INSERT INTO alpha VALUES (1, 'one');\nINSERT INTO alpha VALUES (2, 'two');\nUPDATE alpha SET note = 'x';",
            "DELETE FROM alpha;",
            (),
        ),
        File(
            "without_transaction",
            tables("c1") + f"\n{slow}\n" + tables("c2"),
            drops("c2") + f"\n{slow}\n" + drops("c1"),
            ("table c1", "table c2"),
            transaction=False,
        ),
        File(
            "slow_work",
            tables("d_log") + f"\n{work}\n" + tables("dd"),
            drops("dd") + f"\n{slow}\n" + drops("d_log"),
            ("table d_log", "table dd"),
        ),
        File(
            "mixed",
            tables("ee")
            + "\nINSERT INTO ee SELECT id, note FROM alpha;\nALTER TABLE alpha ADD COLUMN price INTEGER;"
            + f"\n{slow}\nCREATE INDEX e_id ON ee (id);",
            f"{drops('ee')}\n{slow}\nALTER TABLE alpha DROP COLUMN price;",
            ("table ee", "column alpha.price", "index e_id"),
        ),
        File(
            "one_slow_statement_alone",
            tables("ff"),
            drops("ff"),
            ("table ff",),
            transaction=False,
        ),
        File("last", tables("g1", "g2"), drops("g2", "g1"), ("table g1", "table g2")),
    ]


def sql_ballast(rows: str) -> tuple[File, File]:
    """`rows` is a query of numbers and texts."""
    return (
        File(
            "ballast",
            "CREATE TABLE ballast (id INTEGER PRIMARY KEY, text VARCHAR(80), note VARCHAR(10));\n"
            f"INSERT INTO ballast {rows};\nCREATE INDEX ballast_note ON ballast (note);\n"
            "CREATE VIEW seen AS SELECT id FROM ballast;",
            "DROP VIEW seen;\nDROP TABLE ballast;",
            ("table ballast",),
        ),
        File(
            "change",
            "UPDATE ballast SET note = 'now';\nCREATE TABLE later (id INTEGER);",
            "DROP TABLE later;",
            ("table later",),
        ),
    )


_NOTES = "SELECT note, count(*) FROM ballast GROUP BY note"
_BESIDE = "dbtoolkit"


class SQLite(Subject):
    name = "sqlite"

    def ballast(self) -> tuple[File, File]:
        return sql_ballast(
            "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 60000)"
            " SELECT x, hex(x * 977) || hex(x) || 'and more of it', 'then' FROM n"
        )

    def notes(self, url: str) -> dict[str, int]:
        return dict(self._ask(url, _NOTES, missing="no such table"))

    def beside(self, url: str) -> list[str]:
        path = self._path(url)
        return [one.name for one in path.parent.glob(f".{path.name}*")]

    def files(self) -> Sequence[File]:
        count = (
            "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < {}) SELECT {} FROM n"
        )
        slow = f"DELETE FROM alpha WHERE id = ({count.format(400_000, 'max(x) + 9')});"
        return sql_files(slow, work=f"INSERT INTO d_log {count.format(150_000, 'x, hex(x)')};")

    def fresh(self, folder: Path) -> str:
        return f"sqlite:{folder / 'test.db'}"

    def forget(self, url: str) -> None:
        self._path(url).unlink(missing_ok=True)

    def versions(self, url: str) -> set[str]:
        return {row[0] for row in self._ask(url, f"SELECT version FROM {TABLE}", missing="no such table")}

    def objects(self, url: str) -> set[str]:
        found = self._ask(url, "SELECT type, name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'")
        columns = self._ask(
            url,
            "SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table'",
        )
        return {f"{kind} {name}" for kind, name in found} | {f"column {t}.{c}" for t, c in columns}

    def damage(self, url: str) -> str | None:
        said = self._ask(url, "PRAGMA integrity_check")[0][0] if self._path(url).exists() else "ok"
        return None if said == "ok" else str(said)

    def _ask(self, url: str, query: str, missing: str = "") -> list[Any]:
        if not self._path(url).exists():
            return []
        # Read-write: a journal that a killed writer left must be rolled back before anyone can read.
        with closing(sqlite3.connect(self._path(url), timeout=10)) as connection:
            try:
                return connection.execute(query).fetchall()
            except sqlite3.OperationalError as error:
                if missing and missing in str(error):
                    return []
                raise

    @staticmethod
    def _path(url: str) -> Path:
        return Path(url.removeprefix("sqlite:"))


class PostgreSQL(ServerSubject):
    name = "postgres"
    kind = "postgres18"

    def ballast(self) -> tuple[File, File]:
        return sql_ballast("SELECT n, md5(n::text), 'then' FROM generate_series(1, 60000) n")

    def notes(self, url: str) -> dict[str, int]:
        try:
            return dict(self._ask(url, _NOTES))
        except psycopg.errors.UndefinedTable:
            return {}

    def beside(self, url: str) -> list[str]:
        return [
            row[0] for row in self._ask(url, "SELECT datname FROM pg_database") if row[0].startswith(_BESIDE)
        ]

    def files(self) -> Sequence[File]:
        return sql_files(
            "SELECT pg_sleep(0.15);",
            work="INSERT INTO d_log SELECT n, md5(n::text) FROM generate_series(1, 60000) n;",
        )

    def versions(self, url: str) -> set[str]:
        try:
            return {row[0] for row in self._ask(url, f"SELECT version FROM {TABLE}")}
        except psycopg.errors.UndefinedTable:
            return set()

    def objects(self, url: str) -> set[str]:
        tables = self._ask(url, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        indexes = self._ask(url, "SELECT indexname FROM pg_indexes WHERE schemaname = 'public'")
        columns = self._ask(
            url,
            "SELECT table_name || '.' || column_name FROM information_schema.columns WHERE table_schema = 'public'",
        )
        return (
            {f"table {row[0]}" for row in tables}
            | {f"index {row[0]}" for row in indexes}
            | {f"column {row[0]}" for row in columns}
        )

    def sessions(self, url: str) -> list[str]:
        found = self._ask(
            url,
            "SELECT pid, application_name, state, left(query, 80) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'",
        )
        return [str(row) for row in found]

    @staticmethod
    def _ask(url: str, query: str) -> list[Any]:
        with psycopg.connect(url, connect_timeout=10, autocommit=True) as connection:
            return connection.execute(query).fetchall()


class MariaDB(ServerSubject):
    name = "mysql"
    kind = "mariadb"

    def ballast(self) -> tuple[File, File]:
        return sql_ballast("SELECT seq, md5(seq), 'then' FROM seq_1_to_60000")

    def notes(self, url: str) -> dict[str, int]:
        try:
            return dict(self._ask(url, _NOTES))
        except pymysql.err.ProgrammingError as error:
            if error.args[0] != 1146:
                raise
            return {}

    def beside(self, url: str) -> list[str]:
        return [row[0] for row in self._ask(url, "SHOW DATABASES") if row[0].startswith(_BESIDE)]

    def forget(self, url: str) -> None:
        # A server that was killed in the middle of a DDL may leave a file of its own behind, and then the folder stays.
        with suppress(pymysql.err.OperationalError):
            super().forget(url)

    def files(self) -> Sequence[File]:
        return sql_files(
            "DO SLEEP(0.15);", work="INSERT INTO d_log SELECT seq, md5(seq) FROM seq_1_to_60000;"
        )

    def versions(self, url: str) -> set[str]:
        try:
            return {row[0] for row in self._ask(url, f"SELECT version FROM {TABLE}")}
        except pymysql.err.ProgrammingError as error:
            if error.args[0] != 1146:
                raise
            return set()

    def objects(self, url: str) -> set[str]:
        tables = self._ask(
            url, "SELECT table_name FROM information_schema.tables WHERE table_schema = database()"
        )
        indexes = self._ask(
            url,
            "SELECT DISTINCT index_name FROM information_schema.statistics WHERE table_schema = database()",
        )
        columns = self._ask(
            url,
            "SELECT concat(table_name, '.', column_name) FROM information_schema.columns"
            " WHERE table_schema = database()",
        )
        return (
            {f"table {row[0]}" for row in tables}
            | {f"index {row[0]}" for row in indexes}
            | {f"column {row[0]}" for row in columns}
        )

    def sessions(self, url: str) -> list[str]:
        found = self._ask(
            url,
            "SELECT id, command, state, info FROM information_schema.processlist"
            " WHERE id <> connection_id() AND db = database()",
        )
        return [str(row) for row in found]

    def _ask(self, url: str, query: str) -> list[Any]:
        with closing(
            pymysql.connect(
                host=self.server.host,
                port=self.server.port,
                user=USER,
                password=PASSWORD,
                database=self.database(url),
                connect_timeout=10,
            )
        ) as connection:
            with connection.cursor() as cursor:
                cursor.execute(query)
                return list(cursor.fetchall())
