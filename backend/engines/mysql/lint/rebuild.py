"""What makes the server write a whole table anew: types, ENUM values, charsets, the order of columns. Pure."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence

from backend.engine.lint import ops
from backend.engine.lint.context import At
from backend.engine.lint.rule import Bad, Good, Hit, RuleSet, facts_of
from backend.engine.sqlrules.tokens import T, tokenize
from backend.models.connection import EngineName
from backend.models.finding import Fix, Severity

from .names import ORDERS, facts, is_mariadb, key_of

_set = RuleSet(EngineName.MYSQL)
rule = _set.rule
_LARGE = facts_of(orders=40_000_000)
_STATUS = "CREATE TABLE orders (id bigint PRIMARY KEY, status enum('new','paid','sent'))"
_KNOWN = facts(40_000_000, status="enum('new','paid','sent')")
_TEXT = re.compile(r"(var)?(char|binary)\((\d+)\)")


def _values(type_: str) -> list[str] | None:
    """The values of `enum('a','b')` or `set(…)`, with their quotes; None for another type."""
    found = tokenize(type_, "mysql")
    if len(found) < 3 or found[0].upper not in ("ENUM", "SET") or found[1].upper != "(":
        return None
    return [token.text for token in found if token.kind is T.STRING]


@rule(
    "mysql-enum-reordered",
    on=ops.AlterColumnType,
    title="ENUM or SET values removed or moved",
    severity=Severity.HIGH,
    harm="The table is copied while writes wait, and rows that hold a removed value fail the statement or lose it.",
    advice="Append new values at the end: that changes only the description of the table.",
    origin=("skeema", "bytebase: mysql.column-type"),
    bad=(
        Bad("ALTER TABLE orders MODIFY status ENUM('new','sent','paid');", setup=_STATUS, facts=_KNOWN),
        Bad(
            "ALTER TABLE orders\n  CHANGE `status` `status` enum('new', -- 'paid'\n  'lost', 'paid', 'sent');",
            setup=_STATUS,
            facts=_KNOWN,
        ),
        Bad("ALTER TABLE orders MODIFY COLUMN status ENUM('new','paid')", setup=_STATUS, facts=_KNOWN),
        Bad(
            "ALTER TABLE orders MODIFY status ENUM('it''s','paid');",
            setup=_STATUS,
            runs_safe_form=False,
            why_not="the old values are not known, so there is no safe form",
        ),
    ),
    good=(
        Good("ALTER TABLE orders MODIFY status ENUM('new','paid','sent','lost');", facts=_KNOWN),
        Good(
            "ALTER TABLE orders MODIFY status ENUM('new','lost');",
            facts=facts(0, status="enum('new','paid')"),
        ),
        Good("ALTER TABLE orders MODIFY note varchar(20) COMMENT 'ENUM(''a'')';", facts=_KNOWN),
        Good("CREATE TABLE t (a enum('a','b')); ALTER TABLE t MODIFY a enum('b','a');"),
    ),
)
def enum_reordered(at: At, op: ops.AlterColumnType) -> Iterator[Hit]:
    new = _values(op.type)
    if new is None:
        return
    known = at.scene.column(op.table, op.column)
    if known is None:
        yield from at.sized(
            op.table,
            f"Which values {op.column} has now is not known here: if one of them is missing or has moved, the table is "
            "copied while writes wait.",
            span=op.span,
            severity=Severity.MEDIUM,
        )
        return
    old = _values(known.type)
    if old is None:
        return  # from another type: mysql-type-changed
    folded = [one.casefold() for one in new]
    if folded[: len(old)] == [one.casefold() for one in old]:
        return
    missing = [one for one in old if one.casefold() not in folded]
    kept = [next((n for n in new if n.casefold() == o.casefold()), o) for o in old]
    kept += [one for one in new if one.casefold() not in {o.casefold() for o in old}]
    text, span = at.statement.text, op.definition.span if op.definition else None
    safe: str | None = None
    fixes: tuple[Fix, ...] = ()
    if span is not None:
        listed = _list_span(text, span)
        if listed is not None:
            safe = text[: listed[0]] + ", ".join(kept) + text[listed[1] :]
            fixes = (Fix(title="Keep the old values in place", edits=[at.edit(*listed, ", ".join(kept))]),)
    what = f"{', '.join(missing)} is gone: rows that hold it fail this" if missing else "Values have moved"
    yield from at.sized(
        op.table,
        f"{what}, and {op.table} is copied while its writers wait.",
        span=op.span,
        safe_form=safe,
        fixes=fixes,
    )


def _list_span(text: str, span: ops.Span) -> ops.Span | None:
    """Between the parentheses of the ENUM in a column's definition."""
    found = [token for token in tokenize(text, "mysql") if span[0] <= token.start < span[1]]
    for index, token in enumerate(found[:-1]):
        if token.upper in ("ENUM", "SET") and found[index + 1].upper == "(":
            close = next((one for one in found[index + 1 :] if one.upper == ")"), None)
            return (found[index + 1].end, close.start) if close else None
    return None


@rule(
    "mysql-type-changed",
    on=ops.AlterColumnType,
    title="Column type changed",
    severity=Severity.HIGH,
    harm="The server copies the whole table and blocks its writers for as long as that takes.",
    advice="Add a column of the new type, fill it in batches, switch the code, drop the old one; or use an online-change "
    "tool (gh-ost, pt-online-schema-change).",
    origin=("skeema", "strong_migrations: change_column", "atlas: DS", "bytebase: mysql.column-type"),
    bad=(
        Bad("ALTER TABLE orders MODIFY total bigint;", setup=ORDERS, facts=facts(40_000_000, total="int")),
        Bad("ALTER TABLE orders\n CHANGE COLUMN code /* same */ code text;", setup=ORDERS),
        Bad(
            "ALTER TABLE `orders` MODIFY `code` varchar(300) -- wider",
            setup=ORDERS,
            facts=facts(40_000_000, code="varchar(20)"),
        ),
        Bad(
            "ALTER TABLE orders MODIFY code varchar(5);",
            setup=ORDERS,
            facts=facts(40_000_000, code="varchar(20)"),
        ),
    ),
    good=(
        Good("ALTER TABLE orders MODIFY total int NULL;", facts=facts(40_000_000, total="int(11)")),
        Good("ALTER TABLE orders MODIFY code varchar(60);", facts=facts(40_000_000, code="varchar(20)")),
        Good("ALTER TABLE orders MODIFY total bigint;", facts=facts(0, total="int")),
        Good(
            "ALTER TABLE orders MODIFY status ENUM('new','paid','x');",
            facts=facts(9, status="enum('new','paid')"),
        ),
        Good("UPDATE orders SET code = 'ALTER TABLE orders MODIFY total bigint';"),
    ),
)
def type_changed(at: At, op: ops.AlterColumnType) -> Iterator[Hit]:
    if not op.type:
        return
    known = at.scene.column(op.table, op.column)
    if known is not None and same_storage(known.type, op.type):
        return
    if _values(op.type) is not None and (known is None or _values(known.type) is not None):
        return  # mysql-enum-reordered
    unsure = " if its type is another one now" if known is None else f" ({known.type} now)"
    yield from at.sized(
        op.table,
        f"{op.column} becomes {op.type}{unsure}: {op.table} is copied while its writers wait.",
        span=op.span,
        safe_form=_second_column(at, op),
        severity=Severity.MEDIUM if known is None else None,
    )


def _second_column(at: At, op: ops.AlterColumnType) -> str:
    table, old, new = at.q(op.table), at.q(op.column), at.q(op.column + "_new")
    key = key_of(at, op.table) or old
    return (
        f"ALTER TABLE {table} ADD COLUMN {new} {op.type} NULL;\n"
        f"-- again and again until it changes no row; from then on the code writes both columns\n"
        f"UPDATE {table} SET {new} = {old} WHERE {new} IS NULL AND {old} IS NOT NULL ORDER BY {key} LIMIT 5000;\n"
        f"-- when the code reads {new} alone, drop {old} in a later migration"
    )


def _bare(type_: str) -> str:
    """Without the display width of integers, with the names servers use."""
    type_ = type_.lower().strip()
    type_ = re.sub(r"^(tiny|small|medium|big)?int(eger)?\(\d+\)", lambda m: f"{m[1] or ''}int", type_)
    names = {
        "integer": "int",
        "bool": "tinyint",
        "boolean": "tinyint",
        "numeric": "decimal",
        "dec": "decimal",
    }
    word, rest = re.match(r"[a-z]*", type_)[0], re.sub(r"^[a-z]*", "", type_)  # type: ignore[index]
    return names.get(word, word) + rest


def same_storage(old: str, new: str) -> bool:
    """Is the change one of the description alone? VARCHAR may grow on its side of 255 bytes (63 characters of 4)."""
    old, new = _bare(old), _bare(new)
    if old == new:
        return True
    before, after = _TEXT.fullmatch(old), _TEXT.fullmatch(new)
    if before is None or after is None or not before[1] or before.group(1, 2) != after.group(1, 2):
        return False
    a, b = int(before[3]), int(after[3])
    return a <= b and (b <= 63 or a > 255)


@rule(
    "mysql-charset-converted",
    on=ops.AlterOther,
    title="Character set of a table converted",
    severity=Severity.HIGH,
    harm="Every text is written anew while writers wait, indexes may become too long, and TEXT columns change type.",
    advice="Set the default for new columns, then convert column by column, or use an online-change tool.",
    origin=("skeema: lint-charset", "atlas: MY"),
    bad=(
        Bad("ALTER TABLE orders CONVERT TO CHARACTER SET utf8mb4;", setup=ORDERS, facts=_LARGE),
        Bad(
            "ALTER TABLE `orders`\n  convert to -- all\n  charset 'latin1' COLLATE latin1_bin;", setup=ORDERS
        ),
    ),
    good=(
        Good("ALTER TABLE orders DEFAULT CHARACTER SET utf8mb4;"),
        Good("ALTER TABLE orders COMMENT 'CONVERT TO CHARACTER SET utf8mb4';"),
        Good("ALTER TABLE orders CONVERT TO CHARACTER SET utf8mb4;", facts=facts_of(orders=0)),
    ),
)
def charset_converted(at: At, op: ops.AlterOther) -> Iterator[Hit]:
    if not op.what.startswith("CONVERT TO"):
        return
    words = [
        t for t in tokenize(at.statement.text, "mysql") if op.span and op.span[0] <= t.start < op.span[1]
    ]
    charset = next((w.text for a, w in itertools.pairwise(words) if a.upper in ("SET", "CHARSET")), "utf8mb4")
    yield from at.sized(
        op.table,
        f"Every text in {op.table} is written anew while its writers wait.",
        span=op.span,
        safe_form=f"ALTER TABLE {at.q(op.table)} DEFAULT CHARACTER SET = {charset};\n"
        "-- new columns have it now; convert the old ones one at a time, off-peak or with an online-change tool",
    )


@rule(
    "mysql-column-moved",
    on=(ops.AddColumn, ops.AlterColumnType),
    title="Column put FIRST or AFTER another",
    severity=Severity.MEDIUM,
    harm="Servers that cannot do it at once (MySQL before 8.0.29, and any MySQL moving an old column) rewrite the table.",
    advice="Leave the order: a new column goes to the end, and queries name their columns.",
    origin=("skeema", "bytebase: column.disallow-change-order"),
    bad=(
        Bad(
            "ALTER TABLE orders MODIFY total int FIRST;",
            setup=ORDERS,
            facts=facts(40_000_000, total="int"),
            version=(8, 4),
            hits=1,
        ),
        Bad(
            "ALTER TABLE orders ADD COLUMN note text -- at the end?\n  AFTER `code`;",
            setup=ORDERS,
            facts=_LARGE,
            version=(5, 7),
        ),
        Bad("ALTER TABLE orders\n CHANGE code `after` varchar(20) AFTER total;", setup=ORDERS),
    ),
    good=(
        Good("ALTER TABLE orders ADD COLUMN note text AFTER code;", version=(8, 0, 40), facts=_LARGE),
        Good("ALTER TABLE orders MODIFY total int FIRST;", version=(10, 11), facts=_LARGE),
        Good("ALTER TABLE orders ADD COLUMN `after` text COMMENT 'FIRST';", version=(5, 7), facts=_LARGE),
        Good("ALTER TABLE orders ADD COLUMN note text AFTER code;", version=(5, 7), facts=facts_of(orders=0)),
    ),
)
def column_moved(at: At, op: ops.AddColumn | ops.AlterColumnType) -> Iterator[Hit]:
    placed = _placed(at, op)
    if placed is None or _moves_at_once(at, op):
        return
    text = at.statement.text
    cut = len(text[: placed[0]].rstrip())
    safe = text[:cut] + text[placed[1] :]
    yield from at.sized(
        op.table,
        f"Putting the column {text[placed[0] : placed[1]]} makes the server rewrite {op.table}"
        + ("." if at.context.server_version else ", depending on its version."),
        span=placed,
        safe_form=safe,
        fixes=(Fix(title="Leave the order", edits=[at.edit(cut, placed[1], "")]),),
    )


def _placed(at: At, op: ops.AddColumn | ops.AlterColumnType) -> ops.Span | None:
    """Where FIRST or AFTER x stands, behind the definition."""
    column = op.column if isinstance(op, ops.AddColumn) else op.definition
    if column is None or column.span is None or op.span is None:
        return None
    rest = [t for t in tokenize(at.statement.text, "mysql") if column.span[1] <= t.start < op.span[1]]
    if not rest or rest[0].upper not in ("FIRST", "AFTER"):
        return None
    last = rest[min(1, len(rest) - 1)] if rest[0].upper == "AFTER" else rest[0]
    return rest[0].start, last.end


def _moves_at_once(at: At, op: ops.AddColumn | ops.AlterColumnType) -> bool:
    if is_mariadb(at):
        return bool(at.context.version_at_least(10, 4))
    return isinstance(op, ops.AddColumn) and bool(at.context.version_at_least(8, 0, 29))


@rule(
    "mysql-table-rebuilt",
    on=(ops.AlterOther, ops.DropConstraint),
    title="Whole table written anew",
    severity=Severity.MEDIUM,
    harm="The server writes every row again: long, as much disk again as the table takes, and often with writers waiting.",
    advice="Do it off-peak with ALGORITHM=INPLACE, LOCK=NONE, or with an online-change tool.",
    origin=("skeema", "bytebase: mysql.online-migration"),
    bad=(
        Bad("ALTER TABLE orders ENGINE=InnoDB;", setup=ORDERS, facts=_LARGE),
        Bad("ALTER TABLE orders FORCE;", setup=ORDERS),
        Bad("ALTER TABLE `orders`\n  row_format /* was compact */ = dynamic;", setup=ORDERS),
        Bad(
            "ALTER TABLE orders DROP PRIMARY KEY, -- and\n ADD PRIMARY KEY (id, total);",
            setup=ORDERS + ";\nALTER TABLE orders MODIFY total int NOT NULL",
            facts=_LARGE,
        ),
        Bad(
            "ALTER TABLE orders PARTITION BY HASH(id) PARTITIONS 4;",
            setup=ORDERS,
            runs_safe_form=False,
            why_not="partitioning is never online: there is no safe form",
        ),
    ),
    good=(
        Good("ALTER TABLE orders COMMENT 'ENGINE=InnoDB, FORCE';"),
        Good("ALTER TABLE orders ENGINE=InnoDB;", facts=facts_of(orders=0)),
        Good("ALTER TABLE orders AUTO_INCREMENT = 100;"),
        Good("ALTER TABLE orders FORCE, ALGORITHM=INPLACE, LOCK=NONE;"),
        Good("OPTIMIZE TABLE orders; -- ALTER TABLE orders FORCE"),
    ),
)
def table_rebuilt(at: At, op: ops.AlterOther | ops.DropConstraint) -> Iterator[Hit]:
    if isinstance(op, ops.DropConstraint):
        if op.kind != "primary_key":
            return
        added = any(
            isinstance(o, ops.AddConstraint) and o.constraint.kind == "primary_key" for o in at.statement.ops
        )
        what = "The primary key orders the rows" if added else "Without its primary key the table is copied"
    elif op.what.split(" ")[0] in ("ENGINE", "FORCE", "ROW_FORMAT", "KEY_BLOCK_SIZE") or op.what.startswith(
        "PARTITION BY"
    ):
        what = f"{op.what.split(' ')[0]} writes every row again"
    else:
        return
    if _asks_online(at.statement.ops):
        return  # it was asked for without a lock
    asked = any(
        isinstance(one, ops.AlterOther) and one.what.startswith(("ALGORITHM=", "LOCK="))
        for one in at.statement.ops
    )
    online = not asked and not (isinstance(op, ops.AlterOther) and op.what.startswith("PARTITION BY"))
    safe = at.statement.text + ", ALGORITHM=INPLACE, LOCK=NONE" if online else None
    yield from at.sized(
        op.table,
        f"{what}, so all of {op.table} is written anew.",
        span=op.span,
        safe_form=safe,
        fixes=(at.rewrite("Ask for INPLACE and LOCK=NONE", safe),) if safe else (),
    )


def _asks_online(found: Sequence[ops.Op]) -> bool:
    return any(isinstance(op, ops.AlterOther) and op.what == "LOCK=NONE" for op in found)


RULES = tuple(_set.rules)
