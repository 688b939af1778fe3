"""Mutations: changes of rows and columns that run in the background. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from backend.engine.lint import ops
from backend.engine.lint.context import At
from backend.engine.lint.ops import Name
from backend.engine.lint.rule import Bad, Good, Hit, RuleSet, Scope
from backend.engine.sqlrules.tokens import Token
from backend.models.connection import EngineName
from backend.models.finding import Severity

from .names import EVENTS, cluster_of, facts, tokens

_set = RuleSet(EngineName.CLICKHOUSE)
rule = _set.rule
_REWRITES = ("MATERIALIZE", "CLEAR")


def _mutation(at: At) -> tuple[Name, str] | None:
    """(table, what it does) where the statement is an ALTER that changes rows in the background."""
    if at.statement.keyword != "ALTER":
        return None
    for op in at.statement.ops:
        if isinstance(op, ops.Update):
            return op.table, "UPDATE"
        if isinstance(op, ops.Delete):
            return op.table, "DELETE"
        if isinstance(op, ops.AlterOther) and op.what.split(" ")[0] in _REWRITES:
            return op.table, " ".join(op.what.split(" ")[:2])
    return None


def _setting(found: list[Token], *names: str) -> str | None:
    """The value of a setting in the statement's SETTINGS."""
    after = next((i for i, token in enumerate(found) if token.upper == "SETTINGS"), None)
    if after is None:
        return None
    for index in range(after, len(found) - 2):
        if found[index].text in names and found[index + 1].upper == "=":
            return found[index + 2].text
    return None


def _with_setting(at: At, name: str) -> str:
    value = "2" if cluster_of(at.statement) else "1"
    text = at.statement.text.rstrip("; \n")
    has = any(token.upper == "SETTINGS" for token in tokens(at.statement))
    return f"{text}{', ' if has else ' SETTINGS '}{name} = {value}"


@rule(
    "clickhouse-mutation-not-awaited",
    scope=Scope.STATEMENT,
    title="Mutation runs in the background",
    severity=Severity.HIGH,
    harm="The migration counts as applied before the data has changed, and a failure of the mutation shows nowhere.",
    advice="Append SETTINGS mutations_sync = 1 (2 for all replicas) and watch system.mutations.",
    origin=("clickhouse.com: sql-reference/statements/alter, Synchronicity of ALTER Queries",),
    bad=(
        Bad("ALTER TABLE events UPDATE n = 0 WHERE kind = 'a';", setup=EVENTS),
        Bad("ALTER TABLE `events`\n  DELETE -- SETTINGS mutations_sync = 1\n  WHERE kind = 'SETTINGS mutations_sync = 1;'", setup=EVENTS),
        Bad("ALTER TABLE events CLEAR COLUMN n SETTINGS mutations_sync = 0, alter_sync = 1", setup=EVENTS,
            runs_safe_form=False, why_not="there is none by appending: the value must be changed"),
        Bad("ALTER TABLE events MATERIALIZE COLUMN n SETTINGS max_threads = 1",
            setup=EVENTS.replace("n Int32", "n Int32 DEFAULT 5")),
    ),
    good=(
        Good("ALTER TABLE events UPDATE n = 0 WHERE kind = 'a' SETTINGS mutations_sync = 1;"),
        Good("ALTER TABLE events ON CLUSTER main DELETE WHERE n = 1 SETTINGS mutations_sync=2;"),
        Good("SELECT 'ALTER TABLE events UPDATE n = 0 WHERE 1';"),
        Good("DELETE FROM events WHERE n = 1;"),
        Good("SET mutations_sync = 1; ALTER TABLE events UPDATE n = 0 WHERE 1;"),
    ),
)  # fmt: skip
def mutation_not_awaited(at: At) -> Iterator[Hit]:
    found = _mutation(at)
    if found is None or at.rows(found[0]).is_empty:
        return
    asked = _setting(tokens(at.statement), "mutations_sync")
    if asked in ("1", "2"):
        return
    if asked is None and any(
        isinstance(op, ops.Setting) and op.name == "mutations_sync" and op.value in ("1", "2")
        for op in at.earlier_ops()
    ):
        return
    table, what = found
    safe = _with_setting(at, "mutations_sync") if asked is None else None
    yield at.hit(
        f"{what} on {table} goes on in the background after the migration is recorded; "
        f"SELECT * FROM system.mutations WHERE table = '{table.name}' AND NOT is_done shows it.",
        safe_form=safe,
        fixes=(at.rewrite("Wait for the mutation", safe),) if safe else (),
    )


@rule(
    "clickhouse-column-rewritten",
    on=ops.AlterColumnType,
    title="Column rewritten in every part",
    severity=Severity.MEDIUM,
    harm="Every part of the table is written again, and a value that does not fit stops it half way, for good.",
    advice="Add a column of the new type, fill it by partition, switch the readers, drop the old one.",
    origin=("clickhouse.com: alter/column, MODIFY COLUMN",),
    bad=(
        Bad("ALTER TABLE events MODIFY COLUMN n Int64;", setup=EVENTS, facts=facts(40_000_000, n="Int32")),
        Bad(
            "ALTER TABLE `events`\n  MODIFY COLUMN /* String */ kind\n  LowCardinality(String) COMMENT 'String;'",
            setup=EVENTS,
        ),
    ),
    good=(
        Good("ALTER TABLE events MODIFY COLUMN n Int32 COMMENT 'Int64';", facts=facts(40_000_000, n="Int32")),
        Good("ALTER TABLE events MODIFY COLUMN n Int64;", facts=facts(0, n="Int32")),
        Good("ALTER TABLE events ADD COLUMN m Int64; -- MODIFY COLUMN n Int64"),
        Good("ALTER TABLE events MODIFY COLUMN n CODEC(ZSTD);", facts=facts(40_000_000, n="Int32")),
    ),
)
def column_rewritten(at: At, op: ops.AlterColumnType) -> Iterator[Hit]:
    known = at.scene.column(op.table, op.column)
    new = _written_type(at, op)
    if not op.type or (
        known is not None and known.type.replace(" ", "").lower() == op.type.replace(" ", "").lower()
    ):
        return
    table, old = at.q(op.table), at.q(op.column)
    fresh = at.q(op.column + "_new")
    yield from at.sized(
        op.table,
        f"{op.column} is written again in every part of {op.table}.",
        span=op.span,
        safe_form=f"ALTER TABLE {table} ADD COLUMN {fresh} {new} DEFAULT CAST({old} AS {new});\n"
        f"ALTER TABLE {table} MATERIALIZE COLUMN {fresh} SETTINGS mutations_sync = 1;\n"
        f"-- when every reader uses {fresh}, drop {old} in a later migration",
    )


def _written_type(at: At, op: ops.AlterColumnType) -> str:
    """The type with its case: ClickHouse's types are case-sensitive."""
    text = at.statement.text
    span = op.definition.span if op.definition and op.definition.span else op.span or (0, len(text))
    found = [token for token in tokens(at.statement) if span[0] <= token.start < span[1]]
    begin = next((i for i, token in enumerate(found) if token.text.casefold() == op.column.casefold()), 0) + 1
    depth = 0
    parts: list[str] = []
    for index, token in enumerate(found[begin:], begin):
        if depth == 0 and parts and token.upper != "(":
            break
        parts.append(text[found[index].start : found[index].end])
        depth += (token.upper == "(") - (token.upper == ")")
    return "".join(parts).replace(",", ", ")


RULES = tuple(_set.rules)
