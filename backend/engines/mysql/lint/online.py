"""ALTER TABLE and CREATE INDEX while others write: what was asked for, what was not, how long they wait. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from backend.engine.lint import ops
from backend.engine.lint.context import At
from backend.engine.lint.ops import Name
from backend.engine.lint.rule import Bad, Good, Hit, RuleSet, Scope, facts_of
from backend.engine.lint.source import Stmt
from backend.engine.sqlrules.tokens import Token
from backend.models.connection import EngineName
from backend.models.finding import Fix, Severity

from .names import ORDERS, is_special_index, tokens

_set = RuleSet(EngineName.MYSQL)
rule = _set.rule
_LARGE = facts_of(orders=40_000_000)


def _asked(found: list[Token]) -> dict[str, tuple[Token, Token]]:
    """ALGORITHM and LOCK of a statement: (the word, its value)."""
    asked: dict[str, tuple[Token, Token]] = {}
    for index, token in enumerate(found[:-1]):
        if token.upper in ("ALGORITHM", "LOCK"):
            value = (
                found[index + 2]
                if found[index + 1].upper == "=" and index + 2 < len(found)
                else found[index + 1]
            )
            asked[token.upper] = (token, value)
    return asked


@rule(
    "mysql-blocking-alter",
    scope=Scope.STATEMENT,
    title="Writes are blocked while the table is changed",
    severity=Severity.HIGH,
    harm="ALGORITHM=COPY and LOCK=SHARED or EXCLUSIVE keep every writer waiting until the whole table is copied.",
    advice="Ask for ALGORITHM=INPLACE, LOCK=NONE: the server then refuses what it cannot do online and blocks nobody.",
    origin=("skeema: alter-algorithm", "bytebase: mysql.online-migration", "atlas: LT"),
    bad=(
        Bad("ALTER TABLE orders ADD COLUMN note text, ALGORITHM=COPY;", setup=ORDERS, facts=_LARGE),
        Bad("CREATE INDEX orders_code ON orders (code) /* LOCK=NONE */ LOCK = SHARED;", setup=ORDERS),
        Bad(
            "ALTER TABLE `orders`\n  ADD INDEX by_total (total), -- the lock:\n  algorithm copy,\n  LOCK=EXCLUSIVE;",
            setup=ORDERS,
            hits=1,
        ),
    ),
    good=(
        Good("ALTER TABLE orders ADD COLUMN note text, ALGORITHM=INPLACE, LOCK=NONE;"),
        Good("ALTER TABLE orders COMMENT 'ALGORITHM=COPY' -- LOCK=SHARED\n;"),
        Good("CREATE TABLE t (id int PRIMARY KEY); ALTER TABLE t ADD COLUMN note text, ALGORITHM=COPY;"),
    ),
)
def blocking_alter(at: At) -> Iterator[Hit]:
    table = _altered(at.statement)
    if table is None:
        return
    asked = _asked(tokens(at))
    wrong = [
        value for _, value in asked.values() if value.upper in ("COPY", "SHARED", "EXCLUSIVE")
    ]  # DEFAULT is the server's choice
    if not wrong:
        return
    replacements = {"COPY": "INPLACE", "SHARED": "NONE", "EXCLUSIVE": "NONE"}
    text = at.statement.text
    for value in sorted(wrong, key=lambda token: -token.start):
        text = text[: value.start] + replacements[value.upper] + text[value.end :]
    if "LOCK" not in asked:
        text += ", LOCK=NONE" if at.statement.keyword == "ALTER" else " LOCK=NONE"
    words = " and ".join(value.upper for value in wrong)
    yield from at.sized(
        table,
        f"{words} makes writers of {table} wait until this is done.",
        span=(wrong[0].start, wrong[0].end),
        safe_form=text,
        fixes=(at.rewrite("Ask for INPLACE and LOCK=NONE", text),),
    )


@rule(
    "mysql-online-not-asked",
    scope=Scope.STATEMENT,
    title="Nothing asks for an online change",
    severity=Severity.LOW,
    harm="Without ALGORITHM and LOCK the server silently falls back to copying the table and blocking writes.",
    advice="Name ALGORITHM and LOCK: where the server cannot grant them it says so at once and changes nothing.",
    origin=("skeema: alter-algorithm", "bytebase: mysql.online-migration"),
    bad=(
        Bad("ALTER TABLE orders ADD COLUMN note text;", setup=ORDERS, facts=_LARGE),
        Bad("CREATE INDEX orders_code -- ALGORITHM=INPLACE\n  ON orders (code);", setup=ORDERS, facts=_LARGE),
        Bad(
            "ALTER TABLE `orders`\n  ADD KEY `by;total` (total),\n  DROP COLUMN body;",
            setup=ORDERS,
            facts=_LARGE,
            hits=1,
        ),
        Bad(
            "ALTER TABLE orders ADD COLUMN made datetime NOT NULL DEFAULT current_timestamp();", setup=ORDERS
        ),
    ),
    good=(
        Good("ALTER TABLE orders ADD COLUMN note text, ALGORITHM=INSTANT;", facts=_LARGE),
        Good("CREATE INDEX orders_code ON orders (code) LOCK=NONE;", facts=_LARGE),
        Good("ALTER TABLE orders ADD COLUMN note text;", facts=facts_of(orders=0)),
        Good("CREATE TABLE t (id int PRIMARY KEY); CREATE INDEX i ON t (id);"),
        Good("CREATE FULLTEXT INDEX i ON orders (body);", facts=_LARGE),
        Good("ALTER TABLE orders RENAME COLUMN code TO number;"),
    ),
)
def online_not_asked(at: At) -> Iterator[Hit]:
    table, clause = _altered(at.statement), _online_clause(at)
    if table is None or clause is None or _asked(tokens(at)):
        return
    joint = ", " if at.statement.keyword == "ALTER" else " "
    text = at.statement.text.rstrip("; \n") + joint + (clause if joint == ", " else clause.replace(",", ""))
    yield from at.sized(
        table,
        f"If the server cannot change {table} online, it copies it and blocks its writers without a word.",
        safe_form=text,
        fixes=(at.rewrite(f"Ask for {clause}", text),),
    )


def _altered(statement: Stmt) -> Name | None:
    """The table an ALTER TABLE or CREATE INDEX works on."""
    if statement.keyword not in ("ALTER", "CREATE"):
        return None
    for op in statement.ops:
        if isinstance(op, ops.CreateTable):
            return None
        if isinstance(op, (ops.AlterTable, ops.CreateIndex)):
            return op.table
        if isinstance(op, ops.Drop):
            return op.table
    return None


def _online_clause(at: At) -> str | None:
    """What the server can grant to all of a statement's changes; None where only it can tell."""
    instant = at.context.version_at_least(8, 0, 12) is not False
    for op in at.statement.ops:
        match op:
            case ops.AddColumn():
                changing = op.column.default is not None and not _is_constant(op.column.default)
                if op.column.auto or op.column.generated == "stored" or op.column.unique:
                    return None
                instant = instant and not changing
            case ops.DropColumn():
                instant = False
            case ops.CreateIndex():
                if is_special_index(at, op):
                    return None
                instant = False
            case _:
                return None
    return "ALGORITHM=INSTANT" if instant else "ALGORITHM=INPLACE, LOCK=NONE"


def _is_constant(default: str) -> bool:
    return "(" not in default and not default.lower().startswith(("current", "now", "local"))


_TIMEOUT = ("lock_wait_timeout", "innodb_lock_wait_timeout")


@rule(
    "mysql-no-lock-wait-limit",
    scope=Scope.HALF,
    title="Waits for the table's lock without a limit",
    severity=Severity.LOW,
    harm="Behind one long query this statement waits for the metadata lock up to a year, and every later query of the "
    "table queues behind it.",
    advice="Set lock_wait_timeout to a few seconds first, and try again when it fails.",
    origin=("strong_migrations: lock_timeout", "eugene: E9"),
    bad=(
        Bad("ALTER TABLE orders ADD COLUMN note text;", setup=ORDERS),
        Bad(
            "-- SET SESSION lock_wait_timeout = 5;\nDROP INDEX `x;y`\n  ON orders;",
            setup=f"{ORDERS};\nCREATE INDEX `x;y` ON orders (code)",
            hits=1,
        ),
        Bad("SET NAMES 'lock_wait_timeout'; ALTER TABLE orders ADD INDEX i (code);", setup=ORDERS),
    ),
    good=(
        Good("SET SESSION lock_wait_timeout = 5; ALTER TABLE orders ADD COLUMN note text;"),
        Good("SET @@session.lock_wait_timeout=5;\nALTER TABLE orders ADD COLUMN note text;"),
        Good("CREATE TABLE t (id int PRIMARY KEY); ALTER TABLE t ADD COLUMN note text;"),
        Good("INSERT INTO orders (code) VALUES ('ALTER TABLE orders DROP COLUMN a');"),
        Good("SET STATEMENT lock_wait_timeout=5 FOR ALTER TABLE orders ADD COLUMN note text;"),
    ),
)
def no_lock_wait_limit(at: At) -> Iterator[Hit]:
    for statement in at.statements:
        for op in statement.ops:
            if isinstance(op, ops.Setting) and op.name in _TIMEOUT[:1]:
                return
            table = _locked(op)
            # The scene is the half's last: what it made is new there too.
            if table is None or at.is_new(table):
                continue
            begin = at.half.offset + statement.start
            setting = "SET SESSION lock_wait_timeout = 5;"
            edit = at.file_edit(begin, begin, setting + "\n")
            yield at.hit(
                f"This waits for the lock on {table} as long as it takes; meanwhile every other query of it waits too.",
                statement=statement,
                safe_form=f"{setting}\n{statement.text}",
                fixes=(Fix(title="Wait five seconds at most", edits=[edit]),),
            )
            return


def _locked(op: ops.Op) -> Name | None:
    match op:
        case ops.AlterTable() | ops.CreateIndex() | ops.Truncate():
            return op.table
        case ops.Drop(kind="table"):
            return op.name
        case ops.Drop(kind="index") | ops.Rename(kind="column"):
            return op.table
        case ops.Rename(kind="table"):
            return op.old
        case _:
            return None


RULES = tuple(_set.rules)
