"""How tables are made: keys, indexes, names. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from backend.engine.lint import ops
from backend.engine.lint.context import At
from backend.engine.lint.rule import Bad, Good, Hit, RuleSet
from backend.models.connection import EngineName
from backend.models.finding import Severity
from backend.models.migration import Direction

from .tokens import tokenize, words

_set = RuleSet()
rule = _set.rule
_RELATIONAL = (EngineName.POSTGRES, EngineName.MYSQL, EngineName.SQLITE)


@rule(
    "no-primary-key",
    on=ops.CreateTable,
    title="Table without a primary key",
    severity=Severity.MEDIUM,
    harm="Rows cannot be told apart: replication, updates of one row and most tools need a key.",
    advice="Give it a primary key.",
    origin=("bytebase: table.require-pk", "skeema: has-pk", "sqlcheck"),
    engines=_RELATIONAL,
    bad=(
        Bad("CREATE TABLE orders (id int, code text);"),
        Bad(
            "CREATE TABLE orders (\n  id int UNIQUE, -- PRIMARY KEY\n  code varchar(20) DEFAULT 'PRIMARY KEY;'\n);"
        ),
    ),
    good=(
        Good("CREATE TABLE orders (id int PRIMARY KEY);"),
        Good("CREATE TABLE pairs (a int, b int, PRIMARY KEY (a, b));"),
        Good("CREATE TABLE orders (id int); ALTER TABLE orders ADD PRIMARY KEY (id);"),
        Good("CREATE TEMPORARY TABLE t (id int);"),
    ),
)
def no_primary_key(at: At, op: ops.CreateTable) -> Iterator[Hit]:
    if op.temporary or op.like or op.from_query or not op.columns or not at.is_up:
        return
    if any(column.primary_key for column in op.columns):
        return
    if any(constraint.kind == "primary_key" for constraint in op.constraints):
        return
    for later in at.later_ops():
        if not isinstance(later, ops.AddConstraint):
            pass
        elif later.table.same(op.name) and later.constraint.kind == "primary_key":
            return
        # A table that is only in the way of another goes again.
        if isinstance(later, ops.Drop) and later.name.same(op.name):
            return
    key = next((column for column in op.columns if column.name.casefold() == "id"), None)
    safe = None
    if key is not None and at.context.engine is not EngineName.SQLITE:
        safe = f"{at.statement.text.rstrip('; ')};\nALTER TABLE {at.q(op.name)} ADD PRIMARY KEY ({at.q(key.name)});"
    yield at.hit(f"{op.name} has no primary key.", safe_form=safe)


_SMALL = {"smallint": 32_767, "int2": 32_767, "tinyint": 127, "mediumint": 8_388_607}
_INT = {"int": 2_147_483_647, "integer": 2_147_483_647, "int4": 2_147_483_647, "serial": 2_147_483_647}
_SERIALS = {"smallserial": 32_767, "serial2": 32_767, "serial4": 2_147_483_647}


@rule(
    "small-key",
    on=(ops.CreateTable, ops.AddColumn),
    title="A key that can run out",
    severity=Severity.LOW,
    harm="After its last number every insert fails, and widening the column then rewrites the table.",
    advice="Use bigint for keys that count up.",
    origin=("squawk: prefer-bigint-over-int", "squawk: prefer-bigint-over-smallint", "skeema: auto-inc"),
    engines=(EngineName.POSTGRES, EngineName.MYSQL),
    bad=(
        Bad("CREATE TABLE orders (id serial PRIMARY KEY);", engine=EngineName.POSTGRES),
        Bad(
            "CREATE TABLE orders (\n  id /* bigint */ int GENERATED ALWAYS AS IDENTITY -- bigint\n  PRIMARY KEY);",
            engine=EngineName.POSTGRES,
        ),
        Bad("CREATE TABLE orders (id INT AUTO_INCREMENT PRIMARY KEY);", engine=EngineName.MYSQL),
    ),
    good=(
        Good("CREATE TABLE orders (id bigint PRIMARY KEY);"),
        Good("CREATE TABLE kinds (id int PRIMARY KEY, name text);"),
        Good(
            "CREATE TABLE orders (id bigserial PRIMARY KEY, note text DEFAULT 'id serial');",
            engine=EngineName.POSTGRES,
        ),
    ),
)
def small_key(at: At, op: ops.CreateTable | ops.AddColumn) -> Iterator[Hit]:
    columns = op.columns if isinstance(op, ops.CreateTable) else (op.column,)
    for column in columns:
        base = column.type.partition("(")[0].split(" ")[0]
        limit = {**_SMALL, **_INT, **_SERIALS}.get(base)
        if not column.auto or limit is None or at.context.engine is EngineName.SQLITE:
            continue
        if "unsigned" in column.type:
            limit = limit * 2 + 1
        wide = {
            "serial": "bigserial",
            "smallserial": "bigserial",
            "serial4": "bigserial",
            "serial2": "bigserial",
        }
        yield at.hit(
            f"{column.name} ({column.type}) ends at {limit:,}.",
            span=column.span,
            safe_form=_retyped(at, column, wide.get(base, "bigint")),
        )


def _retyped(at: At, column: ops.Column, new: str) -> str | None:
    """The statement with the column's type replaced, found by its tokens."""
    if column.span is None:
        return None
    text = at.statement.text
    dialect = at.context.lint.dialect or "postgres"
    tokens = tokenize(text, dialect)
    first = column.type.partition("(")[0].split(" ")[0].upper()
    for index, token in enumerate(tokens):
        if token.start < column.span[0] or token.text.casefold() != column.name.casefold():
            continue
        following = tokens[index + 1] if index + 1 < len(tokens) else None
        if following is not None and following.upper in (first, *_ALIASES.get(first, ())):
            return text[: following.start] + new + text[following.end :].rstrip("; ") + ";"
        return None
    return None


_ALIASES = {"INTEGER": ("INT", "INT4"), "INT": ("INTEGER",), "SMALLINT": ("INT2",), "SERIAL": ("SERIAL4",)}


@rule(
    "redundant-index",
    on=(ops.CreateIndex, ops.AddConstraint),
    title="Redundant index",
    severity=Severity.LOW,
    harm="Every write pays for an index that answers nothing another does not.",
    advice="Leave it out, or drop the one it replaces.",
    origin=("skeema: dupe-index", "bytebase: index.not-redundant"),
    bad=(
        Bad(
            "CREATE TABLE t (id int PRIMARY KEY, a int, b int); CREATE INDEX x ON t (a, b); CREATE INDEX y ON t (a);"
        ),
        Bad(
            "CREATE TABLE t (id int PRIMARY KEY, a int);\nCREATE INDEX -- ; twice\n x ON t (a);\nCREATE INDEX y ON t (A);",
            engine=EngineName.MYSQL,
        ),
        Bad("CREATE TABLE t (id int PRIMARY KEY); CREATE INDEX x ON t (id);"),
    ),
    good=(
        Good(
            "CREATE TABLE t (id int PRIMARY KEY, a int, b int); CREATE INDEX x ON t (a); CREATE INDEX y ON t (b, a);"
        ),
        Good(
            "CREATE TABLE t (id int PRIMARY KEY, a int); CREATE INDEX x ON t (a); CREATE UNIQUE INDEX y ON t (a);"
        ),
        Good("CREATE INDEX x ON t (a); DROP INDEX x; CREATE INDEX y ON t (a);"),
        Good("CREATE INDEX x ON t (a) WHERE a > 5; CREATE INDEX y ON t (a);", engine=EngineName.POSTGRES),
    ),
)
def redundant_index(at: At, op: ops.CreateIndex | ops.AddConstraint) -> Iterator[Hit]:
    if isinstance(op, ops.AddConstraint):
        if op.constraint.kind != "unique" or op.constraint.using_index:
            return
        columns, unique, method = op.constraint.columns, True, ""
    else:
        columns, unique, method = op.columns, op.unique, op.method
        if op.partial:
            return
    wanted = [one.casefold() for one in columns]
    if not wanted or method not in ("", "btree"):
        return
    partial = {
        one.name for one in at.scene.made_indexes(op.table) if one.partial or one.method not in ("", "btree")
    }
    for name, keys, is_unique in at.scene.indexes_of(op.table) or ():
        same = [one.casefold() for one in keys]
        if (name in partial and name is not None) or name == getattr(op, "name", ""):
            continue
        covers = same == wanted if unique else same[: len(wanted)] == wanted
        if covers and (is_unique or not unique):
            what = f"the index {name}" if name else "the primary key or a unique constraint"
            yield at.hit(
                f"{what[0].upper()}{what[1:]} of {op.table} ({', '.join(keys)}) serves the same.",
                span=op.span,
            )
            return


# Reserved in the SQL standard and in most of our engines: unquoted, the statement fails or means something else.
_RESERVED = words(
    "all alter and any as asc between by case check column constraint create cross current_date current_time "
    "current_timestamp current_user default delete desc distinct drop else end exists false fetch for foreign from full "
    "grant group having in index inner insert into is join key left like limit natural not null offset on or order "
    "outer primary references right row rows select set table then to trigger true union unique update user using "
    "values view when where window with rank groups system function"
)


def _new_names(op: ops.Op) -> Iterator[tuple[str, str, ops.Span | None]]:
    if isinstance(op, ops.CreateTable):
        yield "table", op.name.name, None
        for column in op.columns:
            yield "column", column.name, column.span
    elif isinstance(op, ops.AddColumn):
        yield "column", op.column.name, op.column.span
    elif isinstance(op, ops.Rename) and op.kind in ("table", "column"):
        yield op.kind, op.new, op.span
    elif isinstance(op, ops.CreateObject) and op.kind in ("view", "materialized_view", "type", "schema"):
        yield op.kind.replace("_", " "), op.name.name, None


@rule(
    "reserved-name",
    on=(ops.CreateTable, ops.AddColumn, ops.Rename, ops.CreateObject),
    title="Reserved word as a name",
    severity=Severity.LOW,
    harm="Every statement that names it must quote it, and one that forgets fails or means something else.",
    advice="Choose another word.",
    origin=("sqlfluff: RF04", "bytebase: naming.identifier.no-keyword"),
    directions=(Direction.UP,),
    bad=(
        Bad('CREATE TABLE "order" (id int PRIMARY KEY);', engine=EngineName.POSTGRES),
        Bad('ALTER TABLE t ADD COLUMN -- "note"\n "group" int;', engine=EngineName.SQLITE),
        Bad("CREATE TABLE t (id int PRIMARY KEY, `key` int);", engine=EngineName.MYSQL),
    ),
    good=(
        Good("CREATE TABLE orders (id int PRIMARY KEY, note text DEFAULT 'order'); -- order"),
        Good("CREATE TABLE t (id int PRIMARY KEY, name text, type text, status text);"),
    ),
)
def reserved_name(at: At, op: ops.Op) -> Iterator[Hit]:
    for kind, name, span in _new_names(op):
        if name.casefold() in _RESERVED:
            yield at.hit(f"The {kind} {name} is named by a reserved word.", span=span)


@rule(
    "odd-case-name",
    on=(ops.CreateTable, ops.AddColumn, ops.Rename, ops.CreateObject),
    title="Name that needs quotes",
    severity=Severity.INFO,
    harm="Written without quotes it is another name, or an error, depending on server and system.",
    advice="Use lower case letters, digits and underscores.",
    origin=("bytebase: naming.table", "skeema: name-case"),
    engines=_RELATIONAL,
    directions=(Direction.UP,),
    bad=(
        Bad('CREATE TABLE "Orders" (id int PRIMARY KEY);', engine=EngineName.POSTGRES),
        Bad('ALTER TABLE t ADD COLUMN /* "x" */ "ship to" text;', engine=EngineName.POSTGRES),
        Bad("CREATE TABLE t (id int PRIMARY KEY, `first-name` text);", engine=EngineName.MYSQL),
    ),
    good=(
        Good("CREATE TABLE orders_2 (id int PRIMARY KEY, first_name text DEFAULT 'A B');"),
        Good("CREATE TABLE Orders (Id int PRIMARY KEY);", engine=EngineName.POSTGRES),
    ),
)
def odd_case_name(at: At, op: ops.Op) -> Iterator[Hit]:
    folds = at.context.engine is EngineName.POSTGRES
    for kind, name, span in _new_names(op):
        bare = name.replace("_", "a")
        plain = bare.isalnum() and bare.isascii() and not name[:1].isdigit()
        if not plain or (folds and name != name.lower()):
            yield at.hit(f"The {kind} {name!r} must be quoted wherever it is used.", span=span)


RULES = tuple(_set.rules)
