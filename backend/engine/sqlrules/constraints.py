"""NOT NULL and UNIQUE that meet rows. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from backend.engine.lint import ops
from backend.engine.lint.context import At
from backend.engine.lint.ops import Name
from backend.engine.lint.rule import Bad, Good, Hit, RuleSet, facts_of
from backend.models.connection import EngineName
from backend.models.finding import Severity

_set = RuleSet()
rule = _set.rule
_ORDERS = "CREATE TABLE orders (id int PRIMARY KEY, customer_id int, code text);"
_CUSTOMERS = "CREATE TABLE customers (id int PRIMARY KEY);"
_RELATIONAL = (EngineName.POSTGRES, EngineName.MYSQL, EngineName.SQLITE, EngineName.SPANNER)


@rule(
    "not-null-without-default",
    on=ops.AddColumn,
    title="NOT NULL column without a default",
    severity=Severity.HIGH,
    harm="The rows that are there have no value for it, so the statement fails on any table that is not empty.",
    advice="Give it a default, or add it nullable, fill it, and set NOT NULL afterwards.",
    origin=("squawk: adding-required-field", "atlas: MF103", "skeema", "strong_migrations"),
    engines=(EngineName.POSTGRES, EngineName.SQLITE, EngineName.BIGQUERY, EngineName.MYSQL),
    bad=(
        Bad("ALTER TABLE orders ADD COLUMN total int NOT NULL;", setup=_ORDERS),
        Bad("ALTER TABLE orders ADD\n  -- NULL\n  total /* DEFAULT 0 */ int\n  NOT NULL;", setup=_ORDERS),
        Bad(
            "ALTER TABLE orders ADD COLUMN total int NOT NULL",
            facts=facts_of(orders=40_000_000),
            setup=_ORDERS,
        ),
        Bad("ALTER TABLE orders ADD COLUMN total int NOT NULL DEFAULT NULL;", setup=_ORDERS),
    ),
    good=(
        Good("ALTER TABLE orders ADD COLUMN total int NOT NULL DEFAULT 0;"),
        Good("ALTER TABLE orders ADD COLUMN total int;"),
        Good("CREATE TABLE t (a int); ALTER TABLE t ADD COLUMN b int NOT NULL;"),
        Good("ALTER TABLE orders ADD COLUMN total int NOT NULL;", facts=facts_of(orders=0)),
        Good("CREATE TABLE t (a int, b int NOT NULL);"),
    ),
)
def not_null_without_default(at: At, op: ops.AddColumn) -> Iterator[Hit]:
    column = op.column
    if not column.not_null or column.default is not None or column.auto or column.generated:
        return
    rows = at.rows(op.table)
    if rows.is_empty:
        return
    table, name = at.q(op.table), at.q(column.name)
    safe = (
        f"ALTER TABLE {table} ADD COLUMN {name} {column.type};\n"
        f"-- fill {name} for the rows that are there, then make it NOT NULL in a later migration"
    )
    # Rows there or not, a failing statement fails: the size does not soften it.
    yield at.hit(
        f"{op.table} has no value of {column.name} for the rows it holds, so this fails unless it is empty."
        f"{at.rows_words(op.table)}",
        span=op.span,
        safe_form=safe,
        unknown=rows.is_unknown,
    )


@rule(
    "set-not-null",
    on=(ops.SetNotNull, ops.AlterColumnType),
    title="Nullable column made NOT NULL",
    severity=Severity.MEDIUM,
    harm="It fails where a row holds NULL, and reads every row to find out.",
    advice="Fill the rows that hold NULL first, and check that none is left.",
    origin=("squawk: adding-not-nullable-field", "atlas: MF104", "strong_migrations: change_column_null"),
    engines=(EngineName.POSTGRES, EngineName.MYSQL, EngineName.SPANNER),
    bad=(
        Bad("ALTER TABLE orders ALTER COLUMN code SET NOT NULL;", setup=_ORDERS, engine=EngineName.POSTGRES),
        Bad("ALTER TABLE orders MODIFY code varchar(20) NOT NULL;", setup=_ORDERS, engine=EngineName.MYSQL),
    ),
    good=(
        Good("CREATE TABLE t (a int); ALTER TABLE t ALTER COLUMN a SET NOT NULL;"),
        Good("ALTER TABLE orders ALTER COLUMN code SET NOT NULL;", facts=facts_of(orders=0)),
        Good("INSERT INTO t (a) VALUES ('ALTER TABLE orders ALTER COLUMN code SET NOT NULL');"),
    ),
)
def set_not_null(at: At, op: ops.SetNotNull | ops.AlterColumnType) -> Iterator[Hit]:
    if isinstance(op, ops.AlterColumnType) and not (op.definition and op.definition.not_null):
        return
    known = at.scene.column(op.table, op.column)
    if known is not None and not known.nullable:
        return
    table, column = at.q(op.table), at.q(op.column)
    yield from at.sized(
        op.table,
        f"This fails if any row of {op.table} holds NULL in {op.column}.",
        span=op.span,
        data=True,
        safe_form=None
        if at.context.engine is EngineName.POSTGRES
        else f"SELECT count(*) FROM {table} WHERE {column} IS NULL; -- must be 0",
    )


@rule(
    "drop-not-null",
    on=ops.DropNotNull,
    title="NOT NULL dropped",
    severity=Severity.LOW,
    harm="Code that reads the column has never met a NULL there, and soon will.",
    advice="Ship the readers that understand NULL first.",
    origin=("squawk: ban-drop-not-null",),
    bad=(
        Bad("ALTER TABLE orders ALTER COLUMN code DROP NOT NULL;", setup=_ORDERS),
        Bad("ALTER TABLE orders ALTER\n code -- NOT NULL\n DROP NOT NULL;", setup=_ORDERS),
    ),
    good=(
        Good("CREATE TABLE t (a int NOT NULL); ALTER TABLE t ALTER COLUMN a DROP NOT NULL;"),
        Good(
            "ALTER TABLE orders ALTER COLUMN code SET NOT NULL;",
            down="ALTER TABLE orders ALTER COLUMN code DROP NOT NULL;",
        ),
    ),
)
def drop_not_null(at: At, op: ops.DropNotNull) -> Iterator[Hit]:
    if at.is_new(op.table):
        return
    if not at.is_up and any(
        isinstance(one, ops.SetNotNull) and one.table.same(op.table) for one in at.ops(at.source.up)
    ):
        return
    yield at.hit(
        f"{op.table}.{op.column} may hold NULL from now on, and its readers have never met one.", span=op.span
    )


@rule(
    "unique-over-rows",
    on=(ops.AddConstraint, ops.CreateIndex),
    title="Uniqueness over rows that are there",
    severity=Severity.MEDIUM,
    harm="If two rows already hold the same value it fails, perhaps after reading the whole table.",
    advice="Count the duplicates first, and clear them up.",
    origin=("atlas: MF101", "bytebase: index.unique"),
    engines=(EngineName.POSTGRES, EngineName.MYSQL, EngineName.SQLITE, EngineName.SPANNER),
    bad=(
        Bad("CREATE UNIQUE INDEX orders_code ON orders (code);", setup=_ORDERS),
        Bad("ALTER TABLE orders ADD CONSTRAINT orders_code UNIQUE (code);", setup=_ORDERS),
        Bad("create unique index -- not; yet\n orders_code on orders (\n code, customer_id);", setup=_ORDERS),
    ),
    good=(
        Good("CREATE INDEX orders_code ON orders (code);"),
        Good("CREATE TABLE t (a int); CREATE UNIQUE INDEX t_a ON t (a);"),
        Good("CREATE UNIQUE INDEX orders_code ON orders (code);", facts=facts_of(orders=0)),
        Good("ALTER TABLE orders ADD COLUMN token text; CREATE UNIQUE INDEX orders_token ON orders (token);"),
    ),
)
def unique_over_rows(at: At, op: ops.AddConstraint | ops.CreateIndex) -> Iterator[Hit]:
    if isinstance(op, ops.CreateIndex):
        columns, is_unique = op.columns, op.unique
    else:
        columns = op.constraint.columns
        is_unique = op.constraint.kind in ("unique", "primary_key") and op.constraint.using_index is None
    if not is_unique or not columns or _all_new_and_null(at, op.table, columns):
        return
    keys = ", ".join(one if one.startswith("(") else at.q(one) for one in columns)
    shown = keys if not any(one.startswith("(") for one in columns) else "1"
    count = f"SELECT {shown}, count(*) FROM {at.q(op.table)} GROUP BY {keys} HAVING count(*) > 1; -- must find nothing"
    yield from at.sized(
        op.table,
        f"This fails if two rows of {op.table} hold the same {', '.join(columns)}.",
        span=op.span,
        safe_form=count,
        data=True,
    )


def _all_new_and_null(at: At, table: Name, columns: tuple[str, ...]) -> bool:
    """One of the columns was just added without a value: NULLs are no duplicates."""
    for added in at.scene.columns_added:
        if added.table.same(table) and added.column.default is None and added.column.name in columns:
            return True
    return False


RULES = tuple(_set.rules)
