"""Names that running code still uses: tables and columns renamed. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from backend.engine.lint import ops
from backend.engine.lint.context import At
from backend.engine.lint.ops import Name
from backend.engine.lint.rule import Bad, Good, Hit, RuleSet
from backend.models.finding import Severity

_set = RuleSet()
rule = _set.rule
_ORDERS = "CREATE TABLE orders (id int PRIMARY KEY, note text);"


@rule(
    "rename-table",
    on=ops.Rename,
    title="Table renamed",
    severity=Severity.HIGH,
    harm="Code that is running still uses the old name and fails from this moment on.",
    advice="Rename it and leave a view under the old name until nothing uses it.",
    origin=("squawk: renaming-table", "strong_migrations: rename_table", "atlas: BC101"),
    bad=(
        Bad("ALTER TABLE orders RENAME TO sales;", setup=_ORDERS),
        Bad("ALTER TABLE orders\n  RENAME -- the new word\n  TO sales;", setup=_ORDERS),
    ),
    good=(
        Good("CREATE TABLE t_new (a int); ALTER TABLE t_new RENAME TO t;"),
        Good("ALTER TABLE orders RENAME COLUMN a TO b;"),
        Good("ALTER TABLE orders RENAME TO sales; CREATE VIEW orders AS SELECT id, note FROM sales;"),
        Good("DROP TABLE t; ALTER TABLE t_new RENAME TO t;"),
    ),
)
def rename_table(at: At, op: ops.Rename) -> Iterator[Hit]:
    if op.kind != "table" or at.is_new(op.old) or (not at.is_up and _renames_back(at, op)):
        return
    later = list(at.later_ops())
    if any(
        isinstance(one, ops.CreateObject) and one.kind == "view" and one.name.same(op.old) for one in later
    ):
        return
    # A table under the old name that is made, or moved there, later: a swap.
    if any(isinstance(one, ops.CreateTable) and one.name.same(op.old) for one in later):
        return
    if any(isinstance(one, ops.Rename) and one.new.casefold() == op.old.key for one in later):
        return
    # What takes the place of a table dropped just before is the end of a rebuild.
    if any(
        isinstance(one, ops.Drop) and one.name.name.casefold() == op.new.casefold()
        for one in at.earlier_ops()
    ):
        return
    view = f"CREATE VIEW {at.q(op.old)} AS SELECT * FROM {at.q(Name(op.new, op.old.schema))};"
    rename = at.statement.text.rstrip("; \n")
    yield at.hit(
        f"Whatever runs now still uses {op.old} and fails once it is called {op.new}.",
        span=op.span,
        safe_form=f"{rename};\n{view}",
        fixes=[at.rewrite(f"Keep a view named {op.old.name}", f"{rename};\n{view.rstrip(';')}")],
    )


@rule(
    "rename-column",
    on=ops.Rename,
    title="Column renamed",
    severity=Severity.HIGH,
    harm="Code that is running still uses the old name and fails from this moment on.",
    advice="Add the new column, write both, copy, move the readers, and drop the old one in a later migration.",
    origin=("squawk: renaming-column", "strong_migrations: rename_column", "atlas: BC102"),
    bad=(
        Bad("ALTER TABLE orders RENAME COLUMN note TO memo;", setup=_ORDERS),
        Bad("ALTER TABLE orders\n/* ; */ RENAME COLUMN note\nTO memo;", setup=_ORDERS),
    ),
    good=(
        Good("CREATE TABLE t (a int); ALTER TABLE t RENAME COLUMN a TO b;"),
        Good("ALTER TABLE orders RENAME TO sales;"),
    ),
)
def rename_column(at: At, op: ops.Rename) -> Iterator[Hit]:
    if (
        op.kind != "column"
        or op.table is None
        or at.is_new(op.table)
        or (not at.is_up and _renames_back(at, op))
    ):
        return
    known = at.scene.column(op.table, op.old.name)
    safe = None
    if known is not None and known.type:
        table, new, old = at.q(op.table), at.q(op.new), at.q(op.old.name)
        safe = (
            f"ALTER TABLE {table} ADD COLUMN {new} {known.type};\n"
            f"UPDATE {table} SET {new} = {old} WHERE {new} IS NULL; -- in batches on a large table\n"
            f"-- write both columns, move the readers, then in a later migration:\n"
            f"-- ALTER TABLE {table} DROP COLUMN {old};"
        )
    yield at.hit(
        f"Whatever runs now still uses {op.table}.{op.old} and fails once it is called {op.new}.",
        span=op.span,
        safe_form=safe,
    )


def _renames_back(at: At, op: ops.Rename) -> bool:
    return any(
        isinstance(one, ops.Rename) and one.kind == op.kind and one.new.casefold() == op.old.key
        for one in at.ops(at.source.up)
    )


RULES = tuple(_set.rules)
