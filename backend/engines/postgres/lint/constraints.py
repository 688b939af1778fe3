"""Constraints added without reading the table under a lock. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from backend.engine.lint import ops
from backend.engine.lint.context import At
from backend.engine.lint.ops import Constraint, Name
from backend.engine.lint.rule import Bad, Good, Hit, RuleSet, facts_of
from backend.models.connection import EngineName
from backend.models.finding import Fix, Severity

from .forms import OWN_FILE, constraint_name

_set = RuleSet(EngineName.POSTGRES)
rule = _set.rule
_ORDERS = "CREATE TABLE orders (id int NOT NULL, customer_id int, code text);"
_CUSTOMERS = "CREATE TABLE customers (id int PRIMARY KEY);"


def _alone(at: At) -> bool:
    """The only action of its ALTER TABLE: the statement can be replaced as a whole."""
    return len(at.statement.ops) == 1


@rule(
    "pg-unique-lock",
    on=(ops.AddConstraint, ops.AddColumn),
    title="UNIQUE or PRIMARY KEY built under an exclusive lock",
    severity=Severity.HIGH,
    harm="Nobody can read or write the table until its index is built.",
    advice="Build a unique index CONCURRENTLY first, then add the constraint USING INDEX.",
    origin=(
        "squawk: disallowed-unique-constraint",
        "squawk: adding-serial-primary-key-field",
        "atlas: PG104, PG105",
    ),
    bad=(
        Bad("ALTER TABLE orders ADD CONSTRAINT orders_code_key UNIQUE (code);", setup=_ORDERS),
        Bad("ALTER TABLE orders ADD COLUMN token text UNIQUE;", setup=_ORDERS),
        Bad("ALTER TABLE orders\n  ADD /* USING INDEX; */ PRIMARY KEY (id);", setup=_ORDERS),
        Bad(
            'ALTER TABLE orders ADD UNIQUE (code, "customer_id") -- ;\n',
            facts=facts_of(orders=40_000_000),
            setup=_ORDERS,
        ),
    ),
    good=(
        Good("ALTER TABLE orders ADD CONSTRAINT orders_code_key UNIQUE USING INDEX orders_code_idx;"),
        Good("CREATE TABLE t (a int); ALTER TABLE t ADD UNIQUE (a);"),
        Good("ALTER TABLE orders ADD UNIQUE (code);", facts=facts_of(orders=0)),
    ),
)
def unique_lock(at: At, op: ops.AddConstraint | ops.AddColumn) -> Iterator[Hit]:
    found = (op.constraint,) if isinstance(op, ops.AddConstraint) else op.column.constraints
    for one in found:
        if one.kind not in ("unique", "primary_key") or one.using_index or not one.columns:
            continue
        primary = one.kind == "primary_key"
        name = one.name or constraint_name(
            op.table, () if primary else one.columns, "pkey" if primary else "key"
        )
        index = name if not one.name else f"{name}_idx"[:63]
        columns = ", ".join(at.q(column) for column in one.columns)
        word = "PRIMARY KEY" if primary else "UNIQUE"
        build = f"CREATE UNIQUE INDEX CONCURRENTLY {at.q(index)} ON {at.q(op.table)} ({columns});"
        use = f"ALTER TABLE {at.q(op.table)} ADD CONSTRAINT {at.q(name)} {word} USING INDEX {at.q(index)};"
        first: str | None = OWN_FILE
        if isinstance(op, ops.AddColumn):
            if op.column.auto or op.column.not_null or primary:
                first = (
                    None  # it must be filled first: `pg-generated-column`, `not-null-without-default` say how
                )
            else:
                first = f"{_add_column(at, op)}\n-- then, {OWN_FILE.removeprefix('-- ')}"
        yield from at.sized(
            op.table,
            f"Nobody can read or write {op.table} until the index behind {word} is built.",
            span=op.span,
            safe_form=None if first is None else f"{first}{build}\n-- then, in the next one\n{use}",
        )


def _add_column(at: At, op: ops.AddColumn) -> str:
    """The column without its constraints."""
    column = op.column
    default = f" DEFAULT {column.default}" if column.default else ""
    required = " NOT NULL" if column.not_null and column.default else ""
    return f"ALTER TABLE {at.q(op.table)} ADD COLUMN {at.q(column.name)} {column.type}{default}{required};"


@rule(
    "pg-exclude-lock",
    on=ops.AddConstraint,
    title="EXCLUDE constraint on a table in use",
    severity=Severity.HIGH,
    harm="Nobody can read or write the table until its index is built, and there is no other way to add it.",
    advice="Add it in a maintenance window, with a short lock_timeout.",
    origin=("strong_migrations: add_exclusion_constraint", "eugene: E7"),
    bad=(
        Bad("ALTER TABLE orders ADD CONSTRAINT one EXCLUDE USING btree (code WITH =);", setup=_ORDERS),
        Bad("ALTER TABLE orders\n ADD EXCLUDE -- ;\n USING btree (id WITH =);", setup=_ORDERS),
    ),
    good=(
        Good("CREATE TABLE t (a int, EXCLUDE USING btree (a WITH =));"),
        Good("ALTER TABLE orders ADD CHECK (code <> 'EXCLUDE;') NOT VALID;"),
    ),
)
def exclude_lock(at: At, op: ops.AddConstraint) -> Iterator[Hit]:
    if op.constraint.kind == "exclude":
        yield from at.sized(
            op.table,
            f"Nobody can read or write {op.table} until the constraint's index is built.",
            span=op.span,
        )


def _foreign_sql(at: At, table: Name, name: str, one: Constraint) -> str:
    columns = ", ".join(at.q(column) for column in one.columns)
    referred = ", ".join(at.q(column) for column in one.references_columns)
    sql = f"ALTER TABLE {at.q(table)} ADD CONSTRAINT {at.q(name)} FOREIGN KEY ({columns}) REFERENCES "
    sql += at.q(one.references or Name("")) + (f" ({referred})" if referred else "")
    sql += f" ON DELETE {one.on_delete}" if one.on_delete else ""
    sql += f" ON UPDATE {one.on_update}" if one.on_update else ""
    return sql + " NOT VALID;"


@rule(
    "pg-foreign-key-not-valid",
    on=(ops.AddConstraint, ops.AddColumn),
    title="Foreign key checked under a lock",
    severity=Severity.HIGH,
    harm="Both tables cannot be written to while every row is checked.",
    advice="Add it NOT VALID, and VALIDATE it in a later migration.",
    origin=(
        "squawk: adding-foreign-key-constraint",
        "strong_migrations: add_foreign_key",
        "eugene: E5",
        "atlas: PG306",
    ),
    bad=(
        Bad(
            "ALTER TABLE orders ADD CONSTRAINT c FOREIGN KEY (customer_id) REFERENCES customers (id);",
            setup=_CUSTOMERS + _ORDERS,
        ),
        Bad(
            "ALTER TABLE orders ADD\n  FOREIGN KEY (customer_id) -- NOT VALID\n  REFERENCES customers ON DELETE SET NULL;",
            setup=_CUSTOMERS + _ORDERS,
        ),
        Bad("ALTER TABLE orders ADD COLUMN buyer int REFERENCES customers (id);", setup=_CUSTOMERS + _ORDERS),
    ),
    good=(
        Good(
            "ALTER TABLE orders ADD CONSTRAINT c FOREIGN KEY (customer_id) REFERENCES customers (id) NOT VALID;"
        ),
        Good(
            "CREATE TABLE t (a int REFERENCES customers (id)); ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES b (id);"
        ),
        Good(
            "ALTER TABLE orders ADD FOREIGN KEY (customer_id) REFERENCES customers;", facts=facts_of(orders=0)
        ),
        Good("ALTER TABLE orders ADD COLUMN note text DEFAULT 'REFERENCES customers (id)';"),
    ),
)
def foreign_key_not_valid(at: At, op: ops.AddConstraint | ops.AddColumn) -> Iterator[Hit]:
    found = (op.constraint,) if isinstance(op, ops.AddConstraint) else op.column.constraints
    for one in found:
        if one.kind != "foreign_key" or one.not_valid or one.references is None:
            continue
        name = one.name or constraint_name(op.table, one.columns, "fkey")
        add = _foreign_sql(at, op.table, name, one)
        if isinstance(op, ops.AddColumn):
            add = f"{_add_column(at, op)}\n{add}"
        validate = f"ALTER TABLE {at.q(op.table)} VALIDATE CONSTRAINT {at.q(name)};"
        fixes: tuple[Fix, ...] = ()
        if _alone(at) and at.is_up:
            later = at.own_file(
                "Add it NOT VALID, validate it in a later migration",
                f"validate_{name}",
                validate,
                transaction=True,
            )
            fixes = (
                later.model_copy(update={"edits": [at.edit(0, len(at.statement.text), add.rstrip(";"))]}),
            )
        yield from at.sized(
            op.table,
            f"{op.table} and {one.references} cannot be written to while every row is checked.",
            span=op.span,
            safe_form=f"{add}\n-- then, in a later migration\n{validate}",
            fixes=fixes,
        )


@rule(
    "pg-check-not-valid",
    on=(ops.AddConstraint, ops.AddColumn),
    title="CHECK read under a lock",
    severity=Severity.HIGH,
    harm="Nobody can read or write the table while every row is checked.",
    advice="Add it NOT VALID, and VALIDATE it in a later migration.",
    origin=("squawk: constraint-missing-not-valid", "strong_migrations: add_check_constraint", "eugene: E1"),
    bad=(
        Bad("ALTER TABLE orders ADD CONSTRAINT c CHECK (code <> '');", setup=_ORDERS),
        Bad("ALTER TABLE orders ADD COLUMN n int NOT NULL DEFAULT 1 CHECK (n > 0);", setup=_ORDERS),
        Bad(
            "ALTER TABLE orders\n  ADD CHECK (code <> 'NOT VALID;' /* ; */ AND id > 0) -- NOT VALID\n;",
            setup=_ORDERS,
        ),
    ),
    good=(
        Good("ALTER TABLE orders ADD CONSTRAINT c CHECK (code <> '') NOT VALID;"),
        Good("CREATE TABLE t (a int CHECK (a > 0)); ALTER TABLE t ADD CHECK (a < 9);"),
        Good("ALTER TABLE orders ADD CHECK (id > 0);", facts=facts_of(orders=0)),
    ),
)
def check_not_valid(at: At, op: ops.AddConstraint | ops.AddColumn) -> Iterator[Hit]:
    found = (op.constraint,) if isinstance(op, ops.AddConstraint) else op.column.constraints
    for one in found:
        if one.kind != "check" or one.not_valid or not one.expression:
            continue
        name = one.name or constraint_name(op.table, one.columns, "check")
        add = f"ALTER TABLE {at.q(op.table)} ADD CONSTRAINT {at.q(name)} CHECK ({one.expression}) NOT VALID;"
        if isinstance(op, ops.AddColumn):
            add = f"{_add_column(at, op)}\n{add}"
        validate = f"ALTER TABLE {at.q(op.table)} VALIDATE CONSTRAINT {at.q(name)};"
        yield from at.sized(
            op.table,
            f"Nobody can use {op.table} while every row is checked.",
            span=op.span,
            safe_form=f"{add}\n-- then, in a later migration\n{validate}",
            fixes=_in_two_steps(at, add, name, validate) if len(found) == 1 else (),
        )


def _in_two_steps(at: At, add: str, name: str, validate: str) -> tuple[Fix, ...]:
    """The statement NOT VALID here, the validation in a migration after it."""
    if not (_alone(at) and at.is_up):
        return ()
    later = at.own_file(
        "Add it NOT VALID, validate it in a later migration", f"validate_{name}", validate, transaction=True
    )
    return (later.model_copy(update={"edits": [at.edit(0, len(at.statement.text), add.rstrip(";"))]}),)


@rule(
    "pg-validate-same-file",
    on=ops.ValidateConstraint,
    title="Validated in the transaction that added it",
    severity=Severity.MEDIUM,
    harm="The lock of ADD CONSTRAINT is held while every row is read, so NOT VALID has gained nothing.",
    advice="VALIDATE in a later migration.",
    origin=("squawk: constraint-missing-not-valid", "strong_migrations: validate_check_constraint"),
    bad=(
        Bad(
            "ALTER TABLE orders ADD CONSTRAINT c CHECK (id > 0) NOT VALID;\nALTER TABLE orders VALIDATE CONSTRAINT c;",
            setup=_ORDERS,
        ),
        Bad(
            "ALTER TABLE orders ADD CONSTRAINT c CHECK (id > 0) NOT VALID; -- then;\n"
            "/* ; */ ALTER TABLE orders\n VALIDATE CONSTRAINT c;",
            setup=_ORDERS,
        ),
    ),
    good=(
        Good("ALTER TABLE orders VALIDATE CONSTRAINT c;"),
        Good(
            "CREATE TABLE t (a int); ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID; "
            "ALTER TABLE t VALIDATE CONSTRAINT c;"
        ),
    ),
)
def validate_same_file(at: At, op: ops.ValidateConstraint) -> Iterator[Hit]:
    for one in at.earlier_ops():
        if isinstance(one, ops.AddConstraint) and one.table.same(op.table) and one.constraint.name == op.name:
            validate = f"ALTER TABLE {at.q(op.table)} VALIDATE CONSTRAINT {at.q(op.name)};"
            fixes = (
                at.own_file(
                    "Validate it in a migration of its own", f"validate_{op.name}", validate, transaction=True
                ),
            )
            add = _not_valid_form(at, one)
            yield from at.sized(
                op.table,
                f"{op.table} stays locked from ADD CONSTRAINT on, while {op.name} reads every row.",
                safe_form=f"{add}\n-- then, in a later migration\n{validate}" if add else None,
                fixes=fixes if at.is_up else (),
            )
            return


def _not_valid_form(at: At, op: ops.AddConstraint) -> str | None:
    one = op.constraint
    if one.name is None:
        return None
    if one.kind == "check":
        return f"ALTER TABLE {at.q(op.table)} ADD CONSTRAINT {at.q(one.name)} CHECK ({one.expression}) NOT VALID;"
    return _foreign_sql(at, op.table, one.name, one) if one.kind == "foreign_key" else None


RULES = tuple(_set.rules)
