"""What ClickHouse is going to do: readers are never blocked; changes of rows are mutations, in the background."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager

from backend.engine.forecast.count import Refusal, parsed_condition, select
from backend.engine.forecast.locks import expected
from backend.engine.forecast.port import (
    COUNT_LIMIT,
    COUNT_TIMEOUT_S,
    Counted,
    Counter,
    EngineForecast,
    Locks,
    Place,
    Question,
    Work,
)
from backend.engine.forecast.work import CATALOG, SqlWork
from backend.engine.lint import ops
from backend.engine.sqlrules.reader import tokens_of
from backend.engine.sqlrules.tokens import Token
from backend.engine.target import Target
from backend.engines.clickhouse import url
from backend.engines.clickhouse.connect import Connection, session
from backend.engines.clickhouse.errors import ServerSaid
from backend.models.connection import EngineName
from backend.models.preview import ExpectedLock

_MUTATIONS = "ClickHouse docs, ALTER (sql-reference/statements/alter): Mutations"
_ALTER = "ClickHouse docs, ALTER (sql-reference/statements/alter): Synchronicity of ALTER Queries"
_TIMEOUT = 159
_REWRITES = ("MATERIALIZE", "CLEAR")


def _is_mutation(op: ops.Op) -> bool:
    if isinstance(op, ops.Update | ops.Delete):
        return True
    return isinstance(op, ops.AlterOther) and op.what.split(" ")[0] in _REWRITES


class ClickHouseForecast(EngineForecast):
    engine = EngineName.CLICKHOUSE
    dialect = "clickhouse"

    def locks(self, place: Place) -> Locks:
        statement = place.statement
        if statement.problem is not None:
            return Locks(unknown="The statement was not understood, so what it locks is not known.")
        found: list[ExpectedLock] = []
        for op in statement.ops:
            table = getattr(op, "table", None)
            if table is not None and _is_mutation(op):
                held = (
                    "in the background, after the statement has answered"
                    if not _waits(place)
                    else "while it works"
                )
                found.append(
                    expected(place, table, "mutation", (), held, f"Reads and inserts go on. {_MUTATIONS}")
                )
            elif isinstance(op, ops.AlterTable):
                found.append(
                    expected(
                        place,
                        op.table,
                        "alter lock",
                        ("schema changes",),
                        "while it works",
                        f"Reads and inserts go on. {_ALTER}",
                    )
                )
        return Locks(tuple({(one.object, one.mode): one for one in found}.values()))

    def work(self, place: Place) -> Sequence[Work]:
        return _ClickHouseWork(place).all()

    def question(self, place: Place) -> Question | None:
        statement = place.statement
        if statement.keyword != "ALTER":
            return super().question(place)
        op = next((one for one in statement.ops if isinstance(one, ops.Update | ops.Delete)), None)
        if op is None or statement.problem is not None:
            return None
        try:
            return _of_alter(op, place)
        except Refusal as error:
            return Question(op.table, reason=str(error))

    def counting(self, target: Target) -> AbstractContextManager[Counter]:
        return _counting(target)


def _waits(place: Place) -> bool:
    """Does mutations_sync make it wait? A lightweight DELETE waits by itself."""
    tokens = tokens_of(place.statement, "clickhouse")
    for index, token in enumerate(tokens[:-2]):
        if token.text == "mutations_sync":
            return tokens[index + 2].text in ("1", "2")
    return place.statement.keyword == "DELETE"


def _of_alter(op: ops.Update | ops.Delete, place: Place) -> Question:
    """`ALTER TABLE t UPDATE … WHERE …`: the condition is what stands between WHERE and SETTINGS or the next action."""
    from sqlglot import exp

    text = place.statement.text
    start, end = op.span or (0, len(text))
    inside = [one for one in tokens_of(place.statement, "clickhouse") if start <= one.start < end]
    where = next((i for i, token in enumerate(inside) if token.upper == "WHERE"), None)
    if where is None or where + 1 >= len(inside):
        raise Refusal("Its condition is not understood well enough to be asked by itself.")
    condition = parsed_condition(text[inside[where + 1].start : _end(inside[where + 1 :])], "clickhouse")
    target = exp.table_(op.table.name, db=op.table.schema, quoted=True)
    node = exp.Delete(this=target.copy(), where=condition)
    return select(op.table, target, node, "clickhouse")


def _end(tokens: Sequence[Token]) -> int:
    depth, last = 0, tokens[0].end
    for token in tokens:
        depth += (token.upper == "(") - (token.upper == ")")
        if depth == 0 and token.upper in ("SETTINGS", ";"):
            break
        last = token.end
    return last


class _ClickHouseWork(SqlWork):
    def add_column(self, op: ops.AddColumn) -> Iterator[Work]:
        # Values of before are worked out when they are read.
        yield CATALOG

    def column_type(self, op: ops.AlterColumnType) -> Iterator[Work]:
        old = self.known.column_type(op.table, op.column)
        if old is not None and old.lower() == op.type.lower():
            yield CATALOG
        else:
            yield Work("rewrite", op.table, f"writes the column of {op.table} anew")

    def drop_column(self, op: ops.DropColumn) -> Iterator[Work]:
        yield Work("rewrite", op.table, f"takes the column out of the parts of {op.table}")

    def of(self, op: ops.Op) -> Iterator[Work]:
        if isinstance(op, ops.Update | ops.Delete):
            yield Work("rewrite", op.table, f"writes the parts of {op.table} anew that hold matching rows")
        elif isinstance(op, ops.CreateIndex | ops.AddConstraint):
            # A skipping index is built for new parts only, a constraint looks at new rows only.
            yield CATALOG
        else:
            yield from super().of(op)

    def alter_other(self, op: ops.AlterOther) -> Iterator[Work]:
        if op.what.split(" ")[0] in _REWRITES:
            yield Work("rewrite", op.table, f"writes the parts of {op.table} anew")
        elif op.what.startswith("MODIFY TTL"):
            yield Work(
                "rewrite",
                op.table,
                f"writes the parts of {op.table} anew, unless materialize_ttl_after_modify is 0",
            )
        else:
            yield CATALOG

    def other(self, op: ops.Other) -> Iterator[Work]:
        if op.keyword in ("OPTIMIZE", "BACKUP", "RESTORE"):
            yield Work("unknown", why=f"how much {op.keyword} merges is not known")
        elif op.keyword in ("EXCHANGE", "DETACH", "ATTACH", "SYSTEM"):
            yield CATALOG
        else:
            yield from super().other(op)


@contextmanager
def _counting(target: Target) -> Iterator[Counter]:
    database = url.parse(target.url).database
    with session(target) as server:
        yield lambda question: _count(server, database, question)


def _count(server: Connection, database: str, question: Question) -> Counted:
    settings = {"max_execution_time": f"{COUNT_TIMEOUT_S:g}", "readonly": "2"}
    try:
        rows = server.query(
            str(question.ask), database=database, settings=settings, timeout_s=COUNT_TIMEOUT_S + 5
        )
    except ServerSaid as error:
        if error.code == _TIMEOUT:
            return Counted(reason=f"Counting took longer than {COUNT_TIMEOUT_S:.0f} seconds and was stopped.")
        return Counted(reason=f"The server did not count: {error.text.splitlines()[0][:200].rstrip('.')}.")
    count = int(rows[0][0])
    return Counted(min(count, COUNT_LIMIT), count > COUNT_LIMIT)


FORECAST = ClickHouseForecast()
