"""MySQL and MariaDB: what is generated from one schema to another leaves exactly that schema, by SHOW CREATE, both ways."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from backend.core.errors import ReadOnly, SqlFailed
from backend.diff.compare import compare
from backend.engine.schema.model import Plan, PlanOptions, Snapshot, Step, Style
from backend.engine.schema.port import schema_tools
from backend.engine.target import Target
from backend.engines.mysql import url as urls
from backend.engines.mysql.connect import reading, rows, run, writing
from backend.engines.mysql.schema import events
from backend.engines.mysql.schema import snapshot as snapshots
from backend.engines.mysql.schema.lexing import without_databases
from backend.models.schema_diff import Generated
from backend.services.schemas.generator import Generator
from backend.services.schemas.scratches import ScratchServer
from tests.schema.mysql_changes import CASES, Case
from tests.schema.random_mysql import schemas
from tests.servers import Server

TOOLS = schema_tools("mysql")
BATCHES = [CASES[start : start + 48] for start in range(0, len(CASES), 48)]
SHOP = """
CREATE TABLE users (id int NOT NULL AUTO_INCREMENT PRIMARY KEY, email varchar(50) NOT NULL, name varchar(20) DEFAULT 'x',
  age int, UNIQUE KEY email (email));
CREATE TABLE orders (id int NOT NULL AUTO_INCREMENT PRIMARY KEY, user_id int NOT NULL, total decimal(10,2) NOT NULL DEFAULT 0,
  state enum('new','paid') NOT NULL DEFAULT 'new', KEY total (total),
  CONSTRAINT of_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE);
CREATE VIEW rich AS SELECT u.id, u.email, o.total FROM users u JOIN orders o ON o.user_id = u.id;
DELIMITER //
CREATE TRIGGER touched BEFORE UPDATE ON users FOR EACH ROW BEGIN SET NEW.age = NEW.age + 1; END//
CREATE PROCEDURE counted (OUT n int) BEGIN SELECT count(*) INTO n FROM users; END//
DELIMITER ;
"""
WITH_ROWS = {
    "columns of every kind": [
        ("age int", "phone varchar(20) NOT NULL, age bigint, born date"),
        ("name varchar(20) DEFAULT 'x'", "name varchar(80) NOT NULL DEFAULT 'y'"),
        ("enum('new','paid')", "enum('new','paid','sent')"),
    ],
    "a key's type through its foreign key": [
        ("id int NOT NULL AUTO_INCREMENT PRIMARY KEY, email", "id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY, email"),
        ("user_id int NOT NULL", "user_id bigint NOT NULL"),
    ],
    "order, keys and letters": [
        ("age int, UNIQUE KEY email (email));", "age int, KEY age (age), UNIQUE KEY email (email)) CHARSET=latin1;"),
        ("user_id int NOT NULL, total decimal(10,2)", "rank tinyint, total decimal(10,2)"),
        ("state enum", "user_id int NOT NULL, state enum"),
        ("KEY total (total)", "KEY sum_of (total), KEY both_of (user_id,total)"),
    ],
    "code, partitions and history": [
        ("NEW.age + 1", "NEW.age + 2"),
        ("SELECT count(*)", "SELECT 1 + count(*)"),
        ("u.email, o.total", "u.email, o.total, o.state"),
        ("CREATE VIEW", "CREATE TABLE logs (at date NOT NULL) PARTITION BY HASH (year(at)) PARTITIONS 2;\nCREATE VIEW"),
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def server(mariadb_server: Server) -> Iterator[Target]:
    database = mariadb_server.new_database()
    try:
        yield Target("mysql", database.url, Path("/"), "schema_migrations")
    finally:
        mariadb_server.drop_database(database.name)


def snapshot_of(server: Target, text: str) -> Snapshot:
    with TOOLS.scratch(server, "load") as target:
        TOOLS.load(target, text, "schema.sql")
        return TOOLS.snapshot(target)


def texts(snapshot: Snapshot) -> dict[str, str]:
    return {one.id: one.text for one in snapshot.objects}


def generate(
    server: Target, old: str, new: str, *, style: Style = Style.PLAIN, **options: object
) -> Generated:
    scratch = ScratchServer(TOOLS, server, "the server", "")
    asked = PlanOptions(style=style, **options)  # type: ignore[arg-type]
    return Generator(TOOLS, scratch).generate(snapshot_of(server, old), snapshot_of(server, new), asked)


# -- convergence ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "batch", BATCHES, ids=[f"{batch[0].prefix}to_{batch[-1].prefix}" for batch in BATCHES]
)
def test_changes_converge_both_ways_in_the_order_they_are_written(server: Target, batch: list[Case]) -> None:
    with TOOLS.scratch(server, "old") as one, TOOLS.scratch(server, "new") as other:
        for target, side in ((one, "old"), (other, "new")):
            loaded = TOOLS.load(target, "\n".join(getattr(case, side) for case in batch), "schema.sql")
            assert loaded.skipped == ()
        old, new = TOOLS.snapshot(one), TOOLS.snapshot(other)
        for case in batch:
            parts = [
                {id_: text for id_, text in texts(side).items() if case.prefix in id_} for side in (old, new)
            ]
            assert parts[0] != parts[1], case.name
        for target, before, wanted in ((one, old, new), (other, new, old)):
            plan = TOOLS.plan(before, wanted, PlanOptions())
            assert plan.not_expressed == ()
            applied = TOOLS.apply(target, plan.steps)
            assert applied.ok, (applied.error, plan.steps[applied.step or 0].sql)
            assert texts(TOOLS.snapshot(target)) == texts(wanted)
            assert TOOLS.plan(TOOLS.snapshot(target), wanted, PlanOptions()).steps == ()


def test_a_snapshot_made_anew_reads_the_same(server: Target) -> None:
    snapshot = snapshot_of(server, "\n".join(case.new for case in CASES[-50:]))
    with TOOLS.scratch(server, "again") as target:
        assert TOOLS.restore(target, snapshot).skipped == ()
        assert texts(TOOLS.snapshot(target)) == texts(snapshot)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(old=schemas(), new=schemas())
def test_random_schemas_converge(server: Target, old: str, new: str) -> None:
    wanted = snapshot_of(server, new)
    with TOOLS.scratch(server, "random") as target:
        TOOLS.load(target, old, "schema.sql")
        plan = TOOLS.plan(TOOLS.snapshot(target), wanted, PlanOptions())
        applied = TOOLS.apply(target, plan.steps)
        assert applied.ok, (applied.error, plan.steps[applied.step or 0].sql)
        assert texts(TOOLS.snapshot(target)) == texts(wanted)


@pytest.mark.parametrize("style", list(Style))
@pytest.mark.parametrize("changes", WITH_ROWS.values(), ids=list(WITH_ROWS))
def test_a_change_is_proven_both_ways_with_rows(
    server: Target, changes: list[tuple[str, str]], style: Style
) -> None:
    new = SHOP
    for was, becomes in changes:
        assert was in new
        new = new.replace(was, becomes)
    made = generate(server, SHOP, new, style=style)
    proven = made.proven
    left = (proven.problems, proven.left_up, proven.left_down, made.not_expressed)
    assert (proven.up, proven.down, proven.rows) == (True, True, True), left
    assert proven.rows_seeded == 6
    if style is Style.PLAIN:
        assert made.not_expressed == []


# -- the statements ------------------------------------------------------------------------------------------------


def plan_of(server: Target, old: str, new: str, **options: object) -> Plan:
    return TOOLS.plan(snapshot_of(server, old), snapshot_of(server, new), PlanOptions(**options))  # type: ignore[arg-type]


def test_all_changes_of_a_table_are_one_statement(server: Target) -> None:
    new = SHOP.replace("age int,", "age bigint, phone text,").replace(
        "UNIQUE KEY email", "KEY age (age), UNIQUE KEY email"
    )
    (step,) = plan_of(server, SHOP, new).steps
    assert step.sql == (
        "ALTER TABLE `users`\n  MODIFY COLUMN `age` bigint(20) DEFAULT NULL,\n"
        "  ADD COLUMN `phone` text DEFAULT NULL,\n  ADD KEY `age` (`age`)"
    )


def test_online_asks_for_work_in_place_without_locks(server: Target) -> None:
    new = SHOP.replace("age int,", "age int, phone text, KEY age (age),")
    (step,) = plan_of(server, SHOP, new, style=Style.ONLINE).steps
    assert step.sql.endswith(",\n  ALGORITHM=INPLACE,\n  LOCK=NONE")
    copied = SHOP.replace("age int,", "age bigint,")
    (step,) = plan_of(server, SHOP, copied, style=Style.ONLINE).steps
    assert "ALGORITHM" not in step.sql
    assert [one.kind.value for one in step.hazards] == ["rewrite"]


MOVED = [
    f"CREATE TABLE t (a int, b int, KEY {one} ({one}), KEY {other} ({other}));" for one, other in ("ab", "ba")
]


def test_keys_that_only_moved_are_listed_anew_without_being_built(server: Target) -> None:
    (step,) = plan_of(server, MOVED[0], MOVED[1], style=Style.ONLINE).steps
    assert "DROP KEY `a`" in step.sql and "COMMENT=''" in step.sql and step.hazards == ()
    with TOOLS.scratch(server, "moved") as target:
        TOOLS.load(target, MOVED[0], "schema.sql")
        instant = replace(step, sql=step.sql.replace("ALGORITHM=INPLACE,\n  LOCK=NONE", "ALGORITHM=INSTANT"))
        assert "INSTANT" in instant.sql
        assert TOOLS.apply(target, [instant]).ok
        assert texts(TOOLS.snapshot(target)) == texts(snapshot_of(server, MOVED[1]))


def test_online_leaves_keys_that_mysql_would_build_anew_and_says_so(server: Target) -> None:
    facts = {"product": "mysql", "version": "8.0.36"}
    old, new = (replace(snapshot_of(server, text), facts=facts) for text in MOVED)
    plan = TOOLS.plan(old, new, PlanOptions(style=Style.ONLINE))
    assert plan.steps == ()
    assert plan.not_expressed == (
        "The keys of t stay in the order they have: only building them anew would change it.",
    )
    in_two = [step.sql for step in TOOLS.plan(old, new, PlanOptions()).steps]
    assert in_two == ["ALTER TABLE `t` DROP KEY `a`", "ALTER TABLE `t` ADD KEY `a` (`a`)"]


def test_what_may_lose_rows_is_named(server: Target) -> None:
    new = SHOP.replace("name varchar(20) DEFAULT 'x'", "name varchar(5) NOT NULL").replace("age int,", "")
    new = new.replace("BEGIN SET NEW.age = NEW.age + 1; END", "SET NEW.name = 'a'")
    hazards = [one for step in plan_of(server, SHOP, new).steps for one in step.hazards]
    assert [(one.kind.value, one.message) for one in hazards][:3] == [
        ("correctness", "It fails where users.name holds NULL."),
        ("correctness", "users.name becomes varchar(5): what varchar(20) held may not fit."),
        ("data_loss", "What the column users.age holds is lost."),
    ]


def test_a_rename_keeps_its_values_once_it_is_confirmed(server: Target) -> None:
    new = SHOP.replace("name varchar", "full_name varchar").replace("orders", "sales")
    guesses = TOOLS.guess_renames(snapshot_of(server, SHOP), snapshot_of(server, new))
    renames = {one.old: one.new for one in guesses}
    assert renames == {
        "table orders": "table sales",
        "column table users.name": "column table users.full_name",
    }
    made = generate(server, SHOP, new, renames=renames)
    assert (made.proven.up, made.proven.down, made.proven.rows) == (True, True, True), made.proven.problems
    assert [one.sql.split("\n")[0] for one in made.statements][:2] == [
        "RENAME TABLE `orders` TO `sales`",
        "ALTER TABLE `users` RENAME COLUMN `name` TO `full_name`",
    ]
    assert not any(one.kind == "data_loss" for one in made.hazards)
    assert any(one.kind == "data_loss" for one in generate(server, SHOP, new).hazards)


def test_only_what_was_chosen_changes_and_what_it_needs_comes_along(server: Target) -> None:
    new = SHOP.replace("age + 1", "age + 2").replace("DEFAULT 'new'", "DEFAULT 'paid'")
    new += "CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (a int, FOREIGN KEY (a) REFERENCES a (id));"
    plan = plan_of(server, SHOP, new, include=frozenset({"trigger touched", "table b"}))
    assert plan.objects == {"trigger touched", "table a", "table b"}
    assert [" ".join(step.sql.split()[:3]) for step in plan.steps] == [
        "DROP TRIGGER `touched`", "CREATE TABLE `a`", "CREATE TABLE `b`", "CREATE TRIGGER touched",
    ]  # fmt: skip


def test_a_written_half_needs_no_delimiter(server: Target) -> None:
    body = "DELIMITER //\nCREATE PROCEDURE p () BEGIN SELECT 1; END -- done\n//\nDELIMITER ;"
    written = TOOLS.write(plan_of(server, "", body).steps)
    assert written == "CREATE PROCEDURE `p`()\nBEGIN SELECT 1; END;\n" or written.endswith("-- done\n;\n")


# -- loading -------------------------------------------------------------------------------------------------------

DUMP = """\
-- MySQL dump 10.13  Distrib 8.0.30
/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;
/*!50503 SET NAMES utf8mb4 */;
/*!40103 SET TIME_ZONE='+00:00' */;
/*!40014 SET @OLD_FOREIGN_KEY_CHECKS=@@FOREIGN_KEY_CHECKS, FOREIGN_KEY_CHECKS=0 */;
/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */;
SET @@GLOBAL.GTID_PURGED=/*!80000 '+'*/ 'a-b:1-3';
CREATE DATABASE /*!32312 IF NOT EXISTS*/ `shop` /*!40100 DEFAULT CHARACTER SET latin1 */;
USE `shop`;
DROP TABLE IF EXISTS `users`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!50503 SET character_set_client = utf8mb4 */;
CREATE TABLE `users` (
  `id` int NOT NULL AUTO_INCREMENT,
  `name` varchar(20) COLLATE utf8mb4_0900_ai_ci DEFAULT NULL,
  `at` datetime NOT NULL DEFAULT '0000-00-00 00:00:00',
  `org` int DEFAULT NULL,
  PRIMARY KEY (`id`),
  CONSTRAINT `to_org` FOREIGN KEY (`org`) REFERENCES `orgs` (`id`)
) ENGINE=InnoDB AUTO_INCREMENT=17 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci;
LOCK TABLES `users` WRITE;
/*!40000 ALTER TABLE `users` DISABLE KEYS */;
INSERT INTO `users` VALUES (1,'it''s; a \\' row',NULL,NULL);
/*!40000 ALTER TABLE `users` ENABLE KEYS */;
UNLOCK TABLES;
CREATE TABLE `shop`.`orgs` (`id` int NOT NULL, PRIMARY KEY (`id`)) ENGINE=InnoDB;
/*!50003 SET sql_mode = 'STRICT_TRANS_TABLES' */ ;
DELIMITER ;;
/*!50003 CREATE*/ /*!50017 DEFINER=`gone`@`10.0.0.1`*/ /*!50003 TRIGGER `named` BEFORE INSERT ON `users`
FOR EACH ROW BEGIN SET NEW.name = 'a;b'; END */;;
DELIMITER ;
/*!50001 CREATE TABLE `seen` (`id` tinyint NOT NULL) ENGINE=MyISAM */;
/*!50001 DROP TABLE IF EXISTS `seen`*/;
/*!50001 CREATE ALGORITHM=UNDEFINED */
/*!50013 DEFINER=`gone`@`10.0.0.1` SQL SECURITY DEFINER */
/*!50001 VIEW `seen` AS select `shop`.`users`.`id` AS `id` from `shop`.`users` */;
GRANT SELECT ON shop.* TO 'someone'@'%';
/*!40014 SET FOREIGN_KEY_CHECKS=@OLD_FOREIGN_KEY_CHECKS */;
/*!40101 SET SQL_MODE=@OLD_SQL_MODE */;
"""


def test_a_dump_loads_into_the_scratch_database_alone(server: Target) -> None:
    with TOOLS.scratch(server, "load") as target:
        loaded = TOOLS.load(target, DUMP, "dump.sql")
        found = TOOLS.snapshot(target)
    ids = [one.id for one in found.objects]
    assert ids == ["database default", "table orgs", "table users", "view seen", "trigger named"]
    assert "latin1" not in found.by_id()["database default"].sql
    assert "CHARSET=utf8mb4" in found.by_id()["table orgs"].sql
    assert "AUTO_INCREMENT=17" not in found.by_id()["table users"].sql
    assert "DEFINER=`gone`@`10.0.0.1`" in found.by_id()["view seen"].sql
    assert found.by_id()["trigger named"].facts["sql_mode"] == "STRICT_TRANS_TABLES"
    assert loaded.skipped == ()
    defaults, collation = loaded.notes
    assert defaults.startswith("line 8: the database's own latin1 is not taken over; tables without")
    assert collation.startswith("The collation utf8mb4_0900_ai_ci is not known here: utf8mb4_")


def test_a_table_too_wide_for_todays_strictness_is_loaded_noted_and_cloned(server: Target) -> None:
    columns = ", ".join(f"c{number} char(250)" for number in range(40))
    text = f"CREATE TABLE wide ({columns}) CHARSET=latin1 ROW_FORMAT=REDUNDANT;"
    with TOOLS.scratch(server, "wide") as target:
        assert TOOLS.load(target, text, "schema.sql").notes == ("line 1: taken only without strict SQL mode",)
        snapshot = TOOLS.snapshot(target)
    with TOOLS.scratch(server, "again") as target:
        assert TOOLS.restore(target, snapshot).skipped == ()
        assert texts(TOOLS.snapshot(target)) == texts(snapshot)


def test_an_error_names_the_line(server: Target) -> None:
    text = "CREATE TABLE a (id int);\n\nCREATE TABLE b (\n  id int,\n  x int, int\n);\n"
    with TOOLS.scratch(server, "load") as target, pytest.raises(SqlFailed) as failed:
        TOOLS.load(target, text, "schema.sql")
    assert failed.value.details["line"] == 5
    assert failed.value.message.startswith("schema.sql, line 5: ")


def test_names_of_the_database_never_reach_the_text(server: Target) -> None:
    body = (
        "CREATE TABLE t (id int); CREATE FUNCTION f () RETURNS int DETERMINISTIC RETURN 1;"
        " CREATE VIEW v AS SELECT f() AS x FROM t;"
        " CREATE SEQUENCE s; CREATE TABLE u (id int DEFAULT nextval(s));"
    )
    assert not any("dbtoolkit_scratch" in one.sql for one in snapshot_of(server, body).objects)


def test_rows_go_into_every_kind_of_column_and_are_told_apart(server: Target) -> None:
    """Names with `%`, shapes, addresses, references and rules; what takes no row is named."""
    text = (
        "CREATE TABLE kinds (`100%s` int PRIMARY KEY, p point NOT NULL, s set('a','b') NOT NULL, y year, b bit(3), j json,"
        " u uuid NOT NULL, i inet6, t time, d decimal(2,2) NOT NULL, c char(1) NOT NULL, e enum('it''s','x') NOT NULL,"
        " g int AS (`100%s` + 1) VIRTUAL, m multipolygon, v varbinary(4) NOT NULL, SPATIAL KEY p (p));"
        "CREATE TABLE child (id int, of_kind int NOT NULL, FOREIGN KEY (of_kind) REFERENCES kinds (`100%s`));"
        "CREATE TABLE never (id int NOT NULL, CHECK (id <> id));"
    )
    with TOOLS.scratch(server, "rows") as target:
        TOOLS.load(target, text, "schema.sql")
        seeded = TOOLS.seed(target)
        before = TOOLS.row_digest(target)
        assert seeded.tables == {"table kinds": 3, "table child": 3}
        assert seeded.skipped == ("never: its rules refuse every row tried",)
        assert TOOLS.apply(target, [Step("UPDATE kinds SET j = '[1]' WHERE `100%s` = 2")]).ok
        after = TOOLS.row_digest(target)
    changed = {name for name, digest in before["table kinds"].items() if after["table kinds"][name] != digest}
    assert changed == {"j"} and before["table child"] == after["table child"]


# -- scratch databases ---------------------------------------------------------------------------------------------


def test_a_read_only_connection_gets_no_scratch_database(server: Target) -> None:
    with pytest.raises(ReadOnly), TOOLS.scratch(replace(server, read_only=True), "no"):
        pass


def test_only_what_ended_processes_left_is_swept(server: Target) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    with TOOLS.scratch(server, "live") as target:
        live = urls.parse(target.url).database
        left = live.replace(f"_{os.getpid()}_", f"_{ended.pid}_")
        elsewhere = "dbtoolkit_scratch_00000000_" + left.split("_", 3)[3]
        with writing(server) as connection:
            for name in (left, elsewhere):
                run(connection, f"CREATE DATABASE {name}")
            try:
                assert left in TOOLS.sweep(server)
                assert TOOLS.sweep(replace(server, read_only=True)) == []
                there = {name for (name,) in rows(connection, "SHOW DATABASES LIKE 'dbtoolkit_scratch_%'")}
                assert {live, elsewhere} <= there and left not in there
            finally:
                run(connection, f"DROP DATABASE {elsewhere}")


def test_a_corrupted_statement_is_not_called_proven(server: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    real = TOOLS.plan

    def corrupted(old: Snapshot, new: Snapshot, options: PlanOptions) -> Plan:
        made = real(old, new, options)
        steps = tuple(replace(step, sql=step.sql.replace("`phone`", "`fone`")) for step in made.steps)
        return replace(made, steps=steps)

    monkeypatch.setattr(TOOLS, "plan", corrupted)
    made = generate(server, SHOP, SHOP.replace("age int", "age int, phone text"))
    assert made.proven.up is False and made.proven.left_up == ["table users"]


def test_values_that_are_lost_are_seen(server: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    """An equal text also comes of dropping a column and adding it again."""
    real = TOOLS.plan

    def forgetful(old: Snapshot, new: Snapshot, options: PlanOptions) -> Plan:
        made = real(old, new, options)
        first = replace(made.steps[0], sql="UPDATE `users` SET `name` = 'gone'")
        return replace(made, steps=(first, *made.steps))

    monkeypatch.setattr(TOOLS, "plan", forgetful)
    made = generate(server, SHOP, SHOP.replace("age int", "age int, phone text"))
    assert made.proven.up is True and made.proven.rows is False
    assert any("values of name" in one for one in made.proven.problems)


def test_the_counter_is_no_schema_and_a_comment_that_speaks_of_one_stays_whole(server: Target) -> None:
    table = "CREATE TABLE t (id int NOT NULL AUTO_INCREMENT PRIMARY KEY) AUTO_INCREMENT={} COMMENT='{}'"
    said = "with ) ENGINE=InnoDB AUTO_INCREMENT=5"
    [one] = [found for found in snapshot_of(server, table.format(100, said)).objects if found.kind == "table"]
    assert "AUTO_INCREMENT=100" not in one.sql and f"COMMENT='{said}'" in one.sql
    other = snapshot_of(server, table.format(7, said.replace("5", "6")))
    assert [change.id for change in compare(snapshot_of(server, table.format(100, said)), other)] == [
        "table t"
    ]


def test_bookkeeping_is_left_out(server: Target) -> None:
    text = "CREATE TABLE schema_migrations (version varchar(128) PRIMARY KEY); CREATE TABLE dbtoolkit_history (id int);"
    assert [one.id for one in snapshot_of(server, text).objects] == ["database default"]


def test_changes_of_a_snapshot_to_itself_are_none(server: Target) -> None:
    one = snapshot_of(server, SHOP)
    assert compare(one, snapshot_of(server, SHOP)) == []
    assert TOOLS.plan(one, one, PlanOptions()).steps == ()


def test_a_view_that_reads_what_is_gone_is_named_and_left_alone(server: Target) -> None:
    new = SHOP.replace("age int,", "").replace("BEGIN SET NEW.age = NEW.age + 1; END", "SET NEW.name = 'a'")
    with TOOLS.scratch(server, "broken") as target:
        TOOLS.load(target, SHOP + "CREATE VIEW ages AS SELECT age FROM users;", "schema.sql")
        old = TOOLS.snapshot(target)
        wanted = snapshot_of(server, new)
        plan = TOOLS.plan(old, wanted, PlanOptions())
        dropped = [step for step in plan.steps if step.sql != "DROP VIEW `ages`"]
        assert len(dropped) == len(plan.steps) - 1
        assert TOOLS.apply(target, dropped).ok
        left = TOOLS.snapshot(target)
        assert texts(left) == texts(wanted)
        assert left.problems == ("The view ages reads what is not there any more and is left as it is.",)
        there_and_back = TOOLS.plan(old, left, PlanOptions()), TOOLS.plan(left, old, PlanOptions())
        assert [sum("VIEW" in step.sql for step in plan.steps) for plan in there_and_back] == [0, 1]
        assert TOOLS.apply(target, there_and_back[1].steps).ok
        assert texts(TOOLS.snapshot(target)) == texts(old)


def test_events_of_a_scratch_database_never_fire(server: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a server whose scheduler is on, which the shared one's is not."""
    for module in (events, snapshots):
        monkeypatch.setattr(module, "scheduler_is_on", lambda connection: True)
    text = (
        "CREATE EVENT often ON SCHEDULE EVERY 1 SECOND DO SELECT 1;"
        " CREATE EVENT never ON SCHEDULE EVERY 1 DAY DISABLE DO SELECT 2;"
    )
    with TOOLS.scratch(server, "events") as target:
        TOOLS.load(target, text, "schema.sql")
        found = TOOLS.snapshot(target)
        with reading(target) as connection:
            sql = "SELECT DISTINCT status FROM information_schema.events WHERE event_schema = database() ORDER BY 1"
            assert rows(connection, sql) == [("DISABLED",), ("SLAVESIDE_DISABLED",)]
    assert "NOT PRESERVE ENABLE DO" in found.by_id()["event often"].sql
    assert "NOT PRESERVE DISABLE DO" in found.by_id()["event never"].sql


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("SELECT `shop`.`users`.`id` FROM `shop`.`users`", "SELECT `users`.`id` FROM `users`"),
        ("select shop.f(1), 'shop.x' from shop . users", "select f(1), 'shop.x' from users"),
        ("SELECT shop.id FROM sales shop", "SELECT shop.id FROM sales shop"),
        ("TRIGGER shop.t BEFORE INSERT ON shop.users FOR EACH ROW", "TRIGGER t BEFORE INSERT ON users FOR EACH ROW"),
        ("SELECT other.shop.id -- shop.x", "SELECT other.shop.id -- shop.x"),
    ],
)  # fmt: skip
def test_the_databases_name_goes_and_an_alias_of_that_name_stays(text: str, bare: str) -> None:
    assert without_databases(text, ("shop",), ("shop",)) == bare
