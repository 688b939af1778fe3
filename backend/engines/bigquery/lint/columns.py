"""Columns BigQuery will not add or change the way it is written. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend.engine.lint import ops
from backend.engine.lint.context import At
from backend.engine.lint.facts import Facts
from backend.engine.lint.rule import Bad, Good, Hit, RuleSet
from backend.models.connection import EngineName
from backend.models.finding import Severity
from backend.models.schema import Catalog, CatalogColumn, CatalogTable

from .names import tokens, written_name

_set = RuleSet(EngineName.BIGQUERY)
rule = _set.rule

# https://cloud.google.com/bigquery/docs/managing-table-schemas: a type may only become a wider one.
_WIDER = {
    "int64": {"numeric", "bignumeric", "float64"},
    "numeric": {"bignumeric", "float64"},
    "bignumeric": {"float64"},
}
_SAME = {
    "integer": "int64",
    "int": "int64",
    "smallint": "int64",
    "bigint": "int64",
    "decimal": "numeric",
    "bool": "boolean",
}
_ARGUMENTS = re.compile(r"(\w+)(?:\((\d+)(?:,\s*(\d+))?\))?")


def _known(**columns: str) -> Facts:
    made = [CatalogColumn(name=name, type=text) for name, text in columns.items()]
    return Facts.of_catalog(
        Catalog(tables=[CatalogTable(schema_name="shop", name="orders", rows=9, columns=made)])
    )


@rule(
    "bigquery-type-narrowed",
    on=ops.AlterColumnType,
    title="Type change BigQuery refuses",
    severity=Severity.HIGH,
    harm="A type may only become a wider one of its family; any other change is refused and the migration fails.",
    advice="Add a column of the new type, fill it with SAFE_CAST, switch the readers, drop the old one.",
    origin=("cloud.google.com: ALTER COLUMN SET DATA TYPE",),
    bad=(
        Bad("ALTER TABLE shop.orders ALTER COLUMN total SET DATA TYPE INT64;", facts=_known(total="NUMERIC")),
        Bad(
            "ALTER TABLE `p-1.shop.orders`\n  ALTER COLUMN -- to NUMERIC\n  code SET DATA TYPE STRING(5);",
            facts=_known(code="STRING(20)"),
        ),
        Bad("ALTER TABLE shop.orders ALTER COLUMN `total` SET DATA TYPE DATE;"),
    ),
    good=(
        Good(
            "ALTER TABLE shop.orders ALTER COLUMN total SET DATA TYPE NUMERIC;", facts=_known(total="INT64")
        ),
        Good(
            "ALTER TABLE shop.orders ALTER COLUMN code SET DATA TYPE STRING;", facts=_known(code="STRING(20)")
        ),
        Good("ALTER TABLE shop.orders ALTER COLUMN code SET OPTIONS (description = 'SET DATA TYPE INT64');"),
    ),
)
def type_narrowed(at: At, op: ops.AlterColumnType) -> Iterator[Hit]:
    known = at.scene.column(op.table, op.column)
    if known is not None and _is_wider(known.type, op.type):
        return
    table, old, new = written_name(at.statement), at.q(op.column), at.q(op.column + "_new")
    type_ = op.type.upper()
    was = (
        f"{known.type.upper()} cannot become {type_}"
        if known
        else f"Whether {op.column} may become {type_} depends on its type now, which is not known here"
    )
    yield at.hit(
        f"{was}.",
        span=op.span,
        safe_form=f"ALTER TABLE {table} ADD COLUMN {new} {type_};\n"
        f"UPDATE {table} SET {new} = SAFE_CAST({old} AS {type_.split('(')[0]}) WHERE true;\n"
        f"SELECT count(*) FROM {table} WHERE {new} IS NULL AND {old} IS NOT NULL; -- what did not fit",
        severity=None if known else Severity.MEDIUM,
        unknown=known is None,
    )


def _is_wider(old: str, new: str) -> bool:
    before, after = _ARGUMENTS.fullmatch(old.lower().strip()), _ARGUMENTS.fullmatch(new.lower().strip())
    if before is None or after is None:
        return old.lower().replace(" ", "") == new.lower().replace(" ", "")
    a, b = _SAME.get(before[1], before[1]), _SAME.get(after[1], after[1])
    if a != b:
        return b in _WIDER.get(a, ()) and after[2] is None
    if after[2] is None:
        return True
    if before[2] is None:
        return False
    scale = int(after[3] or 0) - int(before[3] or 0)
    return scale >= 0 and int(after[2]) - int(before[2]) >= scale


@rule(
    "bigquery-required-column",
    on=(ops.AddColumn, ops.SetNotNull),
    title="NOT NULL cannot be added",
    severity=Severity.HIGH,
    harm="BigQuery adds no NOT NULL column to a table and makes no column NOT NULL later; the statement is refused.",
    advice="Add it nullable, or make a new table with it from a query.",
    origin=("cloud.google.com: ALTER TABLE ADD COLUMN",),
    bad=(
        Bad("ALTER TABLE shop.orders ADD COLUMN qty INT64 NOT NULL;"),
        Bad(
            "ALTER TABLE shop.orders\n  ADD COLUMN `a` STRING OPTIONS (description = 'x;'), -- and\n  ADD COLUMN b INT64 not null",
            hits=1,
        ),
        Bad("ALTER TABLE shop.orders ALTER COLUMN code SET NOT NULL;"),
    ),
    good=(
        Good("ALTER TABLE shop.orders ADD COLUMN qty INT64 OPTIONS (description = 'NOT NULL');"),
        Good("CREATE TABLE shop.t (id INT64 NOT NULL); -- ADD COLUMN x INT64 NOT NULL"),
        Good("ALTER TABLE shop.orders ALTER COLUMN code DROP NOT NULL;"),
    ),
)
def required_column(at: At, op: ops.AddColumn | ops.SetNotNull) -> Iterator[Hit]:
    table = written_name(at.statement)
    if isinstance(op, ops.SetNotNull):
        yield at.hit(
            f"{op.column} of {op.table} cannot become NOT NULL.",
            span=op.span,
            safe_form=f"SELECT count(*) FROM {table} WHERE {at.q(op.column)} IS NULL; -- watch it instead",
        )
        return
    if not op.column.not_null or op.column.span is None:
        return
    text, (begin, end) = at.statement.text, op.column.span
    found = [token for token in tokens(at.statement) if begin <= token.start < end]
    place = next(
        (i for i, t in enumerate(found[:-1]) if t.upper == "NOT" and found[i + 1].upper == "NULL"), None
    )
    if place is None:
        return
    safe = text[: found[place].start].rstrip() + text[found[place + 1].end :]
    yield at.hit(
        f"{op.column.name} cannot be added as NOT NULL.",
        span=op.span,
        safe_form=safe,
        fixes=(at.rewrite("Add it nullable", safe),),
    )


@rule(
    "bigquery-default-with-column",
    on=ops.AddColumn,
    title="Default given with a new column",
    severity=Severity.HIGH,
    harm="BigQuery refuses a default in ADD COLUMN on a table that is there.",
    advice="Add the column, then ALTER COLUMN SET DEFAULT, then fill the rows that are there.",
    origin=("cloud.google.com: default-values, Add a column with a default value to an existing table",),
    bad=(
        Bad("ALTER TABLE shop.orders ADD COLUMN qty INT64 DEFAULT 5;"),
        Bad(
            "ALTER TABLE `shop.orders`\n ADD COLUMN made TIMESTAMP /* DEFAULT */ default CURRENT_TIMESTAMP() -- ;\n;"
        ),
    ),
    good=(
        Good("ALTER TABLE shop.orders ADD COLUMN qty INT64 OPTIONS (description = 'DEFAULT 5');"),
        Good("ALTER TABLE shop.orders ALTER COLUMN qty SET DEFAULT 5;"),
        Good("CREATE TABLE shop.t (qty INT64 DEFAULT 5); -- ADD COLUMN a INT64 DEFAULT 1"),
    ),
)
def default_with_column(at: At, op: ops.AddColumn) -> Iterator[Hit]:
    if op.column.default is None or at.is_new(op.table):
        return
    table, name = written_name(at.statement), at.q(op.column.name)
    yield at.hit(
        f"{op.column.name} cannot get its default while it is added.",
        span=op.span,
        safe_form=f"ALTER TABLE {table} ADD COLUMN {name} {op.column.type.upper()};\n"
        f"ALTER TABLE {table} ALTER COLUMN {name} SET DEFAULT {op.column.default};\n"
        f"UPDATE {table} SET {name} = DEFAULT WHERE {name} IS NULL;",
    )


RULES = tuple(_set.rules)
