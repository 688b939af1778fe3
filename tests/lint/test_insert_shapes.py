"""INSERTs read by their shape say what reading every token says, or are not read by it."""

from __future__ import annotations

import time

import pytest

from backend.engine.lint import ops
from backend.engine.lint.source import Half
from backend.engine.sqlrules.inserts import SimpleInserts
from backend.engine.sqlrules.reader import read_half, read_statement
from backend.models.migration import Direction

_HEAD = "INSERT INTO users (id, name) VALUES "
_PLAIN = [
    "(1, 'a')",
    "(1, now()), (2, 'b;)(')",
    "(1, upper('x') || 'y')",
    "(-1, '1'::text), (+2, NULL)",
    "(1 + 2, CURRENT_TIMESTAMP)",
    "(1, 'it''s -- no comment')",
    "(DEFAULT, concat('a', ')', 'b'))",
]
_READ_IN_FULL = [
    "(1, (SELECT name FROM others))",
    "(1, 'a') ON CONFLICT DO NOTHING",
    "(1, 'a') ON DUPLICATE KEY UPDATE name = 'b'",
    "(1, 'a') -- (2, 'b')",
    "(1, 'a' /* , */)",
    "(1, CASE WHEN 1 THEN 'a' END)",
    "(1, f(g(1)))",
    "(1, 'a') RETURNING id",
    "(1, 'a'), (2, 'b') AS new",
]


@pytest.mark.parametrize("dialect", ["sqlite", "mysql", "clickhouse"])
@pytest.mark.parametrize("rows", _PLAIN + _READ_IN_FULL)
def test_a_row_read_by_its_shape_is_what_reading_every_token_finds(rows: str, dialect: str) -> None:
    half = Half(Direction.UP, f"{_HEAD}(0, 'first');\n{_HEAD}{rows};", 0)
    by_shape = read_half(half, dialect=dialect)[-1]
    in_full = read_statement(by_shape.text, by_shape.start, dialect)
    assert by_shape.ops == in_full.ops
    inserts = SimpleInserts(dialect)
    inserts.learn(read_statement(f"{_HEAD}(0, 'first')", 0, dialect))
    assert (inserts.read(f"{_HEAD}{rows}", 0) is not None) == (rows in _PLAIN)


def test_a_long_row_that_almost_has_the_shape_is_given_up_on_at_once() -> None:
    row = "(" + ", ".join(["f('a' || 'b')", "'x'::text + 1"] * 5_000)
    inserts = SimpleInserts("sqlite")
    inserts.learn(read_statement(f"{_HEAD}(0, 'first')", 0, "sqlite"))
    began = time.process_time()
    assert inserts.read(f"{_HEAD}{row} SELECT", 0) is None
    # Reading it twice over would take minutes.
    assert time.process_time() - began < 20


def test_rows_are_counted() -> None:
    half = Half(Direction.UP, f"{_HEAD}(0, 'a');\n{_HEAD}(1, now()), (2, '),('), (3, f(1, 2));", 0)
    found = read_half(half, dialect="sqlite")[-1].ops[0]
    assert isinstance(found, ops.Insert) and found.rows == 3
