"""Backups of ClickHouse: every type's rows exactly, views that do not fire, damage found, a failed restore taken back."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest

from backend.core.errors import BackupFailed, Cancelled, Conflict, DatabaseMissing
from backend.engine.backup import backup_tools
from backend.engine.target import CancelToken, Target
from backend.engines.clickhouse import ENGINE
from backend.engines.clickhouse import url as urls
from backend.engines.clickhouse.backup import layout
from backend.engines.clickhouse.connect import session
from tests.servers import Server

TOOLS = backup_tools("clickhouse")

TYPES = (
    "id UInt64, f Float64, g Float32, s String, n Nullable(Int32), a Array(String), m Map(String, UInt8), "
    "lc LowCardinality(Nullable(String)), e Enum8('a' = 1, 'b\\'' = 2), d DateTime('Europe/Berlin'), d6 DateTime64(6), "
    "day Date, u UUID, dec Decimal(18, 4), tp Tuple(x Int8, y Nullable(DateTime('America/New_York'))), ip IPv4, "
    "fs FixedString(3), b Bool, deep Array(Tuple(DateTime, Map(String, Array(Nullable(Float64)))))"
)


def quiet(*_: object) -> None:
    """Nobody watches."""


class Shop:
    """A database under test."""

    def __init__(self, url: str, folder: Path) -> None:
        self.target = Target(
            engine="clickhouse", url=url, working_dir=folder, migrations_table="schema_migrations"
        )
        self.name = urls.parse(url).database

    def run(self, *statements: str, **settings: str) -> list[list[Any]]:
        with session(self.target) as server:
            found: list[list[Any]] = []
            for one in statements:
                found = server.query(one, database=self.name, settings=settings)
            return found

    def contents(self) -> Any:
        return TOOLS.contents(self.target, quiet, CancelToken())

    def databases(self) -> list[str]:
        """Those of the server, without those that other tests have on it."""
        own = self.target.url.partition("?")[0].rpartition("/")[2]
        found = [str(row[0]) for row in self.run("SELECT name FROM system.databases ORDER BY name")]
        return [name for name in found if name == own or not re.match(r"t_[0-9a-f]+", name)]


@pytest.fixture
def shop(clickhouse_url: str, tmp_path: Path) -> Shop:
    return Shop(clickhouse_url, tmp_path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "backup"
    made.mkdir()
    return made


def rich(shop: Shop) -> None:
    """Every kind of table, and values of every type."""
    shop.run(
        f"CREATE TABLE every ({TYPES}, twice UInt64 MATERIALIZED id * 2, more UInt64 ALIAS id + 1) "
        "ENGINE = MergeTree PARTITION BY id % 3 ORDER BY id SETTINGS index_granularity = 512",
        "INSERT INTO every SELECT * FROM generateRandom("
        + "'" + TYPES.replace("\\'", "").replace("'", "\\'") + "', 1, 12, 3) LIMIT 300",
        "INSERT INTO every (id, f, g, s, d, tp, a, deep) VALUES "
        # The hour that comes twice in Berlin and in New York, the second before the first.
        "(1, -0., nan, '\\0\\t\\n\\r\\\\\\'\\xff', 1761442200, (1, 1762065000), ['\\t', 'NULL', ''], "
        "[(1761442200, {'k\\n': [1.5, NULL]})]), "
        "(2, 5e-324, inf, '\\\\N', 1761438600, (-1, 1762061400), [], [])",
        "CREATE TABLE states (k UInt8, q AggregateFunction(uniq, String), m AggregateFunction(max, DateTime), "
        "t SimpleAggregateFunction(sum, UInt64)) ENGINE = AggregatingMergeTree ORDER BY k",
        "INSERT INTO states SELECT number % 3, uniqState(toString(number)), maxState(toDateTime(number)), sum(number) "
        "FROM numbers(1000) GROUP BY number % 3",
        "CREATE TABLE versions (k UInt8, v UInt8) ENGINE = ReplacingMergeTree(v) ORDER BY k",
        "INSERT INTO versions VALUES (1, 1), (2, 1)", "INSERT INTO versions VALUES (1, 2)",
        "CREATE TABLE `odd ``name/\\\\` (`a b` String COMMENT 'x;y') ENGINE = Log",
        "INSERT INTO `odd ``name/\\\\` VALUES ('-- ; \\'')",
        "CREATE TABLE nothing (x UInt8) ENGINE = MergeTree ORDER BY x",
        "CREATE TABLE latest (k UInt8, v String) ENGINE = Join(ANY, LEFT, k)",
        "INSERT INTO latest VALUES (1, 'a')",
        "CREATE TABLE through AS every ENGINE = Merge(currentDatabase(), '^every$')",
        "CREATE MATERIALIZED VIEW per_key ENGINE = SummingMergeTree ORDER BY k "
        "AS SELECT k, count() AS c FROM versions GROUP BY k",
        "INSERT INTO versions VALUES (3, 1)",
        "CREATE TABLE target (k UInt8) ENGINE = MergeTree ORDER BY k",
        "CREATE MATERIALIZED VIEW into_target TO target AS SELECT k FROM versions",
        "INSERT INTO versions VALUES (4, 1)",
        "CREATE DICTIONARY words (k UInt64, v UInt8) PRIMARY KEY k "
        "SOURCE(CLICKHOUSE(TABLE 'versions')) LAYOUT(FLAT()) LIFETIME(0)",
        "CREATE VIEW z_first AS SELECT k FROM versions", "CREATE VIEW a_second AS SELECT k FROM z_first",
        "CREATE TABLE schema_migrations (version String, ts DateTime DEFAULT now(), applied UInt8 DEFAULT 1) "
        "ENGINE = ReplacingMergeTree(ts) PRIMARY KEY version ORDER BY version",
        "INSERT INTO schema_migrations (version) VALUES ('20260101000000')",
        flatten_nested="0",
    )  # fmt: skip


FACTS = (
    "SELECT sum(cityHash64(id, reinterpretAsUInt64(f), s, toUnixTimestamp(d), toUnixTimestamp(tp.y), twice, a, n, "
    "toUnixTimestamp64Micro(d6), arrayMap(x -> toUnixTimestamp(x.1), deep))), count() FROM every"
)


def test_everything_comes_back_exactly_and_what_came_later_goes(shop: Shop, folder: Path) -> None:
    rich(shop)
    schema, before, facts = ENGINE.fingerprint(shop.target), shop.contents(), shop.run(FACTS)
    applied = ENGINE.applied(shop.target)
    databases = shop.databases()
    written = TOOLS.write(shop.target, folder, quiet, CancelToken())
    assert TOOLS.read_back(folder, quiet, CancelToken(), digest=True) == before
    assert [(one.table, one.rows) for one in written.tables or []] == [
        (one.table, one.rows) for one in before
    ]
    rows = {one.table: one.rows for one in before}
    assert (rows["every"], rows["versions"], rows["per_key"], rows["target"]) == (302, 4, 2, 1)
    assert "through" not in rows
    assert any("through: its structure only" in note for note in written.notes)
    assert any("no snapshot" in note for note in written.notes)

    shop.run(
        "TRUNCATE TABLE every",
        "DROP TABLE nothing",
        "INSERT INTO versions VALUES (9, 9)",
        "ALTER TABLE states DROP COLUMN t",
        "CREATE TABLE later (x UInt8) ENGINE = Memory",
        "DROP VIEW a_second",
    )
    TOOLS.restore(folder, shop.target, quiet, CancelToken(), replace=True)
    assert shop.contents() == before
    assert ENGINE.fingerprint(shop.target) == schema
    assert shop.run(FACTS) == facts
    assert ENGINE.applied(shop.target) == applied
    assert shop.run("SELECT uniqMerge(q), maxMerge(m) FROM states")[0] == [1000, "1970-01-01 00:16:39"]
    assert shop.databases() == databases
    # And the views are alive again.
    shop.run("INSERT INTO versions VALUES (7, 1)")
    assert shop.run("SELECT sum(k) FROM target") == [[11]]


def test_a_backup_goes_into_another_database_and_not_into_one_that_holds_something(
    shop: Shop, folder: Path
) -> None:
    rich(shop)
    TOOLS.write(shop.target, folder, quiet, CancelToken())
    with pytest.raises(Conflict):
        TOOLS.restore(folder, shop.target, quiet, CancelToken(), replace=False)
    other = TOOLS.elsewhere(shop.target, f"{shop.name} new")
    try:
        TOOLS.restore(folder, other, quiet, CancelToken(), replace=False)
        assert TOOLS.contents(other, quiet, CancelToken()) == shop.contents()
    finally:
        shop.run(f"DROP DATABASE IF EXISTS `{shop.name} new`")
    shell = TOOLS.by_hand(folder, "other")
    assert "CREATE DATABASE `other`" in shell
    assert "FORMAT TabSeparated" in shell


@pytest.mark.parametrize("damage", ["flip", "cut", "no rows", "no index", "half a row", "outside"])
def test_damage_is_found(shop: Shop, folder: Path, tmp_path: Path, damage: str) -> None:
    shop.run(
        "CREATE TABLE users (id UInt64, s String) ENGINE = MergeTree ORDER BY id",
        "INSERT INTO users SELECT number, repeat(toString(cityHash64(number)), 3) FROM numbers(200)",
    )
    TOOLS.write(shop.target, folder, quiet, CancelToken())
    (data,) = (folder / "rows").iterdir()
    content = data.read_bytes()
    if damage == "flip":
        middle = len(content) // 2
        data.write_bytes(content[:middle] + bytes([content[middle] ^ 16]) + content[middle + 1 :])
    elif damage == "cut":
        data.write_bytes(content[:-9])
    elif damage == "no rows":
        data.unlink()
    elif damage == "no index":
        (folder / layout.INDEX).unlink()
    elif damage == "half a row":
        data.write_bytes(gzip.compress(gzip.decompress(content)[:-7]))
    else:
        (tmp_path / "outside.gz").write_bytes(content)
        index = json.loads((folder / layout.INDEX).read_text())
        index["objects"][0]["file"] = "../outside.gz"
        (folder / layout.INDEX).write_text(json.dumps(index))
    before, databases = shop.contents(), shop.databases()
    for work in (
        lambda: TOOLS.read_back(folder, quiet, CancelToken()),
        lambda: TOOLS.restore(folder, shop.target, quiet, CancelToken(), replace=True),
    ):
        with pytest.raises(BackupFailed) as found:
            work()
        assert found.value.details["reason"] == "damaged"
    assert shop.contents() == before
    assert shop.databases() == databases


def test_a_restore_that_fails_leaves_the_old_database_as_it_was(shop: Shop, folder: Path) -> None:
    rich(shop)
    TOOLS.write(shop.target, folder, quiet, CancelToken())
    index = json.loads((folder / layout.INDEX).read_text())
    shop.run("INSERT INTO versions VALUES (200, 1)", "CREATE TABLE later (x UInt8) ENGINE = Memory")
    schema, before, databases = ENGINE.fingerprint(shop.target), shop.contents(), shop.databases()
    for kind in ("table", "view"):
        changed = json.loads(json.dumps(index))
        one = [one for one in changed["objects"] if one["kind"] == kind][-1]
        one["sql"] = f"CREATE NONSENSE {one['name']}"
        (folder / layout.INDEX).write_text(json.dumps(changed))
        with pytest.raises(BackupFailed) as found:
            TOOLS.restore(folder, shop.target, quiet, CancelToken(), replace=True)
        assert found.value.details["state"] == "untouched"
        assert ENGINE.fingerprint(shop.target) == schema
        assert shop.contents() == before
        assert shop.databases() == databases
    # The views of the one that came back fire still.
    shop.run("INSERT INTO versions VALUES (100, 1)")
    assert shop.run("SELECT count() FROM target WHERE k = 100") == [[1]]


def test_cancel_stops_each_of_them_and_changes_nothing(shop: Shop, folder: Path, tmp_path: Path) -> None:
    shop.run(
        "CREATE TABLE users (id UInt64) ENGINE = MergeTree ORDER BY id",
        "INSERT INTO users SELECT number FROM numbers(500000)",
    )
    TOOLS.write(shop.target, folder, quiet, CancelToken())
    shop.run("INSERT INTO users VALUES (1)")
    databases = shop.databases()
    works = (
        lambda p, c: TOOLS.write(shop.target, tmp_path / "second", p, c),
        lambda p, c: TOOLS.read_back(folder, p, c),
        lambda p, c: TOOLS.contents(shop.target, p, c),
        lambda p, c: TOOLS.restore(folder, shop.target, p, c, replace=True),
    )
    for work in works:
        cancel = CancelToken()
        with pytest.raises(Cancelled):
            work(lambda *_, cancel=cancel: cancel.cancel(), cancel)
    assert shop.run("SELECT count() FROM users") == [[500001]]
    assert shop.databases() == databases


def test_a_server_that_fails_in_the_middle_fails_the_backup(shop: Shop, folder: Path) -> None:
    from backend.engines.clickhouse.backup.wire import _FAILED_LATE

    late = b"1\tx\n2\ty\nCode: 241. DB::Exception: Memory limit exceeded (MEMORY_LIMIT_EXCEEDED)\n"
    assert _FAILED_LATE.search(late)
    assert not _FAILED_LATE.search(b"1\tCode: 241. DB::Exception: quoted in a row\n")
    shop.run(
        "CREATE TABLE users (id UInt64) ENGINE = MergeTree ORDER BY id",
        "INSERT INTO users VALUES (1)",
        "CREATE TABLE broken AS users ENGINE = Merge('nosuch', '.*')",
    )
    TOOLS.write(shop.target, folder, quiet, CancelToken())
    assert [one.table for one in TOOLS.read_back(folder, quiet, CancelToken())] == ["users"]


def test_no_file_holds_the_password(shop: Shop, folder: Path, clickhouse_server: Server) -> None:
    rich(shop)
    TOOLS.write(shop.target, folder, quiet, CancelToken())
    secret = clickhouse_server.password
    for path in folder.rglob("*.*"):
        content = path.read_bytes()
        assert secret.encode() not in (gzip.decompress(content) if path.suffix == ".gz" else content)
    assert secret not in TOOLS.by_hand(folder, shop.name)


def test_what_is_not_there_is_said(shop: Shop, folder: Path) -> None:
    missing = TOOLS.elsewhere(shop.target, "nosuch")
    with pytest.raises(DatabaseMissing):
        TOOLS.size(missing)
    with pytest.raises(DatabaseMissing):
        TOOLS.write(missing, folder, quiet, CancelToken())


@pytest.mark.parametrize(
    ("type_", "written"),
    [
        ("DateTime", "DateTime('UTC')"),
        ("Array(Nullable(DateTime('Europe/Berlin')))", "Array(Nullable(DateTime('UTC')))"),
        ("DateTime64(6, 'Asia/Tokyo')", "DateTime64(6, 'UTC')"),
        ("Enum8('DateTime' = 1)", "Enum8('DateTime' = 1)"),
        ("AggregateFunction(max, DateTime)", "AggregateFunction(max, DateTime)"),
        ("SimpleAggregateFunction(max, DateTime)", "DateTime('UTC')"),
        ("Map(String, Array(Nullable(Float64)))", "Map(String, Array(Nullable(String)))"),
        ("Tuple(`DateTime` UInt8, x DateTime)", "Tuple(`DateTime` UInt8, x DateTime('UTC'))"),
    ],
)
def test_moments_are_written_in_utc_and_floats_as_text(type_: str, written: str) -> None:
    assert layout.in_text(type_) == written
