"""What SQLite's ALTER TABLE cannot do, and the rebuild in its place. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from backend.engine.lint import ops
from backend.engine.lint.context import At
from backend.engine.lint.ops import Name
from backend.engine.lint.rule import Bad, Good, Hit, RuleSet
from backend.engine.sqlrules.tokens import T, tokenize
from backend.models.connection import EngineName
from backend.models.finding import Fix, Severity
from backend.models.schema import CatalogIndex

from .names import KNOWN, ORDERS, facts, known_columns, quote, recipe

_set = RuleSet(EngineName.SQLITE)
rule = _set.rule


@rule(
    "sqlite-add-column-refused",
    on=ops.AddColumn,
    title="Column SQLite cannot add",
    severity=Severity.HIGH,
    harm="ADD COLUMN refuses PRIMARY KEY, UNIQUE, a stored generated column, and a default that is no constant.",
    advice="Add a plain column and an index, or rebuild the table.",
    origin=("sqlite.org: lang_altertable, ALTER TABLE ADD COLUMN", "atlas: SQ"),
    bad=(
        Bad("ALTER TABLE orders ADD COLUMN email text UNIQUE;", setup=ORDERS),
        Bad(
            "ALTER TABLE orders ADD made text -- now\n  DEFAULT CURRENT_TIMESTAMP NOT NULL;",
            setup=ORDERS,
            facts=KNOWN,
        ),
        Bad(
            'ALTER TABLE "orders"\n ADD COLUMN "a;b" text DEFAULT (lower(\'X;\'));', setup=ORDERS, facts=KNOWN
        ),
        Bad("ALTER TABLE orders ADD COLUMN key2 integer PRIMARY KEY", setup=ORDERS, facts=KNOWN),
        Bad("ALTER TABLE orders ADD COLUMN twice int AS (total * 2) STORED;", setup=ORDERS),
    ),
    good=(
        Good("ALTER TABLE orders ADD COLUMN email text DEFAULT 'UNIQUE';"),
        Good("ALTER TABLE orders ADD COLUMN total int NOT NULL DEFAULT -1; -- UNIQUE"),
        Good("ALTER TABLE orders ADD COLUMN twice int AS (total * 2) VIRTUAL;"),
        Good("CREATE TABLE t (id integer PRIMARY KEY, made text DEFAULT CURRENT_TIMESTAMP UNIQUE);"),
        Good("ALTER TABLE orders ADD COLUMN n int DEFAULT (5);"),
        Good(
            "ALTER TABLE orders ADD COLUMN made text DEFAULT CURRENT_TIMESTAMP;", facts=facts(0, code="text")
        ),
    ),
)
def add_column_refused(at: At, op: ops.AddColumn) -> Iterator[Hit]:
    column = op.column
    empty = at.rows(op.table).is_empty
    if column.primary_key:
        why, safe = "PRIMARY KEY", _rebuilt_with(at, op)
    elif column.unique:
        why, safe = "UNIQUE", _with_index(at, op)
    elif column.generated == "stored":
        why, safe = "a stored generated column", _virtual(at)
    elif column.default is not None and not _is_constant(column.default) and not empty:
        why, safe = f"the default {column.default}", _rebuilt_with(at, op)
    else:
        return
    unsure = why.startswith("the default") and at.rows(op.table).is_unknown
    yield at.hit(
        f"SQLite refuses {why} in ADD COLUMN" + (f" unless {op.table} is empty." if unsure else "."),
        span=op.span,
        safe_form=safe,
        fixes=(at.rewrite("Write what SQLite can add", safe.rstrip(";")),)
        if safe and "PRAGMA" not in safe
        else (),
        unknown=unsure,
    )


def _is_constant(default: str) -> bool:
    """A literal, with a sign or in parentheses; SQLite takes no other for rows that are there."""
    found = [token for token in tokenize(default, "sqlite") if token.upper not in ("(", ")", "+", "-")]
    if len(found) == 2 and found[0].upper == "X" and found[1].kind is T.STRING:
        return True  # a blob
    if len(found) != 1:
        return False
    # A bare word is a text; CURRENT_… is computed, and so is a name in parentheses.
    bare = "(" not in default and not found[0].upper.startswith("CURRENT_")
    return found[0].kind in (T.NUMBER, T.STRING) or found[0].upper in ("NULL", "TRUE", "FALSE") or bare


def _plain(at: At, op: ops.AddColumn, *words: str) -> str:
    """The statement's column without a clause."""
    text, span = at.statement.text, op.column.span or (0, 0)
    found = [t for t in tokenize(text, "sqlite") if span[0] <= t.start < span[1]]
    for index in range(len(found) - len(words), -1, -1):
        if [t.upper for t in found[index : index + len(words)]] == list(words):
            return text[: found[index].start].rstrip() + text[found[index + len(words) - 1].end :]
    return text


def _with_index(at: At, op: ops.AddColumn) -> str:
    table, column = at.q(op.table), quote(op.column.name)
    index = quote(f"{op.table.name}_{op.column.name}_key")
    return f"{_plain(at, op, 'UNIQUE').rstrip(';')};\nCREATE UNIQUE INDEX {index} ON {table} ({column});"


def _virtual(at: At) -> str:
    """The same column, computed when it is read."""
    text = at.statement.text
    word = next((t for t in reversed(tokenize(text, "sqlite")) if t.upper == "STORED"), None)
    return text if word is None else text[: word.start] + "VIRTUAL" + text[word.end :]


def _rebuilt_with(at: At, op: ops.AddColumn) -> str | None:
    known = known_columns(at, op.table)
    if known is None or op.column.span is None:
        return None
    own = at.statement.text[op.column.span[0] : op.column.span[1]]
    definitions = [one.sql for one in known]
    if op.column.primary_key:
        definitions = [one.removesuffix(" PRIMARY KEY") for one in definitions]
    return recipe(at, op.table, [*definitions, own], [quote(one.name) for one in known])


@rule(
    "sqlite-alter-unsupported",
    on=(ops.AlterColumnType, ops.AddConstraint, ops.DropConstraint, ops.SetDefault, ops.SetNotNull, ops.DropNotNull),
    title="ALTER TABLE that SQLite does not have",
    severity=Severity.HIGH,
    harm="SQLite renames, adds and drops columns; another ALTER TABLE is a syntax error, and the migration fails.",
    advice="Rebuild the table: a new one, copy, drop, rename, with foreign_keys off outside the transaction.",
    origin=("sqlite.org: lang_altertable",),
    bad=(
        Bad("ALTER TABLE orders ALTER COLUMN code TYPE varchar(9);", setup=ORDERS, facts=KNOWN),
        Bad("ALTER TABLE orders ADD CONSTRAINT positive\n -- ;\n CHECK (total > 0);", setup=ORDERS, facts=KNOWN),
        Bad('ALTER TABLE "orders" ALTER "code" SET DEFAULT \';\'', setup=ORDERS, facts=KNOWN),
        Bad("ALTER TABLE orders ALTER COLUMN code SET NOT NULL", setup=ORDERS, facts=KNOWN),
        Bad("ALTER TABLE orders MODIFY code text", setup=ORDERS, facts=KNOWN),
        Bad("ALTER TABLE orders DROP CONSTRAINT positive", setup=ORDERS, facts=KNOWN),
    ),
    good=(
        Good("ALTER TABLE orders ADD COLUMN \"constraint\" text CHECK (1);"),
        Good("ALTER TABLE orders RENAME COLUMN code TO number; -- ALTER COLUMN"),
        Good("INSERT INTO notes (body) VALUES ('ALTER TABLE orders ALTER COLUMN code TYPE int');"),
        Good("ALTER TABLE orders DROP COLUMN code;"),
        Good("ALTER TABLE orders ALTER COLUMN code SET NOT NULL;", version=(3, 53, 0)),
    ),
)  # fmt: skip
def alter_unsupported(at: At, op: ops.AlterTable) -> Iterator[Hit]:
    newer = isinstance(op, (ops.SetNotNull, ops.DropNotNull)) or (
        isinstance(op, ops.AddConstraint) and op.constraint.kind == "check"
    )
    # SQLite 3.53 learnt these; nothing older did.
    if newer and at.context.version_at_least(3, 53):
        return
    yield at.hit(
        f"SQLite has no such ALTER TABLE, so {op.table} must be made anew.",
        span=op.span,
        safe_form=_rebuilt_as(at, op),
    )


def _rebuilt_as(at: At, op: ops.AlterTable) -> str | None:
    known = known_columns(at, op.table)
    if known is None:
        return None
    definitions = [one.sql for one in known]
    column = getattr(op, "column", "")
    for index, one in enumerate(known):
        if one.name.casefold() != column.casefold():
            continue
        base = one.sql
        if isinstance(op, ops.AlterColumnType) and op.definition is not None and op.definition.span:
            base = at.statement.text[op.definition.span[0] : op.definition.span[1]]
        elif isinstance(op, ops.AlterColumnType):
            base = f"{quote(one.name)} {op.type}" + (" NOT NULL" if base.endswith(" NOT NULL") else "")
        elif isinstance(op, ops.SetNotNull):
            base = base if " NOT NULL" in base else base + " NOT NULL"
        elif isinstance(op, ops.DropNotNull):
            base = base.replace(" NOT NULL", "", 1)
        elif isinstance(op, ops.SetDefault):
            base = base.partition(" DEFAULT (")[0] + (f" DEFAULT ({op.default})" if op.default else "")
        definitions[index] = base
    if isinstance(op, ops.AddConstraint) and op.constraint.span:
        definitions.append(at.statement.text[op.constraint.span[0] : op.constraint.span[1]])
    return recipe(at, op.table, definitions, [quote(one.name) for one in known])


@rule(
    "sqlite-column-in-use",
    on=ops.DropColumn,
    title="Dropped column is used by an index, view or trigger",
    severity=Severity.HIGH,
    harm="DROP COLUMN fails where an index, a primary key, a view or a trigger uses the column.",
    advice="Drop what uses it first, in the same file, and make anew what is still needed.",
    origin=("sqlite.org: lang_altertable, ALTER TABLE DROP COLUMN",),
    bad=(
        Bad("ALTER TABLE orders DROP COLUMN code;", setup=ORDERS + "CREATE INDEX by_code ON orders (code);",
            facts=facts(code="text", indexes=[CatalogIndex(name="by_code", columns=["code"])])),
        Bad('-- DROP INDEX "by;code";\nALTER TABLE [orders]\n DROP /* now */ "Code";',
            setup=ORDERS + 'CREATE UNIQUE INDEX "by;code" ON orders (total, code);',
            facts=facts(code="text", indexes=[CatalogIndex(name="by;code", columns=["total", "code"], unique=True)])),
        Bad("ALTER TABLE orders DROP COLUMN code;", setup=ORDERS + "CREATE VIEW codes AS SELECT code FROM orders;",
            facts=facts(code="text", views=["codes"])),
        Bad("CREATE INDEX i ON orders (code);\nALTER TABLE orders DROP COLUMN code;", setup=ORDERS,
            runs_safe_form=False, why_not="it begins where the statement before it has run"),
    ),
    good=(
        Good("DROP INDEX by_code;\nALTER TABLE orders DROP COLUMN code;",
             facts=facts(code="text", indexes=[CatalogIndex(name="by_code", columns=["code"])])),
        Good("ALTER TABLE orders DROP COLUMN total;",
             facts=facts(code="text", total="int", indexes=[CatalogIndex(name="by_code", columns=["code"])])),
        Good("DROP VIEW codes;\nALTER TABLE orders DROP COLUMN code;", facts=facts(code="text", views=["codes"])),
        Good("SELECT 'ALTER TABLE orders DROP COLUMN code';", facts=facts(code="text", views=["codes"])),
    ),
)  # fmt: skip
def column_in_use(at: At, op: ops.DropColumn) -> Iterator[Hit]:
    indexes = at.scene.indexes_of(op.table) or []
    using = [name for name, keys, _ in indexes if any(one.casefold() == op.column.casefold() for one in keys)]
    text = at.statement.text
    own = [name for name in using if name and not name.startswith("sqlite_autoindex")]
    if using:
        first = "".join(f"DROP INDEX {quote(name)};\n" for name in own)
        yield at.hit(
            f"{', '.join(name or 'its UNIQUE or PRIMARY KEY' for name in using)} uses {op.column}, so SQLite refuses to drop it.",
            span=op.span,
            safe_form=f"{first}{text}"
            if own and len(own) == len(using)
            else _without(at, op.table, op.column),
            fixes=_fix(at, first) if own and len(own) == len(using) else (),
        )
        return
    gone = {one.name.key for one in at.scene.dropped if one.kind == "view"}
    views = [
        one
        for found in (at.facts.tables.values() if at.facts else ())
        for one in found
        if one.kind == "view" and one.name.casefold() not in gone
    ]
    if views and not at.is_new(op.table):
        names = ", ".join(one.name for one in views[:5])
        yield at.hit(
            f"If {names} reads {op.column}, SQLite refuses to drop it; what views read is not known here.",
            span=op.span,
            safe_form=f"-- no row may come; drop the views it names first and make them anew after\n"
            f"SELECT name FROM sqlite_schema WHERE type IN ('view', 'trigger') AND sql LIKE '%{_like(op.column)}%';",
            severity=Severity.LOW,
            unknown=True,
        )


def _like(name: str) -> str:
    return name.replace("'", "''")


def _fix(at: At, first: str) -> Sequence[Fix]:
    return (Fix(title="Drop the index first", edits=[at.edit(0, 0, first)]),)


def _without(at: At, table: Name, column: str) -> str | None:
    known = known_columns(at, table)
    if known is None:
        return None
    kept = [one for one in known if one.name.casefold() != column.casefold()]
    return recipe(at, table, [one.sql for one in kept], [quote(one.name) for one in kept])


RULES = tuple(_set.rules)
