"""Locks waited for, whole-table commands, enums, roles and search_path. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from backend.engine.lint import ops
from backend.engine.lint.context import At
from backend.engine.lint.ops import Name, Op
from backend.engine.lint.rule import Bad, Good, Hit, RuleSet, Scope
from backend.engine.lint.source import Stmt
from backend.engine.sqlrules.tokens import T, tokenize
from backend.models.connection import EngineName
from backend.models.finding import Fix, Severity

from .expressions import messages_in

_set = RuleSet(EngineName.POSTGRES)
rule = _set.rule
_ORDERS = "CREATE TABLE orders (id int PRIMARY KEY, customer_id int, code text);"
_MOOD = "CREATE TYPE mood AS ENUM ('sad', 'happy');"
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


@rule(
    "pg-enum-order",
    scope=Scope.STATEMENT,
    title="Enum value added at the end",
    severity=Severity.INFO,
    harm="The order of values is the order of sorting, and it cannot be changed later.",
    advice="Say BEFORE or AFTER which value it belongs.",
    origin=("squawk: require-enum-value-ordering",),
    bad=(
        Bad("ALTER TYPE mood ADD VALUE 'fine';", setup=_MOOD),
        Bad("ALTER TYPE mood ADD VALUE -- BEFORE 'x';\n IF NOT EXISTS 'AFTER';", setup=_MOOD),
    ),
    good=(
        Good("ALTER TYPE mood ADD VALUE 'fine' AFTER 'sad';"),
        Good("ALTER TYPE mood ADD VALUE 'fine' BEFORE 'happy';"),
    ),
)
def enum_order(at: At) -> Iterator[Hit]:
    node: Any = at.statement.node
    if type(node).__name__ != "AlterEnumStmt" or node.old_val or node.new_val_neighbor:
        return
    yield at.hit(f"{node.new_val!r} sorts after every other value.")


@rule(
    "pg-enum-renamed",
    scope=Scope.STATEMENT,
    title="Enum value renamed",
    severity=Severity.HIGH,
    harm="Code that is running still sends and expects the old word, and fails from this moment on.",
    advice="Add the new value, let the code take both, then change the rows.",
    origin=("strong_migrations: rename_enum_value", "atlas: BC"),
    bad=(
        Bad("ALTER TYPE mood RENAME VALUE 'sad' TO 'blue';", setup=_MOOD),
        Bad("ALTER TYPE mood\n RENAME VALUE 'happy' /* TO 'x'; */ TO 'it''s;fine';", setup=_MOOD),
    ),
    good=(Good("ALTER TYPE mood ADD VALUE 'blue' AFTER 'sad';"), Good("SELECT 'RENAME VALUE';")),
)
def enum_renamed(at: At) -> Iterator[Hit]:
    node: Any = at.statement.node
    if type(node).__name__ != "AlterEnumStmt" or not node.old_val:
        return
    parts = [one.string.sval for one in node.type_name]
    new, old = (value.replace("'", "''") for value in (node.new_val, node.old_val))
    name = at.q(Name(parts[-1], parts[-2] if len(parts) > 1 else None))
    safe = f"ALTER TYPE {name} ADD VALUE '{new}' AFTER '{old}'; -- then move the rows in a later migration"
    yield at.hit(f"Whatever runs now still says {node.old_val!r}.", safe_form=safe)


@rule(
    "pg-enum-used-at-once",
    scope=Scope.HALF,
    title="Enum value used in the transaction that adds it",
    severity=Severity.HIGH,
    harm="The server refuses a value that is not committed yet, and the migration fails.",
    advice="Add the value in a migration of its own, before.",
    origin=("PostgreSQL: ALTER TYPE notes",),
    bad=(
        Bad(
            "ALTER TYPE mood ADD VALUE 'fine' AFTER 'sad';\nINSERT INTO people (mood) VALUES ('fine');",
            setup=_MOOD,
        ),
        Bad(
            "ALTER TYPE mood ADD VALUE 'fine' AFTER 'sad'; -- ;\nALTER TABLE people ALTER mood SET DEFAULT 'fine';",
            setup=_MOOD,
        ),
    ),
    good=(
        Good("ALTER TYPE mood ADD VALUE 'fine' AFTER 'sad'; -- 'fine'"),
        Good(
            "CREATE TYPE mood AS ENUM ('sad'); ALTER TYPE mood ADD VALUE 'fine' AFTER 'sad'; INSERT INTO p (m) VALUES ('fine');"
        ),
    ),
)
def enum_used_at_once(at: At) -> Iterator[Hit]:
    if not at.half.transaction:
        return
    added: dict[str, Stmt] = {}
    made: set[str] = set()
    for statement in at.statements:
        for op in statement.ops:
            if isinstance(op, ops.CreateObject) and op.kind == "type":
                made.add(op.name.key)
        node: Any = statement.node
        if type(node).__name__ == "AlterEnumStmt":
            if not node.old_val and node.type_name[-1].string.sval.casefold() not in made:
                added[node.new_val] = statement
            continue
        if not added or node is None or not any(value in statement.text for value in added):
            continue
        for one in messages_in(node):
            if type(one).__name__ == "A_Const" and one.HasField("sval") and one.sval.sval in added:
                first = added[one.sval.sval]
                text = first.text.rstrip("; \n")
                yield at.hit(
                    f"{one.sval.sval!r} is added in this transaction, and cannot be used before it is committed.",
                    statement=statement,
                    safe_form=f"-- in a migration of its own, before this one\n{text};",
                )
                return


@rule(
    "pg-search-path",
    on=ops.Setting,
    title="search_path or role changed",
    severity=Severity.MEDIUM,
    harm="It holds for the rest of the run: later files, and the record of the version, go to another place or fail.",
    advice="Write the schema before the names, or use SET LOCAL.",
    origin=("dbmate 2.37", "eugene"),
    bad=(
        Bad("SET search_path TO app;"),
        Bad("SELECT pg_catalog.set_config('search_path', '', /* ; */ false);"),
        Bad("SET -- LOCAL;\n ROLE postgres;"),
        Bad("SET SESSION AUTHORIZATION postgres;"),
    ),
    good=(
        Good("SET LOCAL search_path TO app;"),
        Good("SET LOCAL lock_timeout = '5s';"),
        Good("SELECT 'SET search_path TO app;'; -- SET ROLE admin;"),
        Good("CREATE FUNCTION f() RETURNS int LANGUAGE sql SET search_path = '' AS $body$ SELECT 1; $body$;"),
    ),
)
def search_path(at: At, op: ops.Setting) -> Iterator[Hit]:
    if op.local or op.name not in ("search_path", "role", "session_authorization"):
        return
    node: Any = at.statement.node
    if type(node).__name__ == "VariableSetStmt" and not node.args:
        return  # RESET: back to what it was
    words = {"search_path": "search_path", "role": "role", "session_authorization": "session's user"}[op.name]
    safe, fixes = None, []
    if type(node).__name__ == "VariableSetStmt" and op.name != "session_authorization":
        value = ", ".join(at.q(one.a_const.sval.sval) if one.a_const.sval.sval else "''" for one in node.args)
        safe = f"SET LOCAL {op.name} TO {value};"
        if at.half.transaction:
            fixes = [at.rewrite("Use SET LOCAL", safe.rstrip(";"))]
    yield at.hit(f"The {words} stays changed for the files run after this one.", safe_form=safe, fixes=fixes)


@rule(
    "pg-owner-change",
    scope=Scope.STATEMENT,
    title="Owner changed",
    severity=Severity.MEDIUM,
    harm="The role that runs migrations may no longer be allowed to change it, and the new role may not exist elsewhere.",
    advice="Let one role own what migrations make, and GRANT what others need.",
    origin=("atlas", "pg_dump --no-owner"),
    bad=(
        Bad("ALTER TABLE orders OWNER TO postgres;", setup=_ORDERS),
        Bad("ALTER SCHEMA app -- ;\n OWNER TO CURRENT_USER;", setup="CREATE SCHEMA app;"),
    ),
    good=(
        Good("GRANT SELECT ON orders TO postgres;"),
        Good("INSERT INTO t (a) VALUES ('ALTER TABLE orders OWNER TO postgres;');"),
    ),
)
def owner_change(at: At) -> Iterator[Hit]:
    owned = [op for op in at.statement.ops if isinstance(op, ops.AlterOther) and op.what == "OWNER TO"]
    if owned or type(at.statement.node).__name__ == "AlterOwnerStmt":
        name = f" of {owned[0].table}" if owned else ""
        yield at.hit(f"The owner{name} changes.")


def _names(op: Op) -> Iterator[Name]:
    if isinstance(op, ops.CreateTable):
        yield op.name
    elif isinstance(
        op, ops.AlterTable | ops.CreateIndex | ops.Insert | ops.Update | ops.Delete | ops.Truncate
    ):
        yield op.table
    elif isinstance(op, ops.Drop) and op.kind in ("table", "view"):
        yield op.name


@rule(
    "pg-unqualified-name",
    scope=Scope.HALF,
    title="Name without a schema among names with one",
    severity=Severity.INFO,
    harm="Where it goes depends on the search_path of whoever runs it.",
    advice="Write the schema before every name of the file, or before none.",
    origin=("squawk: require-table-schema",),
    bad=(
        Bad("CREATE TABLE app.a (id int PRIMARY KEY);\nALTER TABLE b ADD COLUMN c int;"),
        Bad("INSERT INTO app.a (t) VALUES ('app.b;');\n/* app.b; */ DROP TABLE b;"),
    ),
    good=(
        Good("CREATE TABLE app.a (id int PRIMARY KEY); ALTER TABLE app.a ADD COLUMN c int;"),
        Good("CREATE TABLE a (id int PRIMARY KEY); INSERT INTO a (id) VALUES (1); -- app.a"),
    ),
)
def unqualified_name(at: At) -> Iterator[Hit]:
    qualified = any(name.schema for op in at.ops() for name in _names(op))
    temporary = {op.name.key for op in at.ops() if isinstance(op, ops.CreateTable) and op.temporary}
    if not qualified:
        return
    for statement in at.statements:
        for op in statement.ops:
            for name in _names(op):
                if name.schema is None and name.key not in temporary:
                    yield at.hit(
                        f"{name} has no schema, and other names of this block have.", statement=statement
                    )
                    return


@rule(
    "pg-name-too-long",
    on=(ops.CreateTable, ops.CreateIndex, ops.AddColumn, ops.CreateObject, ops.AddConstraint, ops.Rename),
    title="Name longer than 63 bytes",
    severity=Severity.MEDIUM,
    harm="The server cuts it off silently: later statements do not find it, or hit another one cut the same.",
    advice="Choose a name of at most 63 bytes.",
    origin=("squawk: identifier-too-long",),
    bad=(
        Bad(f"CREATE INDEX {'i' * 64} ON orders (code);"),
        Bad(f'CREATE TABLE "{"ü;" * 30}" (id int PRIMARY KEY); -- long'),
    ),
    good=(Good(f"CREATE INDEX {'i' * 63} ON orders (code);"), Good(f"SELECT '{'i' * 64}'; -- {'i' * 64}")),
)
def name_too_long(at: At, op: Op) -> Iterator[Hit]:
    # The parser has cut the name already, as the server does: only the text still holds it.
    if not _LONG.search(at.statement.text) or op is not at.statement.ops[0]:
        return
    for token in tokenize(at.statement.text, "postgres"):
        if token.kind in (T.WORD, T.NAME) and len(token.text.encode()) > 63:
            kept = token.text.encode()[:63].decode("utf-8", "ignore")
            yield at.hit(f"The server keeps only {kept}.", span=(token.start, token.end))


_LONG = re.compile(r'\w{32}|"[^"]{16}')
"""A cheap look before the tokens are read: no name of 64 bytes is without one of these."""

RULES = tuple(_set.rules)
