"""Locks waited for and held, and commands that write a whole table anew. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from backend.engine.lint import ops
from backend.engine.lint.context import At
from backend.engine.lint.ops import Name
from backend.engine.lint.rule import Bad, Good, Hit, RuleSet, Scope
from backend.engine.lint.source import Stmt
from backend.models.connection import EngineName
from backend.models.finding import Fix, Severity

_set = RuleSet(EngineName.POSTGRES)
rule = _set.rule
_ORDERS = "CREATE TABLE orders (id int PRIMARY KEY, customer_id int, code text);"
# SHARE UPDATE EXCLUSIVE only: readers and writers go on.
_GENTLE = (ops.ValidateConstraint,)


def _locked(at: At, statement: Stmt) -> Name | None:
    """The table in use that a statement takes ACCESS EXCLUSIVE on, if any."""
    for op in statement.ops:
        table: Name | None = None
        if isinstance(op, ops.AlterTable) and not isinstance(op, _GENTLE):
            if not (isinstance(op, ops.AlterOther) and op.what.endswith("CONCURRENTLY")):
                table = op.table
        elif isinstance(op, ops.Truncate):
            table = op.table
        elif isinstance(op, ops.Rename) and op.kind in ("table", "column"):
            table = op.table or op.old
        elif isinstance(op, ops.Drop) and op.kind == "table":
            table = op.name
        if table is not None and not _made_in(at, table):
            return table
    return None


def _made_in(at: At, table: Name) -> bool:
    """Made in this half: nobody else can see it yet. Or made by this file's up, which its down takes back."""
    up = at.source.up
    if (
        not at.is_up
        and up
        and any(isinstance(op, ops.CreateTable) and op.name.same(table) for op in at.ops(up))
    ):
        return True
    if not at.half.transaction:
        return False
    if any(isinstance(op, ops.CreateTable) and op.name.same(table) for op in at.ops()):
        return True
    return at.facts is not None and at.facts.table(table) is None and table.key in at.facts.new_tables


def _set_before(at: At, names: tuple[str, ...]) -> bool:
    return any(isinstance(op, ops.Setting) and op.name in names for op in at.ops())


@rule(
    "pg-no-lock-timeout",
    scope=Scope.HALF,
    title="Waits for its lock for ever",
    severity=Severity.LOW,
    harm="While it waits behind one long query, every later query on the table waits behind it.",
    advice="SET LOCAL lock_timeout to a few seconds first, and try again later.",
    origin=(
        "squawk: require-lock-timeout",
        "squawk: require-timeout-settings",
        "eugene: E9",
        "strong_migrations: lock_timeout",
    ),
    bad=(
        Bad("ALTER TABLE orders ADD COLUMN a int;", setup=_ORDERS),
        Bad(
            "SELECT 'SET lock_timeout = 1';\n-- SET lock_timeout = '5s';\nDROP TABLE /* ; */ orders;",
            setup=_ORDERS,
        ),
    ),
    good=(
        Good("SET LOCAL lock_timeout = '5s'; ALTER TABLE orders ADD COLUMN a int;"),
        Good("CREATE TABLE t (a int); ALTER TABLE t ADD COLUMN b int;"),
        Good("CREATE INDEX CONCURRENTLY i ON orders (code);", transaction=False),
        Good("ALTER TABLE orders VALIDATE CONSTRAINT c;"),
    ),
)
def no_lock_timeout(at: At) -> Iterator[Hit]:
    yield from _timeout(at, ("lock_timeout",), "lock_timeout", "5s", "waits for its lock for ever")


@rule(
    "pg-no-statement-timeout",
    scope=Scope.HALF,
    title="May hold its lock for ever",
    severity=Severity.INFO,
    harm="A statement that takes longer than thought holds an exclusive lock all the while.",
    advice="SET LOCAL statement_timeout first.",
    origin=(
        "squawk: require-statement-timeout",
        "squawk: require-timeout-settings",
        "strong_migrations: statement_timeout",
    ),
    bad=(
        Bad("ALTER TABLE orders ADD COLUMN a int;", setup=_ORDERS),
        Bad("/* SET statement_timeout = 1; */ TRUNCATE\n orders;", setup=_ORDERS),
    ),
    good=(
        Good("SET statement_timeout = '60s'; ALTER TABLE orders ADD COLUMN a int;"),
        Good("CREATE TABLE t (a int); ALTER TABLE t ADD COLUMN b int;"),
    ),
)
def no_statement_timeout(at: At) -> Iterator[Hit]:
    yield from _timeout(
        at,
        ("statement_timeout", "transaction_timeout"),
        "statement_timeout",
        "60s",
        "may hold its lock for ever",
    )


def _timeout(at: At, names: tuple[str, ...], name: str, value: str, words: str) -> Iterator[Hit]:
    if _set_before(at, names):
        return
    for statement in at.statements:
        table = _locked(at, statement)
        if table is None or (at.facts is not None and at.scene.rows(table).is_empty):
            continue
        line = f"SET {'LOCAL ' if at.half.transaction else ''}{name} = '{value}';"
        start = at.half.offset + at.statements[0].start
        fix = Fix(title=f"Set {name} first", edits=[at.file_edit(start, start, line + "\n")])
        text = statement.text.rstrip("; \n")
        yield at.hit(
            f"The statement takes ACCESS EXCLUSIVE on {table} and {words}.",
            statement=statement,
            safe_form=f"{line}\n{text}\n;" if "--" in text else f"{line}\n{text};",
            fixes=(fix,),
        )
        return


@rule(
    "pg-work-under-lock",
    scope=Scope.HALF,
    title="More work after an exclusive lock",
    severity=Severity.LOW,
    harm="The lock is held to the end of the transaction, so the table waits for what comes after as well.",
    advice="Put what comes after into a migration of its own.",
    origin=("eugene: E4",),
    bad=(
        Bad("ALTER TABLE orders ADD COLUMN a int;\nUPDATE customers SET note = 'x' WHERE note IS NULL;"),
        Bad(
            "ALTER TABLE orders ADD COLUMN a int; -- and;\n/* then */ INSERT INTO log (a)\n SELECT id FROM orders;"
        ),
    ),
    good=(
        Good("UPDATE customers SET note = 'x' WHERE note IS NULL; ALTER TABLE orders ADD COLUMN a int;"),
        Good("ALTER TABLE orders ADD COLUMN a int; ALTER TABLE orders ADD COLUMN b int;"),
        Good("CREATE TABLE t (a int); ALTER TABLE t ADD b int; INSERT INTO t (a) SELECT 1;"),
        Good("ALTER TABLE orders ADD COLUMN a int; INSERT INTO kinds (a) VALUES (1);"),
    ),
)
def work_under_lock(at: At) -> Iterator[Hit]:
    if not at.half.transaction:
        return
    locked: Name | None = None
    for statement in at.statements:
        if locked is not None and (slow := _slow(at, statement, locked)):
            message = f"{locked} stays locked while this {slow}."
            yield at.hit(message, statement=statement)
            return
        locked = locked or _locked(at, statement)
        if locked is not None and at.scene.rows(locked).is_empty and at.facts is not None:
            locked = None


def _slow(at: At, statement: Stmt, locked: Name) -> str | None:
    for op in statement.ops:
        if isinstance(op, ops.Update | ops.Delete) and not _made_in(at, op.table):
            # What fills the locked table itself is `backfill-with-ddl`.
            return None if op.table.same(locked) else "writes rows"
        if isinstance(op, ops.Insert) and op.rows is None:
            return "copies rows"
        if isinstance(op, ops.CreateIndex) and not _made_in(at, op.table) and not op.table.same(locked):
            return "builds an index"
    return None


@rule(
    "pg-full-rewrite",
    scope=Scope.STATEMENT,
    title="VACUUM FULL or CLUSTER",
    severity=Severity.HIGH,
    harm="Nobody can read or write the table while it is written anew, which takes as long as the table is big.",
    advice="Plain VACUUM, or pg_repack, which copies beside the running table.",
    origin=("squawk: prefer-repack", "bytebase"),
    bad=(
        Bad("VACUUM FULL orders;", transaction=False, setup=_ORDERS),
        Bad("VACUUM (ANALYZE, -- ;\n FULL) orders;", transaction=False, setup=_ORDERS),
        Bad("CLUSTER /* ; */ orders USING orders_pkey;", setup=_ORDERS),
    ),
    good=(
        Good("VACUUM (ANALYZE) orders;", transaction=False),
        Good("VACUUM (FULL false) orders;", transaction=False),
        Good("INSERT INTO t (a) VALUES ('VACUUM FULL orders; CLUSTER t');"),
    ),
)
def full_rewrite(at: At) -> Iterator[Hit]:
    node: Any = at.statement.node
    kind = type(node).__name__
    if kind == "VacuumStmt":
        full = [one.def_elem for one in node.options if one.def_elem.defname == "full"]
        if not full or (full[0].HasField("arg") and "false" in str(full[0].arg)):
            return
        tables = [one.vacuum_relation.relation.relname for one in node.rels]
        word = "VACUUM FULL"
        names = ", ".join(at.q(one) for one in tables)
        safe: str | None = (
            f"-- in a migration of its own, marked transaction:false\nVACUUM (ANALYZE){' ' if names else ''}{names};"
        )
    elif kind == "ClusterStmt":
        relation = node.relation
        tables, word, safe = [relation.relname], "CLUSTER", None
    else:
        return
    table = Name(tables[0]) if tables else None
    message = f"{word} writes the table anew, and nobody can use it meanwhile."
    if table is None:
        yield at.hit("It writes every table of the database anew.", safe_form=safe)
    else:
        yield from at.sized(table, message, safe_form=safe)


RULES = tuple(_set.rules)
