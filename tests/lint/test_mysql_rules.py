"""MySQL's rules: the safe forms they write are run on a real MariaDB, and what they promise is looked at there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pymysql
import pytest

from backend.engine import sqltext
from backend.engine.lint.rule import Bad, facts_of
from backend.engines.mysql import url
from backend.engines.mysql.lint import LINT
from backend.engines.mysql.lint.names import ORDERS, facts, quote
from backend.models.connection import EngineName
from backend.models.finding import Finding, Severity
from tests.lint.examples import Case, cases, content_of, findings_of, lint_content

OWN = {rule.code for rule in LINT.rules}
# The statement stays the same there: what is safe is the count before it, and the hour.
SAME_STATEMENT = {"mysql-check-blocks"}


class Server:
    """A session on an empty database."""

    def __init__(self, address: str) -> None:
        parsed = url.parse(address)
        self.connection = pymysql.connect(
            host=parsed.host,
            port=int(parsed.port),
            user=parsed.user,
            password=parsed.password or "",
            database=parsed.database,
            autocommit=True,
        )

    def run(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of the last statement."""
        with self.connection.cursor() as cursor:
            for statement in sqltext.split(sql, "mysql"):
                cursor.execute(statement.text)
            return list(cursor.fetchall()) if sql else []


@pytest.fixture
def server(mysql_url: str) -> Iterator[Server]:
    made = Server(mysql_url)
    yield made
    made.connection.close()


def found(up: str, code: str, **given: Any) -> list[Finding]:
    """What one rule says of an up."""
    example = Bad(up, **given)
    report = lint_content(content_of(example, EngineName.MYSQL), example, EngineName.MYSQL)
    return [one for one in report.findings if one.code == code]


def _with_safe_form() -> list[Case]:
    return [
        one for one in cases("bad", EngineName.MYSQL) if one.rule.code in OWN and one.example.runs_safe_form
    ]


@pytest.mark.parametrize("code", sorted({case.rule.code for case in _with_safe_form()}))
def test_the_safe_form_runs(code: str, server: Server) -> None:
    """In each bad statement's place, after its setup; and the rule has nothing to say about it."""
    for case in _with_safe_form():
        if case.rule.code != code:
            continue
        forms = {one.safe_form for one in findings_of(case)}
        assert forms and None not in forms, case.id
        for form in forms:
            server.run(case.example.setup)
            server.run(form or "")
            if code not in SAME_STATEMENT:
                again = found(form or "", code, facts=case.example.facts, version=case.example.version)
                assert again == [], case.id
            server.run("SET SESSION foreign_key_checks = 0")
            server.run("".join(f"DROP TABLE `{name}`;" for (name,) in server.run("SHOW TABLES")))
            server.run("SET SESSION foreign_key_checks = 1")


def test_every_rule_has_a_safe_form_that_runs() -> None:
    assert OWN - {one.rule.code for one in _with_safe_form()} == {"mysql-use-database"}


@pytest.mark.parametrize(
    ("statement", "refused"),
    [
        ("ALTER TABLE orders MODIFY total bigint", True),
        ("ALTER TABLE orders MODIFY code varchar(60)", False),
        ("ALTER TABLE orders MODIFY code varchar(10)", True),
        ("ALTER TABLE orders MODIFY total int(5)", False),
        ("ALTER TABLE orders MODIFY code text", True),
    ],
)
def test_the_type_rule_and_the_server_agree(server: Server, statement: str, refused: bool) -> None:
    """What the rule calls a copy is what the server refuses to do in place."""
    server.run(ORDERS)
    known = facts(40_000_000, total="int", code="varchar(20)")
    assert bool(found(statement + ";", "mysql-type-changed", facts=known)) is refused
    if refused:
        with pytest.raises(pymysql.Error, match="ALGORITHM=INPLACE is not supported"):
            server.run(statement + ", ALGORITHM=INPLACE, LOCK=NONE")
    else:
        server.run(statement + ", ALGORITHM=INPLACE, LOCK=NONE")


def test_appending_an_enum_value_is_granted_in_place_and_moving_one_is_not(server: Server) -> None:
    server.run("CREATE TABLE orders (id int PRIMARY KEY, status enum('new','paid'))")
    server.run("ALTER TABLE orders MODIFY status enum('new','paid','sent'), ALGORITHM=INPLACE, LOCK=NONE")
    with pytest.raises(pymysql.Error, match="Cannot change column type"):
        server.run("ALTER TABLE orders MODIFY status enum('paid','new','sent'), ALGORITHM=INPLACE, LOCK=NONE")


def test_the_safe_form_of_an_enum_keeps_every_row(server: Server) -> None:
    server.run("CREATE TABLE orders (id int PRIMARY KEY, status enum('new','paid','sent'))")
    server.run("INSERT INTO orders VALUES (1, 'paid'), (2, 'sent')")
    (one,) = found(
        "ALTER TABLE orders MODIFY status ENUM('new','lost','sent');",
        "mysql-enum-reordered",
        facts=facts(9_000_000, status="enum('new','paid','sent')"),
    )
    assert one.safe_form == "ALTER TABLE orders MODIFY status ENUM('new', 'paid', 'sent', 'lost')"
    server.run(one.safe_form)
    assert server.run("SELECT id, status FROM orders ORDER BY id") == [(1, "paid"), (2, "sent")]


def test_not_null_without_a_default_fills_in_zero_and_its_safe_form_null(server: Server) -> None:
    bad = "ALTER TABLE orders ADD COLUMN qty int NOT NULL;"
    server.run(ORDERS + "; INSERT INTO orders (code) VALUES ('a');")
    (one,) = found(bad, "mysql-silent-default", facts=facts_of(orders=40_000_000))
    server.run(bad)
    assert server.run("SELECT qty FROM orders") == [(0,)]
    server.run("ALTER TABLE orders DROP COLUMN qty;" + (one.safe_form or ""))
    assert server.run("SELECT qty FROM orders") == [(None,)]


def test_a_foreign_key_is_refused_in_place_until_the_safe_form_asks_rightly(server: Server) -> None:
    server.run(
        "CREATE TABLE users (id int PRIMARY KEY); CREATE TABLE orders (id int PRIMARY KEY, user_id int)"
    )
    bad = "ALTER TABLE orders ADD CONSTRAINT u FOREIGN KEY (user_id) REFERENCES users (id)"
    with pytest.raises(pymysql.Error, match="foreign_key_checks=OFF"):
        server.run(bad + ", ALGORITHM=INPLACE, LOCK=NONE")
    (one,) = found(bad + ";", "mysql-foreign-key-blocks")
    server.run(one.safe_form or "")
    assert server.run("SELECT @@foreign_key_checks") == [(1,)]
    with pytest.raises(pymysql.IntegrityError):
        server.run("INSERT INTO orders VALUES (1, 7)")


def test_what_modify_does_not_repeat_is_gone_and_the_safe_form_keeps_it(server: Server) -> None:
    make = "CREATE TABLE orders (id int PRIMARY KEY, code varchar(20) NOT NULL DEFAULT 'x')"
    bad = "ALTER TABLE orders MODIFY code varchar(40);"
    known = facts(9, code="varchar(20) not null default 'x'")
    (one,) = found(bad, "mysql-modify-drops-attributes", facts=known)
    described = "SELECT is_nullable FROM information_schema.columns WHERE table_schema = DATABASE() AND column_name = 'code'"
    server.run(make + ";" + bad)
    assert server.run(described) == [("YES",)]
    server.run("DROP TABLE orders;" + make + ";" + (one.safe_form or ""))
    assert server.run(described) == [("NO",)]


@pytest.mark.parametrize(
    ("rows", "severity", "unknown"),
    [
        (None, Severity.HIGH, True),
        (40_000_000, Severity.HIGH, False),
        (50_000, Severity.MEDIUM, False),
        (9, Severity.LOW, False),
    ],
)
def test_the_size_of_the_table_decides(rows: int | None, severity: Severity, unknown: bool) -> None:
    (one,) = found(
        "ALTER TABLE orders MODIFY total bigint;", "mysql-type-changed", facts=facts(rows, total="int")
    )
    assert (one.severity, one.unknown) == (severity, unknown)


def test_names_are_quoted_where_they_must_be(server: Server) -> None:
    for name in ("order", "a b", "x`y", "Group", "plain", "rank", "window", "1a"):
        server.run(f"CREATE TABLE {quote(name)} (id int PRIMARY KEY, {quote(name)} int)")
    assert len(server.run("SHOW TABLES")) == 8
    assert quote("plain") == "plain"
