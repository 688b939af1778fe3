"""Tables rebuilt by copy, drop and rename: what goes with the old table. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from backend.engine.lint import ops
from backend.engine.lint.context import At
from backend.engine.lint.ops import Name
from backend.engine.lint.rule import Bad, Good, Hit, RuleSet, Scope
from backend.engine.lint.source import Stmt
from backend.models.connection import EngineName
from backend.models.finding import Fix, Severity
from backend.models.schema import CatalogIndex

from .names import ORDERS, facts, quote

_set = RuleSet(EngineName.SQLITE)
rule = _set.rule
_REBUILD = (
    "CREATE TABLE orders_new (id INTEGER PRIMARY KEY, code text, total int CHECK (total > 0));\n"
    "INSERT INTO orders_new (id, code, total) SELECT id, code, total FROM orders;\n"
    "DROP TABLE orders;\n"
    "ALTER TABLE orders_new RENAME TO orders;\n"
)
_CHILD = "CREATE TABLE lines (id INTEGER PRIMARY KEY, o int REFERENCES orders (id) ON DELETE CASCADE);\n"
_FILLED = ORDERS + _CHILD + "INSERT INTO lines VALUES (1, 1);\n"
_OFF = ("0", "OFF", "FALSE", "NO")


def _rebuilt(at: At) -> Iterator[tuple[Name, Stmt]]:
    """Tables that are dropped and whose name another table then takes: (table, the DROP)."""
    dropped: dict[str, tuple[Name, Stmt]] = {}
    for statement in at.statements:
        for op in statement.ops:
            if isinstance(op, ops.Drop) and op.kind == "table":
                dropped[op.name.key] = (op.name, statement)
            elif isinstance(op, ops.Rename) and op.kind == "table":
                found = dropped.pop(op.new.casefold(), None)
                if found is not None:
                    yield found


def _foreign_keys_at(at: At, end: Stmt) -> bool | None:
    """Are they on when a statement runs, as far as the block says? None where it says nothing (or could not)."""
    state: bool | None = None
    for statement in at.statements[: end.index]:
        for op in statement.ops:
            # Inside a transaction the PRAGMA does nothing.
            if (
                isinstance(op, ops.Setting)
                and op.name == "foreign_keys"
                and op.value
                and not at.half.transaction
            ):
                state = op.value.upper() not in _OFF
    return state


@rule(
    "sqlite-rebuild-cascades",
    scope=Scope.HALF,
    title="Table rebuilt while foreign keys may be on",
    severity=Severity.CRITICAL,
    confirm=True,
    harm="DROP TABLE of the old table deletes its rows first, and with foreign keys on every row that refers to them.",
    advice="Switch foreign_keys off outside the transaction (transaction:false), rebuild, run foreign_key_check.",
    origin=("sqlite.org: lang_altertable, Making Other Kinds Of Table Schema Changes", "atlas: SQ"),
    bad=(
        Bad(_REBUILD, setup=_FILLED),
        Bad("PRAGMA foreign_keys = OFF;\n" + _REBUILD, setup=_FILLED),
        Bad(
            '-- PRAGMA foreign_keys = OFF;\nCREATE TABLE "o;2" (id INTEGER PRIMARY KEY, code text);\n'
            'INSERT INTO "o;2" (id, code) SELECT id, code FROM orders;\n'
            'drop table /* the old; one */\n  [orders];\nALTER TABLE "o;2"\n  RENAME TO `orders`;',
            setup=_FILLED,
            transaction=False,
        ),
    ),
    good=(
        Good(
            "PRAGMA foreign_keys = OFF;\nBEGIN;\n"
            + _REBUILD
            + "PRAGMA foreign_key_check;\nCOMMIT;\nPRAGMA foreign_keys = ON;",
            transaction=False,
        ),
        Good("DROP TABLE orders;\nALTER TABLE users RENAME TO customers;"),
        Good(
            "INSERT INTO notes (body) VALUES ('DROP TABLE orders; ALTER TABLE orders_new RENAME TO orders');"
        ),
        Good("CREATE TABLE t (id int);\nDROP TABLE t;\nCREATE TABLE u (id int);\nALTER TABLE u RENAME TO t;"),
    ),
)
def rebuild_cascades(at: At) -> Iterator[Hit]:
    made: set[str] = set()
    for table, statement in _rebuilt(at):
        made = {
            op.name.key
            for one in at.statements[: statement.index]
            for op in one.ops
            if isinstance(op, ops.CreateTable)
        }
        if table.key in made or _foreign_keys_at(at, statement) is False or _nobody_refers(at, table):
            continue
        safe = _recipe(at)
        yield at.hit(
            f"Rows that refer to {table} are deleted with it (ON DELETE CASCADE) or stop this, where foreign keys are on"
            + (
                ", and PRAGMA foreign_keys does nothing inside the transaction of this block."
                if at.half.transaction
                else "."
            ),
            statement=statement,
            safe_form=safe,
            fixes=_fixes(at, safe),
            unknown=True,
        )
        return


def _nobody_refers(at: At, table: Name) -> bool:
    """Known from the catalog to have no children?"""
    keys = at.facts.foreign_keys if at.facts else None
    if keys is None:
        return False
    return not any(
        one.references is not None and one.references.same(table) for found in keys.values() for one in found
    )


def _recipe(at: At) -> str:
    """The block's own statements, with the switch around them."""
    inside = [
        one
        for one in at.statements
        if not any(
            isinstance(op, ops.TransactionControl)
            or (isinstance(op, ops.Setting) and op.name in ("foreign_keys", "foreign_key_check"))
            for op in one.ops
        )
    ]
    body = "\n".join(f"{one.text.rstrip(';')};" for one in inside)
    return (
        f"-- migrate:{at.half.direction.value} transaction:false\n"
        "PRAGMA foreign_keys = OFF;\nBEGIN;\n"
        f"{body}\n"
        "PRAGMA foreign_key_check; -- no row may come\nCOMMIT;\nPRAGMA foreign_keys = ON;"
    )


def _fixes(at: At, safe: str) -> tuple[Fix, ...]:
    if at.half.directive is None:
        return ()
    start, end = at.half.directive[0], at.half.offset + len(at.half.body.rstrip())
    return (Fix(title="Switch foreign keys off around the rebuild", edits=[at.file_edit(start, end, safe)]),)


@rule(
    "sqlite-rebuild-unchecked",
    scope=Scope.HALF,
    title="Rebuilt without foreign_key_check",
    severity=Severity.LOW,
    harm="With foreign keys off nothing notices rows whose parent is gone, and they stay.",
    advice="Run PRAGMA foreign_key_check before COMMIT and switch foreign keys on again.",
    origin=("sqlite.org: lang_altertable, step 10",),
    bad=(
        Bad("PRAGMA foreign_keys=off;\n" + _REBUILD + "-- PRAGMA foreign_key_check;", setup=_FILLED, transaction=False),
        Bad('PRAGMA\n foreign_keys(0);\nDROP TABLE "orders";\nALTER TABLE spare RENAME TO orders;', transaction=False,
            setup=ORDERS + "CREATE TABLE spare (id INTEGER PRIMARY KEY); INSERT INTO spare VALUES (7)"),
    ),
    good=(
        Good("PRAGMA foreign_keys=off;\n" + _REBUILD + "PRAGMA foreign_key_check;", transaction=False),
        Good("PRAGMA foreign_keys=off;\nDELETE FROM orders WHERE code = 'PRAGMA';", transaction=False),
        Good("SELECT 'PRAGMA foreign_keys=off; DROP TABLE a; ALTER TABLE b RENAME TO a';", transaction=False),
    ),
)  # fmt: skip
def rebuild_unchecked(at: At) -> Iterator[Hit]:
    if any(isinstance(op, ops.Setting) and op.name == "foreign_key_check" for op in at.ops()):
        return
    for table, statement in _rebuilt(at):
        if _foreign_keys_at(at, statement) is False:
            yield at.hit(
                f"{table} is made anew with foreign keys off, and nothing looks whether every reference still has its row.",
                statement=statement,
                safe_form=_recipe(at),
                fixes=_fixes(at, _recipe(at)),
            )
            return


@rule(
    "sqlite-rebuild-loses-indexes",
    scope=Scope.HALF,
    title="Rebuild leaves indexes behind",
    severity=Severity.MEDIUM,
    harm="The old table's indexes (and triggers) go with it; queries become slow, and duplicates may come in.",
    advice="Make them again after the rename.",
    origin=("sqlite.org: lang_altertable, step 8",),
    bad=(
        Bad(_REBUILD, setup=ORDERS + "CREATE INDEX by_code ON orders (code);",
            facts=facts(code="text", total="int", indexes=[CatalogIndex(name="by_code", columns=["code"])])),
        Bad(
            _REBUILD + "-- CREATE UNIQUE INDEX \"by;code\" ON orders (code);\nSELECT 'CREATE UNIQUE INDEX';",
            setup=ORDERS + 'CREATE UNIQUE INDEX "by;code" ON orders (code);',
            facts=facts(code="text", indexes=[CatalogIndex(name="by;code", columns=["code"], unique=True)]),
        ),
    ),
    good=(
        Good(_REBUILD + "CREATE INDEX by_code ON orders (code);",
             facts=facts(code="text", indexes=[CatalogIndex(name="by_code", columns=["code"])])),
        Good(_REBUILD, facts=facts(code="text")),
        Good(_REBUILD, facts=facts(code="text", indexes=[CatalogIndex(name="sqlite_autoindex_orders_1", columns=["code"], unique=True)])),
        Good("DROP TABLE orders; -- ALTER TABLE x RENAME TO orders",
             facts=facts(code="text", indexes=[CatalogIndex(name="by_code", columns=["code"])])),
    ),
)  # fmt: skip
def rebuild_loses_indexes(at: At) -> Iterator[Hit]:
    for table, statement in _rebuilt(at):
        known = at.facts.table(table) if at.facts else None
        if known is None:
            continue
        again = {(op.name or "").casefold() for op in at.ops() if isinstance(op, ops.CreateIndex)}
        gone = {op.name.key for op in at.ops() if isinstance(op, ops.Drop) and op.kind == "index"}
        lost = [
            one
            for one in known.indexes
            if one.name.casefold() not in again | gone
            and not one.name.startswith("sqlite_autoindex")
            and one.columns
        ]
        if not lost:
            continue
        makes = "\n".join(
            f"CREATE {'UNIQUE ' if one.unique else ''}INDEX {quote(one.name)} ON {at.q(table)} "
            f"({', '.join(quote(column) for column in one.columns)});"
            for one in lost
        )
        body = "\n".join(f"{one.text.rstrip(';')};" for one in at.statements)
        end = at.half.offset + at.statements[-1].end
        while end < len(at.source.content) and at.source.content[end] in "; ":
            end += 1
        begin = at.half.offset + at.statements[-1].end
        yield at.hit(
            f"{', '.join(one.name for one in lost)} goes with the old {table}; its triggers go too.",
            statement=statement,
            safe_form=f"{body}\n{makes}",
            fixes=(Fix(title="Make the indexes again", edits=[at.file_edit(begin, end, ";\n" + makes)]),),
        )


RULES = tuple(_set.rules)
