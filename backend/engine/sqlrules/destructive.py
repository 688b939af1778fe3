"""What loses data: dropped tables and columns, TRUNCATE, CASCADE. Pure.

A down that drops what its own up made is a rollback, not a loss the file decides on: a run asks for it by its rows.
"""

from __future__ import annotations

from collections.abc import Iterator

from backend.engine.lint import ops
from backend.engine.lint.context import At
from backend.engine.lint.facts import Facts
from backend.engine.lint.ops import Name
from backend.engine.lint.rule import Bad, Good, Hit, RuleSet, facts_of
from backend.engine.lint.scene import Rows
from backend.models.connection import EngineName
from backend.models.finding import Severity
from backend.models.schema import Catalog, CatalogColumn, CatalogTable

from .rebuilds import Rebuild, rebuild_of

_set = RuleSet()
rule = _set.rule
_ORDERS = "CREATE TABLE orders (id int PRIMARY KEY, note text);"
_KNOWN = Facts.of_catalog(
    Catalog(
        tables=[
            CatalogTable(
                name="orders",
                rows=40_000_000,
                columns=[CatalogColumn(name="id", type="int"), CatalogColumn(name="note", type="text")],
            )
        ]
    )
)
_MADE_ANEW = (
    "CREATE TABLE n (id int PRIMARY KEY, note text); INSERT INTO n ({}) SELECT {} FROM orders o;"
    "DROP TABLE orders; ALTER TABLE n RENAME TO orders;"
)


def _made_by_up(at: At, kind: str, name: Name) -> bool:
    """Does this down take back what the up of the same file made?"""
    if at.is_up or at.source.up is None:
        return False
    for op in at.ops(at.source.up):
        if isinstance(op, ops.CreateTable) and kind == "table" and op.name.same(name):
            return True
        if isinstance(op, ops.CreateObject) and op.kind == kind and op.name.same(name):
            return True
        if isinstance(op, ops.Rename) and op.kind == kind and op.new.casefold() == name.key:
            return True
    return False


def _created_here(at: At, name: Name) -> bool:
    """Made by an earlier statement of this half: dropping it loses nothing from before."""
    return any(
        isinstance(op, ops.CreateTable | ops.CreateObject) and op.name.same(name) for op in at.earlier_ops()
    )


@rule(
    "drop-table",
    on=ops.Drop,
    title="Table dropped",
    severity=Severity.CRITICAL,
    confirm=True,
    harm="Every row of the table is lost, and code that still reads it fails.",
    advice="Back it up, rename it now and drop it in a later migration, when nothing has missed it.",
    origin=("squawk: ban-drop-table", "atlas: DS102", "strong_migrations: drop_table", "skeema: drop-table"),
    bad=(
        Bad("DROP TABLE orders;", setup=_ORDERS),
        Bad('drop table if exists\n  -- the old one\n  "orders"', setup=_ORDERS, engine=EngineName.POSTGRES),
        Bad("DROP TABLE orders, /* and */ items;", hits=2, setup=_ORDERS + "CREATE TABLE items (id int);"),
        Bad("DROP TABLE orders", facts=facts_of(orders=40_000_000), setup=_ORDERS),
        Bad("CREATE TABLE n (id int); DROP TABLE orders; ALTER TABLE n RENAME TO orders;", setup=_ORDERS),
        Bad("SELECT 1;", down="DROP TABLE orders;", setup=_ORDERS),
        # Its columns are not known, so neither is what the copy leaves behind.
        Bad(_MADE_ANEW.format("id, note", "id, note"), setup=_ORDERS),
        Bad(_MADE_ANEW.format("id", "id"), facts=_KNOWN, setup=_ORDERS),
        Bad(_MADE_ANEW.format("id, note", "id, 'note'"), facts=_KNOWN, setup=_ORDERS),
        Bad(_MADE_ANEW.format("id, note", "max(id), max(note)"), facts=_KNOWN, setup=_ORDERS),
        Bad(
            "ALTER TABLE orders RENAME TO old; CREATE TABLE orders (id int PRIMARY KEY, note text);"
            "INSERT INTO orders (id, note) SELECT id, note FROM old WHERE id > 0; DROP TABLE old;",
            facts=_KNOWN,
            setup=_ORDERS,
        ),
        Bad(
            "CREATE TABLE n (id int PRIMARY KEY, note text); INSERT INTO n (id, note) SELECT id, note FROM orders;"
            "DELETE FROM n WHERE id = 1; DROP TABLE orders; ALTER TABLE n RENAME TO orders;",
            facts=_KNOWN,
            setup=_ORDERS,
        ),
        Bad(
            "CREATE TABLE n (id int PRIMARY KEY, note text); INSERT INTO n (id, note) SELECT id, note FROM orders;"
            "DROP TABLE orders; ALTER TABLE n RENAME TO orders; DROP TABLE orders;",
            facts=_KNOWN,
            hits=1,
            setup=_ORDERS,
        ),
        Bad(
            "CREATE TABLE archive (id int PRIMARY KEY, note text);"
            "INSERT INTO archive (id, note) SELECT id, note FROM orders; DROP TABLE orders;",
            facts=_KNOWN,
            setup=_ORDERS,
        ),
    ),
    good=(
        Good("CREATE TABLE orders (id int PRIMARY KEY);", down="DROP TABLE orders;"),
        Good("CREATE TABLE tmp (id int); DROP TABLE tmp;"),
        Good("INSERT INTO notes (body) VALUES ('DROP TABLE orders;'); -- DROP TABLE orders;"),
        Good("DROP VIEW orders;"),
        Good(_MADE_ANEW.format("id, note", "o.id, o.note"), facts=_KNOWN),
        Good(_MADE_ANEW.format("id, note", "id, coalesce(note, 'none')"), facts=_KNOWN),
        Good(_MADE_ANEW.format("id, note", "*"), facts=_KNOWN),
        Good(
            "ALTER TABLE orders RENAME TO old; CREATE TABLE orders (id int PRIMARY KEY, note text);"
            "INSERT INTO orders (id, note) SELECT id, note FROM old ORDER BY id; DROP TABLE old;",
            facts=_KNOWN,
        ),
    ),
)
def drop_table(at: At, op: ops.Drop) -> Iterator[Hit]:
    if op.kind not in ("table", "foreign_table") or _made_by_up(at, "table", op.name):
        return
    rebuild = rebuild_of(at, op.name)
    if _created_here(at, op.name) or at.rows(op.name).is_new or (rebuild and rebuild.is_whole):
        return
    if rebuild is not None:
        yield _of_rebuild(at, at.rows(op.name), rebuild)
        return
    old = Name(f"{op.name.name}_dropped", op.name.schema)
    safe = f"ALTER TABLE {at.q(op.name)} RENAME TO {at.q(old.name)};"
    if at.context.engine is EngineName.CLICKHOUSE:
        safe = f"RENAME TABLE {at.q(op.name)} TO {at.q(old)};"
    if at.context.engine is EngineName.SPANNER:
        safe = None  # type: ignore[assignment]
    words = at.rows_words(op.name)
    fixes = []
    # One name a statement can be replaced in place.
    if safe and len(at.statement.ops) == 1:
        fixes = [at.rewrite(f"Rename {op.name} to {old.name} instead", safe.rstrip(";"))]
    rows = at.rows(op.name)
    yield at.hit(
        f"DROP TABLE {op.name} deletes the table with every row in it.{words}",
        safe_form=safe,
        fixes=fixes,
        severity=Severity.MEDIUM if rows.is_empty else None,
        confirm=not rows.is_empty,
        unknown=rows.is_unknown,
    )


def _of_rebuild(at: At, rows: Rows, rebuild: Rebuild) -> Hit:
    """A drop whose rows were copied before, though not all that is in them, or to another name."""
    table, into, behind = rebuild.table, rebuild.into, rebuild.left_behind
    lost = Severity.LOW if rows.is_empty else Severity.HIGH
    if not rebuild.is_every_row:
        message = (
            f"Not every row of {table} is kept when it is made anew as {into}: the copy filters, joins, groups or skips"
            f" rows, or they were changed after it. What is left out is lost.{at.rows_words(table)}"
        )
        return at.hit(message, severity=lost, confirm=not rows.is_empty, unknown=rows.is_unknown)
    if behind:
        message = (
            f"The rows of {table} are copied into {into} without {', '.join(behind)}: what {table} holds there is lost."
            f"{at.rows_words(table)}"
        )
        return at.hit(message, severity=lost, confirm=not rows.is_empty, unknown=rows.is_unknown)
    whether = " Whether every column was copied is not known here." if behind is None else ""
    if rebuild.takes_name:
        message = f"{table} is made anew, and its rows are copied before the old one is dropped.{whether}"
        return at.hit(message, severity=Severity.LOW, confirm=False, unknown=True)
    message = f"The rows of {table} are copied into {into}; code that still reads {table} fails.{whether}"
    return at.hit(message, severity=Severity.MEDIUM, confirm=False, unknown=behind is None)


@rule(
    "drop-column",
    on=ops.DropColumn,
    title="Column dropped",
    severity=Severity.HIGH,
    confirm=True,
    harm="The column's data is lost, and code that still names it fails.",
    advice="Stop using it first, keep a copy or a backup, and drop it in a later release.",
    origin=("squawk: ban-drop-column", "atlas: DS103", "strong_migrations: remove_column"),
    bad=(
        Bad("ALTER TABLE orders DROP COLUMN note;", setup=_ORDERS),
        Bad("ALTER TABLE orders\n  /* no; longer used */\n  DROP note;", setup=_ORDERS),
        Bad("ALTER TABLE orders ADD COLUMN memo text, DROP COLUMN note;", hits=1, setup=_ORDERS),
    ),
    good=(
        Good("ALTER TABLE orders ADD COLUMN note text;", down="ALTER TABLE orders DROP COLUMN note;"),
        Good("CREATE TABLE t (a int, b int); ALTER TABLE t DROP COLUMN b;"),
        Good("ALTER TABLE orders DROP CONSTRAINT note;"),
        Good("INSERT INTO t (a) VALUES ('x; ALTER TABLE orders DROP COLUMN note');"),
    ),
)
def drop_column(at: At, op: ops.DropColumn) -> Iterator[Hit]:
    if at.is_new(op.table) and at.rows(op.table).count is not None:
        return
    if not at.is_up and at.source.up is not None:
        for made in at.ops(at.source.up):
            if isinstance(made, ops.AddColumn) and made.table.same(op.table):
                if made.column.name.casefold() == op.column.casefold():
                    return
            elif (
                isinstance(made, ops.Rename)
                and made.kind == "column"
                and made.new.casefold() == op.column.casefold()
            ):
                return
    rows = at.rows(op.table)
    yield at.hit(
        f"DROP COLUMN {op.column} deletes what {op.table} holds in it.{at.rows_words(op.table)}",
        span=op.span,
        severity=Severity.LOW if rows.is_empty else None,
        confirm=not rows.is_empty,
        unknown=rows.is_unknown,
    )


@rule(
    "truncate",
    on=ops.Truncate,
    title="Table emptied",
    severity=Severity.CRITICAL,
    confirm=True,
    harm="Every row of the table is lost, at once and for every session.",
    advice="Back the table up first, or delete the rows you mean by a condition.",
    origin=("squawk: ban-truncate-cascade", "bytebase: statement.disallow-truncate"),
    bad=(
        Bad("TRUNCATE TABLE orders;", setup=_ORDERS),
        Bad("truncate\n -- all of it\n orders", setup=_ORDERS, engine=EngineName.POSTGRES),
    ),
    good=(
        Good("CREATE TABLE t (a int); TRUNCATE TABLE t;"),
        Good("DELETE FROM orders WHERE note = 'truncate table orders';"),
    ),
)
def truncate(at: At, op: ops.Truncate) -> Iterator[Hit]:
    rows = at.rows(op.table)
    if rows.is_empty or (rows.is_new and at.is_up):
        return
    yield at.hit(
        f"TRUNCATE empties {op.table}.{at.rows_words(op.table)}", unknown=rows.is_unknown, span=op.span
    )


@rule(
    "drop-database",
    on=ops.Drop,
    title="Schema or database dropped",
    severity=Severity.CRITICAL,
    confirm=True,
    harm="Everything in it is lost.",
    advice="Back it up, and drop its objects by name, so that nothing goes that nobody thought of.",
    origin=("squawk: ban-drop-database", "atlas: DS101"),
    bad=(
        Bad("DROP SCHEMA app;", setup="CREATE SCHEMA app;"),
        Bad("DROP DATABASE /* really */ shop;"),
    ),
    good=(
        Good("CREATE SCHEMA app;", down="DROP SCHEMA app;"),
        Good("INSERT INTO t (a) VALUES ('DROP SCHEMA app;');"),
    ),
)
def drop_database(at: At, op: ops.Drop) -> Iterator[Hit]:
    if op.kind not in ("schema", "database") or _made_by_up(at, op.kind, op.name):
        return
    yield at.hit(f"DROP {op.kind.upper()} {op.name} deletes everything in it.")


@rule(
    "drop-cascade",
    on=(ops.Drop, ops.DropColumn, ops.DropConstraint, ops.Truncate),
    title="CASCADE takes along what is not named",
    severity=Severity.HIGH,
    confirm=True,
    harm="CASCADE also drops every view, key and table that depends on it, and nobody has listed them.",
    advice="Leave CASCADE out; where the server refuses, drop what it names, by name.",
    origin=("squawk: ban-truncate-cascade", "squawk: ban-drop-database"),
    engines=(EngineName.POSTGRES, EngineName.MYSQL, EngineName.BIGQUERY, EngineName.SPANNER),
    bad=(
        Bad("DROP TABLE orders CASCADE;", setup=_ORDERS),
        Bad("DROP VIEW IF EXISTS v\n/* with all */ cascade;", setup="CREATE VIEW v AS SELECT 1 AS one;"),
        Bad("ALTER TABLE orders DROP COLUMN note CASCADE;", setup=_ORDERS),
    ),
    good=(
        Good("DROP TABLE orders; -- CASCADE"),
        Good("DROP TABLE orders RESTRICT;", engine=EngineName.POSTGRES),
        Good("ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES b (id) ON DELETE CASCADE;"),
    ),
)
def drop_cascade(at: At, op: ops.Drop | ops.DropColumn | ops.DropConstraint | ops.Truncate) -> Iterator[Hit]:
    if not op.cascade:
        return
    target = op.name if isinstance(op, ops.Drop | ops.DropConstraint) else op.table
    if isinstance(op, ops.DropConstraint):
        target = Name(op.name)
    text, fixes = at.statement.text, []
    safe = None
    end = text.upper().rfind("CASCADE")
    if end >= 0 and not text[end + 7 :].strip(" ;"):
        safe = text[:end].rstrip()
        fixes = [at.rewrite("Leave CASCADE out", safe)]
        safe += ";"
    yield at.hit(
        f"CASCADE drops everything that depends on {target}, named here or not.",
        safe_form=safe,
        fixes=fixes,
        span=op.span,
    )


RULES = tuple(_set.rules)
