"""The online DDL table against MariaDB: it grants what was told, and refuses anything better."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pymysql
import pytest

from backend.engine.forecast.port import Place, forecast_of
from backend.engine.lint.facts import Facts
from backend.engine.lint.ops import Name
from backend.engine.lint.scene import Scene
from backend.engine.lint.source import Half
from backend.engine.sqlrules.reader import read_half
from backend.engine.target import Target
from backend.engines.mysql.connect import writing
from backend.engines.mysql.engine import MysqlEngine
from backend.engines.mysql.forecast.online import ALGORITHMS, LOCKS, online_of
from backend.models.migration import Direction
from backend.services.preview.live import read_known

SETUP = (
    "CREATE TABLE parent (id int PRIMARY KEY)",
    "CREATE TABLE t (id int PRIMARY KEY, a int NOT NULL, b varchar(20), c text NOT NULL, d int, p point NOT NULL,"
    " KEY by_d (d), CONSTRAINT fk FOREIGN KEY (d) REFERENCES parent (id), CONSTRAINT small CHECK (a < 1000))",
    "INSERT INTO parent VALUES (1)",
    "INSERT INTO t VALUES (1, 1, '7', 'y', 1, POINT(1, 1))",
)
CHANGES = (
    "ADD COLUMN fresh int", "ADD COLUMN fresh int NOT NULL DEFAULT 5", "ADD COLUMN fresh int AFTER id",
    "ADD COLUMN `a,b;c` int COMMENT 'ALGORITHM=COPY'", "ADD COLUMN fresh int AS (a + 1) STORED",
    "ADD COLUMN fresh int AS (a + 1) VIRTUAL", "DROP COLUMN b", "MODIFY a bigint NOT NULL", "MODIFY b varchar(50)",
    "MODIFY b int", "CHANGE a fresh bigint NOT NULL", "RENAME COLUMN a TO fresh", "ALTER COLUMN a SET DEFAULT 4",
    "ALTER COLUMN a DROP DEFAULT", "ADD INDEX fresh (a)", "ADD UNIQUE fresh (a)", "ADD FULLTEXT fresh (c)",
    "ADD SPATIAL INDEX fresh (p)", "DROP INDEX by_a", "RENAME INDEX by_a TO fresh", "DROP PRIMARY KEY",
    "DROP PRIMARY KEY, ADD PRIMARY KEY (a)", "ADD CONSTRAINT fresh FOREIGN KEY (a) REFERENCES parent (id)",
    "DROP FOREIGN KEY fk", "ADD CONSTRAINT fresh CHECK (a > 0)", "DROP CONSTRAINT small", "RENAME TO fresh",
    "CONVERT TO CHARACTER SET latin1", "FORCE", "ADD COLUMN fresh int, ADD INDEX fresh (a)", "COMMENT = 'x'",
    "ENGINE = InnoDB", "AUTO_INCREMENT = 100",
)  # fmt: skip


@pytest.fixture
def maria(mysql_url: str, tmp_path: Path) -> Iterator[tuple[Any, Target]]:
    target = Target("mysql", mysql_url, tmp_path, "schema_migrations")
    with writing(target) as connection:
        yield connection, target


def _run(connection: Any, sql: str) -> str | None:
    """What the server says against it."""
    with connection.cursor() as cursor:
        try:
            cursor.execute(sql)
        except pymysql.err.MySQLError as error:
            return str(error.args)
    return None


def _fresh(connection: Any) -> None:
    for sql in (
        "DROP TABLE IF EXISTS fresh",
        "DROP TABLE IF EXISTS t",
        "DROP TABLE IF EXISTS parent",
        *SETUP,
    ):
        assert _run(connection, sql) is None
    assert _run(connection, "ALTER TABLE t ADD INDEX by_a (a)") is None


def test_mariadb_grants_what_was_told_and_nothing_better(maria: tuple[Any, Target]) -> None:
    connection, target = maria
    _fresh(connection)
    known = read_known(MysqlEngine(), target, [Name("t"), Name("parent")])
    assert known.catalog is not None
    wrong: list[str] = []
    for change in CHANGES:
        sql = f"ALTER TABLE t {change}"
        half = Half(Direction.UP, sql, 0)
        half.statements = read_half(half, dialect="mysql")
        place = Place(half.statements[0], half, Scene(Facts.of_catalog(known.catalog)), known)
        told = online_of(place)
        assert told is not None, sql
        if not told.certain:
            continue
        _fresh(connection)
        lock = "" if told.algorithm == "INSTANT" else f", LOCK={told.lock}"
        refused = _run(connection, f"{sql}, ALGORITHM={told.algorithm}{lock}")
        if refused is not None:
            wrong.append(f"{change}: told {told.algorithm} {told.lock}, refused: {refused}")
        for better in ALGORITHMS[: ALGORITHMS.index(told.algorithm)]:
            _fresh(connection)
            if _run(connection, f"{sql}, ALGORITHM={better}") is None:
                wrong.append(f"{change}: told {told.algorithm}, granted {better}")
        if told.algorithm == "INPLACE":
            for gentler in LOCKS[: LOCKS.index(told.lock)]:
                _fresh(connection)
                if _run(connection, f"{sql}, ALGORITHM=INPLACE, LOCK={gentler}") is None:
                    wrong.append(f"{change}: told LOCK={told.lock}, granted {gentler}")
    assert not wrong, "\n".join(wrong)
    assert forecast_of("mysql").locks(place).expected
