"""SQLite's rules: the safe forms they write are run on a real database, and so are the bad ones they replace."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest

from backend.engine import sqltext
from backend.engine.lint.facts import Facts
from backend.engine.lint.ops import Constraint, Name
from backend.engine.lint.rule import Bad
from backend.engines.sqlite import ENGINE
from backend.engines.sqlite.lint import LINT
from backend.engines.sqlite.lint.names import ORDERS, facts, quote
from backend.engines.sqlite.lint.rebuild import _FILLED, _REBUILD
from backend.models.connection import EngineName
from backend.models.finding import Finding
from tests.engines.sqlite.project import Project
from tests.lint.examples import Case, cases, content_of, findings_of, lint_content

OWN = {rule.code for rule in LINT.rules}


@pytest.fixture
def database() -> Iterator[sqlite3.Connection]:
    made = sqlite3.connect(":memory:", isolation_level=None)
    made.execute("PRAGMA foreign_keys = ON")
    yield made
    made.close()


def run(database: sqlite3.Connection, sql: str) -> list[tuple[Any, ...]]:
    """Each statement by itself; the rows of the last one that gave any. A broken reference fails it."""
    rows: list[tuple[Any, ...]] = []
    for statement in sqltext.split(sql, "sqlite"):
        got = database.execute(statement.text).fetchall()
        assert not (got and "foreign_key_check" in statement.text), got
        rows = got or rows
    return rows


def found(up: str, code: str, **given: Any) -> list[Finding]:
    example = Bad(up, **given)
    report = lint_content(content_of(example, EngineName.SQLITE), example, EngineName.SQLITE)
    return [one for one in report.findings if one.code == code]


def _with_safe_form() -> list[Case]:
    return [
        one for one in cases("bad", EngineName.SQLITE) if one.rule.code in OWN and one.example.runs_safe_form
    ]


@pytest.mark.parametrize("case", _with_safe_form(), ids=lambda case: case.id)
def test_the_safe_form_runs(case: Case, database: sqlite3.Connection) -> None:
    """After the bad statement's setup; the rows stay, and the rule has nothing to say about it."""
    forms = {one.safe_form for one in findings_of(case)}
    assert forms and None not in forms
    (form,) = forms
    assert form is not None
    run(database, case.example.setup)
    tables = [name for (name,) in run(database, "SELECT name FROM sqlite_schema WHERE type = 'table'")]
    before = {name: run(database, f'SELECT count(*) FROM "{name}"') for name in tables}
    outside = form.startswith("-- migrate:up transaction:false")
    run(database, form)
    if "DROP TABLE" not in form or "RENAME TO" in form:
        for name in set(tables) - {"spare"}:
            assert run(database, f'SELECT count(*) FROM "{name}"') == before[name], name
    again = found(form, case.rule.code, facts=case.example.facts, transaction=not outside)
    assert [one for one in again if not one.unknown] == []


def test_every_rule_has_a_safe_form_that_runs() -> None:
    assert {one.rule.code for one in _with_safe_form()} == OWN


@pytest.mark.parametrize("case", [c for c in _with_safe_form() if c.rule.code in
    ("sqlite-add-column-refused", "sqlite-alter-unsupported", "sqlite-column-in-use", "sqlite-not-in-transaction")],
    ids=lambda case: case.id)  # fmt: skip
def test_sqlite_does_refuse_the_bad_statement(case: Case, database: sqlite3.Connection) -> None:
    run(database, case.example.setup)
    if case.example.transaction:
        database.execute("BEGIN")
    # Newer SQLite has learnt SET NOT NULL; the rule knows from which version.
    if "SET NOT NULL" in case.example.up and sqlite3.sqlite_version_info >= (3, 53):
        pytest.skip("this SQLite can")
    with pytest.raises(sqlite3.Error):
        run(database, case.example.up)


@pytest.mark.parametrize(
    ("default", "taken"),
    [("5", True), ("-1", True), ("'x'", True), ("NULL", True), ("TRUE", True), ("x'00'", True), ('"x"', True), ("(5)", True), ("abc", True), ("(id)", False),
     ("CURRENT_TIMESTAMP", False), ("(1 + 1)", False), ("(lower('X'))", False), ("(random())", False)],
)  # fmt: skip
def test_the_rule_and_sqlite_agree_on_what_is_constant(
    database: sqlite3.Connection, default: str, taken: bool
) -> None:
    run(database, ORDERS)
    statement = f"ALTER TABLE orders ADD COLUMN n text DEFAULT {default};"
    assert (found(statement, "sqlite-add-column-refused", facts=facts(code="text")) == []) is taken
    if taken:
        run(database, statement)
    else:
        with pytest.raises(sqlite3.OperationalError, match="constant"):
            run(database, statement)


def test_a_rebuild_cascades_and_its_safe_form_does_not(tmp_path: Any) -> None:
    """With the real tool: foreign keys on by the URL, the PRAGMA inside its transaction."""
    shop = Project(tmp_path, "sqlite:shop.db?_foreign_keys=on", ENGINE)
    (one,) = found("PRAGMA foreign_keys = OFF;\n" + _REBUILD, "sqlite-rebuild-cascades")
    assert one.safe_form and one.confirm
    counts = []
    for body in ("-- migrate:up\nPRAGMA foreign_keys = OFF;\n" + _REBUILD, one.safe_form):
        (tmp_path / "shop.db").unlink(missing_ok=True)
        for file in (tmp_path / "m").glob("*"):
            file.unlink()
        shop.write("1_setup.sql", _FILLED)
        (tmp_path / "m" / "2_rebuild.sql").write_text(
            body + "\n-- migrate:down transaction:false\nSELECT 1;\n"
        )
        done = shop.up()
        assert done.returncode == 0, done.stderr
        database = sqlite3.connect(tmp_path / "shop.db")
        counts.append(database.execute("SELECT count(*) FROM lines").fetchone()[0])
        database.close()
    assert counts == [0, 1]


def test_a_rebuild_of_a_table_nobody_refers_to_is_left_alone() -> None:
    known = facts(code="text")
    nobody = Facts(known.tables, foreign_keys={})
    child = {"lines": (Constraint("foreign_key", None, ("o",), references=Name("orders")),)}
    assert found(_REBUILD, "sqlite-rebuild-cascades", facts=nobody) == []
    assert len(found(_REBUILD, "sqlite-rebuild-cascades", facts=Facts(known.tables, foreign_keys=child))) == 1


def test_names_are_quoted_where_they_must_be(database: sqlite3.Connection) -> None:
    for name in ("order", "a b", 'x"y', "Group", "plain", "index"):
        database.execute(f"CREATE TABLE {quote(name)} ({quote(name)} int)")
    assert quote("plain") == "plain"
