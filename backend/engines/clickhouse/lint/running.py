"""How a block runs: one statement, no transaction, on one server or on all. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from backend.engine.lint import ops
from backend.engine.lint.context import At
from backend.engine.lint.rule import Bad, Good, Hit, RuleSet, Scope
from backend.engine.lint.source import Stmt
from backend.engine.sqlrules.tokens import T, Token
from backend.models.connection import EngineName
from backend.models.finding import Fix, NewFile, Severity

from .names import EVENTS, cluster_of, says_cluster, tokens

_set = RuleSet(EngineName.CLICKHOUSE)
rule = _set.rule


@rule(
    "clickhouse-no-transaction",
    on=ops.TransactionControl,
    title="ClickHouse has no transaction here",
    severity=Severity.HIGH,
    harm="BEGIN and COMMIT are refused or mean nothing: what ran before a failure stays.",
    advice="Leave them out, and make each step one that can run again.",
    origin=("dbmate: no transaction on ClickHouse",),
    bad=(
        Bad("BEGIN; INSERT INTO events (id, kind, n) VALUES (3, 'c', 1);", setup=EVENTS, hits=1),
        Bad(
            "INSERT INTO events (id, kind, n) VALUES (3, 'BEGIN;', 1);\n/* now */ COMMIT -- done\n;",
            setup=EVENTS,
        ),
    ),
    good=(
        Good("INSERT INTO events (id, kind, n) VALUES (3, 'BEGIN; COMMIT;', 1); -- COMMIT"),
        Good("ALTER TABLE events ADD COLUMN begin Int32;"),
    ),
)
def no_transaction(at: At, op: ops.TransactionControl) -> Iterator[Hit]:
    rest = [one.text.rstrip(";") for one in at.statements if not _controls(one)]
    yield at.hit(
        f"{op.word} gives no transaction: a failure leaves what ran before it.",
        safe_form="\n".join(f"{text};" for text in rest) or None,
        fixes=(Fix(title=f"Delete {op.word}", edits=[at.drop_statement()]),),
    )


_MOST_FILES = 100
"""Statements up to which a file for each is offered: nobody wants thousands of files at a keystroke."""


def _controls(statement: Stmt) -> bool:
    return any(isinstance(op, ops.TransactionControl) for op in statement.ops)


@rule(
    "clickhouse-several-statements",
    scope=Scope.HALF,
    title="Several statements in one block",
    severity=Severity.HIGH,
    harm="ClickHouse runs one statement at a time and refuses the block; the migration fails.",
    advice="Give each statement a file of its own.",
    origin=("dbmate: issue 218",),
    bad=(
        Bad("CREATE TABLE a (id Int32) ENGINE = MergeTree ORDER BY id;\nDROP TABLE IF EXISTS old;"),
        Bad("SELECT ';'; -- one;\nSELECT /* ; */ 2", hits=1),
    ),
    good=(
        Good("CREATE TABLE a (id Int32) ENGINE = MergeTree ORDER BY id; -- and; that is all;"),
        Good("SELECT ';', `a;b` FROM (SELECT 1 AS `a;b`)"),
    ),
)
def several_statements(at: At) -> Iterator[Hit]:
    if len(at.statements) < 2:
        return
    first, *others = at.statements
    if len(at.statements) > _MOST_FILES:
        yield at.hit(
            f"This block holds {len(at.statements)} statements, and ClickHouse takes one.",
            statement=others[0],
        )
        return
    begin = at.half.offset + first.end
    end = at.half.offset + len(at.half.body.rstrip())
    files = [
        NewFile(name=f"step_{number}", up=f"{one.text.rstrip(';')};", down="SELECT 1;", transaction=True)
        for number, one in enumerate(others, 2)
    ]
    fixes = (
        (Fix(title="A file for each", edits=[at.file_edit(begin, end, ";")], new_files=files),)
        if at.is_up
        else ()
    )
    yield at.hit(
        f"This block holds {len(at.statements)} statements, and ClickHouse takes one.",
        statement=others[0],
        safe_form="\n\n".join(
            f"-- migration {n}\n{one.text.rstrip(';')};" for n, one in enumerate(at.statements, 1)
        ),
        fixes=fixes,
    )


@rule(
    "clickhouse-empty-block",
    scope=Scope.HALF,
    title="Block without a statement",
    severity=Severity.MEDIUM,
    harm="ClickHouse refuses an empty query, so running this block fails.",
    advice="Write SELECT 1, which does nothing.",
    origin=("dbmate: one execution a block",),
    bad=(
        Bad("SELECT 1;", down="-- nothing to undo;", hits=1),
        Bad("/* later:\nSELECT 1; */", down="SELECT 1;", hits=1),
    ),
    good=(
        Good("SELECT 1;", down="SELECT 1; -- nothing to undo"),
        Good("SELECT '-- nothing';", down="SELECT 1"),
    ),
)
def empty_block(at: At) -> Iterator[Hit]:
    if at.statements or at.half.directive is None:
        return
    end = at.half.directive[1]
    yield at.hit(
        "ClickHouse refuses a block that holds nothing.",
        safe_form="SELECT 1;",
        fixes=(Fix(title="Write SELECT 1", edits=[at.file_edit(end, end, "\nSELECT 1;")]),),
    )


@rule(
    "clickhouse-on-cluster-missing",
    scope=Scope.HALF,
    title="ON CLUSTER missing",
    severity=Severity.HIGH,
    harm="Only the server at hand is changed; the others of the cluster keep the old schema, and queries fail there.",
    advice="Write ON CLUSTER in every schema change, or use a Replicated database.",
    origin=("clickhouse.com: sql-reference/distributed-ddl",),
    bad=(
        Bad("CREATE TABLE a (id Int32) ENGINE = ReplicatedMergeTree('/a', '{replica}') ORDER BY id;",
            runs_safe_form=False, why_not="needs a cluster and its Keeper"),
        Bad("ALTER TABLE `events` -- ON CLUSTER main\n  ADD COLUMN b Int32 COMMENT 'ON CLUSTER main';",
            down="ALTER TABLE events ON CLUSTER '{cluster}' DROP COLUMN b;", runs_safe_form=False, why_not="the same", hits=1),
    ),
    good=(
        Good("CREATE TABLE a ON CLUSTER main (id Int32) ENGINE = ReplicatedMergeTree ORDER BY id;"),
        Good("ALTER TABLE events ADD COLUMN b Int32; -- ON CLUSTER main", down="ALTER TABLE events DROP COLUMN b;"),
        Good("INSERT INTO events (id) VALUES (1);", down="ALTER TABLE events ON CLUSTER main DELETE WHERE id = 1;"),
    ),
)  # fmt: skip
def on_cluster_missing(at: At) -> Iterator[Hit]:
    halves = [half for half in (at.half, at.other_half) if half is not None and says_cluster(half.body)]
    others = (one for half in halves for one in half.statements)
    cluster = next((name for one in others if (name := cluster_of(one))), None)
    clause = f" ON CLUSTER {cluster or repr('{cluster}')}"
    why = (
        f"The rest of this file names the cluster {cluster}"
        if cluster
        else "A Replicated table is meant for several servers"
    )
    for statement in at.statements:
        replicated = any(
            isinstance(op, ops.CreateTable) and op.options.get("engine", "").startswith("Replicated")
            for op in statement.ops
        )
        if cluster is None and not replicated:
            continue
        place = _after_name(statement)
        if place is None or cluster_of(statement) is not None:
            continue
        text, offset = statement.text, at.half.offset + statement.start + place
        yield at.hit(
            f"{why}; this statement changes one server only.",
            safe_form=text[:place] + clause + text[place:],
            unknown=cluster is None,
            fixes=(Fix(title=clause.strip(), edits=[at.file_edit(offset, offset, clause)]),),
            statement=statement,
        )


def _after_name(statement: Stmt) -> int | None:
    """Where ON CLUSTER goes: behind the table's name; None where the statement is none that takes it."""
    if not any(
        isinstance(op, (ops.AlterTable, ops.CreateTable, ops.CreateObject, ops.Drop))
        or (statement.keyword == "ALTER" and isinstance(op, (ops.Update, ops.Delete)))
        for op in statement.ops
    ):
        return None  # fmt: skip
    found = tokens(statement)
    words = {"TABLE", "VIEW", "DATABASE", "DICTIONARY", "FUNCTION"}
    kind = next((i for i, token in enumerate(found) if token.upper in words), None)
    if kind is None:
        return None
    at = kind + 1
    while at < len(found) and found[at].upper in ("IF", "NOT", "EXISTS"):
        at += 1
    last: Token | None = None
    while at < len(found) and (found[at].kind in (T.WORD, T.NAME) or found[at].upper == "."):
        last = found[at]
        if at + 1 < len(found) and found[at + 1].upper != "." and found[at].upper != ".":
            break
        at += 1
    return last.end if last else None


RULES = tuple(_set.rules)
