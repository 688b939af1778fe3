"""What Spanner refuses, or checks for hours. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend.engine.lint import ops
from backend.engine.lint.context import At
from backend.engine.lint.facts import Facts
from backend.engine.lint.rule import Bad, Good, Hit, RuleSet, Scope, facts_of
from backend.models.connection import EngineName
from backend.models.finding import Fix, Severity
from backend.models.schema import Catalog, CatalogColumn, CatalogIndex, CatalogTable

_set = RuleSet(EngineName.SPANNER)
rule = _set.rule
_LARGE = facts_of(orders=40_000_000)
_LENGTH = re.compile(r"(?:character varying|varchar)(?:\((\d+)\))?|text")


def _known(index: str = "", **columns: str) -> Facts:
    made = [CatalogColumn(name=name, type=text) for name, text in columns.items()]
    indexes = [CatalogIndex(name=index, columns=["code"])] if index else []
    return Facts.of_catalog(
        Catalog(tables=[CatalogTable(name="orders", rows=9, columns=made, indexes=indexes)])
    )


@rule(
    "spanner-not-null-column",
    on=ops.AddColumn,
    title="New column is NOT NULL",
    severity=Severity.HIGH,
    harm="Spanner refuses a new NOT NULL column that has no default, and the migration fails.",
    advice="Add it nullable, fill it, then set NOT NULL in a later migration.",
    origin=("cloud.google.com: schema-updates",),
    bad=(
        Bad("ALTER TABLE orders ADD COLUMN qty bigint NOT NULL;", transaction=False),
        Bad(
            'ALTER TABLE "orders"\n ADD COLUMN "q;" varchar(9) -- DEFAULT \'\'\n not null', transaction=False
        ),
    ),
    good=(
        Good("ALTER TABLE orders ADD COLUMN qty bigint NOT NULL DEFAULT 0;", transaction=False),
        Good("ALTER TABLE orders ADD COLUMN qty bigint; -- NOT NULL", transaction=False),
        Good("CREATE TABLE t (id bigint NOT NULL, PRIMARY KEY (id));", transaction=False),
    ),
)
def not_null_column(at: At, op: ops.AddColumn) -> Iterator[Hit]:
    column = op.column
    if not column.not_null or column.default is not None or column.generated or column.auto:
        return
    table, name = at.q(op.table), at.q(column.name)
    yield at.hit(
        f"Spanner refuses {column.name}: a new column is nullable or has a default.",
        span=op.span,
        safe_form=f"ALTER TABLE {table} ADD COLUMN {name} {column.type};\n"
        f"-- fill it by partitioned DML: UPDATE {table} SET {name} = … WHERE {name} IS NULL; then, in a later migration:\n"
        f"ALTER TABLE {table} ALTER COLUMN {name} SET NOT NULL;",
    )


@rule(
    "spanner-ddl-in-transaction",
    scope=Scope.HALF,
    title="Schema change in a transaction",
    severity=Severity.HIGH,
    harm="Spanner takes no schema change inside a transaction, and dbmate opens one for the block: it fails.",
    advice="Write `transaction:false` behind the directive, and keep changes of rows in files of their own.",
    origin=("dbmate: Spanner wants transaction:false for DDL",),
    bad=(
        Bad("CREATE TABLE t (id bigint PRIMARY KEY);", hits=1),
        Bad("-- transaction:false\nALTER TABLE orders\n  ADD COLUMN note varchar /* text */;", hits=1),
    ),
    good=(
        Good("CREATE TABLE t (id bigint PRIMARY KEY);", transaction=False),
        Good("INSERT INTO notes (body) VALUES ('CREATE TABLE t (id bigint PRIMARY KEY);');"),
    ),
)
def ddl_in_transaction(at: At) -> Iterator[Hit]:
    if not at.half.transaction:
        return
    for statement in at.statements:
        if not any(isinstance(op, ops.SCHEMA_OPS) for op in statement.ops):
            continue
        edit = at.without_transaction()
        body = "\n".join(f"{one.text.rstrip(';')};" for one in at.statements)
        yield at.hit(
            "Spanner refuses a schema change inside the transaction of this block.",
            statement=statement,
            safe_form=f"-- migrate:{at.half.direction.value} transaction:false\n{body}",
            fixes=(Fix(title="Run this block without a transaction", edits=[edit]),) if edit else (),
        )
        return


@rule(
    "spanner-schema-and-rows",
    scope=Scope.HALF,
    title="Schema and rows changed in one block",
    severity=Severity.MEDIUM,
    harm="Spanner's schema changes cannot share a transaction with changes of rows: one of the two runs without the other.",
    advice="Give the rows a migration of their own, with its transaction.",
    origin=("cloud.google.com: schema-updates",),
    bad=(
        Bad(
            "ALTER TABLE orders ADD COLUMN a bigint;\nUPDATE orders SET a = 1 WHERE true;", transaction=False
        ),
        Bad('INSERT INTO t (id) VALUES (1); -- rows;\nCREATE INDEX "i;" ON t (id);', transaction=False),
    ),
    good=(
        Good("ALTER TABLE orders ADD COLUMN a bigint; -- UPDATE orders SET a = 1;", transaction=False),
        Good("INSERT INTO notes (body) VALUES ('CREATE TABLE t (id int)');"),
    ),
)
def schema_and_rows(at: At) -> Iterator[Hit]:
    schema = [one for one in at.statements if any(isinstance(op, ops.SCHEMA_OPS) for op in one.ops)]
    rows = [
        one
        for one in at.statements
        if any(isinstance(op, (ops.Insert, ops.Update, ops.Delete)) for op in one.ops)
    ]
    if schema and rows:
        first = "\n".join(f"{one.text.rstrip(';')};" for one in schema)
        second = "\n".join(f"{one.text.rstrip(';')};" for one in rows)
        yield at.hit(
            "This block changes the schema and the rows, and no transaction can hold both.",
            statement=rows[0],
            safe_form=f"-- migrate:up transaction:false\n{first}\n\n-- the next migration\n-- migrate:up\n{second}",
        )


@rule(
    "spanner-long-validation",
    on=(ops.AddConstraint, ops.SetNotNull, ops.CreateIndex),
    title="Validated or backfilled over all rows",
    severity=Severity.MEDIUM,
    harm="Spanner reads every row in the background, for hours on a large table, and one row that fails undoes it all.",
    advice="Count the rows that fail first, and give it the time: nothing is blocked meanwhile.",
    origin=("cloud.google.com: schema-updates, long-running schema updates",),
    bad=(
        Bad("ALTER TABLE orders ADD CONSTRAINT c CHECK (total > 0);", transaction=False, facts=_LARGE),
        Bad("ALTER TABLE orders ALTER COLUMN code -- now\n SET NOT NULL;", transaction=False),
        Bad('CREATE INDEX "by;code" ON orders (code);', transaction=False, facts=_LARGE),
        Bad("ALTER TABLE orders ADD FOREIGN KEY (u) REFERENCES users (id);", transaction=False),
    ),
    good=(
        Good("CREATE TABLE t (id bigint PRIMARY KEY);\nCREATE INDEX i ON t (id);", transaction=False),
        Good(
            "ALTER TABLE orders ADD CONSTRAINT c CHECK (total > 0);",
            transaction=False,
            facts=facts_of(orders=0),
        ),
        Good("SELECT 'CREATE INDEX i ON orders (code)';"),
    ),
)
def long_validation(at: At, op: ops.AddConstraint | ops.SetNotNull | ops.CreateIndex) -> Iterator[Hit]:
    table = at.q(op.table)
    safe: str | None = None
    if isinstance(op, ops.SetNotNull):
        safe = f"SELECT count(*) FROM {table} WHERE {at.q(op.column)} IS NULL; -- must be 0\n{at.statement.text};"
    elif isinstance(op, ops.AddConstraint) and op.constraint.kind == "check":
        safe = f"SELECT count(*) FROM {table} WHERE NOT ({op.constraint.expression}); -- must be 0\n{at.statement.text};"
    elif isinstance(op, ops.AddConstraint) and op.constraint.references is not None:
        key = op.constraint
        theirs = key.references_columns or key.columns
        on = " AND ".join(f"p.{at.q(b)} = c.{at.q(a)}" for a, b in zip(key.columns, theirs, strict=False))
        assert key.references is not None
        safe = (
            f"SELECT count(*) FROM {table} c LEFT JOIN {at.q(key.references)} p ON {on} "
            f"WHERE p.{at.q(theirs[0])} IS NULL AND c.{at.q(key.columns[0])} IS NOT NULL; -- must be 0\n{at.statement.text};"
        )
    yield from at.sized(
        op.table, f"Spanner reads every row of {op.table} for this.", span=op.span, safe_form=safe
    )


@rule(
    "spanner-drop-with-dependents",
    on=ops.Drop,
    title="Dropped table may have indexes or interleaved children",
    severity=Severity.MEDIUM,
    harm="Spanner refuses to drop a table that has indexes or interleaved child tables.",
    advice="Drop its indexes and children first.",
    origin=("cloud.google.com: drop-table",),
    bad=(
        Bad("DROP TABLE orders;", transaction=False, facts=_known("by_code", code="varchar")),
        Bad('-- DROP INDEX by_code;\ndrop table /* all */ "orders"', transaction=False),
    ),
    good=(
        Good(
            "CREATE TABLE t (id bigint PRIMARY KEY);\nCREATE INDEX i ON t (id);\nDROP INDEX i;\nDROP TABLE t;",
            transaction=False,
        ),
        Good("CREATE TABLE t (id bigint PRIMARY KEY);\nDROP TABLE t;", transaction=False),
        Good("SELECT 'DROP TABLE orders';"),
    ),
)
def drop_with_dependents(at: At, op: ops.Drop) -> Iterator[Hit]:
    if op.kind != "table":
        return
    indexes = at.scene.indexes_of(op.name)
    made = at.scene.made.get(op.name.key)
    names = [
        name for name, _, _ in indexes or [] if name and not name.upper().startswith(("PRIMARY_KEY", "IDX_"))
    ]
    # The catalog names a table's indexes, not its interleaved children: without them this is unknown, not safe.
    # Who drops an index or a child first has looked.
    if not names and (made is not None or any(isinstance(one, ops.Drop) for one in at.earlier_ops())):
        return
    first = "".join(f"DROP INDEX {at.q(name)};\n" for name in names)
    listing = (
        f"SELECT index_name FROM information_schema.indexes WHERE table_name = '{op.name.name}' AND index_type = 'INDEX';\n"
        f"SELECT table_name FROM information_schema.tables WHERE parent_table_name = '{op.name.name}';\n"
    )
    words = (
        f"{', '.join(names)} must go before {op.name}"
        if names
        else f"Which indexes and children {op.name} has is not known here"
    )
    yield at.hit(
        f"{words}.",
        safe_form=(first or listing) + at.statement.text,
        severity=None if names else Severity.LOW,
        unknown=not names,
        fixes=(Fix(title="Drop its indexes first", edits=[at.edit(0, 0, first)]),) if names else (),
    )


@rule(
    "spanner-type-changed",
    on=ops.AlterColumnType,
    title="Type change Spanner refuses",
    severity=Severity.HIGH,
    harm="Spanner changes only the length of varchar, and varchar to bytea and back; any other change is refused.",
    advice="Add a column of the new type, fill it, switch the readers, drop the old one.",
    origin=("cloud.google.com: schema-updates, supported schema updates",),
    bad=(
        Bad(
            "ALTER TABLE orders ALTER COLUMN total TYPE varchar(20);",
            transaction=False,
            facts=_known(total="bigint"),
        ),
        Bad('ALTER TABLE orders\n ALTER COLUMN "code" -- varchar\n TYPE bigint', transaction=False),
    ),
    good=(
        Good(
            "ALTER TABLE orders ALTER COLUMN code TYPE varchar(90);",
            transaction=False,
            facts=_known(code="character varying(20)"),
        ),
        Good("SELECT 'ALTER TABLE orders ALTER COLUMN total TYPE bigint';"),
    ),
)
def type_changed(at: At, op: ops.AlterColumnType) -> Iterator[Hit]:
    known = at.scene.column(op.table, op.column)
    if known is not None and (known.type == op.type or (_is_text(known.type) and _is_text(op.type))):
        return
    unknown = known is None
    table, old, new = at.q(op.table), at.q(op.column), at.q(op.column + "_new")
    yield at.hit(
        f"{op.column} is {known.type} and cannot become {op.type}." if known else
        f"Whether {op.column} may become {op.type} depends on its type now, which is not known here.",
        span=op.span,
        safe_form=f"ALTER TABLE {table} ADD COLUMN {new} {op.type};\n"
        f"-- in a migration of its own, as partitioned DML\n"
        f"UPDATE {table} SET {new} = CAST({old} AS {op.type}) WHERE {new} IS NULL AND {old} IS NOT NULL;",
        severity=Severity.MEDIUM if unknown else None,
        unknown=unknown,
    )  # fmt: skip


def _is_text(type_: str) -> bool:
    return _LENGTH.fullmatch(type_.lower()) is not None or type_.lower() == "bytea"


RULES = tuple(_set.rules)
