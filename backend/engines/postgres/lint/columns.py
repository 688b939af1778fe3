"""Columns added or changed without rewriting the table; the types one regrets. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend.engine.lint import ops
from backend.engine.lint.context import At
from backend.engine.lint.rule import Bad, Good, Hit, RuleSet, facts_of
from backend.engine.sqlrules.tokens import T, tokenize
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


def _is_free(old: str, new: str) -> bool:
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
    if known is not None and _is_free(known.type, op.type) and not op.using:
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


def _new_columns(
    op: ops.CreateTable | ops.AddColumn | ops.AlterColumnType,
) -> Iterator[tuple[str, str, ops.Span | None]]:
    if isinstance(op, ops.CreateTable):
        for column in op.columns:
            yield column.name, column.type, column.span
    elif isinstance(op, ops.AddColumn):
        yield op.column.name, op.column.type, op.column.span
    else:
        yield op.column, op.type, None


def _retyped(
    at: At, name: str, span: ops.Span | None, old: tuple[str, ...], new: str
) -> tuple[str | None, tuple[Fix, ...]]:
    """The statement with the column's type replaced, and the fix that does it; found by tokens."""
    text = at.statement.text
    tokens = tokenize(text, "postgres")
    for index, token in enumerate(tokens):
        if span is not None and token.start < span[0]:
            continue
        folded = token.text if token.kind is T.NAME else token.text.lower()
        if folded != name or token.kind not in (T.WORD, T.NAME):
            continue
        at_type = index + 1
        while at_type < len(tokens) and tokens[at_type].upper in ("SET", "DATA", "TYPE"):
            at_type += 1
        if at_type >= len(tokens) or tokens[at_type].upper not in old:
            continue
        first = last = tokens[at_type]
        rest = tokens[at_type + 1 :]
        words = [one.upper for one in rest[:4]]
        used = 0
        if words[:1] == ["VARYING"]:
            used = 1
        if words[used : used + 1] == ["("]:
            used = next(i for i, one in enumerate(rest) if one.upper == ")") + 1
        if [one.upper for one in rest[used : used + 3]] == ["WITHOUT", "TIME", "ZONE"]:
            used += 3
        if used:
            last = rest[used - 1]
        changed = text[: first.start] + new + text[last.end :]
        edits = [at.edit(first.start, last.end, new)]
        return changed.rstrip("; \n") + ";", (Fix(title=f"Use {new}", edits=edits),)
    return None, ()


_TYPED = (ops.CreateTable, ops.AddColumn, ops.AlterColumnType)


@rule(
    "pg-json",
    on=_TYPED,
    title="json where jsonb is meant",
    severity=Severity.LOW,
    harm="json has no equality, so DISTINCT, GROUP BY and UNION over the row fail, and it is parsed at every read.",
    advice="Use jsonb.",
    origin=("strong_migrations: add_column_json", "eugene: E3"),
    bad=(
        Bad("CREATE TABLE t (id int PRIMARY KEY, data json);"),
        Bad(
            'ALTER TABLE orders ADD COLUMN /* jsonb; */ "data"\n json DEFAULT \'{"a": "jsonb"}\';',
            setup=_ORDERS,
        ),
    ),
    good=(
        Good("CREATE TABLE t (id int PRIMARY KEY, data jsonb DEFAULT '{\"json\": 1}'); -- json"),
        Good("CREATE TABLE t (id int PRIMARY KEY, json text);"),
    ),
)
def json_column(at: At, op: ops.CreateTable | ops.AddColumn | ops.AlterColumnType) -> Iterator[Hit]:
    for name, type_, span in _new_columns(op):
        if type_ == "json":
            safe, fixes = _retyped(at, name, span, ("JSON",), "jsonb")
            yield at.hit(f"{name} is json.", span=span, safe_form=safe, fixes=fixes)


@rule(
    "pg-char",
    on=_TYPED,
    title="char(n) or varchar(n)",
    severity=Severity.INFO,
    harm="char(n) pads with spaces, and a length that turns out too short is changed under an exclusive lock.",
    advice="Use text, with a CHECK on its length where there is a limit.",
    origin=("squawk: ban-char-field", "squawk: prefer-text-field"),
    bad=(
        Bad("CREATE TABLE t (id int PRIMARY KEY, code char(3));", hits=1),
        Bad(
            "ALTER TABLE orders ADD COLUMN note -- text;\n character varying(255) DEFAULT 'text';",
            setup=_ORDERS,
        ),
        Bad("CREATE TABLE t (id int PRIMARY KEY, a varchar(5), b varchar(6));", hits=2),
    ),
    good=(
        Good("CREATE TABLE t (id int PRIMARY KEY, code text CHECK (length(code) <= 3)); -- char(3)"),
        Good("CREATE TABLE t (id int PRIMARY KEY, code varchar, c text DEFAULT 'char(3)');"),
    ),
)
def char_column(at: At, op: ops.CreateTable | ops.AddColumn | ops.AlterColumnType) -> Iterator[Hit]:
    for name, type_, span in _new_columns(op):
        fixed = type_.startswith("char") and not type_.startswith("character varying")
        if not fixed and not (type_.startswith("varchar(")):
            continue
        size = type_.partition("(")[2].partition(")")[0] or "1"
        new = (
            "text" if isinstance(op, ops.AlterColumnType) else f"text CHECK (length({at.q(name)}) <= {size})"
        )
        safe, fixes = _retyped(at, name, span, ("CHAR", "CHARACTER", "VARCHAR", "BPCHAR"), new)
        if type_.endswith("[]"):
            safe, fixes = None, ()
        severity = Severity.LOW if fixed else None
        yield at.hit(f"{name} is {type_}.", span=span, safe_form=safe, fixes=fixes, severity=severity)


@rule(
    "pg-timestamp",
    on=_TYPED,
    title="timestamp without time zone",
    severity=Severity.LOW,
    harm="It keeps what a clock showed, not when it was: the same moment differs by the session's zone.",
    advice="Use timestamptz.",
    origin=("squawk: prefer-timestamp-tz",),
    bad=(
        Bad("CREATE TABLE t (id int PRIMARY KEY, at timestamp);"),
        Bad(
            "ALTER TABLE orders ADD COLUMN at -- with time zone;\n timestamp(3) without time zone DEFAULT now();",
            setup=_ORDERS,
        ),
    ),
    good=(
        Good("CREATE TABLE t (id int PRIMARY KEY, at timestamptz, b timestamp with time zone); -- timestamp"),
        Good("CREATE TABLE t (id int PRIMARY KEY, timestamp text DEFAULT 'timestamp');"),
    ),
)
def timestamp_column(at: At, op: ops.CreateTable | ops.AddColumn | ops.AlterColumnType) -> Iterator[Hit]:
    for name, type_, span in _new_columns(op):
        if type_.partition("(")[0].rstrip("[]") == "timestamp" and "zone" not in type_:
            safe, fixes = _retyped(
                at,
                name,
                span,
                ("TIMESTAMP",),
                "timestamptz" + type_.removeprefix("timestamp").replace("[]", ""),
            )
            yield at.hit(f"{name} is timestamp without time zone.", span=span, safe_form=safe, fixes=fixes)


_IDENTITY = {
    "serial": "integer",
    "serial4": "integer",
    "bigserial": "bigint",
    "serial8": "bigint",
    "smallserial": "smallint",
    "serial2": "smallint",
}


@rule(
    "pg-serial",
    on=(ops.CreateTable, ops.AddColumn),
    title="serial where identity is meant",
    severity=Severity.INFO,
    harm="serial's sequence has rights and an owner of its own, and anyone can write any number into the column.",
    advice="Use bigint GENERATED BY DEFAULT AS IDENTITY.",
    origin=("squawk: prefer-identity",),
    bad=(
        Bad("CREATE TABLE t (id bigserial PRIMARY KEY);"),
        Bad('CREATE TABLE t (\n  "id" /* identity; */ serial -- GENERATED\n  PRIMARY KEY);'),
    ),
    good=(
        Good(
            "CREATE TABLE t (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, a text DEFAULT 'serial'); -- serial"
        ),
        Good("CREATE TABLE t (id int PRIMARY KEY, serial text);"),
    ),
)
def serial_column(at: At, op: ops.CreateTable | ops.AddColumn) -> Iterator[Hit]:
    for column in op.columns if isinstance(op, ops.CreateTable) else (op.column,):
        if column.type in _IDENTITY:
            new = "bigint GENERATED BY DEFAULT AS IDENTITY"
            words = tuple(one.upper() for one in _IDENTITY)
            safe, fixes = _retyped(at, column.name, column.span, words, new)
            yield at.hit(f"{column.name} is {column.type}.", span=column.span, safe_form=safe, fixes=fixes)


RULES = tuple(_set.rules)
