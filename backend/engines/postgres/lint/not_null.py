"""NOT NULL and domains: what reads every row under a lock. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from backend.engine.lint import ops
from backend.engine.lint.context import At
from backend.engine.lint.ops import Name
from backend.engine.lint.rule import Bad, Good, Hit, RuleSet, facts_of
from backend.models.connection import EngineName
from backend.models.finding import Fix, Severity

from .forms import constraint_name

_set = RuleSet(EngineName.POSTGRES)
rule = _set.rule


_ORDERS = "CREATE TABLE orders (id int NOT NULL, customer_id int, code text);"


@rule(
    "pg-set-not-null",
    on=ops.SetNotNull,
    title="SET NOT NULL reads the table under an exclusive lock",
    severity=Severity.HIGH,
    harm="Nobody can read or write the table while every row is checked.",
    advice="Validate a CHECK (… IS NOT NULL) first: SET NOT NULL then needs no reading.",
    origin=("squawk: adding-not-nullable-field", "strong_migrations: change_column_null", "eugene: E2"),
    bad=(
        Bad("ALTER TABLE orders ALTER COLUMN code SET NOT NULL;", setup=_ORDERS),
        Bad(
            "ALTER TABLE orders\n ALTER code /* CHECK (code IS NOT NULL); */\n SET NOT NULL",
            facts=facts_of(orders=40_000_000),
            setup=_ORDERS,
        ),
    ),
    good=(
        Good("CREATE TABLE t (a int); ALTER TABLE t ALTER a SET NOT NULL;"),
        Good("ALTER TABLE orders ALTER COLUMN code SET NOT NULL;", facts=facts_of(orders=0)),
        Good(
            "ALTER TABLE orders VALIDATE CONSTRAINT orders_code_not_null; ALTER TABLE orders ALTER COLUMN code SET NOT NULL;"
        ),
    ),
)
def set_not_null(at: At, op: ops.SetNotNull) -> Iterator[Hit]:
    # A constraint validated just before is the safe form on its way; which one it is, only the server knows.
    if any(isinstance(one, ops.ValidateConstraint) and one.table.same(op.table) for one in at.earlier_ops()):
        return
    known = at.scene.column(op.table, op.column)
    if known is not None and not known.nullable:
        return
    table, column = at.q(op.table), at.q(op.column)
    check = at.q(constraint_name(op.table, (op.column,), "not_null"))
    steps = (
        f"ALTER TABLE {table} ADD CONSTRAINT {check} CHECK ({column} IS NOT NULL) NOT VALID;\n"
        f"-- then, in a later migration\nALTER TABLE {table} VALIDATE CONSTRAINT {check};\n"
        f"ALTER TABLE {table} ALTER COLUMN {column} SET NOT NULL;\nALTER TABLE {table} DROP CONSTRAINT {check};"
    )
    old = (
        " Before PostgreSQL 12 the CHECK does not spare the reading."
        if at.context.version_at_least(12) is False
        else ""
    )
    first, _, rest = steps.partition("\n-- then, in a later migration\n")
    fixes: tuple[Fix, ...] = ()
    if len(at.statement.ops) == 1 and at.is_up:
        later = at.own_file(
            "Check it NOT VALID first, set NOT NULL later",
            f"{op.table.name}_{op.column}_not_null",
            rest,
            transaction=True,
        )
        fixes = (later.model_copy(update={"edits": [at.edit(0, len(at.statement.text), first.rstrip(";"))]}),)
    yield from at.sized(
        op.table,
        f"Nobody can use {op.table} while every row is checked for NULL.{old}",
        safe_form=steps,
        fixes=fixes,
    )


@rule(
    "pg-domain-constraint",
    on=(ops.CreateObject, ops.Other),
    title="Constraint of a domain",
    severity=Severity.MEDIUM,
    harm="Adding one checks every column of that type in every table, under locks.",
    advice="Use a CHECK on the table, which can be added NOT VALID.",
    origin=("squawk: ban-alter-domain-with-add-constraint", "squawk: ban-create-domain-with-constraint"),
    bad=(
        Bad(
            "ALTER DOMAIN email ADD CONSTRAINT at_sign CHECK (VALUE LIKE '%@%');",
            setup="CREATE DOMAIN email AS text;",
        ),
        Bad(
            "ALTER DOMAIN email\n ADD /* NOT VALID; */ CHECK (VALUE <> '');",
            setup="CREATE DOMAIN email AS text;",
        ),
    ),
    good=(
        Good("ALTER DOMAIN email ADD CONSTRAINT at_sign CHECK (VALUE LIKE '%@%') NOT VALID;"),
        Good("CREATE DOMAIN email AS text;"),
        Good("ALTER DOMAIN email SET DEFAULT 'ADD CONSTRAINT';"),
    ),
)
def domain_constraint(at: At, op: ops.CreateObject | ops.Other) -> Iterator[Hit]:
    node: Any = at.statement.node
    if type(node).__name__ != "AlterDomainStmt":
        return
    constraint = getattr(node, "def").constraint
    if node.subtype != "C" or constraint.skip_validation:
        return
    text = at.statement.text.rstrip("; \n")
    name = constraint.conname
    validate = ""
    if name:
        parts = [one.string.sval for one in node.type_name]
        domain = Name(parts[-1], parts[-2] if len(parts) > 1 else None)
        validate = (
            f"\n-- then, in a later migration\nALTER DOMAIN {at.q(domain)} VALIDATE CONSTRAINT {at.q(name)};"
        )
    yield at.hit(
        "Every column of this type is checked, under locks.", safe_form=f"{text} NOT VALID;{validate}"
    )


RULES = tuple(_set.rules)
