"""What BigQuery refuses to run, limits by quota, or charges by the byte. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from backend.engine.lint import ops
from backend.engine.lint.context import At
from backend.engine.lint.facts import Facts
from backend.engine.lint.rule import Bad, Good, Hit, RuleSet, Scope
from backend.models.connection import EngineName
from backend.models.finding import Fix, Severity
from backend.models.schema import Catalog, CatalogTable

from .names import tokens, written_name

_set = RuleSet(EngineName.BIGQUERY)
rule = _set.rule
# https://cloud.google.com/bigquery/quotas: table metadata update operations, five in ten seconds a table.
_MOST_UPDATES = 5
_EMPTY = Facts.of_catalog(Catalog(tables=[CatalogTable(schema_name="shop", name="orders", rows=0)]))
_HUGE = Facts.of_catalog(Catalog(tables=[CatalogTable(schema_name="shop", name="orders", rows=400_000_000)]))


@rule(
    "bigquery-where-required",
    on=(ops.Update, ops.Delete),
    title="UPDATE or DELETE without WHERE",
    severity=Severity.HIGH,
    harm="BigQuery refuses an UPDATE or DELETE that has no WHERE, and the migration fails.",
    advice="Say which rows, or WHERE true where every row is meant.",
    origin=("cloud.google.com: dml-syntax",),
    bad=(
        Bad("UPDATE shop.orders SET total = 0;"),
        Bad("DELETE -- WHERE true\nFROM `shop.orders`"),
        Bad("UPDATE shop.orders SET code = 'WHERE true', n = (SELECT max(n) FROM shop.x WHERE true);"),
    ),
    good=(
        Good("DELETE FROM shop.orders WHERE true;"),
        Good("UPDATE shop.orders SET code = 'a' WHERE id = 5; -- UPDATE x SET y = 1"),
    ),
)
def where_required(at: At, op: ops.Update | ops.Delete) -> Iterator[Hit]:
    depth = 0
    for token in tokens(at.statement):
        depth += (token.upper == "(") - (token.upper == ")")
        if depth == 0 and token.upper == "WHERE":
            return
    end = tokens(at.statement)[-1].end
    text = at.statement.text
    yield at.hit(
        f"This is refused: it does not say which rows of {op.table} it means.",
        safe_form=f"SELECT count(*) FROM {at.q(op.table)}; -- so many rows change\n{text[:end]} WHERE true",
        fixes=(Fix(title="Write WHERE true", edits=[at.edit(end, end, " WHERE true")]),),
    )


@rule(
    "bigquery-no-index",
    on=ops.CreateIndex,
    title="Index BigQuery does not have",
    severity=Severity.HIGH,
    harm="BigQuery has search and vector indexes only; CREATE INDEX is refused.",
    advice="Cluster the table by the column, or create a SEARCH or VECTOR INDEX.",
    origin=("cloud.google.com: data-definition-language",),
    bad=(
        Bad("CREATE INDEX orders_code ON shop.orders (code);"),
        Bad("CREATE /* SEARCH */ UNIQUE INDEX `i`\n  ON shop.orders (code, id); -- SEARCH"),
    ),
    good=(
        Good("CREATE SEARCH INDEX i ON shop.orders (ALL COLUMNS);"),
        Good("CREATE VECTOR INDEX i ON shop.orders (v) OPTIONS (index_type = 'IVF');"),
        Good("SELECT 'CREATE INDEX i ON shop.orders (code)';"),
    ),
)
def no_index(at: At, op: ops.CreateIndex) -> Iterator[Hit]:
    found = [token.upper for token in tokens(at.statement)]
    if any(word in ("SEARCH", "VECTOR") for word in found[: found.index("INDEX") if "INDEX" in found else 0]):
        return
    plain = [at.q(one) for one in op.columns if not one.startswith("(")][:4]
    table = at.q(op.table)
    safe = (
        f"CREATE TABLE {at.q(ops.Name(op.table.name + '_new', op.table.schema))} CLUSTER BY {', '.join(plain)} AS SELECT * FROM {table};"
        if plain
        else None
    )
    yield at.hit("BigQuery refuses CREATE INDEX.", safe_form=safe)


@rule(
    "bigquery-ddl-in-transaction",
    scope=Scope.HALF,
    title="Schema change inside a transaction",
    severity=Severity.HIGH,
    harm="Between BEGIN TRANSACTION and COMMIT BigQuery refuses every change of a permanent table's schema.",
    advice="Take the schema change out: it commits by itself.",
    origin=("cloud.google.com: transactions, limitations",),
    bad=(
        Bad("BEGIN TRANSACTION;\nALTER TABLE shop.orders ADD COLUMN a INT64;\nCOMMIT TRANSACTION;", hits=1),
        Bad(
            "BEGIN /* now */ TRANSACTION;\nDELETE FROM shop.orders WHERE code = 'COMMIT;'; -- COMMIT\nDROP TABLE shop.`old`;\nCOMMIT;",
            hits=1,
        ),
    ),
    good=(
        Good(
            "BEGIN TRANSACTION; DELETE FROM shop.orders WHERE true; COMMIT; ALTER TABLE shop.orders ADD COLUMN a INT64;"
        ),
        Good("BEGIN TRANSACTION; CREATE TEMP TABLE t AS SELECT 1 AS a; COMMIT;"),
        Good("SELECT 'BEGIN TRANSACTION;'; DROP TABLE shop.orders;"),
    ),
)
def ddl_in_transaction(at: At) -> Iterator[Hit]:
    inside = False
    for statement in at.statements:
        for op in statement.ops:
            if isinstance(op, ops.TransactionControl):
                inside = op.word == "BEGIN"
            elif inside and isinstance(op, ops.SCHEMA_OPS) and not getattr(op, "temporary", False):
                rest = [one for one in at.statements if one is not statement]
                yield at.hit(
                    "BigQuery refuses this inside the transaction.",
                    statement=statement,
                    safe_form="\n".join(f"{one.text.rstrip(';')};" for one in (statement, *rest)),
                )
                break


@rule(
    "bigquery-update-quota",
    scope=Scope.HALF,
    title="Too many changes of one table",
    severity=Severity.MEDIUM,
    harm="BigQuery allows a table five metadata updates in ten seconds; the sixth fails with a quota error half way.",
    advice="Write the changes of one table as one ALTER TABLE.",
    origin=("cloud.google.com: quotas, table metadata update operations",),
    bad=(
        Bad("\n".join(f"ALTER TABLE shop.orders ADD COLUMN c{n} INT64; -- {n};" for n in range(6)), hits=1),
        Bad("\n".join(f"ALTER TABLE `shop.orders`\n  ADD COLUMN `c;{n}` STRING;" for n in range(9)), hits=1),
    ),
    good=(
        Good("ALTER TABLE shop.orders " + ", ".join(f"ADD COLUMN c{n} INT64" for n in range(9)) + ";"),
        Good("\n".join(f"ALTER TABLE shop.t{n} ADD COLUMN c INT64;" for n in range(9))),
        Good("\n".join("SELECT 'ALTER TABLE shop.orders ADD COLUMN c INT64;';" for _ in range(9))),
    ),
)
def update_quota(at: At) -> Iterator[Hit]:
    counts: Counter[str] = Counter()
    altered = [one for one in at.statements if one.ops and isinstance(one.ops[0], ops.AlterTable)]
    for statement in altered:
        op = statement.ops[0]
        assert isinstance(op, ops.AlterTable)
        key = str(op.table).casefold()
        counts[key] += 1
        if counts[key] != _MOST_UPDATES + 1:
            continue
        same = [
            one
            for one in altered
            if isinstance(one.ops[0], ops.AlterTable) and str(one.ops[0].table).casefold() == key
        ]
        actions = [one.text[op.span[0] : op.span[1]] for one in same for op in one.ops if op.span]
        yield at.hit(
            f"This is the sixth change of {op.table} in this block; all {len(same)} fit in one statement.",
            statement=statement,
            safe_form=f"ALTER TABLE {written_name(same[0])}\n  " + ",\n  ".join(actions) + ";",
        )


@rule(
    "bigquery-bytes-scanned",
    on=(ops.Update, ops.Delete, ops.Insert, ops.CreateTable),
    title="Reads a whole table",
    severity=Severity.LOW,
    harm="BigQuery charges by the bytes a statement reads, and a DML statement may read the whole table.",
    advice="Ask for the bytes with a dry run, and filter by the partition.",
    origin=("cloud.google.com: running-queries, dry run",),
    bad=(
        Bad("UPDATE shop.orders SET total = 0 WHERE code = 'it''s';", facts=_HUGE),
        Bad("DELETE FROM `shop.orders` -- by partition?\nWHERE n = 1;"),
    ),
    good=(
        Good("UPDATE shop.orders SET total = 0 WHERE true;", facts=_EMPTY),
        Good("INSERT INTO shop.orders (id, code) VALUES (1, 'SELECT * FROM x');"),
        Good("CREATE TABLE shop.t (id INT64); -- DELETE FROM shop.orders WHERE true"),
    ),
)
def bytes_scanned(at: At, op: ops.Update | ops.Delete | ops.Insert | ops.CreateTable) -> Iterator[Hit]:
    dry = at.statement.text.replace("'", "'\"'\"'")
    command = f"bq query --dry_run --use_legacy_sql=false '{dry}'"
    if isinstance(op, ops.Insert):
        if op.rows is None:
            yield at.hit("How many bytes its query reads is not known here.", safe_form=command, unknown=True)
    elif isinstance(op, ops.CreateTable):
        if op.from_query:
            yield at.hit("How many bytes its query reads is not known here.", safe_form=command, unknown=True)
    else:
        yield from at.sized(op.table, f"This may read all of {op.table}.", safe_form=command)


RULES = tuple(_set.rules)
