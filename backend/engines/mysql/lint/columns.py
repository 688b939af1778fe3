"""Columns and keys MySQL reads otherwise than they are written: silent values, ignored references, zero dates. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from backend.engine.lint import ops
from backend.engine.lint.context import At
from backend.engine.lint.ops import Column, Name
from backend.engine.lint.rule import Bad, Good, Hit, RuleSet, Scope, facts_of
from backend.engine.sqlrules.tokens import T, Token, tokenize
from backend.models.connection import EngineName
from backend.models.finding import Fix, Severity

from .names import ORDERS, facts, is_mariadb, is_special_index, tokens

_set = RuleSet(EngineName.MYSQL)
rule = _set.rule
_NUMBERS = (
    "int",
    "tinyint",
    "smallint",
    "mediumint",
    "bigint",
    "decimal",
    "numeric",
    "float",
    "double",
    "bit",
    "bool",
    "year",
)
_LONG = ("text", "tinytext", "mediumtext", "longtext", "blob", "tinyblob", "mediumblob", "longblob", "json")


@rule(
    "mysql-silent-default",
    on=ops.AddColumn,
    title="NOT NULL column without a default",
    severity=Severity.MEDIUM,
    harm="The rows that are there silently get 0, an empty text or a zero date, which nobody can tell from real values.",
    advice="Give it a default that means something, or add it nullable, fill it, and set NOT NULL afterwards.",
    origin=("atlas: MF103", "skeema", "bytebase: column.set-default-for-not-null"),
    bad=(
        Bad(
            "ALTER TABLE orders ADD COLUMN qty int NOT NULL;", setup=ORDERS, facts=facts_of(orders=40_000_000)
        ),
        Bad(
            "ALTER TABLE `orders` ADD\n -- DEFAULT 0\n name varchar(20) COMMENT 'DEFAULT 1' NOT NULL;",
            setup=ORDERS,
        ),
    ),
    good=(
        Good("ALTER TABLE orders ADD COLUMN qty int NOT NULL DEFAULT 0;"),
        Good("ALTER TABLE orders ADD COLUMN qty int COMMENT 'NOT NULL';"),
        Good("CREATE TABLE t (a int); ALTER TABLE t ADD COLUMN b int NOT NULL;"),
        Good("ALTER TABLE orders ADD COLUMN total int NOT NULL;", facts=facts_of(orders=0)),
        Good("ALTER TABLE t ADD COLUMN no int NOT NULL AUTO_INCREMENT UNIQUE;"),
    ),
)
def silent_default(at: At, op: ops.AddColumn) -> Iterator[Hit]:
    column = op.column
    if not column.not_null or column.default is not None or column.auto or column.generated:
        return
    table, name = at.q(op.table), at.q(column.name)
    yield from at.sized(
        op.table,
        f"{column.name} becomes {_silent(column)} in every row {op.table} holds.",
        span=op.span,
        safe_form=f"ALTER TABLE {table} ADD COLUMN {name} {column.type} NULL;\n"
        f"-- fill {name} in batches; when SELECT count(*) FROM {table} WHERE {name} IS NULL is 0, in a later migration:\n"
        f"-- ALTER TABLE {table} MODIFY {name} {column.type} NOT NULL;",
    )


def _silent(column: Column) -> str:
    word = column.type.split("(")[0].split(" ")[0]
    if word in _NUMBERS:
        return "0"
    if word in ("date", "datetime", "timestamp"):
        return "a zero date (or the statement is refused)"
    return "its first value" if word == "enum" else "an empty value"


@rule(
    "mysql-inline-reference",
    on=(ops.CreateTable, ops.AddColumn, ops.AlterColumnType),
    title="Inline REFERENCES is ignored",
    severity=Severity.HIGH,
    harm="MySQL before 9.0 and MariaDB before 10.5 read REFERENCES behind a column and make no foreign key of it.",
    advice="Write the foreign key as a clause of the table.",
    origin=("skeema: lint-fk", "atlas: MY101"),
    bad=(
        Bad(
            "CREATE TABLE parts (id int PRIMARY KEY, order_id bigint REFERENCES orders (id));",
            version=(8, 4),
            setup=ORDERS,
        ),
        Bad(
            "CREATE TABLE `parts` (\n  id int PRIMARY KEY, -- the order:\n"
            "  order_id bigint NOT NULL references `orders` (`id`) ON DELETE CASCADE\n);",
            setup=ORDERS,
        ),
        Bad("ALTER TABLE orders ADD parent bigint REFERENCES orders (id)", version=(5, 7), setup=ORDERS),
    ),
    good=(
        Good("CREATE TABLE parts (id int PRIMARY KEY, o bigint, FOREIGN KEY (o) REFERENCES orders (id));"),
        Good("CREATE TABLE parts (id int PRIMARY KEY, o bigint REFERENCES orders (id));", version=(10, 11)),
        Good("CREATE TABLE parts (id int PRIMARY KEY, o bigint REFERENCES orders (id));", version=(9, 2)),
        Good(
            "CREATE TABLE parts (id int PRIMARY KEY, o bigint COMMENT 'REFERENCES orders (id)');",
            version=(8, 0),
        ),
    ),
)
def inline_reference(at: At, op: ops.CreateTable | ops.AddColumn | ops.AlterColumnType) -> Iterator[Hit]:
    mariadb = is_mariadb(at)
    if at.context.version_at_least(10, 5) if mariadb else at.context.version_at_least(9):
        return
    columns = op.columns if isinstance(op, ops.CreateTable) else (_definition(op),)
    for column in columns:
        for one in column.constraints if column else ():
            if column is None or one.kind != "foreign_key" or one.span is None or one.references is None:
                continue
            clause = f"FOREIGN KEY ({at.q(column.name)}) {at.statement.text[one.span[0] : one.span[1]]}"
            yield at.hit(
                f"{column.name} gets no foreign key to {one.references}"
                + (
                    ": this server reads the words and forgets them."
                    if mariadb is not None
                    else " on servers before MySQL 9.0 and MariaDB 10.5."
                ),
                span=one.span,
                safe_form=_with_table_clause(at, op, one.span, clause),
                unknown=mariadb is None,
            )


def _definition(op: ops.AddColumn | ops.AlterColumnType) -> Column | None:
    return op.column if isinstance(op, ops.AddColumn) else op.definition


def _with_table_clause(at: At, op: ops.Op, span: ops.Span, clause: str) -> str:
    """The reference taken from the column and written as a clause of its own."""
    text = at.statement.text
    bare = text[: span[0]].rstrip() + text[span[1] :]
    if not isinstance(op, ops.CreateTable):
        return f"{bare},\n  ADD {clause}"
    depth, close = 0, None
    for token in tokenize(bare, "mysql"):
        depth += (token.upper == "(") - (token.upper == ")")
        if token.upper == ")" and depth == 0:
            close = token.start
            break
    return bare if close is None else f"{bare[:close].rstrip()},\n  {clause}\n{bare[close:]}"


@rule(
    "mysql-text-index-without-prefix",
    on=(ops.CreateIndex, ops.AddConstraint),
    title="Index on TEXT or BLOB without a length",
    severity=Severity.HIGH,
    harm="MySQL refuses it (error 1170); MariaDB silently indexes the beginning only.",
    advice="Say how many characters the index holds: `body(100)`.",
    origin=("skeema", "bytebase: index.type-no-blob"),
    bad=(
        Bad("CREATE INDEX orders_body ON orders (body);", setup=ORDERS, facts=facts(9, body="text")),
        Bad("CREATE TABLE t (id int PRIMARY KEY, b longblob, -- KEY\n KEY k (id, `b`));"),
        Bad(
            "ALTER TABLE orders ADD UNIQUE KEY u (code, body)",
            setup=ORDERS,
            facts=facts(9, body="text", code="int"),
        ),
    ),
    good=(
        Good("CREATE INDEX orders_body ON orders (body(100));", facts=facts(9, body="text")),
        Good("CREATE FULLTEXT INDEX orders_body ON orders (body);", facts=facts(9, body="text")),
        Good(
            "CREATE INDEX orders_code ON orders (code); -- (body)",
            facts=facts(9, body="text", code="varchar(9)"),
        ),
        Good("CREATE TABLE t (id int PRIMARY KEY, b text, KEY k (b(20)));"),
    ),
)
def text_index_without_prefix(at: At, op: ops.CreateIndex | ops.AddConstraint) -> Iterator[Hit]:
    if isinstance(op, ops.AddConstraint):
        if op.constraint.kind not in ("unique", "primary_key"):
            return
        columns = op.constraint.columns
    elif is_special_index(at, op):
        return
    else:
        columns = op.columns
    for column in columns:
        type_ = _type(at, op.table, column)
        if type_.split("(")[0].split(" ")[0] not in _LONG:
            continue
        place = _key_token(at, op.span, column)
        if place is None:
            continue
        text = at.statement.text
        safe = text[: place.end] + "(100)" + text[place.end :]
        yield at.hit(
            f"{column} is {type_}: an index on it needs a length, as {at.q(column)}(100).",
            span=(place.start, place.end),
            safe_form=safe,
            fixes=(
                Fix(title=f"Index the first 100 of {column}", edits=[at.edit(place.end, place.end, "(100)")]),
            ),
        )


def _type(at: At, table: Name, column: str) -> str:
    # The table of this very statement is not in the scene yet.
    for op in at.statement.ops:
        made = (
            op.columns
            if isinstance(op, ops.CreateTable)
            else (op.column,)
            if isinstance(op, ops.AddColumn)
            else ()
        )
        for one in made:
            if one.name.casefold() == column.casefold():
                return one.type
    known = at.scene.column(table, column)
    return known.type if known else ""


def _key_token(at: At, span: ops.Span | None, column: str) -> Token | None:
    """The column among the keys of an index, where no length follows."""
    found = [t for t in tokens(at) if span is None or span[0] <= t.start < span[1]]
    opened = False
    for index, token in enumerate(found):
        opened = opened or token.upper == "("
        follows = found[index + 1].upper if index + 1 < len(found) else ""
        if opened and token.kind in (T.WORD, T.NAME) and token.text.casefold() == column.casefold():
            return None if follows == "(" else token
    return None


@rule(
    "mysql-zero-date",
    scope=Scope.STATEMENT,
    title="Zero date",
    severity=Severity.MEDIUM,
    harm="'0000-00-00' is no date: strict servers refuse it, and programs read it as an error or as year -1.",
    advice="Use NULL where there is no date.",
    origin=("skeema", "bytebase: mysql.column-default"),
    bad=(
        Bad("ALTER TABLE orders ADD COLUMN sent datetime DEFAULT '0000-00-00 00:00:00';", setup=ORDERS),
        Bad('CREATE TABLE t (id int PRIMARY KEY,\n  d date /* never */ NOT NULL DEFAULT "0000-00-00");'),
        Bad(
            "UPDATE orders SET code = 'a', made = '2024-00-00' WHERE id = 5",
            setup="CREATE TABLE orders (id bigint PRIMARY KEY, code varchar(20), made date)",
        ),
    ),
    good=(
        Good("ALTER TABLE orders ADD COLUMN sent datetime DEFAULT '2024-01-01 00:00:00';"),
        Good("INSERT INTO notes (body) VALUES ('order 0000-00-00 was lost'); -- '0000-00-00'"),
        Good("UPDATE orders SET sent = NULL WHERE sent < '1970-01-01';"),
    ),
)
def zero_date(at: At) -> Iterator[Hit]:
    if "-00" not in at.statement.text:
        return  # nothing that could be one, and two megabytes of rows need not be read again
    found = tokens(at)
    for index, token in enumerate(found):
        if token.kind is not T.STRING or not _is_zero(token.text[1:-1]):
            continue
        text = at.statement.text
        start, end = token.start, token.end
        safe = text[:start] + "NULL" + text[end:]
        # DEFAULT NULL is refused beside NOT NULL: that goes too.
        back = index - 1
        while back >= 1 and found[back].upper != "," and at.statement.keyword in ("CREATE", "ALTER"):
            if found[back].upper == "NULL" and found[back - 1].upper == "NOT":
                safe = safe[: found[back - 1].start] + safe[found[back].start :]
                break
            back -= 1
        yield at.hit(
            f"{token.text} is refused where sql_mode holds NO_ZERO_DATE or NO_ZERO_IN_DATE, as MySQL's default does.",
            span=(start, end),
            safe_form=safe,
            fixes=(at.rewrite("Write NULL", safe),),
        )


def _is_zero(text: str) -> bool:
    date = text[:10]
    if len(date) != 10 or date[4] != "-" or date[7] != "-" or not date.replace("-", "").isdigit():
        return False
    if len(text) > 10 and text[10] not in " T":
        return False
    return "00" in (date[5:7], date[8:10])


@rule(
    "mysql-modify-drops-attributes",
    on=ops.AlterColumnType,
    title="MODIFY forgets what it does not repeat",
    severity=Severity.HIGH,
    harm="MODIFY and CHANGE write the column anew: NOT NULL, DEFAULT or AUTO_INCREMENT that is not repeated is gone.",
    advice="Repeat the whole definition as it is now, with the change.",
    origin=("skeema",),
    bad=(
        Bad(
            "ALTER TABLE orders MODIFY total int COMMENT 'NOT NULL';",
            setup=ORDERS,
            facts=facts(40_000_000, total="int not null"),
        ),
        Bad(
            "ALTER TABLE orders\n CHANGE code `number` -- DEFAULT 'x'\n varchar(20) NOT NULL;",
            setup=ORDERS,
            facts=facts(9, code="varchar(20) not null default 'x'"),
        ),
    ),
    good=(
        Good("ALTER TABLE orders MODIFY total int NOT NULL;", facts=facts(9, total="int not null")),
        Good("ALTER TABLE orders MODIFY total int NULL;", facts=facts(9, total="int not null")),
        Good(
            "ALTER TABLE orders MODIFY code int NOT NULL DEFAULT 7;",
            facts=facts(9, code="int not null default 5"),
        ),
        Good("ALTER TABLE orders MODIFY total int;", facts=facts(9, total="int")),
    ),
)
def modify_drops_attributes(at: At, op: ops.AlterColumnType) -> Iterator[Hit]:
    definition = op.definition
    if definition is None or definition.span is None or at.facts is None:
        return
    old = next(
        (
            o.old.name
            for o in at.statement.ops
            if isinstance(o, ops.Rename) and o.kind == "column" and o.new == op.column
        ),
        op.column,
    )
    table = at.facts.table(op.table)
    known = next((c for c in table.columns if c.name.casefold() == old.casefold()), None) if table else None
    if known is None:
        return
    words = [t.upper for t in tokens(at) if definition.span[0] <= t.start < definition.span[1]]
    lost: list[str] = []
    if not known.nullable and "NULL" not in words and not known.primary_key:
        lost.append("NOT NULL")
    if known.default not in (None, "NULL") and "DEFAULT" not in words and not definition.generated:
        lost.append(f"DEFAULT {known.default}")
    if not lost:
        return
    at_end = definition.span[1]
    text = at.statement.text
    safe = f"{text[:at_end]} {' '.join(lost)}{text[at_end:]}"
    yield at.hit(
        f"{old} loses {' and '.join(lost)}.",
        span=op.span,
        safe_form=safe,
        fixes=(Fix(title=f"Keep {' '.join(lost)}", edits=[at.edit(at_end, at_end, " " + " ".join(lost))]),),
    )


RULES = tuple(_set.rules)
