"""Types one regrets: json, char, timestamp, serial. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from backend.engine.lint import ops
from backend.engine.lint.context import At
from backend.engine.lint.rule import Bad, Good, Hit, RuleSet
from backend.engine.sqlrules.tokens import T, tokenize
from backend.models.connection import EngineName
from backend.models.finding import Fix, Severity

_set = RuleSet(EngineName.POSTGRES)
rule = _set.rule
_ORDERS = "CREATE TABLE orders (id int PRIMARY KEY, customer_id int, code varchar(20));"


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
