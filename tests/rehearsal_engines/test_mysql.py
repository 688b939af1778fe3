"""MySQL and MariaDB: what a rehearsal says of a statement is what the server did; its target is only read."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.core.errors import Cancelled
from backend.engine.rehearsal.port import Block, Played, rehearsal_tools
from backend.engine.schema.port import schema_tools
from backend.engine.target import CancelToken, Target
from backend.engines.mysql import url as urls
from backend.engines.mysql.connect import reading, rows, run, writing
from backend.engines.mysql.rehearse import algorithm
from backend.models.migration import Direction
from backend.models.rehearsal import RehearsedStatement, RowsWanted
from tests.servers import PrivateServer, Server
from tests.servers.mariadb import MariaDB

TOOLS = rehearsal_tools("mysql")
SCHEMA = schema_tools("mysql")
SHOP = """
CREATE TABLE teams (id int PRIMARY KEY, lead_id int, name varchar(20));
CREATE TABLE people (id int PRIMARY KEY, team_id int NOT NULL, boss_id int, weight float, flags bit(4), place point,
  born date, name varchar(50), shout varchar(50) AS (upper(name)) STORED, KEY name (name),
  CONSTRAINT in_team FOREIGN KEY (team_id) REFERENCES teams (id), CONSTRAINT has_boss FOREIGN KEY (boss_id)
    REFERENCES people (id));
ALTER TABLE teams ADD CONSTRAINT has_lead FOREIGN KEY (lead_id) REFERENCES people (id);
CREATE TABLE `odd %s name` (id int PRIMARY KEY AUTO_INCREMENT, `per%cent` int, people_id int,
  CONSTRAINT of_person FOREIGN KEY (people_id) REFERENCES people (id));
CREATE TABLE schema_migrations (version varchar(128) PRIMARY KEY);
INSERT INTO schema_migrations VALUES ('1');
SET foreign_key_checks = 0;
INSERT INTO teams SELECT seq, 1000 - seq, concat('team ', seq) FROM seq_1_to_100;
INSERT INTO people (id, team_id, boss_id, weight, flags, place, born, name)
  SELECT seq, 1 + (seq * 7) % 100, nullif(1001 - seq, seq), seq / 3, seq % 16,
    point(seq, 1.5), '2020-01-01', concat('naïve ', seq) FROM seq_1_to_1000;
UPDATE people SET boss_id = NULL WHERE id % 5 = 0;
INSERT INTO `odd %s name` (`per%cent`, people_id) SELECT seq, 1001 - seq FROM seq_1_to_500;
INSERT INTO `odd %s name` VALUES (0, 7, 424242);
CREATE TRIGGER counted AFTER INSERT ON people FOR EACH ROW INSERT INTO teams VALUES (NEW.id + 5000, NULL, 'by trigger');
CREATE VIEW bosses AS SELECT DISTINCT boss_id FROM people;
"""


def execute(target: Target, text: str) -> None:
    with writing(target) as connection:
        run(connection, "SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO'")
        for statement in text.split(";\n"):
            if statement.strip():
                connection.query(statement)


@pytest.fixture(scope="module")
def shop(mariadb_server: Server) -> Iterator[Target]:
    database = mariadb_server.new_database()
    target = Target("mysql", database.url, Path("/"), "schema_migrations")
    try:
        execute(target, SHOP)
        yield target
    finally:
        mariadb_server.drop_database(database.name)


@pytest.fixture
def scratch(shop: Target) -> Iterator[Target]:
    with SCHEMA.scratch(shop, "rehearsal") as made:
        yield made


@pytest.fixture
def small(scratch: Target) -> Target:
    execute(
        scratch,
        "CREATE TABLE users (id int PRIMARY KEY, age int, name varchar(50));\n"
        "INSERT INTO users SELECT seq, seq, concat('user ', seq) FROM seq_1_to_2000;\n",
    )
    return scratch


def play(scratch: Target, sql: str, *, transaction: bool = True, limit_s: float = 60) -> Played:
    heard: list[RehearsedStatement] = []
    block = Block(sql, Direction.UP, transaction, first_line=2)
    played = TOOLS.play(scratch, block, heard.append, CancelToken(), limit_s)
    assert [one.text for one in heard] == [one.text for one in played.statements]
    return played


def said(played: Played) -> RehearsedStatement:
    assert played.ok, played.error
    (one,) = played.statements
    return one


def line_of(played: Played) -> object:
    """The line in the file that the error names."""
    assert played.error is not None
    details = played.error["details"]
    assert isinstance(details, dict)
    return details["line"]


def query_of(one: RehearsedStatement, fact: str) -> str:
    return next(found.query for found in one.evidence if found.fact == fact)


# -- what a change of a table costs ------------------------------------------------------------------------------------


def test_an_added_column_is_instant_and_rewrites_nothing(small: Target) -> None:
    one = said(play(small, "ALTER TABLE users ADD COLUMN note text"))
    assert (one.kind, one.algorithm, one.rewrites) == ("ALTER TABLE", "INSTANT, LOCK=NONE", [])
    assert query_of(one, "algorithm") == "the statement with ALGORITHM=INSTANT, LOCK=NONE"
    assert "innodb_sys_tables" in query_of(one, "rewrites")


def test_another_type_copies_the_table_and_says_why(small: Target) -> None:
    one = said(play(small, "ALTER TABLE users MODIFY age varchar(20)"))
    assert one.algorithm == "COPY, LOCK=SHARED" and one.rows == 2000
    assert one.rewrites is not None and [rewrite.table for rewrite in one.rewrites] == ["users"]
    assert one.rewrites[0].detail.startswith("ALGORITHM=COPY: Cannot change column type; TABLE_ID ")
    assert one.bytes_written is not None and one.bytes_written > 10_000


def test_an_index_is_built_in_place_whichever_statement_makes_it(small: Target) -> None:
    played = play(
        small, "-- two\nALTER TABLE users ADD INDEX a (age);\nCREATE INDEX b ON users (name) -- last\n;"
    )
    assert played.ok and [one.algorithm for one in played.statements] == ["NOCOPY, LOCK=NONE"] * 2
    assert [one.rewrites for one in played.statements] == [[], []]
    assert [one.line for one in played.statements] == [3, 4]


def test_a_rebuild_in_place_is_a_rewrite_all_the_same(small: Target) -> None:
    one = said(play(small, "ALTER TABLE users FORCE"))
    assert one.algorithm == "INPLACE, LOCK=NONE"
    assert one.rewrites is not None and one.rewrites[0].detail.startswith("TABLE_ID ")


def test_what_takes_no_clause_runs_as_it_stands_and_its_algorithm_is_unknown(small: Target) -> None:
    one = said(play(small, "ALTER TABLE users PARTITION BY HASH (id) PARTITIONS 2"))
    assert one.algorithm is None and any("takes no ALGORITHM clause" in why for why in one.unknown)
    with reading(small) as connection:
        assert "PARTITION" in str(rows(connection, "SHOW CREATE TABLE users")[0][1])


def test_the_answers_of_mysql_8_are_understood_too() -> None:
    """No MySQL server can be had from the registries: these are its words, by its manual and message catalogue."""
    import pymysql

    refusals = {
        "ALGORITHM=INSTANT, LOCK=NONE,": (
            1221,
            "Incorrect usage of ALGORITHM=INSTANT and LOCK=NONE/SHARED/EXCLUSIVE",
        ),
        "ALGORITHM=INSTANT, MODIFY": (
            1846,
            "ALGORITHM=INSTANT is not supported. Reason: Need to rebuild. Try ALGORITHM=COPY.",
        ),
        "ALGORITHM=NOCOPY": (1800, "Unknown ALGORITHM 'NOCOPY'"),
    }
    ran: list[str] = []

    def execute(sql: str) -> None:
        for begins, error in refusals.items():
            if begins in sql:
                raise pymysql.err.OperationalError(*error)
        ran.append(sql)

    granted = algorithm.ask("ALTER TABLE t MODIFY a bigint", execute)
    assert granted is not None and (granted.text, granted.reason) == ("INPLACE, LOCK=NONE", "Need to rebuild")
    assert ran == ["ALTER TABLE t ALGORITHM=INPLACE, LOCK=NONE, MODIFY a bigint"]
    del refusals["ALGORITHM=INSTANT, MODIFY"]
    granted = algorithm.ask("ALTER TABLE t MODIFY a bigint", execute)
    assert granted is not None and granted.text == "INSTANT"


def test_rows_warnings_and_what_cannot_be_measured_are_told(small: Target) -> None:
    played = play(
        small,
        "UPDATE users SET age = 5000 WHERE id <= 7;\nSELECT * FROM users;\nDROP TABLE IF EXISTS nobody;\n"
        "GRANT SELECT ON users TO nobody;",
    )
    updated, selected, dropped, granted = played.statements
    assert played.ok and (updated.rows, selected.rows) == (7, None)
    assert updated.bytes_written is not None and "lsn" in query_of(updated, "bytes")
    assert dropped.warnings == [f"Note 1051: Unknown table '{_name(small)}.nobody'"]
    assert updated.locks is None and "performance_schema" in updated.unknown[0]
    assert granted.duration_ms is None and "GRANT belongs to the whole server" in granted.unknown[0]


def _name(target: Target) -> str:
    return target.url.rsplit("/", 1)[1].partition("?")[0]


def test_metadata_locks_are_those_that_the_server_lists() -> None:
    class Told(MariaDB):
        def command(self, home: Path, port: int) -> list[str]:
            return [
                *super().command(home, port),
                "--performance-schema=ON",
                "--performance-schema-instrument=wait/lock/metadata/sql/mdl=ON",
            ]

    with PrivateServer(Told()) as server:
        target = Target("mysql", server.new_database().url, Path("/"), "schema_migrations")
        execute(
            target,
            "CREATE TABLE users (id int PRIMARY KEY, name varchar(50));\n"
            "INSERT INTO users SELECT seq, seq FROM seq_1_to_100000;\n",
        )
        with SCHEMA.scratch(target, "locks") as scratch:
            TOOLS.copy(target, scratch, RowsWanted.ALL, 0, CancelToken())
            played = play(
                scratch,
                "UPDATE users SET name = 'x' WHERE id = 1;\nDELETE FROM users WHERE id = 2;\nALTER TABLE users MODIFY name int",
            )
    first, second, third = played.statements
    assert not played.ok  # 'x' is no number: the copy was under way by then
    assert first.locks is not None and len(first.locks) == 1
    lock = first.locks[0]
    assert (lock.object, lock.mode, lock.blocks, lock.new) == (
        "users",
        "SHARED_WRITE",
        ["schema changes"],
        True,
    )
    assert "performance_schema.metadata_locks" in query_of(first, "locks")
    assert second.locks is not None and [one.new for one in second.locks] == [False]
    assert third.error is not None and third.error["details"]["line"] == 4


# -- as dbmate runs it -------------------------------------------------------------------------------------------------


def test_what_ran_before_a_failure_stays_and_the_line_is_that_of_the_file(small: Target) -> None:
    played = play(
        small,
        "CREATE TABLE a (id int);\n\nINSERT INTO users VALUES (1,\n 1, 'again');\nCREATE TABLE b (id int);",
    )
    assert not played.ok and played.error is not None and not played.stopped
    assert (played.error["code"], line_of(played)) == ("constraint_violation", 4)
    assert [one.ok for one in played.statements] == [True, False]
    with reading(small) as connection:
        assert [name for (name,) in rows(connection, "SHOW TABLES")] == ["a", "users"]


def test_a_failed_block_of_rows_only_is_rolled_back(small: Target) -> None:
    assert not play(small, "DELETE FROM users WHERE id > 5;\nSELECT nonsense;").ok
    with reading(small) as connection:
        assert rows(connection, "SELECT count(*) FROM users")[0][0] == 2000


def test_lines_for_the_mysql_client_fail_as_they_fail_with_dbmate(small: Target) -> None:
    played = play(small, "DELIMITER //\nCREATE PROCEDURE p() BEGIN SELECT 1; END//\nDELIMITER ;\n")
    assert played.error is not None and played.error["code"] == "syntax_error"


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM {shop}.people",
        "USE {shop}",
        "DROP TABLE users, `{shop}`.`teams`",
        "SET @what = 'DELETE FROM {shop}.people';\nPREPARE one FROM @what;\nEXECUTE one",
        "EXECUTE IMMEDIATE concat('DELETE FROM ', '{shop}.people')",
        "CREATE PROCEDURE p() DELETE FROM {shop}.people",
        "INSERT INTO users SELECT id, 1, name FROM {shop}.people",
    ],
)
def test_another_database_is_never_touched(shop: Target, small: Target, sql: str) -> None:
    before = SCHEMA.row_digest(shop)
    played = play(small, sql.format(shop=_name(shop)))
    assert played.error is not None and played.error["code"] == "not_supported"
    assert _name(shop) in str(played.error["message"])
    assert SCHEMA.row_digest(shop) == before


def test_columns_that_are_called_like_a_database_are_columns(shop: Target, small: Target) -> None:
    name = _name(shop)
    assert play(small, f"UPDATE users AS {name} SET {name}.age = 3 WHERE {name}.id = 1").ok


# -- copies ------------------------------------------------------------------------------------------------------------


def test_a_sample_keeps_foreign_keys_also_in_circles_and_the_source_is_as_it_was(
    shop: Target, scratch: Target
) -> None:
    before = (SCHEMA.snapshot(shop), SCHEMA.row_digest(shop))
    copied = TOOLS.copy(shop, scratch, RowsWanted.SAMPLE, 5, CancelToken())
    assert copied.missing == () and copied.tables == 3
    assert copied.notes == (
        "1 rows of odd %s name (people_id) → people were left out: the row they point at is not in the source either.",
    )
    assert SCHEMA.snapshot(scratch).sha256 == before[0].sha256
    with writing(scratch) as connection:
        counts = [
            rows(connection, f"SELECT count(*) FROM `{name}`")[0][0]
            for name in ("teams", "people", "odd %s name")
        ]
        assert sum(counts) == copied.rows and counts[2] == 4 and 5 < counts[1] < 1000
        # The server checks every row when the keys are made anew.
        for table, key, column, parent in (
            ("teams", "has_lead", "lead_id", "people"),
            ("people", "in_team", "team_id", "teams"),
            ("people", "has_boss", "boss_id", "people"),
            ("odd %s name", "of_person", "people_id", "people"),
        ):
            connection.query(f"ALTER TABLE `{table}` DROP FOREIGN KEY {key}")
            connection.query(
                f"ALTER TABLE `{table}` ADD CONSTRAINT {key} FOREIGN KEY ({column}) REFERENCES `{parent}` (id)"
            )
    assert (SCHEMA.snapshot(shop), SCHEMA.row_digest(shop)) == before


@pytest.mark.parametrize("way", ["by the server", "through the app"])
def test_all_rows_arrive_as_they_are(
    shop: Target, scratch: Target, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if way == "through the app":
        monkeypatch.setattr("backend.engines.mysql.rehearse.copy._is_same_server", lambda one, other: False)
    copied = TOOLS.copy(shop, scratch, RowsWanted.ALL, 0, CancelToken())
    assert SCHEMA.row_digest(scratch) == SCHEMA.row_digest(shop)
    assert copied.rows == 1601 and copied.notes == (
        "1 values of odd %s name.of_person have no row in people; they were copied as they are.",
    )
    with reading(scratch) as connection:
        assert "schema_migrations" not in [name for (name,) in rows(connection, "SHOW TABLES")]


def test_the_size_is_the_catalogs(shop: Target) -> None:
    size = TOOLS.size(shop)
    assert size.tables == 3 and size.rows is not None and size.bytes is not None and size.bytes >= 3 * 16384


def test_a_cancelled_copy_raises(shop: Target, scratch: Target) -> None:
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        TOOLS.copy(shop, scratch, RowsWanted.ALL, 0, token)


# -- ending ------------------------------------------------------------------------------------------------------------


def sleepers(target: Target) -> int:
    with reading(target, database=False) as connection:
        found = rows(connection, "SHOW PROCESSLIST")
    # In this scratch: other tests share the server.
    own = urls.parse(target.url).database
    return sum(1 for row in found if "sleep(3000)" in str(row[7]) and row[3] == own)


def test_when_the_time_is_up_the_servers_session_is_gone(small: Target) -> None:
    played = play(small, "SELECT 1;\nSELECT sleep(3000);\nSELECT 2", limit_s=0.5)
    assert played.stopped and not played.ok and played.error is not None
    assert played.error["code"] == "timeout" and [one.ok for one in played.statements] == [True, False]
    assert sleepers(small) == 0


def test_cancel_ends_the_servers_session(small: Target) -> None:
    token = CancelToken()
    done: list[Played] = []
    block = Block("SELECT sleep(3000)", Direction.UP, False)
    thread = threading.Thread(
        target=lambda: done.append(TOOLS.play(small, block, lambda one: None, token, 600))
    )
    thread.start()
    while not sleepers(small):
        pass
    token.cancel()
    thread.join()
    assert done[0].stopped and done[0].error is not None and done[0].error["code"] == "cancelled"
    assert sleepers(small) == 0
