"""Indexes built, dropped and rebuilt without blocking writers. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from backend.engine.lint import ops
from backend.engine.lint.context import At
from backend.engine.lint.ops import Name
from backend.engine.lint.rule import Bad, Good, Hit, RuleSet, Scope, facts_of
from backend.engine.sqlrules.tokens import tokenize
from backend.models.connection import EngineName
from backend.models.finding import Fix, Severity, TextEdit

from .forms import OWN_FILE, after_word, closed, quick

_set = RuleSet(EngineName.POSTGRES)
rule = _set.rule
_ORDERS = "CREATE TABLE orders (id int PRIMARY KEY, customer_id int, code text);"
_LOGS = (
    "CREATE TABLE logs (at date) PARTITION BY RANGE (at);"
    "CREATE TABLE logs_2024 PARTITION OF logs FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');"
)
_INDEXED = _ORDERS + "CREATE INDEX orders_code ON orders (code);"


@rule(
    "pg-index-not-concurrent",
    on=ops.CreateIndex,
    title="Index built without CONCURRENTLY",
    severity=Severity.HIGH,
    harm="Nobody can write to the table until the index is built.",
    advice="CREATE INDEX CONCURRENTLY, alone in a migration marked `transaction:false`.",
    origin=(
        "squawk: require-concurrent-index-creation",
        "strong_migrations: add_index",
        "eugene: E6",
        "atlas: PG101",
    ),
    bad=(
        Bad("CREATE INDEX orders_code ON orders (code);", setup=_ORDERS),
        Bad(
            'create unique index -- concurrently\n  "orders;code"\n  on public.orders (code) /* ; */;',
            setup=_ORDERS,
        ),
        Bad("CREATE INDEX orders_code ON orders (code);", facts=facts_of(orders=40_000_000), setup=_ORDERS),
        Bad(
            "SELECT $tag$ CREATE INDEX CONCURRENTLY; $tag$;\nCREATE INDEX orders_code ON orders (code)\n-- done",
            setup=_ORDERS,
            hits=1,
        ),
        Bad("CREATE INDEX orders_code ON orders (code);", transaction=False, setup=_ORDERS),
    ),
    good=(
        Good("CREATE INDEX CONCURRENTLY orders_code ON orders (code);", transaction=False),
        Good("CREATE TABLE t (id int PRIMARY KEY, a int); CREATE INDEX t_a ON t (a);"),
        Good("CREATE INDEX orders_code ON orders (code);", facts=facts_of(orders=0)),
        Good("CREATE MATERIALIZED VIEW m AS SELECT code FROM orders; CREATE INDEX m_code ON m (code);"),
        Good("CREATE TABLE m AS SELECT code FROM orders; CREATE INDEX m_code ON m (code);"),
        Good("DO $body$ BEGIN EXECUTE 'CREATE INDEX orders_code ON orders (code)'; END $body$;"),
    ),
)
def index_not_concurrent(at: At, op: ops.CreateIndex) -> Iterator[Hit]:
    if op.concurrently:
        return
    changed = after_word(at.statement.text, "INDEX", "CONCURRENTLY")
    if changed is None:
        return
    name = op.name or "_".join((op.table.name, *op.columns, "idx"))
    down = f"DROP INDEX CONCURRENTLY {at.q(Name(name, op.table.schema))};"
    yield from at.sized(
        op.table,
        f"Writing to {op.table} waits until the index is built.",
        safe_form=OWN_FILE + closed(changed),
        fixes=_with_its_drop(
            at,
            quick(at, "Build it CONCURRENTLY", closed(changed), f"index_{op.table.name}_{name}", down),
            name,
        ),
    )


def _with_its_drop(at: At, fixes: tuple[Fix, ...], name: str) -> tuple[Fix, ...]:
    """The fixes with this file's own DROP INDEX mended: it goes with the index, or becomes concurrent like it."""
    half = at.source.down
    if not at.is_up or half is None:
        return fixes
    for statement in half.statements:
        op = statement.ops[0] if len(statement.ops) == 1 else None
        if (
            not isinstance(op, ops.Drop)
            or op.kind != "index"
            or op.concurrently
            or op.name.key != name.casefold()
        ):
            continue
        there = At(at.context, at.severity, half, statement, at.scene)
        mended = []
        for fix in fixes:
            edits: list[TextEdit] = []
            changed = after_word(statement.text, "INDEX", "CONCURRENTLY")
            if fix.new_files:
                edits = [there.drop_statement()]
            elif len(half.statements) == 1 and changed is not None:
                directive = there.without_transaction()
                edits = [*([directive] if directive else []), there.edit(0, len(statement.text), changed)]
            mended.append(fix.model_copy(update={"edits": [*fix.edits, *edits]}))
        return tuple(mended)
    return fixes


@rule(
    "pg-drop-index-not-concurrent",
    on=ops.Drop,
    title="Index dropped without CONCURRENTLY",
    severity=Severity.MEDIUM,
    harm="It waits for every transaction on the table, and reading and writing wait behind it.",
    advice="DROP INDEX CONCURRENTLY, alone in a migration marked `transaction:false`.",
    origin=("squawk: require-concurrent-index-deletion", "strong_migrations: remove_index", "atlas: PG102"),
    bad=(
        Bad("DROP INDEX orders_code;", setup=_INDEXED),
        Bad("DROP INDEX IF EXISTS\n  /* CONCURRENTLY */ public.orders_code; -- gone;", setup=_INDEXED),
    ),
    good=(
        Good("DROP INDEX CONCURRENTLY orders_code;", transaction=False),
        Good("CREATE TABLE t (a int); CREATE INDEX t_a ON t (a); DROP INDEX t_a;"),
        Good("CREATE TABLE t (a int); CREATE INDEX t_a ON t (a);", down="DROP INDEX t_a; DROP TABLE t;"),
        Good("DROP TABLE orders;"),
    ),
)
def drop_index_not_concurrent(at: At, op: ops.Drop) -> Iterator[Hit]:
    if op.kind != "index" or op.concurrently:
        return
    table = _table_of(at, op.name)
    if table is not None:
        if at.is_new(table) and at.is_up:
            return
        if any(
            isinstance(one, ops.Drop) and one.kind == "table" and one.name.same(table) for one in at.ops()
        ):
            return
        rows = at.rows(table)
        if rows.is_empty:
            return
    safe = None
    fixes: tuple[Fix, ...] = ()
    # CONCURRENTLY takes one index at a time, and no CASCADE.
    if len(at.statement.ops) == 1 and not op.cascade:
        changed = after_word(at.statement.text, "INDEX", "CONCURRENTLY")
        if changed is not None:
            safe = OWN_FILE + closed(changed)
            fixes = quick(at, "Drop it CONCURRENTLY", closed(changed), f"drop_{op.name.name}")
    elif not op.cascade:
        guard = "IF EXISTS " if op.if_exists else ""
        safe = OWN_FILE + f"DROP INDEX CONCURRENTLY {guard}{at.q(op.name)};"
    message = f"Everyone waits on the table of {op.name} until the lock is given and the index gone."
    if table is None:
        yield at.hit(
            message + " Which table that is, is not known here.", safe_form=safe, fixes=fixes, unknown=True
        )
    else:
        yield from at.sized(table, message, safe_form=safe, fixes=fixes)


def _table_of(at: At, index: Name) -> Name | None:
    made = at.scene.index_named(index.name)
    if made is not None:
        return made.table
    for half in at.source.halves:
        for op in at.ops(half):
            if isinstance(op, ops.CreateIndex) and (op.name or "").casefold() == index.key:
                return op.table
    for tables in at.facts.tables.values() if at.facts else ():
        for table in tables:
            if any(one.name.casefold() == index.key for one in table.indexes):
                return Name(table.name, table.schema_name)
    return None


@rule(
    "pg-reindex-not-concurrent",
    scope=Scope.STATEMENT,
    title="REINDEX without CONCURRENTLY",
    severity=Severity.HIGH,
    harm="Nobody can write to the table, or read by the index, until it is rebuilt.",
    advice="REINDEX … CONCURRENTLY, alone in a migration marked `transaction:false`.",
    origin=("squawk: require-concurrent-reindex",),
    bad=(
        Bad("REINDEX TABLE orders;", setup=_INDEXED),
        Bad("REINDEX (VERBOSE) INDEX -- CONCURRENTLY;\n  orders_code;", setup=_INDEXED),
    ),
    good=(
        Good("REINDEX TABLE CONCURRENTLY orders;", transaction=False),
        Good("REINDEX (CONCURRENTLY, VERBOSE) INDEX orders_code;", transaction=False),
        Good("INSERT INTO t (a) VALUES ('REINDEX TABLE orders;');"),
    ),
)
def reindex_not_concurrent(at: At) -> Iterator[Hit]:
    node: Any = at.statement.node
    if type(node).__name__ != "ReindexStmt" or _is_concurrent(node):
        return
    kind = str(node.DESCRIPTOR.fields_by_name["kind"].enum_type.values_by_number[node.kind].name)
    word = kind.rpartition("_")[2]
    if word == "SYSTEM":
        yield at.hit("REINDEX SYSTEM locks the system catalogs, and has no concurrent form.")
        return
    changed = after_word(at.statement.text, word, "CONCURRENTLY")
    if changed is not None:
        fixes = quick(at, "Rebuild it CONCURRENTLY", closed(changed), "reindex")
        yield at.hit(
            "Writing waits until the index is rebuilt.", safe_form=OWN_FILE + closed(changed), fixes=fixes
        )


def _is_concurrent(node: object) -> bool:
    params = getattr(node, "params", ())
    return any(one.def_elem.defname == "concurrently" for one in params)


@rule(
    "pg-detach-not-concurrent",
    on=ops.AlterOther,
    title="Partition detached without CONCURRENTLY",
    severity=Severity.HIGH,
    harm="Nobody can read or write the partitioned table while it waits for its lock.",
    advice="DETACH PARTITION … CONCURRENTLY, alone in a migration marked `transaction:false`.",
    origin=("squawk: require-concurrent-partition-detach",),
    bad=(
        Bad(
            "ALTER TABLE logs DETACH PARTITION logs_2024;",
            setup=_LOGS,
        ),
        Bad(
            "ALTER TABLE logs\n  DETACH PARTITION /* ; */ logs_2024 -- CONCURRENTLY\n;",
            setup=_LOGS,
        ),
    ),
    good=(
        Good("ALTER TABLE logs DETACH PARTITION logs_2024 CONCURRENTLY;", transaction=False),
        Good("ALTER TABLE logs ATTACH PARTITION logs_2024 FOR VALUES FROM (1) TO (2);"),
        Good(
            "CREATE TABLE a (b int) PARTITION BY LIST (b); CREATE TABLE c PARTITION OF a FOR VALUES IN (1); "
            "ALTER TABLE a DETACH PARTITION c;"
        ),
    ),
)
def detach_not_concurrent(at: At, op: ops.AlterOther) -> Iterator[Hit]:
    if op.what != "DETACH PARTITION" or at.is_new(op.table):
        return
    part = after_word(at.statement.text, "PARTITION", "")
    if part is None:
        return
    node: Any = at.statement.node
    name = getattr(node.cmds[0].alter_table_cmd, "def").partition_cmd.name
    partition = Name(name.relname, name.schemaname or None)
    safe = f"ALTER TABLE {at.q(op.table)} DETACH PARTITION {at.q(partition)} CONCURRENTLY;"
    fixes = quick(at, "Detach it CONCURRENTLY", safe, f"detach_{partition.name}")
    yield at.hit(
        f"Everyone waits on {op.table} while this waits for its lock.", safe_form=OWN_FILE + safe, fixes=fixes
    )


@rule(
    "pg-concurrently-in-transaction",
    scope=Scope.STATEMENT,
    title="CONCURRENTLY inside a transaction",
    severity=Severity.HIGH,
    harm="The server refuses it, and the migration fails.",
    advice="Put it alone in a migration marked `transaction:false`; several statements are one transaction too.",
    origin=("squawk: ban-concurrent-index-creation-in-transaction", "atlas: PG103", "dbmate 2.37"),
    bad=(
        Bad("CREATE INDEX CONCURRENTLY orders_code ON orders (code);", setup=_ORDERS),
        Bad(
            "SELECT 1; /* ; */\nDROP INDEX CONCURRENTLY -- now\n orders_code;",
            transaction=False,
            setup=_INDEXED,
        ),
        Bad(
            "ALTER TABLE logs DETACH PARTITION logs_2024 CONCURRENTLY;",
            setup=_LOGS,
        ),
        Bad("REINDEX TABLE CONCURRENTLY orders;", setup=_INDEXED),
    ),
    good=(
        Good("CREATE INDEX CONCURRENTLY orders_code ON orders (code);", transaction=False),
        Good("CREATE INDEX orders_code ON orders (code); -- CONCURRENTLY"),
        Good("SELECT 'CREATE INDEX CONCURRENTLY x ON t (a);';"),
    ),
)
def concurrently_in_transaction(at: At) -> Iterator[Hit]:
    concurrent = any(
        (isinstance(op, ops.CreateIndex) and op.concurrently)
        or (isinstance(op, ops.Drop) and op.concurrently)
        or (isinstance(op, ops.AlterOther) and op.what.endswith("CONCURRENTLY"))
        for op in at.statement.ops
    ) or (type(at.statement.node).__name__ == "ReindexStmt" and _is_concurrent(at.statement.node))
    if not concurrent or (not at.half.transaction and len(at.statements) == 1):
        return
    text = closed(at.statement.text)
    why = (
        "This block runs in a transaction, and the server refuses CONCURRENTLY there."
        if at.half.transaction
        else "Several statements of a block are one transaction to the server, which refuses CONCURRENTLY there."
    )
    yield at.hit(
        why, safe_form=OWN_FILE + text, fixes=quick(at, "Run it without a transaction", text, "concurrently")
    )


@rule(
    "pg-invalid-index",
    on=ops.CreateIndex,
    title="An invalid index may stay unnoticed",
    severity=Severity.LOW,
    harm="A failed concurrent build leaves an invalid index, and IF NOT EXISTS then takes it for done.",
    advice="Drop what a failed build left, and build it without IF NOT EXISTS.",
    origin=("strong_migrations: invalid index", "eugene"),
    bad=(
        Bad(
            "CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_code ON orders (code);",
            transaction=False,
            setup=_ORDERS,
        ),
        Bad(
            "CREATE UNIQUE INDEX CONCURRENTLY\n  IF NOT EXISTS -- ;\n orders_code ON orders (code);",
            transaction=False,
            setup=_ORDERS,
        ),
    ),
    good=(
        Good("CREATE INDEX CONCURRENTLY orders_code ON orders (code);", transaction=False),
        Good("CREATE INDEX IF NOT EXISTS orders_code ON orders (code);"),
    ),
)
def invalid_index(at: At, op: ops.CreateIndex) -> Iterator[Hit]:
    if not (op.concurrently and op.if_not_exists and op.name):
        return
    name = Name(op.name, op.table.schema)
    tokens = at.statement.text
    plain = _without_if_not_exists(tokens)
    yield at.hit(
        f"If a build of {op.name} failed before, the invalid index stays and this does nothing.",
        safe_form=f"{OWN_FILE}DROP INDEX CONCURRENTLY IF EXISTS {at.q(name)};\n-- and in the next one\n{closed(plain)}",
    )


def _without_if_not_exists(text: str) -> str:
    tokens = tokenize(text, "postgres")
    for index, token in enumerate(tokens[:-2]):
        if (token.upper, tokens[index + 1].upper, tokens[index + 2].upper) == ("IF", "NOT", "EXISTS"):
            return text[: token.start] + text[tokens[index + 2].end :].lstrip(" ")
    return text


RULES = tuple(_set.rules)
