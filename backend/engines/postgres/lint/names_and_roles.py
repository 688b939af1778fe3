"""Where names go: search_path, roles, owners, schemas, names too long. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from backend.engine.lint import ops
from backend.engine.lint.context import At
from backend.engine.lint.ops import Name, Op
from backend.engine.lint.rule import Bad, Good, Hit, RuleSet, Scope
from backend.engine.sqlrules.tokens import T, tokenize
from backend.models.connection import EngineName
from backend.models.finding import Severity

_set = RuleSet(EngineName.POSTGRES)
rule = _set.rule
_ORDERS = "CREATE TABLE orders (id int PRIMARY KEY, customer_id int, code text);"


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
