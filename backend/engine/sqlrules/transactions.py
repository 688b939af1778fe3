"""Transactions and how a file runs: control words, implicit commits, running it twice, its size. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from backend.engine.lint import ops
from backend.engine.lint.context import At
from backend.engine.lint.rule import Bad, Good, Hit, RuleSet, Scope
from backend.engine.lint.source import Stmt
from backend.models.connection import EngineName
from backend.models.finding import Fix, Severity

from .tokens import Cursor, T, tokenize

_set = RuleSet()
rule = _set.rule
_ENDS = ("COMMIT", "ROLLBACK", "END", "ABORT", "PREPARE")
_KEEPS = ("COMMIT", "END")


@rule(
    "transaction-control",
    on=ops.TransactionControl,
    title="Transaction control inside a migration",
    severity=Severity.HIGH,
    harm="The tool opens the transaction and records the version in it; BEGIN, COMMIT or ROLLBACK here breaks that.",
    advice="Leave BEGIN and COMMIT out; mark the block `transaction:false` where it needs none.",
    origin=("squawk: transaction-nesting", "squawk: ban-uncommitted-transaction", "eugene"),
    bad=(
        Bad("BEGIN;\nINSERT INTO t (a) VALUES (1);\nCOMMIT;", hits=2),
        Bad("INSERT INTO t (a) VALUES ('x;');\n/* done */ COMMIT -- now\n;", hits=1),
        Bad("ROLLBACK;"),
        Bad("BEGIN;\nINSERT INTO t (a) VALUES (1);", transaction=False, hits=1),
        Bad("BEGIN;\nINSERT INTO t (a) VALUES (1);\nROLLBACK;", transaction=False, hits=2),
        Bad("INSERT INTO t (a) VALUES (1);\nCOMMIT;", transaction=False, hits=1),
    ),
    good=(
        Good(
            "PRAGMA foreign_keys = OFF;\nBEGIN;\nINSERT INTO t (a) VALUES (1);\nCOMMIT;\nPRAGMA foreign_keys = ON;",
            transaction=False,
            engine=EngineName.SQLITE,
        ),
        Good("INSERT INTO t (a) VALUES ('BEGIN; COMMIT;'); -- COMMIT;"),
        Good("SAVEPOINT s; INSERT INTO t (a) VALUES (1); RELEASE SAVEPOINT s;"),
        Good(
            "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $body$ BEGIN; RETURN 1; COMMIT; END $body$;",
            engine=EngineName.POSTGRES,
        ),
    ),
)
def transaction_control(at: At, op: ops.TransactionControl) -> Iterator[Hit]:
    if op.word not in ("BEGIN", *_ENDS) and not op.word.startswith("PREPARE"):
        return
    if _runs_its_own(at) and _is_half_of_pair(at, op.word):
        return
    fix = Fix(title=f"Delete {op.word}", edits=[at.drop_statement()])
    if at.half.transaction:
        message = f"{op.word} meets the transaction this block already runs in"
        message += (
            ", and a nested one does not exist."
            if op.word == "BEGIN"
            else ": what follows is committed piece by piece, and the version may go unrecorded."
        )
        yield at.hit(message, fixes=(fix,))
    else:
        yield at.hit(
            f"{op.word} in a block without a transaction: if a statement between fails, what is open stays open.",
            fixes=(fix,),
            severity=Severity.MEDIUM,
        )


def _runs_its_own(at: At) -> bool:
    """Is this a block of SQLite in which the tool opens no transaction, and BEGIN and COMMIT have their use?

    PRAGMA foreign_keys works only outside a transaction, so a table is rebuilt so. What fails between is undone
    with the connection: dbmate ends at the first statement that fails, and SQLite keeps nothing of an open transaction.
    """
    return at.context.engine is EngineName.SQLITE and not at.half.transaction


def _is_half_of_pair(at: At, word: str) -> bool:
    """A BEGIN whose next word is COMMIT, or a COMMIT whose last was BEGIN."""
    statements, here = at.statements, at.statement.index
    if word == "BEGIN":
        return _first_control(statements[index] for index in range(here + 1, len(statements))) in _KEEPS
    before = (statements[index] for index in range(here - 1, -1, -1))
    return word in _KEEPS and _first_control(before) == "BEGIN"


def _first_control(statements: Iterable[Stmt]) -> str:
    for statement in statements:
        for op in statement.ops:
            if isinstance(op, ops.TransactionControl) and op.word in ("BEGIN", *_ENDS):
                return op.word
    return ""


def _undone_with_connection(at: At) -> set[int]:
    """The statements (by index) between a BEGIN and its COMMIT: they leave nothing where one of them fails."""
    inside: set[int] = set()
    since: int | None = None
    for statement in at.statements if _runs_its_own(at) else ():
        for op in statement.ops:
            if isinstance(op, ops.TransactionControl) and op.word in ("BEGIN", *_ENDS):
                if op.word in _KEEPS and since is not None:
                    inside |= set(range(since, statement.index))
                since = statement.index if op.word == "BEGIN" else None
    return inside


@rule(
    "several-ddl-statements",
    scope=Scope.HALF,
    title="Several schema changes where each commits by itself",
    severity=Severity.MEDIUM,
    harm="If one fails, those before it stay, nothing is recorded, and running the file again fails on them.",
    advice="Make one schema change a file, or write each so that it can run twice.",
    origin=("skeema", "atlas: nestedtx", "flyway: mixed"),
    engines=(EngineName.MYSQL, EngineName.BIGQUERY),
    bad=(
        Bad("CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int PRIMARY KEY);"),
        Bad("ALTER TABLE a ADD COLUMN b int; -- and;\nALTER TABLE c\n  ADD COLUMN d int;"),
    ),
    good=(
        Good("CREATE TABLE a (id int PRIMARY KEY);"),
        Good("INSERT INTO t (a) VALUES (1); INSERT INTO t (a) VALUES ('; CREATE TABLE b (id int);');"),
        Good(
            "CREATE TABLE IF NOT EXISTS a (id int PRIMARY KEY); CREATE TABLE IF NOT EXISTS b (id int PRIMARY KEY);"
        ),
    ),
)
def several_ddl_statements(at: At) -> Iterator[Hit]:
    changes = [one for one in at.statements if any(isinstance(op, ops.SCHEMA_OPS) for op in one.ops)]
    if len(changes) < 2 or all(_runs_twice(one.ops) for one in changes):
        return
    files = []
    for index, one in enumerate(changes, 1):
        files.append(f"-- migration {index}\n{one.text.rstrip(';')};")
    yield at.hit(
        f"{len(changes)} statements change the schema, and each is committed as soon as it is done.",
        statement=changes[1],
        safe_form="\n\n".join(files) if len(changes) <= 20 else None,
    )


def _runs_twice(found: Sequence[ops.Op]) -> bool:
    for op in found:
        match op:
            case ops.CreateTable() | ops.CreateObject():
                ok = op.if_not_exists or op.or_replace
            case ops.CreateIndex() | ops.AddColumn():
                ok = op.if_not_exists
            case ops.Drop() | ops.DropColumn() | ops.DropConstraint():
                ok = op.if_exists
            case ops.Rename() | ops.AddConstraint():
                ok = False
            case ops.Insert():
                ok = op.tolerant
            case _:
                ok = True
        if not ok:
            return False
    return True


@rule(
    "not-rerunnable",
    scope=Scope.HALF,
    title="Cannot be run again after a failure",
    severity=Severity.LOW,
    harm="Without a transaction what was done before a failure stays, and the next run stops at it.",
    advice="Write IF EXISTS or IF NOT EXISTS, so that the file can run again.",
    origin=("squawk: prefer-robust-stmts", "eugene"),
    engines=(EngineName.POSTGRES, EngineName.SQLITE, EngineName.CLICKHOUSE),
    bad=(
        Bad("CREATE TABLE a (id int PRIMARY KEY);", transaction=False),
        Bad("DROP INDEX -- IF EXISTS\n  orders_code;", transaction=False, engine=EngineName.POSTGRES),
    ),
    good=(
        Good("CREATE TABLE IF NOT EXISTS a (id int PRIMARY KEY);", transaction=False),
        Good(
            "DROP TABLE IF EXISTS a; INSERT INTO t (a) SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM t);",
            transaction=False,
        ),
    ),
)
def not_rerunnable(at: At) -> Iterator[Hit]:
    if at.half.transaction and at.context.engine is not EngineName.CLICKHOUSE:
        return
    undone = _undone_with_connection(at)
    for statement in at.statements:
        if statement.index in undone:
            continue
        if statement.problem is None and not _runs_twice(statement.ops):
            safe = _robust(statement.text, statement.ops[0])
            yield at.hit(
                "If this block fails after this statement, running it again fails here.",
                statement=statement,
                safe_form=safe,
            )
            return


def _robust(text: str, op: ops.Op) -> str | None:
    """The statement with IF [NOT] EXISTS, put in by its tokens."""
    words = tokenize(text, "postgres")
    upper = [token.upper for token in words]
    clause = "IF EXISTS" if isinstance(op, ops.Drop) else "IF NOT EXISTS"
    if isinstance(op, ops.CreateIndex) and op.name is None:
        return None
    if not isinstance(op, ops.Drop | ops.CreateTable | ops.CreateIndex):
        return None
    for word in ("CONCURRENTLY", "INDEX", "TABLE", "VIEW", "TYPE", "SCHEMA", "SEQUENCE"):
        if word in upper[:6]:
            token = words[upper.index(word)]
            if token.kind is T.WORD:
                return f"{text[: token.end]} {clause}{text[token.end :]}".rstrip(";") + ";"
    return None


@rule(
    "oversized-file",
    scope=Scope.FILE,
    title="Very large migration",
    severity=Severity.LOW,
    harm="It holds its locks and its transaction for long, and nobody can read, back up or undo it in one go.",
    advice="Split it; load data by a tool made for that.",
    origin=("bytebase: statement.maximum-statements-in-transaction", "liquibase"),
    bad=(
        Bad("\n".join(f"INSERT INTO t (a) VALUES ({i}); -- row" for i in range(600))),
        Bad("INSERT INTO t (a) VALUES " + ",\n".join(f"('{'x' * 2000};')" for _ in range(600)) + ";"),
    ),
    good=(Good("\n".join(f"INSERT INTO t (a) VALUES ({i});" for i in range(20))),),
)
def oversized_file(at: At) -> Iterator[Hit]:
    size = len(at.source.content)
    count = max((len(half.statements) for half in at.source.halves), default=0)
    if size > at.limits.file_bytes:
        yield at.hit(f"The file has {size / 1_000_000:.1f} MB.")
    elif count > at.limits.statements:
        yield at.hit(f"One block has {count} statements.")


@rule(
    "merge-alters",
    scope=Scope.HALF,
    title="One table altered again and again",
    severity=Severity.LOW,
    harm="Each ALTER TABLE takes the lock anew, and some engines copy the table each time.",
    advice="Merge them into one ALTER TABLE.",
    origin=("bytebase: statement.merge-alter-table", "eugene"),
    engines=(EngineName.POSTGRES, EngineName.MYSQL),
    bad=(
        Bad(
            "ALTER TABLE orders ADD COLUMN a int;\nALTER TABLE orders ADD COLUMN b int;\nALTER TABLE orders ADD c int;",
            setup="CREATE TABLE orders (id int PRIMARY KEY);",
            hits=1,
        ),
        Bad(
            "ALTER TABLE orders ADD COLUMN a int; -- one;\n/* two */ ALTER TABLE orders\n  ADD COLUMN b text DEFAULT ';';",
            setup="CREATE TABLE orders (id int PRIMARY KEY);",
        ),
    ),
    good=(
        Good("ALTER TABLE orders ADD COLUMN a int, ADD COLUMN b int;"),
        Good(
            "ALTER TABLE orders ADD COLUMN a int; UPDATE orders SET a = 1 WHERE a IS NULL; ALTER TABLE orders ADD b int;"
        ),
        Good("ALTER TABLE a ADD COLUMN a int; ALTER TABLE b ADD COLUMN b int;"),
        Good(
            "ALTER TABLE orders ADD CONSTRAINT c CHECK (id > 0) NOT VALID; ALTER TABLE orders VALIDATE CONSTRAINT c;",
            engine=EngineName.POSTGRES,
        ),
    ),
)
def merge_alters(at: At) -> Iterator[Hit]:
    run: list[int] = []
    for index, statement in enumerate([*at.statements, None]):
        mergeable = statement is not None and _mergeable(statement.ops)
        if statement is not None and mergeable and run:
            before = at.statements[run[-1]].ops[0]
            if _table(statement.ops[0]).same(_table(before)):
                run.append(index)
                continue
        if len(run) > 1:
            yield _merged(at, run)
        run = [index] if mergeable else []


def _table(op: ops.Op) -> ops.Name:
    return op.table if isinstance(op, ops.AlterTable) else ops.Name("")


def _mergeable(operations: Sequence[ops.Op]) -> bool:
    kinds = (
        ops.AddColumn,
        ops.DropColumn,
        ops.SetDefault,
        ops.SetNotNull,
        ops.DropNotNull,
        ops.AlterColumnType,
    )
    return bool(operations) and all(isinstance(op, kinds) for op in operations)


def _merged(at: At, run: list[int]) -> Hit:
    actions: list[str] = []
    head = ""
    for index in run:
        text = at.statements[index].text
        cursor = Cursor(
            text, tokenize(text, at.context.lint.dialect or "postgres"), at.context.lint.dialect or "postgres"
        )
        cursor.take("ALTER")
        cursor.take("TABLE")
        cursor.exists()
        cursor.take("ONLY")
        cursor.name()
        cursor.take("*")
        head = head or cursor.text(0, cursor.at)
        actions.append(cursor.text(cursor.at, len(cursor.tokens)))
    safe = f"{head}\n  " + ",\n  ".join(actions) + ";"
    first, last = at.statements[run[0]], at.statements[run[-1]]
    base = at.half.offset
    fix = Fix(
        title=f"Merge {len(run)} ALTER TABLE into one",
        edits=[at.file_edit(base + first.start, base + last.end, safe.rstrip(";"))],
    )
    return at.hit(
        f"{len(run)} ALTER TABLE of {_table(first.ops[0])} in a row can be one.",
        statement=first,
        safe_form=safe,
        fixes=(fix,),
    )


RULES = tuple(_set.rules)
