"""What touches rows: UPDATE and DELETE without WHERE, backfills, INSERT without columns, `= NULL`, `SELECT *`. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from backend.engine.lint import ops
from backend.engine.lint.context import At
from backend.engine.lint.rule import Bad, Good, Hit, RuleSet, facts_of
from backend.models.connection import EngineName
from backend.models.finding import Fix, Severity

_set = RuleSet()
rule = _set.rule
_ORDERS = "CREATE TABLE orders (id int PRIMARY KEY, customer_id int, code text);"


@rule(
    "update-without-where",
    on=ops.Update,
    title="UPDATE of every row",
    severity=Severity.HIGH,
    harm="Every row is changed: the old values are lost, and every row stays locked until the end.",
    advice="Say which rows by WHERE, and go in batches on a large table.",
    origin=("bytebase: statement.where.require", "skeema"),
    bad=(
        Bad("UPDATE orders SET code = 'x';", setup=_ORDERS),
        Bad("UPDATE orders /* WHERE id = 1 */\nSET code = ' WHERE '\n-- WHERE id = 2\n;", setup=_ORDERS),
        Bad("UPDATE orders SET code = 'x' WHERE 1 = 1;", setup=_ORDERS),
    ),
    good=(
        Good("UPDATE orders SET code = 'x' WHERE code IS NULL;"),
        Good("CREATE TABLE t (a int); UPDATE t SET a = 1;"),
        Good("ALTER TABLE orders ADD COLUMN total int; UPDATE orders SET total = 0;"),
        Good("INSERT INTO t (a) VALUES ('UPDATE orders SET code = 1');"),
    ),
)
def update_without_where(at: At, op: ops.Update) -> Iterator[Hit]:
    if op.has_where or op.limited:
        return
    added = {one.column.name.casefold() for one in at.scene.columns_added if one.table.same(op.table)}
    # Filling a column this file has just added loses nothing; its size is the business of `large-backfill`.
    if op.columns and all(column.casefold() in added for column in op.columns):
        return
    yield from at.sized(op.table, f"No WHERE: every row of {op.table} is changed.", span=op.span, data=True)


@rule(
    "delete-without-where",
    on=ops.Delete,
    title="DELETE of every row",
    severity=Severity.CRITICAL,
    confirm=True,
    harm="Every row of the table is lost.",
    advice="Say which rows by WHERE; keep a copy of what goes.",
    origin=("bytebase: statement.where.require", "skeema"),
    bad=(
        Bad("DELETE FROM orders;", setup=_ORDERS),
        Bad("DELETE FROM orders\n-- WHERE id = 1\nWHERE true;", setup=_ORDERS),
    ),
    good=(
        Good("DELETE FROM orders WHERE code = 'x';"),
        Good("CREATE TABLE t (a int); INSERT INTO t (a) VALUES (1); DELETE FROM t;"),
        Good("INSERT INTO t (a) VALUES ('DELETE FROM orders;');"),
        Good("INSERT INTO kinds (a) VALUES (1);", down="DELETE FROM kinds WHERE a = 1;"),
    ),
)
def delete_without_where(at: At, op: ops.Delete) -> Iterator[Hit]:
    if op.has_where or op.limited:
        return
    yield from at.sized(op.table, f"No WHERE: every row of {op.table} is deleted.", span=op.span, data=True)


@rule(
    "backfill-with-ddl",
    on=(ops.Update, ops.Delete),
    title="Backfill in the transaction of a schema change",
    severity=Severity.MEDIUM,
    harm="The lock the schema change took is held until the last row is written, and everyone waits.",
    advice="Move the backfill into a migration of its own, in batches.",
    origin=("strong_migrations: backfill", "eugene: E4"),
    engines=(EngineName.POSTGRES,),
    bad=(
        Bad(
            "ALTER TABLE orders ADD COLUMN total int;\nUPDATE orders SET total = 0;",
            setup=_ORDERS + "ALTER TABLE orders ADD COLUMN total int;",
            facts=facts_of(orders=40_000_000),
        ),
        Bad(
            "ALTER TABLE orders ADD COLUMN total int; -- then;\nUPDATE orders\n SET total = 0\n WHERE total IS NULL;",
            setup=_ORDERS + "ALTER TABLE orders ADD COLUMN total int;",
        ),
    ),
    good=(
        Good("UPDATE orders SET code = 'x' WHERE code IS NULL;"),
        Good("CREATE TABLE t (a int); UPDATE t SET a = 1;"),
        Good(
            "ALTER TABLE orders ADD COLUMN total int; UPDATE orders SET total = 0;", facts=facts_of(orders=20)
        ),
        Good(
            "INSERT INTO t (a) VALUES ('ALTER TABLE t ADD b int'); UPDATE orders SET code = 'a' WHERE id = 1;"
        ),
    ),
)
def backfill_with_ddl(at: At, op: ops.Update | ops.Delete) -> Iterator[Hit]:
    if not at.half.transaction:
        return
    rows = at.rows(op.table)
    if rows.count is not None and rows.count < at.limits.backfill_rows:
        return
    for one in at.earlier_ops():
        if isinstance(one, ops.AlterTable) and one.table.same(op.table) and not at.is_new(op.table):
            name = f"backfill_{op.table.name}"
            text = at.statement.text.rstrip("; \n")
            yield from at.sized(
                op.table,
                f"The lock that ALTER TABLE took on {op.table} is held until every row is written.",
                span=op.span,
                safe_form=f"-- in a migration of its own, after this one:\n{text};",
                fixes=(
                    at.own_file("Move it into a migration of its own", name, text + ";", transaction=True),
                ),
            )
            return


@rule(
    "large-write",
    on=(ops.Update, ops.Delete),
    title="Many rows written in one statement",
    severity=Severity.MEDIUM,
    harm="It holds its row locks, and the log and replicas fall behind, until the last row is written.",
    advice="Write in batches by key, each in its own transaction.",
    origin=("bytebase: statement.affected-row-limit", "strong_migrations: backfill"),
    engines=(EngineName.POSTGRES, EngineName.MYSQL, EngineName.SQLITE),
    bad=(
        Bad(
            "UPDATE orders SET code = 'x' WHERE customer_id > 5;",
            facts=facts_of(orders=40_000_000),
            setup=_ORDERS,
        ),
        Bad(
            "DELETE FROM orders\n-- LIMIT 10\nWHERE code <> 'LIMIT 10';",
            facts=facts_of(orders=200_000),
            setup=_ORDERS,
        ),
    ),
    good=(
        Good("UPDATE orders SET code = 'x' WHERE customer_id > 5;", facts=facts_of(orders=20)),
        Good("UPDATE orders SET code = 'x' WHERE customer_id > 5;"),
        Good(
            "UPDATE orders SET code = 'x' WHERE id IN (SELECT id FROM orders WHERE code IS NULL LIMIT 1000);",
            facts=facts_of(orders=40_000_000),
        ),
    ),
)
def large_write(at: At, op: ops.Update | ops.Delete) -> Iterator[Hit]:
    count = at.rows(op.table).count
    if op.limited or count is None or count <= at.limits.backfill_rows:
        return
    message = f"Up to every row of {op.table} is written by one statement."
    safe = _batched(at, op) if at.context.engine is EngineName.POSTGRES else None
    yield at.hit(message + at.rows_words(op.table), span=op.span, safe_form=safe)


def _batched(at: At, op: ops.Update | ops.Delete) -> str | None:
    """PostgreSQL: batches by ctid, each committed. A DO block may commit where no transaction is open."""
    text = at.statement.text.rstrip("; \n")
    if "$batch$" in text:
        return None
    words = text.upper().rfind("WHERE")
    if not op.has_where or words < 0 or "--" in text or "/*" in text or text.upper().count("WHERE") != 1:
        return None
    head, condition = text[:words].rstrip(), text[words + 5 :].strip()
    if "RETURNING" in condition.upper():
        return None
    table = at.q(op.table)
    if isinstance(op, ops.Update):
        return (
            "-- in a migration of its own, marked transaction:false\n"
            "DO $batch$\nDECLARE\n  last_block bigint := 0;\n  blocks bigint;\nBEGIN\n"
            f"  SELECT pg_relation_size('{table}') / current_setting('block_size')::bigint INTO blocks;\n"
            "  WHILE last_block <= blocks LOOP\n"
            f"    {head}\n    WHERE ({condition})\n"
            "      AND ctid >= format('(%s,0)', last_block)::tid AND ctid < format('(%s,0)', last_block + 1000)::tid;\n"
            "    COMMIT;\n    last_block := last_block + 1000;\n  END LOOP;\nEND\n$batch$;"
        )
    return (
        "-- in a migration of its own, marked transaction:false\n"
        "DO $batch$\nDECLARE\n  gone bigint;\nBEGIN\n  LOOP\n"
        f"    DELETE FROM {table} WHERE ctid = ANY (ARRAY(SELECT ctid FROM {table} WHERE {condition} LIMIT 5000));\n"
        "    GET DIAGNOSTICS gone = ROW_COUNT;\n    COMMIT;\n    EXIT WHEN gone = 0;\n  END LOOP;\nEND\n$batch$;"
    )


@rule(
    "equals-null",
    on=ops.NullComparison,
    title="Compared with NULL by =",
    severity=Severity.MEDIUM,
    harm="It is never true, so the condition chooses nothing, silently.",
    advice="Write IS NULL or IS NOT NULL.",
    origin=("sqlfluff: CV05", "sqlcheck"),
    bad=(
        Bad("UPDATE orders SET code = 'x' WHERE code = NULL;", setup=_ORDERS),
        Bad("DELETE FROM orders WHERE customer_id = 1\n  AND /* ; */ code <> NULL;", setup=_ORDERS),
    ),
    good=(
        Good("UPDATE orders SET code = NULL WHERE code IS NULL;"),
        Good("UPDATE orders SET code = 'x' WHERE code = 'a = NULL'; -- code = NULL"),
    ),
)
def equals_null(at: At, op: ops.NullComparison) -> Iterator[Hit]:
    text = at.statement.text
    fixes, safe = [], None
    right = "IS NOT NULL" if op.negated else "IS NULL"
    if op.span is not None and text[op.span[1] - 4 : op.span[1]].upper() == "NULL":
        changed = text[: op.span[0]] + right + text[op.span[1] :]
        safe = changed.rstrip("; \n") + ";"
        fixes = [_fix(at, op.span, right)]
    yield at.hit(
        f"A comparison with NULL is never true; {right} is meant.", span=op.span, safe_form=safe, fixes=fixes
    )


def _fix(at: At, span: ops.Span, text: str) -> Fix:
    return Fix(title=f"Write {text}", edits=[at.edit(span[0], span[1], text)])


@rule(
    "insert-without-columns",
    on=ops.Insert,
    title="INSERT without a column list",
    severity=Severity.LOW,
    harm="A column added or moved later makes it fail, or writes values into the wrong columns.",
    advice="Name the columns.",
    origin=("bytebase: statement.insert.must-specify-column", "sqlcheck"),
    bad=(
        Bad("INSERT INTO orders VALUES (1, 2, 'a');", setup=_ORDERS),
        Bad("INSERT INTO orders -- (id, code)\n VALUES\n (1, 2, '(a)')", setup=_ORDERS),
    ),
    good=(
        Good("INSERT INTO orders (id, customer_id, code) VALUES (1, 2, 'a');"),
        Good("INSERT INTO orders (id) SELECT 1;"),
        # The file itself says which column is the first.
        Good("CREATE TABLE orders (id int, code text); INSERT INTO orders VALUES (1, 'a');"),
    ),
)
def insert_without_columns(at: At, op: ops.Insert) -> Iterator[Hit]:
    if op.columns is not None:
        return
    made = at.scene.made.get(op.table.key)
    if made is not None and made.op.columns and not made.op.if_not_exists and _is_made_in(at, made.op):
        return
    names = [column.name for column in made.op.columns] if made else []
    if not names and at.facts is not None and (known := at.facts.table(op.table)) is not None:
        names = [column.name for column in known.columns]
    listed = f" Its columns: {', '.join(names)}." if names else ""
    yield at.hit(f"INSERT INTO {op.table} trusts the order of the columns.{listed}", span=op.span)


def _is_made_in(at: At, made: ops.CreateTable) -> bool:
    """By this half as it stands: no column is added to it, none taken away."""
    own = any(op is made for op in at.earlier_ops())
    return own and not any(
        isinstance(op, ops.AddColumn | ops.DropColumn) and op.table.same(made.name) for op in at.earlier_ops()
    )


@rule(
    "select-star",
    on=ops.Query,
    title="SELECT *",
    severity=Severity.LOW,
    harm="Which columns it gives depends on the day it runs; a view keeps the list of that day.",
    advice="Name the columns.",
    origin=("sqlfluff: AM04", "bytebase: statement.select.no-select-all"),
    bad=(
        Bad("CREATE VIEW v AS SELECT * FROM orders;", setup=_ORDERS),
        Bad("INSERT INTO archive (a, b)\nSELECT -- all\n  o.*\nFROM orders o;"),
    ),
    good=(
        Good("CREATE VIEW v AS SELECT id, code, '*' AS star FROM orders;"),
        Good("SELECT count(*), 2 * 3 FROM orders;"),
        Good("INSERT INTO t (a) SELECT 1 WHERE NOT EXISTS (SELECT * FROM t);"),
    ),
)
def select_star(at: At, op: ops.Query) -> Iterator[Hit]:
    first = at.statement.ops[0]
    # A query by itself changes nothing; one that feeds a view or a table does.
    if op.star and not isinstance(first, ops.Query):
        yield at.hit("Which columns `*` stands for depends on the day this runs.", span=op.star_span)


RULES = tuple(_set.rules)
