"""Constraints that meet rows: NOT NULL, UNIQUE, foreign keys, defaults. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from backend.engine.lint import ops
from backend.engine.lint.context import At
from backend.engine.lint.ops import Constraint, Name
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


@rule(
    "drop-foreign-key",
    on=ops.DropConstraint,
    title="Foreign key dropped",
    severity=Severity.MEDIUM,
    harm="Nothing keeps rows from pointing at rows that are gone any more.",
    advice="Make sure the code keeps it, or put a new key in its place in the same file.",
    origin=("atlas: CD101",),
    engines=(EngineName.POSTGRES, EngineName.MYSQL, EngineName.SPANNER, EngineName.BIGQUERY),
    bad=(
        Bad("ALTER TABLE orders DROP FOREIGN KEY orders_customer;", engine=EngineName.MYSQL),
        Bad(
            "ALTER TABLE orders DROP CONSTRAINT orders_customer_id_fkey;",
            engine=EngineName.POSTGRES,
            setup=_CUSTOMERS
            + _ORDERS
            + "ALTER TABLE orders ADD CONSTRAINT orders_customer_id_fkey FOREIGN KEY (customer_id) REFERENCES customers;",
        ),
    ),
    good=(
        Good("ALTER TABLE orders DROP CONSTRAINT orders_total_check;"),
        Good(
            "ALTER TABLE orders ADD CONSTRAINT orders_customer_fkey FOREIGN KEY (customer_id) REFERENCES customers (id);",
            down="ALTER TABLE orders DROP CONSTRAINT orders_customer_fkey;",
        ),
    ),
)
def drop_foreign_key(at: At, op: ops.DropConstraint) -> Iterator[Hit]:
    is_key = op.kind == "foreign_key"
    unknown = False
    if not is_key and op.kind == "other":
        keys = (at.facts.foreign_keys or {}).get(op.table.key, ()) if at.facts else ()
        is_key = any((one.name or "").casefold() == op.name.casefold() for one in keys)
        # Without the catalog only the name tells: PostgreSQL calls them table_column_fkey.
        named = op.name.casefold().endswith(("_fkey", "_fk")) or op.name.casefold().startswith("fk_")
        if not is_key and named and (at.facts is None or at.facts.foreign_keys is None):
            is_key = unknown = True
    if not is_key or at.is_new(op.table):
        return
    for half in at.source.halves:
        for one in at.ops(half):
            if (
                isinstance(one, ops.AddConstraint)
                and one.constraint.kind == "foreign_key"
                and one.table.same(op.table)
            ):
                return
    guess = " By its name it is a foreign key." if unknown else ""
    yield at.hit(f"{op.table} loses the foreign key {op.name}.{guess}", span=op.span, unknown=unknown)


def _foreign_keys(
    op: ops.AddConstraint | ops.AddColumn | ops.CreateTable,
) -> Iterator[tuple[Name, Constraint]]:
    if isinstance(op, ops.AddConstraint):
        found: tuple[Constraint, ...] = (op.constraint,)
        table = op.table
    elif isinstance(op, ops.AddColumn):
        found, table = op.column.constraints, op.table
    else:
        found = op.constraints + tuple(one for column in op.columns for one in column.constraints)
        table = op.name
    for one in found:
        if one.kind == "foreign_key":
            yield table, one


@rule(
    "foreign-key-without-index",
    on=(ops.AddConstraint, ops.AddColumn, ops.CreateTable),
    title="Foreign key without an index",
    severity=Severity.LOW,
    harm="Deleting or changing a referred row reads this whole table, under a lock.",
    advice="Index the key's columns on this side.",
    origin=("atlas", "eugene: E15", "bytebase: index.fk"),
    engines=(EngineName.POSTGRES, EngineName.SQLITE),
    bad=(
        Bad(
            "ALTER TABLE orders ADD FOREIGN KEY (customer_id) REFERENCES customers (id);",
            setup=_CUSTOMERS + _ORDERS,
            engine=EngineName.POSTGRES,
        ),
        Bad(
            "CREATE TABLE lines (\n  id int PRIMARY KEY, -- key;\n  order_id int REFERENCES orders (id)\n);",
            setup=_ORDERS + "CREATE TABLE lines (id int PRIMARY KEY, order_id int REFERENCES orders (id));",
        ),
    ),
    good=(
        Good(
            "CREATE TABLE lines (id int PRIMARY KEY, order_id int REFERENCES orders (id));"
            "CREATE INDEX lines_order ON lines (order_id);"
        ),
        Good("CREATE TABLE lines (order_id int PRIMARY KEY REFERENCES orders (id));"),
        Good("INSERT INTO t (a) VALUES ('order_id int REFERENCES orders (id)');"),
    ),
)
def foreign_key_without_index(
    at: At, op: ops.AddConstraint | ops.AddColumn | ops.CreateTable
) -> Iterator[Hit]:
    for table, key in _foreign_keys(op):
        if not key.columns or _leads_an_index(at, table, key.columns, op):
            continue
        known = at.scene.indexes_of(table) is not None or isinstance(op, ops.CreateTable)
        name = f"{table.name}_{'_'.join(key.columns)}_idx"
        columns = ", ".join(at.q(one) for one in key.columns)
        # Right after a new table an index is built at once; over rows it wants the concurrent form.
        online = (
            at.context.engine is EngineName.POSTGRES
            and not isinstance(op, ops.CreateTable)
            and not at.is_new(table)
        )
        safe = f"CREATE INDEX {'CONCURRENTLY ' if online else ''}{at.q(name)} ON {at.q(table)} ({columns});"
        yield at.hit(
            f"No index of {table} begins with {', '.join(key.columns)}"
            + ("." if known else " in this file; what the database has is not known here."),
            span=key.span,
            safe_form=safe,
            unknown=not known,
        )


def _leads_an_index(at: At, table: Name, columns: tuple[str, ...], op: ops.Op) -> bool:
    wanted = [one.casefold() for one in columns]
    candidates = [keys for _, keys, _ in at.scene.indexes_of(table) or ()]
    for later in (*at.statement.ops, *at.later_ops()):
        if isinstance(later, ops.CreateIndex) and later.table.same(table) and not later.partial:
            candidates.append(later.columns)
        elif isinstance(later, ops.AddConstraint) and later.constraint.kind in ("primary_key", "unique"):
            candidates += [later.constraint.columns] if later.table.same(table) else []
    if isinstance(op, ops.CreateTable):
        inline = (*op.constraints, *(one for column in op.columns for one in column.constraints))
        candidates += [one.columns for one in inline if one.kind in ("primary_key", "unique")]
    return any([one.casefold() for one in keys[: len(wanted)]] == wanted for keys in candidates) or any(
        {one.casefold() for one in keys[: len(wanted)]} == set(wanted) for keys in candidates
    )


@rule(
    "on-delete-cascade",
    on=(ops.AddConstraint, ops.AddColumn, ops.CreateTable),
    title="ON DELETE CASCADE",
    severity=Severity.MEDIUM,
    harm="One delete in the referred table can take any number of rows here along, under locks.",
    advice="Use it for rows that are part of the referred one; else RESTRICT, and delete in batches.",
    origin=("bytebase: table.foreign-key", "skeema: has-fk"),
    engines=(EngineName.POSTGRES, EngineName.MYSQL, EngineName.SQLITE),
    bad=(
        Bad(
            "ALTER TABLE orders ADD CONSTRAINT c FOREIGN KEY (customer_id) REFERENCES customers (id) ON DELETE CASCADE;",
            setup=_CUSTOMERS + _ORDERS,
        ),
        Bad(
            "ALTER TABLE orders ADD CONSTRAINT c\n FOREIGN KEY (customer_id) -- ON DELETE RESTRICT\n"
            " REFERENCES customers (id)\n ON DELETE CASCADE",
            facts=facts_of(orders=40_000_000),
            setup=_CUSTOMERS + _ORDERS,
        ),
    ),
    good=(
        Good("ALTER TABLE orders ADD CONSTRAINT c FOREIGN KEY (customer_id) REFERENCES customers (id);"),
        Good(
            "CREATE TABLE lines (id int PRIMARY KEY, order_id int REFERENCES orders (id) ON DELETE CASCADE);"
        ),
        Good("ALTER TABLE orders ADD FOREIGN KEY (a) REFERENCES b (id) ON UPDATE CASCADE;"),
    ),
)
def on_delete_cascade(at: At, op: ops.AddConstraint | ops.AddColumn | ops.CreateTable) -> Iterator[Hit]:
    if isinstance(op, ops.CreateTable):
        return  # a new table's rows are made with the rule in mind
    for table, key in _foreign_keys(op):
        if key.on_delete == "CASCADE":
            message = f"Deleting one row of {key.references} deletes every row of {table} that points at it."
            yield from at.sized(table, message, span=key.span)


RULES = tuple(_set.rules)
