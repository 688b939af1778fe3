"""Columns added or changed without rewriting the table. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend.engine.lint import ops
from backend.engine.lint.context import At
from backend.engine.lint.rule import Bad, Good, Hit, RuleSet, facts_of
from backend.models.connection import EngineName
from backend.models.finding import Fix, Severity

from .expressions import is_unknown_default

_set = RuleSet(EngineName.POSTGRES)
rule = _set.rule
_ORDERS = "CREATE TABLE orders (id int PRIMARY KEY, customer_id int, code varchar(20));"


@rule(
    "pg-volatile-default",
    on=ops.AddColumn,
    title="Volatile default rewrites the table",
    severity=Severity.HIGH,
    harm="Every row is written anew while nobody can read or write the table.",
    advice="Add the column, set the default for new rows, and fill the old rows in batches.",
    origin=(
        "squawk: adding-field-with-default",
        "strong_migrations: add_column_default",
        "eugene: E11",
        "atlas: PG301",
    ),
    bad=(
        Bad("ALTER TABLE orders ADD COLUMN token uuid DEFAULT gen_random_uuid();", setup=_ORDERS),
        Bad(
            "ALTER TABLE orders ADD seen timestamptz\n  NOT NULL -- now();\n DEFAULT clock_timestamp();",
            setup=_ORDERS,
        ),
        Bad(
            "ALTER TABLE orders ADD COLUMN n int DEFAULT (1 + floor(random() * 5)::int)",
            facts=facts_of(orders=40_000_000),
            setup=_ORDERS,
        ),
        Bad(
            "ALTER TABLE orders ADD COLUMN n text DEFAULT my_own_function();",
            setup=_ORDERS
            + "CREATE FUNCTION my_own_function() RETURNS text LANGUAGE sql AS $$ SELECT 'x' $$;",
        ),
        Bad("ALTER TABLE orders ADD COLUMN n int DEFAULT 5;", version=(10, 3), setup=_ORDERS),
    ),
    good=(
        Good("ALTER TABLE orders ADD COLUMN seen timestamptz DEFAULT now();"),
        Good("ALTER TABLE orders ADD COLUMN n int NOT NULL DEFAULT 0;"),
        Good("ALTER TABLE orders ADD COLUMN n text DEFAULT 'random()'; -- random()"),
        Good("CREATE TABLE t (a int); ALTER TABLE t ADD COLUMN b uuid DEFAULT gen_random_uuid();"),
        Good("ALTER TABLE orders ALTER COLUMN code SET DEFAULT gen_random_uuid();"),
    ),
)
def volatile_default(at: At, op: ops.AddColumn) -> Iterator[Hit]:
    column = op.column
    if column.default is None or column.generated:
        return
    old = at.context.version_at_least(11) is False
    unsure = not column.default_volatile and _unknown_call(at, op)
    if not (column.default_volatile or old or unsure):
        return
    table, name = at.q(op.table), at.q(column.name)
    add = f"ALTER TABLE {table} ADD COLUMN {name} {column.type};"
    default = f"ALTER TABLE {table} ALTER COLUMN {name} SET DEFAULT {column.default};"
    fill = f"UPDATE {table} SET {name} = {column.default} WHERE {name} IS NULL;"
    steps = f"{add}\n{default}\n-- then, in a later migration, in batches on a large table\n{fill}"
    if column.not_null:
        steps += (
            f"\n-- then NOT NULL, see pg-set-not-null\nALTER TABLE {table} ALTER COLUMN {name} SET NOT NULL;"
        )
    fixes: tuple[Fix, ...] = ()
    if len(at.statement.ops) == 1 and at.is_up:
        rest = steps.partition("\n-- then, in a later migration, in batches on a large table\n")[2]
        later = at.own_file(
            "Add it without, set the default, fill it later",
            f"fill_{op.table.name}_{column.name}",
            rest,
            transaction=True,
        )
        text = f"{add}\n{default.rstrip(';')}"
        fixes = (later.model_copy(update={"edits": [at.edit(0, len(at.statement.text), text)]}),)
    if unsure:
        message = f"Whether {column.default} is volatile is not known here; if it is, every row of {op.table} is rewritten."
        for one in at.sized(
            op.table, message, span=op.span, safe_form=steps, fixes=fixes, severity=Severity.MEDIUM
        ):
            yield at.hit(
                one.message, span=op.span, safe_form=steps, fixes=fixes, severity=one.severity, unknown=True
            )
        return
    why = "Before PostgreSQL 11 any default" if old and not column.default_volatile else column.default
    yield from at.sized(
        op.table,
        f"{why} makes the server rewrite every row of {op.table}.",
        span=op.span,
        safe_form=steps,
        fixes=fixes,
    )


def _unknown_call(at: At, op: ops.AddColumn) -> bool:
    for one in getattr(at.statement.node, "cmds", ()):
        definition = getattr(one.alter_table_cmd, "def").column_def
        if definition.colname != op.column.name:
            continue
        return any(
            is_unknown_default(each.constraint.raw_expr)
            for each in definition.constraints
            if each.constraint.HasField("raw_expr")
        )
    return False


@rule(
    "pg-generated-column",
    on=ops.AddColumn,
    title="Serial, identity or stored column added to a table with rows",
    severity=Severity.HIGH,
    harm="Every row is written anew while nobody can read or write the table.",
    advice="Add a plain column, fill it in batches, and keep it filled by a default or trigger.",
    origin=(
        "squawk: adding-field-with-default",
        "squawk: adding-serial-primary-key-field",
        "strong_migrations: add_column_generated_stored, add_column_auto_incrementing",
    ),
    bad=(
        Bad("ALTER TABLE orders ADD COLUMN number bigserial;", setup=_ORDERS),
        Bad(
            "ALTER TABLE orders\n ADD twice int -- ;\n GENERATED ALWAYS AS (customer_id * 2) STORED;",
            setup=_ORDERS,
        ),
        Bad("ALTER TABLE orders ADD COLUMN number bigint GENERATED BY DEFAULT AS IDENTITY;", setup=_ORDERS),
    ),
    good=(
        Good("ALTER TABLE orders ADD COLUMN number bigint;"),
        Good("CREATE TABLE t (id bigserial PRIMARY KEY, a int, b int GENERATED ALWAYS AS (a * 2) STORED);"),
        Good("ALTER TABLE orders ADD COLUMN number bigserial;", facts=facts_of(orders=0)),
    ),
)
def generated_column(at: At, op: ops.AddColumn) -> Iterator[Hit]:
    column = op.column
    if not column.auto and column.generated != "stored":
        return
    table, name = at.q(op.table), at.q(column.name)
    safe = None
    if column.auto:
        type_ = {"serial": "integer", "bigserial": "bigint", "smallserial": "smallint"}.get(
            column.type, column.type
        )
        sequence = at.q(f"{op.table.name}_{column.name}_seq"[:63])
        safe = (
            f"ALTER TABLE {table} ADD COLUMN {name} {type_};\n"
            f"CREATE SEQUENCE {sequence} OWNED BY {table}.{name};\n"
            f"ALTER TABLE {table} ALTER COLUMN {name} SET DEFAULT nextval('{sequence}');\n"
            f"-- then, in a later migration, in batches on a large table\n"
            f"UPDATE {table} SET {name} = nextval('{sequence}') WHERE {name} IS NULL;"
        )
    yield from at.sized(
        op.table, f"Adding {column.name} writes every row of {op.table} anew.", span=op.span, safe_form=safe
    )


_VARCHAR = re.compile(r"(?:varchar|character varying)(?:\((\d+)\))?\Z")
_NUMERIC = re.compile(r"(?:numeric|decimal)\((\d+)(?:, *(\d+))?\)\Z")


def is_free(old: str, new: str) -> bool:
    """Does PostgreSQL change this type without touching a row?"""
    old, new = old.strip(), new.strip()
    if old == new:
        return True
    before, after = _VARCHAR.match(old), _VARCHAR.match(new)
    if before and (new == "text" or (after and after[1] is None)):
        return True
    if before and after and before[1] and after[1]:
        return int(after[1]) >= int(before[1])
    if old == "text" and after and after[1] is None:
        return True
    numbers = _NUMERIC.match(old), _NUMERIC.match(new)
    if numbers[0] and new in ("numeric", "decimal"):
        return True
    if numbers[0] and numbers[1]:
        same_scale = (numbers[0][2] or "0") == (numbers[1][2] or "0")
        return same_scale and int(numbers[1][1]) >= int(numbers[0][1])
    return (old, new) in {("cidr", "inet"), ("varbit", "bit varying")}


@rule(
    "pg-type-change",
    on=ops.AlterColumnType,
    title="Type change that rewrites the table",
    severity=Severity.HIGH,
    harm="Every row and index is written anew while nobody can read or write the table, and running code breaks.",
    advice="Add a column of the new type, write both, copy in batches, and switch over.",
    origin=("squawk: changing-column-type", "strong_migrations: change_column", "eugene: E5", "atlas: PG302"),
    bad=(
        Bad("ALTER TABLE orders ALTER COLUMN customer_id TYPE bigint;", setup=_ORDERS),
        Bad(
            "ALTER TABLE orders ALTER customer_id\n SET DATA /* ; */ TYPE text -- TYPE varchar\n USING customer_id::text;",
            setup=_ORDERS,
        ),
        Bad(
            "ALTER TABLE orders ALTER COLUMN customer_id TYPE bigint",
            facts=facts_of(orders=40_000_000),
            setup=_ORDERS,
        ),
        Bad("ALTER TABLE orders ALTER COLUMN code TYPE text;", setup=_ORDERS),
    ),
    good=(
        Good("CREATE TABLE t (a int); ALTER TABLE t ALTER a TYPE bigint;"),
        Good("ALTER TABLE orders ALTER COLUMN customer_id TYPE bigint;", facts=facts_of(orders=0)),
        Good("INSERT INTO t (a) VALUES ('ALTER TABLE orders ALTER COLUMN customer_id TYPE bigint');"),
    ),
)
def type_change(at: At, op: ops.AlterColumnType) -> Iterator[Hit]:
    known = at.scene.column(op.table, op.column)
    if known is not None and is_free(known.type, op.type) and not op.using:
        return
    table, column = at.q(op.table), at.q(op.column)
    new = at.q(f"{op.column}_new")
    copied = op.using or f"{column}::{op.type}"
    safe = (
        f"ALTER TABLE {table} ADD COLUMN {new} {op.type};\n"
        f"-- keep it filled by a trigger, then, in a later migration, in batches on a large table\n"
        f"UPDATE {table} SET {new} = {copied} WHERE {new} IS NULL AND {column} IS NOT NULL;\n"
        f"-- then switch over\n"
        f"ALTER TABLE {table} RENAME COLUMN {column} TO {at.q(op.column + '_old')};\n"
        f"ALTER TABLE {table} RENAME COLUMN {new} TO {column};"
    )
    message = f"Every row of {op.table} may be written anew to make {op.column} {op.type}."
    perhaps_free = known is None and (op.type == "text" or _VARCHAR.match(op.type) or _NUMERIC.match(op.type))
    if perhaps_free and not op.using:
        message = (
            f"If {op.column} is no shorter type of the same kind, every row of {op.table} is written anew."
        )
        for one in at.sized(op.table, message, safe_form=safe, severity=Severity.MEDIUM):
            yield at.hit(one.message, safe_form=safe, severity=one.severity, unknown=True)
        return
    yield from at.sized(op.table, message, safe_form=safe)


RULES = tuple(_set.rules)
