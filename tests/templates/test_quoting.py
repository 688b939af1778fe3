"""Quoted names and values mean on the real server what they meant before: whatever is in them."""

from __future__ import annotations

import json
import sqlite3
import subprocess
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.core.errors import InvalidRequest
from backend.drivers import tools
from backend.services.templates.quoting import comment_text, quoting
from backend.services.templates.reserved import RESERVED

TEXTS = st.lists(
    st.one_of(
        st.sampled_from(["'", '"', "`", "\\", "''", "\\'", "$$", "--", "/*", "*/", ";", "\n", "{{x}}", "%s", "${a}"]),
        st.text(st.characters(exclude_categories=["Cs", "Cc"], max_codepoint=0xFFFF), max_size=8),
    ),
    max_size=6,
).map("".join)  # fmt: skip
NAMES = st.one_of(
    TEXTS.map(lambda text: text.replace("\n", "").strip()[:15]).filter(
        lambda name: 0 < len(name.encode()) < 60
    ),
    st.sampled_from(sorted(RESERVED)),
    st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,12}", fullmatch=True),
)
FEW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
Asking = Callable[[str], tuple[str, object]]


def check(ask: Asking, engine: str, name: str, text: str) -> None:
    """`SELECT literal AS name` answers the text under that name."""
    quote = quoting(engine)
    assert ask(f"SELECT {quote.literal(text)} AS {quote.name(name)}") == (name, text)


@FEW
@given(name=NAMES, text=TEXTS)
def test_sqlite(name: str, text: str) -> None:
    def ask(sql: str) -> tuple[str, object]:
        with sqlite3.connect(":memory:") as file:
            cursor = file.execute(sql)
            return cursor.description[0][0], cursor.fetchone()[0]

    check(ask, "sqlite", name, text)


def test_postgres_and_mysql_and_clickhouse(
    postgres_url: str, mysql_url: str, clickhouse_url: str, tmp_path: Path
) -> None:
    import psycopg
    import pymysql

    from backend.engine.target import Target
    from backend.engines.clickhouse.connect import session

    parts = urlsplit(mysql_url)
    postgres = psycopg.connect(postgres_url.replace("postgres://", "postgresql://"), autocommit=True)
    mysql = pymysql.connect(
        host=parts.hostname,
        port=parts.port or 0,
        user=parts.username,
        password=parts.password or "",
        charset="utf8mb4",
    )

    def ask_postgres(sql: str) -> tuple[str, object]:
        cursor = postgres.execute(sql.encode())
        assert cursor.description is not None
        row = cursor.fetchone()
        assert row is not None
        return cursor.description[0].name, row[0]

    def ask_mysql(sql: str) -> tuple[str, object]:
        with mysql.cursor() as cursor:
            cursor.execute(sql)
            row = cursor.fetchone()
            assert row is not None
            return str(cursor.description[0][0]), row[0]

    target = Target("clickhouse", clickhouse_url, tmp_path, "schema_migrations")
    with session(target) as server:

        @FEW
        @given(name=NAMES, text=TEXTS)
        def run(name: str, text: str) -> None:
            check(ask_postgres, "postgres", name, text)
            if not name.endswith(" "):
                check(ask_mysql, "mysql", name, text)
            quote = quoting("clickhouse")
            ((value,),) = server.query(
                f"SELECT {quote.name(name)} FROM (SELECT {quote.literal(text)} AS {quote.name(name)})"
            )
            assert value == text

        run()
    postgres.close()
    mysql.close()


@settings(max_examples=8, deadline=None)
@given(texts=st.lists(TEXTS, min_size=20, max_size=40))
def test_javascript(texts: list[str]) -> None:
    quote = quoting("mongodb")
    script = f"process.stdout.write(JSON.stringify([{', '.join(quote.name(text) for text in texts)}]))"
    done = subprocess.run([str(tools.node_path()), "-e", script], capture_output=True, check=True, timeout=30)
    assert json.loads(done.stdout) == texts


def test_tables_named_like_every_reserved_word_can_be_made() -> None:
    quote = quoting("sqlite")
    with sqlite3.connect(":memory:") as file:
        for word in sorted(RESERVED):
            file.execute(f"CREATE TABLE {quote.name(word)} ({quote.name(word)} INTEGER)")
            file.execute(f"INSERT INTO {quote.name(word)} ({quote.name(word)}) VALUES (1)")


@pytest.mark.parametrize("engine", ["postgres", "mysql", "sqlite", "clickhouse", "bigquery", "spanner"])
def test_plain_names_stay_bare_and_lists_are_no_values(engine: str) -> None:
    assert quoting(engine).name("users") == "users"
    assert quoting(engine).name("order") != "order"
    with pytest.raises(InvalidRequest):
        quoting(engine).literal(["a"])


def test_capitals_are_kept_where_the_server_folds_them() -> None:
    assert quoting("postgres").name("Users") == '"Users"'
    assert quoting("mysql").name("Users") == "Users"


def test_a_comment_stays_a_comment() -> None:
    assert "\n" not in comment_text("a\n-- migrate:down\nb") and "*/" not in comment_text("a */ b")
