"""Foreign keys: dropped, without an index, cascading. Pure."""

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
