"""Splitting SQL by each dialect's quoting rules. PostgreSQL's own parser and SQLite's own parser are the judges."""

# ruff: noqa: E501 - one case a line reads best

from __future__ import annotations

import sqlite3
import time

import postgast
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from backend.engine.sqltext import DIALECTS, client_commands, is_empty, split, strip_comments, tables_touched


def texts(sql: str, dialect: str) -> list[str]:
    return [statement.text for statement in split(sql, dialect)]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_semicolons_separate_statements_and_belong_to_none(dialect: str) -> None:
    assert texts(" SELECT 1 ;\n;;SELECT 2; SELECT 3 ", dialect) == ["SELECT 1", "SELECT 2", "SELECT 3"]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_statement_knows_its_line_and_place(dialect: str) -> None:
    sql = "-- first\nSELECT 1;\n\n/* two\nlines */ SELECT\n 2; SELECT 3"
    found = split(sql, dialect)
    assert [statement.line for statement in found] == [2, 5, 6]
    assert all(sql[one.start : one.end] == one.text for one in found)


@pytest.mark.parametrize(
    ("dialect", "sql", "count"),
    [
        ("postgres", "SELECT 'a;''b;' ; SELECT \"x;y\"", 2),
        ("postgres", r"SELECT 'a\'; SELECT 2", 2),
        ("postgres", r"SELECT E'a\';b'; SELECT 2", 2),
        ("postgres", r"SELECT nameE'a\'; SELECT 2", 2),
        ("postgres", "DO $$ BEGIN a; b; END $$; SELECT 1", 2),
        ("postgres", "SELECT $a$ $b$; $$; $a$; SELECT a$b$c; SELECT $1; SELECT 4", 4),
        ("postgres", "SELECT $ä$;$ä$; SELECT 2", 2),
        ("postgres", "SELECT 1 /* a; /* b; */ c; */; SELECT 2", 2),
        ("postgres", "SELECT 1 -- it's; here\n; SELECT 2", 2),
        ("postgres", "SELECT 1 --it's; here\n; SELECT 2", 2),
        ("postgres", "SELECT 2 - -1; SELECT 2 -/**/- 1", 2),
        ("postgres", "SELECT 1 # 2; SELECT '{1;2}'::jsonb #> '{a}'", 2),
        ("postgres", "CREATE RULE r AS ON UPDATE TO a DO (SELECT 1; SELECT 2); SELECT 3", 2),
        (
            "postgres",
            "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END; SELECT 3",
            2,
        ),
        (
            "postgres",
            "CREATE OR REPLACE PROCEDURE p() LANGUAGE SQL BEGIN ATOMIC END; BEGIN; SELECT 1; END; SELECT 3",
            5,
        ),
        ("postgres", "CREATE FUNCTION begin() RETURNS int AS 'SELECT 1; SELECT 2' LANGUAGE sql; SELECT 3", 2),
        ("postgres", "CREATE TABLE t (a int; SELECT 2", 2),
        ("mysql", "SELECT 'a\\';b', \"c\\\";d\", `e;f`; SELECT 2", 2),
        ("mysql", "SELECT 1 # it's; here\n; SELECT 2 -- it's; here\n; SELECT 3", 3),
        ("mysql", "SELECT 5--1; SELECT 2", 2),
        ("mysql", "SELECT 2*/* two; */3; SELECT 2", 2),
        ("mysql", "/*!40101 SET a = 1 */; /* c; */ SELECT 2", 2),
        (
            "mysql",
            "/*!50003 CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW BEGIN SET @a = 1; SET @b = 2; END */; SELECT 2",
            2,
        ),
        (
            "mysql",
            "CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW BEGIN IF x THEN SET @a = 1; END IF; END; SELECT 2",
            2,
        ),
        (
            "mysql",
            "CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW IF NEW.x THEN SET @a = 1; END IF; SELECT 2",
            2,
        ),
        ("mysql", "CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW SET NEW.b = 1; SELECT 2", 2),
        (
            "mysql",
            "CREATE PROCEDURE p() BEGIN CASE x WHEN 1 THEN SELECT 1; END CASE; SELECT CASE WHEN 1 THEN 2 END; END; SELECT 2",
            2,
        ),
        (
            "mysql",
            "CREATE PROCEDURE p() BEGIN a: LOOP LEAVE a; END LOOP a; BEGIN SELECT 1; END; WHILE x DO SET x = 0; END WHILE; END; SELECT 2",
            2,
        ),
        (
            "mysql",
            "CREATE PROCEDURE p() BEGIN INSERT INTO t (begin, end) VALUES (1, t.end); END; SELECT 2",
            2,
        ),
        (
            "mysql",
            "CREATE DEFINER=`a`@`b` FUNCTION f() RETURNS int BEGIN RETURN IF(1, 2, 3); END; SELECT 2",
            2,
        ),
        ("mysql", "CREATE PROCEDURE p() outer_block: BEGIN SELECT 1; END outer_block; SELECT 2", 2),
        ("mysql", "CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO BEGIN SELECT 1; END; SELECT 2", 2),
        ("mysql", "BEGIN NOT ATOMIC SELECT 1; SELECT 2; END; BEGIN; SELECT 3; COMMIT", 4),
        ("mysql", "DELIMITER //\nCREATE PROCEDURE p() BEGIN a; b; END//\nDELIMITER ;\nSELECT 2; SELECT 3", 3),
        (
            "mysql",
            "delimiter $$\nCREATE PROCEDURE p() BEGIN a; b; END$$\nSELECT '$$' $$\nDELIMITER ;\nSELECT 3",
            3,
        ),
        ("sqlite", "SELECT 'a;''b', \"c;d\", `e;f`, [g;h]; SELECT 2", 2),
        (
            "sqlite",
            "CREATE TEMP TRIGGER t AFTER INSERT ON a BEGIN SELECT CASE WHEN 1 THEN 2 END; SELECT 1; END; SELECT 2",
            2,
        ),
        (
            "sqlite",
            "CREATE TRIGGER t AFTER INSERT ON a BEGIN UPDATE a SET b = CASE WHEN 1 THEN 2 END; END; SELECT 2",
            2,
        ),
        ("sqlite", 'BEGIN; CREATE TABLE "end" (a); END; SELECT 2', 4),
        ("sqlite", "SELECT 1 /* a /* b */; SELECT 2", 2),
        ("clickhouse", r"SELECT 'a\';b', $doc$ ; $doc$; SELECT 2", 2),
        ("clickhouse", "SELECT 1 # c; d\n; SELECT 2 #! e; f\n; SELECT 3", 3),
        ("bigquery", 'SELECT """a;"b"; c""", r\'d\\\';e\', "f;g", `h;i`; SELECT 2 # c; d', 2),
        ("bigquery", "CREATE PROCEDURE d.p() BEGIN SELECT 1; IF x THEN SELECT 2; END IF; END; SELECT 2", 2),
        (
            "bigquery",
            "BEGIN SELECT 1; EXCEPTION WHEN ERROR THEN SELECT 2; END; BEGIN TRANSACTION; SELECT 3; COMMIT TRANSACTION",
            4,
        ),
        (
            "bigquery",
            "IF a THEN SELECT 1; ELSE SELECT IF(a, 1, 2); END IF; FOR r IN (SELECT 1) DO SELECT 2; END FOR; SELECT 3",
            3,
        ),
    ],
)
def test_quotes_comments_and_bodies_hide_semicolons(dialect: str, sql: str, count: int) -> None:
    assert len(split(sql, dialect)) == count, texts(sql, dialect)


def test_delimiter_lines_are_commands_of_the_client_and_no_statements() -> None:
    sql = "DELIMITER ;;\nSELECT 1;;\n  delimiter ;\nSELECT 2;"
    assert texts(sql, "mysql") == ["SELECT 1", "SELECT 2"]
    assert [command.text.strip() for command in client_commands(sql, "mysql")] == [
        "DELIMITER ;;",
        "delimiter ;",
    ]


def test_psql_commands_are_found_with_their_lines_and_copy_keeps_its_rows() -> None:
    sql = "\\restrict abc\nSELECT 1;\nCOPY t (a) FROM stdin;\n1;2\n\\.\n\\connect x\nSELECT 3;\n"
    assert texts(sql, "postgres") == ["SELECT 1", "COPY t (a) FROM stdin;\n1;2\n\\.", "SELECT 3"]
    assert [(one.text, one.line) for one in client_commands(sql, "postgres")] == [
        ("\\restrict abc", 1),
        ("\\connect x", 6),
    ]


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("opened", ["'", '"', "/*", "$$", "`", "[", "/*!", "E'", "--", "'''", "'\\"])
def test_what_is_never_closed_runs_to_the_end_and_is_kept(dialect: str, opened: str) -> None:
    assert split(f"SELECT 1; SELECT {opened} 2", dialect)[-1].text.startswith("SELECT")


CODE = st.lists(
    st.sampled_from(
        ["SELECT 1", "'a;b'", '"c;d"', "$$e;f$$", "$t$;$t$", "/* g; */", "-- h;\n", "# i\n", ";", "\n", " ", "`j;`", "[k;]", "''", "\\",
         "BEGIN", "END", "CASE", "CREATE TRIGGER t ", "CREATE FUNCTION f() ", "BEGIN ATOMIC", "END IF", "DELIMITER //\n", "//",
         "/*!4 x", "*/", "(", ")", "E'\\''", "'", '"', "ä", "$1", "a$b", "\\restrict x\n", "COPY t FROM stdin;", "\n\\.\n", "1e5"]
    ),
    max_size=25,
).map(" ".join)  # fmt: skip


@pytest.mark.parametrize("dialect", DIALECTS)
@given(sql=CODE | st.text(max_size=60))
def test_no_code_is_ever_lost(dialect: str, sql: str) -> None:
    pieces = split(sql, dialect) + client_commands(sql, dialect)
    pieces.sort(key=lambda piece: piece.start)
    position = 0
    between = []
    for piece in pieces:
        assert piece.start >= position and piece.text == sql[piece.start : piece.end] and piece.text
        between.append(sql[position : piece.start])
        position = piece.end
    between.append(sql[position:])
    for gap in between:
        # Delimiters set by DELIMITER lines stand between statements too.
        assert not strip_comments(gap, dialect).replace(";", "").replace("/", "").strip(), gap


@pytest.mark.parametrize("dialect", DIALECTS)
@given(sql=CODE)
def test_splitting_a_statement_again_gives_that_statement(dialect: str, sql: str) -> None:
    if "DELIMITER" in sql:
        return
    for statement in split(sql, dialect):
        again = split(statement.text, dialect)
        assert [one.text for one in again] == [statement.text]


@given(st.lists(st.sampled_from([
    "SELECT 'a;''b'", "SELECT E'\\';'", 'SELECT ";" FROM t', "SELECT $$;$$", "DO $x$ BEGIN; END $x$", "SELECT $1",
    "CREATE RULE r AS ON UPDATE TO a DO ALSO (SELECT 1; SELECT 2)", "SELECT /* /* ; */ ; */ 1", "SELECT 1 -- ;\n",
    "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END", "SELECT a$b$c",
    "", "-- only a comment\n", "SELECT U&'\\0061;'", "SELECT 'a'\n';b'", "SELECT B'1' # B'0'",
]), max_size=8))  # fmt: skip
@example(["SELECT 1", "SELECT 2"])
def test_it_splits_where_postgresqls_own_parser_splits(parts: list[str]) -> None:
    sql = ";\n".join(parts)
    judge = postgast.split(sql) if strip_comments(sql, "postgres").replace(";", "").strip() else []
    assert [strip_comments(one, "postgres").strip() for one in judge] == [
        strip_comments(one.text, "postgres").strip() for one in split(sql, "postgres")
    ]


@given(st.lists(st.sampled_from([
    "SELECT 'a;''b'", 'CREATE TABLE ";" (a)', "SELECT [;]", "SELECT 1 /* ; /* */", "SELECT 1 -- ;\n",
    "CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT CASE WHEN 1 THEN 2 END; SELECT 3; END", "BEGIN", "END", "SELECT `;`",
]), min_size=1, max_size=6))  # fmt: skip
def test_every_sqlite_statement_is_complete_by_sqlites_own_judgement(parts: list[str]) -> None:
    found = split(";\n".join(parts), "sqlite")
    assert len(found) == len(parts)
    assert all(sqlite3.complete_statement(one.text + "\n;") for one in found)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_two_megabytes_and_long_lines_do_not_hang_the_split(dialect: str) -> None:
    row = "INSERT INTO t (a, b) VALUES (1, 'it''s; -- x'), (2, '{\"k\": [1, 2]}');"
    for sql in (
        "\n".join([row] * 28_000),
        "INSERT INTO t VALUES " + "(1, 'a;b')," * 180_000,
        "SELECT '" + "'';" * 700_000,
    ):
        started = time.process_time()
        split(sql, dialect)
        assert time.process_time() - started < 20, len(sql)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_stripped_comments_leave_the_line_numbers_alone(dialect: str) -> None:
    sql = "SELECT '-- no' /* a\nb */, 2 -- c\nFROM t"
    stripped = strip_comments(sql, dialect)
    assert (
        stripped.splitlines()[2] == "FROM t"
        and "'-- no'" in stripped
        and "c" not in stripped.split("FROM")[0]
    )


def test_mysqls_executable_comments_are_code() -> None:
    assert strip_comments("/*!40101 SET a = 1 */ /* b */", "mysql").strip() == "/*!40101 SET a = 1 */"
    assert not is_empty("/*!40101 SET a = 1 */", "mysql")


@pytest.mark.parametrize(
    ("sql", "empty"), [("", True), (" ;\n-- a\n/* b */;", True), ("SELECT", False), ("''", False)]
)
@pytest.mark.parametrize("dialect", DIALECTS)
def test_only_comments_and_semicolons_count_as_empty(dialect: str, sql: str, empty: bool) -> None:
    assert is_empty(sql, dialect) is empty


@pytest.mark.parametrize(
    ("dialect", "sql", "tables"),
    [
        ("postgres", 'CREATE TABLE IF NOT EXISTS "My Table" (a int); INSERT INTO app.users VALUES (1)', ["My Table", "app.users"]),
        ("postgres", "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i ON ONLY a.b USING gin (c)", ["a.b"]),
        ("postgres", "CREATE INDEX ON orders (a)", ["orders"]),
        ("postgres", "DROP TABLE IF EXISTS a, b.c , d CASCADE; TRUNCATE x, ONLY y RESTART IDENTITY", ["a", "b.c", "d", "x", "y"]),
        ("postgres", "ALTER TABLE IF EXISTS ONLY a RENAME TO b; ALTER TABLE c RENAME COLUMN d TO e", ["a", "b", "c"]),
        ("postgres", "UPDATE ONLY u AS x SET a = 1; UPDATE v w SET a = 1; DELETE FROM z WHERE a", ["u", "v", "z"]),
        ("postgres", "CREATE TABLE a (b int REFERENCES c ON UPDATE CASCADE ON DELETE SET NULL); SELECT 1 FROM d FOR UPDATE", ["a"]),
        ("postgres", "INSERT INTO a VALUES (1) ON CONFLICT DO UPDATE SET b = 2", ["a"]),
        ("postgres", "-- DROP TABLE a\n/* DROP TABLE b */ SELECT 'DROP TABLE c', $$DROP TABLE d$$; DROP /* x */ TABLE e", ["e"]),
        ("postgres", "DO $$ BEGIN ALTER TABLE a ADD b int; END $$; CREATE UNLOGGED TABLE c AS SELECT 1", ["a", "c"]),
        ("postgres", "CREATE TRIGGER t AFTER INSERT OR UPDATE ON a FOR EACH ROW EXECUTE FUNCTION f()", []),
        ("postgres", "WITH x AS (DELETE FROM a RETURNING *) INSERT INTO b SELECT * FROM x", ["a", "b"]),
        ("mysql", "RENAME TABLE a TO b, `c`.`d` TO e; REPLACE INTO f VALUES (1); INSERT IGNORE INTO g VALUES (1)",
         ["a", "b", "c.d", "e", "f", "g"]),
        ("mysql", "CREATE TABLE `a b` (c datetime ON UPDATE CURRENT_TIMESTAMP); UPDATE a JOIN b ON a.x = b.x SET a.y = 1", ["a b", "a"]),
        ("mysql", "/*!40000 ALTER TABLE `a` DISABLE KEYS */; CREATE FULLTEXT INDEX i ON b (c)", ["a", "b"]),
        ("sqlite", "CREATE VIRTUAL TABLE [a b] USING fts5(c); INSERT OR REPLACE INTO d VALUES (1)", ["a b", "d"]),
        ("clickhouse", "ALTER TABLE db.a ON CLUSTER c UPDATE x = 1 WHERE 1; TRUNCATE TABLE IF EXISTS b", ["db.a", "b"]),
        ("bigquery", "CREATE OR REPLACE TABLE `d`.t AS SELECT 1; DELETE FROM d.u WHERE true", ["d.t", "d.u"]),
    ],
)  # fmt: skip
def test_the_touched_tables_are_named_in_order(dialect: str, sql: str, tables: list[str]) -> None:
    assert tables_touched(sql, dialect) == tables


def test_an_unknown_dialect_is_named_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"oracle.*postgres"):
        split("SELECT 1", "oracle")
