"""The same stories in each engine's own words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class Dialect:
    """What the contract's stories need of an engine. Each pair is (up, down)."""

    engine: str
    url_fixture: str
    tables: tuple[tuple[str, str], ...]
    """Three migrations, each making one of the tables users, orders, items."""
    broken: tuple[str, str]
    """Fails on the server after nothing of it has run."""
    half_broken: tuple[str, str]
    """Makes the table `half`, then fails."""
    insert: str
    """Adds one row to users."""
    edited: Mapping[str, str] = field(default_factory=dict)
    suffix: str = ".sql"
    rolls_back_ddl: bool = False
    cannot: Mapping[str, str] = field(default_factory=dict)
    """What the server at hand lacks, by the story's name, with the reason."""

    def inside(self, namespace: str) -> Dialect:
        """The same with every `{ns}` filled in."""
        return replace(
            self,
            tables=tuple((up.format(ns=namespace), down.format(ns=namespace)) for up, down in self.tables),
            broken=(self.broken[0].format(ns=namespace), self.broken[1]),
            half_broken=(self.half_broken[0].format(ns=namespace), self.half_broken[1].format(ns=namespace)),
            insert=self.insert.format(ns=namespace),
        )


def _sql(
    engine: str,
    url_fixture: str,
    *,
    rolls_back_ddl: bool,
    column: str = "INTEGER",
    tail: str = "",
    namespace: str = "",
) -> Dialect:
    def table(name: str) -> tuple[str, str]:
        return f"CREATE TABLE {namespace}{name} (id {column}){tail};", f"DROP TABLE {namespace}{name};"

    return Dialect(
        engine=engine,
        url_fixture=url_fixture,
        tables=(table("users"), table("orders"), table("items")),
        broken=(f"ALTER TABLE {namespace}no_such_table ADD COLUMN x INTEGER;", "SELECT 1;"),
        half_broken=(
            f"CREATE TABLE {namespace}half (id {column}){tail};\nALTER TABLE {namespace}no_such_table ADD COLUMN x INTEGER;",
            f"DROP TABLE {namespace}half;",
        ),
        insert=f"INSERT INTO {namespace}users (id) VALUES (1);",
        rolls_back_ddl=rolls_back_ddl,
    )


def _collection(name: str) -> tuple[str, str]:
    return f"    await db.createCollection('{name}');", f"    await db.collection('{name}').drop();"


MONGODB = Dialect(
    engine="mongodb",
    url_fixture="mongodb_url",
    tables=(_collection("users"), _collection("orders"), _collection("items")),
    broken=("    throw new Error('no such thing');", "    await db.collection('nothing').findOne({});"),
    half_broken=(
        "    await db.createCollection('half');\n    throw new Error('stopped half way');",
        "    await db.collection('half').drop();",
    ),
    insert="    await db.collection('users').insertOne({ name: 'Ada' });",
    suffix=".js",
)

DIALECTS = (
    _sql("sqlite", "sqlite_url", rolls_back_ddl=True),
    _sql("postgres", "postgres_url", rolls_back_ddl=True),
    _sql("postgres", "postgres15_url", rolls_back_ddl=True),
    _sql("mysql", "mysql_url", rolls_back_ddl=False),
    _sql(
        "clickhouse",
        "clickhouse_url",
        rolls_back_ddl=False,
        column="UInt32",
        tail=" ENGINE = MergeTree ORDER BY id",
    ),
    # The emulator takes a bare name for the project's and not for the default dataset's: so the dataset stands there.
    replace(
        _sql("bigquery", "bigquery_url", rolls_back_ddl=False, column="INT64", namespace="{ns}."),
        cannot={
            "load_schema": "the emulator's information schema gives no DDL to write the schema file from"
        },
    ),
    MONGODB,
)
