"""schema.sql, byte for byte what the real dbmate with the real sqlite3 writes."""

from __future__ import annotations

import shutil
import sqlite3
import string
import tempfile
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.core.errors import SqlFailed
from backend.engines.sqlite import ENGINE
from tests.engines.sqlite.project import Project

pytestmark = pytest.mark.skipif(shutil.which("sqlite3") is None, reason="apt-get install sqlite3")
FIXTURES = Path(__file__).parent / "fixtures"


def make(shop: Project, sql: str) -> None:
    with closing(sqlite3.connect(shop.folder / "shop.db")) as connection:
        connection.executescript(sql)


def dbmate_dump(shop: Project) -> bytes:
    done = shop.dbmate("dump")
    assert done.returncode == 0, done.stderr
    return (shop.folder / "db" / "schema.sql").read_bytes()


@pytest.mark.parametrize("source", sorted(FIXTURES.glob("schema_*.sql")), ids=lambda path: path.stem)
def test_the_dump_is_what_dbmate_writes(shop: Project, source: Path) -> None:
    make(shop, source.read_text())
    shop.write("20260101000000_a.sql", "CREATE TABLE from_a_file (id int);")
    shop.write("20260102000000_b.sql", "SELECT 1;")
    assert shop.up().returncode == 0
    ours = ENGINE.dump_schema(shop.target).encode()
    assert ours == dbmate_dump(shop)


def test_the_dump_of_a_database_without_migrations_table_is_the_same_and_creates_none(shop: Project) -> None:
    make(shop, "CREATE TABLE t (id int);")
    ours = ENGINE.dump_schema(shop.target).encode()
    with closing(sqlite3.connect(shop.folder / "shop.db")) as connection:
        assert connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (1,)
    assert ours == dbmate_dump(shop)


WORDS = st.sampled_from(
    [
        "a",
        "b_1",
        "Select",
        "order",
        "ü",
        "x y",
        'q"q',
        "it's",
        "1st",
        "_z",
        "abort",
        "rowid",
        "a-b",
        "t/*x",
        "--c",
        "[k",
    ]
)
COMMENTS = st.sampled_from(
    ["", " -- note", " /* note */", "  \t", "\r", " -- 'x", " -- x\u00a0", " -- x\u2003\x1f"]
)


def _name(word: str) -> str:
    return '"' + word.replace('"', '""') + '"' if not word.isidentifier() or word == "order" else f'"{word}"'


@st.composite
def schemas(draw: st.DrawFn) -> str:
    tables = draw(st.lists(WORDS, min_size=1, max_size=3, unique_by=str.lower))
    sql = ""
    for table in tables:
        columns = draw(st.lists(WORDS, min_size=1, max_size=4, unique_by=str.lower))
        quote = draw(st.sampled_from(["double", "single", "bare"]))
        shown = (
            _name(table)
            if quote == "double" or not table.isalnum()
            else f"'{table}'"
            if quote == "single"
            else f"[{table}]"
        )
        body = f",{draw(COMMENTS)}\n  ".join(map(_name, columns))
        sql += f"CREATE TABLE {shown}({body}{draw(COMMENTS)}\n){draw(COMMENTS)}\n;\n"
        if draw(st.booleans()):
            sql += f"CREATE VIEW {_name('v' + table)} AS SELECT * FROM {_name(table)}{draw(COMMENTS)}\n;\n"
        if draw(st.booleans()):
            sql += f"CREATE INDEX {_name('i' + table)} ON {_name(table)}({_name(columns[0])}){draw(COMMENTS)}\n;\n"
    return sql


@settings(max_examples=25, deadline=None)
@given(schemas())
def test_any_schema_dumps_as_dbmate_dumps_it(sql: str) -> None:
    folder = Path(tempfile.mkdtemp())
    try:
        shop = Project(folder, "sqlite:shop.db", ENGINE)
        make(shop, sql)
        assert ENGINE.dump_schema(shop.target).encode() == dbmate_dump(shop)
    finally:
        shutil.rmtree(folder)


@pytest.mark.parametrize("source", sorted(FIXTURES.glob("schema_*.sql")), ids=lambda path: path.stem)
def test_a_dump_loads_into_the_same_schema(shop: Project, tmp_path: Path, source: Path) -> None:
    make(shop, source.read_text())
    shop.write("20260101000000_a.sql", "CREATE TABLE from_a_file (id int);")
    shop.up()
    (tmp_path / "second").mkdir()
    copy = Project(tmp_path / "second", "sqlite:copy.db", ENGINE)
    ENGINE.create_database(copy.target)
    ENGINE.load_schema(copy.target, ENGINE.dump_schema(shop.target), tmp_path / "schema.sql")
    assert ENGINE.dump_schema(copy.target) == ENGINE.dump_schema(shop.target)
    assert copy.applied() == ["20260101000000"]
    assert set(ENGINE.fingerprint(copy.target)) == set(ENGINE.fingerprint(shop.target))


def test_a_very_long_line_is_dumped_whole(shop: Project) -> None:
    make(shop, f"CREATE TABLE t ({', '.join(f'a_long_column_name_{number} int' for number in range(1900))});")
    with closing(sqlite3.connect(shop.folder / "shop.db")) as connection:
        connection.execute(f"CREATE VIEW v AS SELECT '{string.ascii_letters * 1400}' AS x")
    assert len(ENGINE.dump_schema(shop.target)) > 70_000
    assert ENGINE.dump_schema(shop.target).encode() == dbmate_dump(shop)


def test_a_schema_file_that_fails_loads_nothing_and_says_where(shop: Project, tmp_path: Path) -> None:
    ENGINE.create_database(shop.target)
    with pytest.raises(SqlFailed) as caught:
        ENGINE.load_schema(
            shop.target, "CREATE TABLE a (id int);\n\n  CREATE TABEL b (id int);\n", tmp_path / "s.sql"
        )
    assert (caught.value.details["line"], caught.value.details["column"]) == (3, 3)
    assert caught.value.code == "syntax_error"
    assert ENGINE.catalog(shop.target).tables == []
