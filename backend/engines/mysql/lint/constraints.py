"""Foreign keys and CHECKs added to a table in use, engines and charsets that do not go together. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from backend.engine.lint import ops
from backend.engine.lint.context import At
from backend.engine.lint.rule import Bad, Good, Hit, RuleSet, Scope, facts_of
from backend.engine.sqlrules.tokens import tokenize
from backend.models.connection import EngineName
from backend.models.finding import Fix, Severity

from .names import ORDERS

_set = RuleSet(EngineName.MYSQL)
rule = _set.rule
_LARGE = facts_of(orders=40_000_000)
_PARENT = (
    ORDERS + ";\nCREATE TABLE users (id bigint PRIMARY KEY);\nALTER TABLE orders ADD COLUMN user_id bigint"
)


@rule(
    "mysql-foreign-key-blocks",
    on=ops.AddConstraint,
    title="Foreign key added while writes wait",
    severity=Severity.HIGH,
    harm="With foreign_key_checks on, the table is copied and every row checked while writers of both tables wait.",
    advice="Count the rows without a parent first, then add it in place with foreign_key_checks off.",
    origin=("strong_migrations: add_foreign_key", "skeema: lint-fk", "atlas: MY"),
    bad=(
        Bad(
            "ALTER TABLE orders ADD CONSTRAINT orders_user FOREIGN KEY (user_id) REFERENCES users (id);",
            setup=_PARENT,
            facts=_LARGE,
        ),
        Bad(
            "ALTER TABLE `orders`\n  ADD FOREIGN KEY (`user_id`) -- foreign_key_checks = 0\n"
            "  REFERENCES users (id) ON DELETE SET NULL;",
            setup=_PARENT,
        ),
    ),
    good=(
        Good(
            "SET SESSION foreign_key_checks = 0; ALTER TABLE orders ADD FOREIGN KEY (user_id) REFERENCES users (id), "
            "ALGORITHM=INPLACE, LOCK=NONE; SET SESSION foreign_key_checks = 1;"
        ),
        Good("ALTER TABLE orders ADD FOREIGN KEY (user_id) REFERENCES users (id);", facts=facts_of(orders=0)),
        Good("CREATE TABLE l (u bigint); ALTER TABLE l ADD FOREIGN KEY (u) REFERENCES users (id);"),
        Good("ALTER TABLE orders COMMENT 'ADD FOREIGN KEY (a) REFERENCES b (c)';"),
    ),
)
def foreign_key_blocks(at: At, op: ops.AddConstraint) -> Iterator[Hit]:
    key = op.constraint
    if key.kind != "foreign_key" or key.references is None or _checks_are_off(at):
        return
    table, parent = at.q(op.table), at.q(key.references)
    columns = [at.q(one) for one in key.columns]
    to = [at.q(one) for one in key.references_columns] or columns
    pairs = " AND ".join(f"p.{theirs} = c.{ours}" for ours, theirs in zip(columns, to, strict=False))
    filled = " AND ".join(f"c.{one} IS NOT NULL" for one in columns)
    orphans = (
        f"-- must be 0; from then until it is added, nothing checks new rows\n"
        f"SELECT count(*) FROM {table} c LEFT JOIN {parent} p ON {pairs} WHERE p.{to[0]} IS NULL AND {filled};\n"
    )
    quiet = at.statement.text
    if not any(
        isinstance(o, ops.AlterOther) and o.what.startswith(("ALGORITHM", "LOCK")) for o in at.statement.ops
    ):
        quiet += ",\n  ALGORITHM=INPLACE, LOCK=NONE"
    alter = f"SET SESSION foreign_key_checks = 0;\n{quiet};\nSET SESSION foreign_key_checks = 1"
    yield from at.sized(
        op.table,
        f"Writers of {op.table} and {key.references} wait while every row is copied and checked.",
        span=op.span,
        safe_form=f"{orphans}{alter};",
        fixes=(at.rewrite("Add it in place", alter),),
    )


def _checks_are_off(at: At) -> bool:
    off = False
    for op in at.earlier_ops():
        if isinstance(op, ops.Setting) and op.name == "foreign_key_checks":
            off = op.value.upper() in ("0", "OFF", "FALSE")
    return off


@rule(
    "mysql-check-blocks",
    on=ops.AddConstraint,
    title="CHECK added while writes wait",
    severity=Severity.MEDIUM,
    harm="The table is copied and every row checked while writers wait, and one row that fails ends it.",
    advice="Count the rows that fail first, and add it off-peak or with an online-change tool.",
    origin=("strong_migrations: add_check_constraint", "atlas: MY"),
    bad=(
        Bad("ALTER TABLE orders ADD CONSTRAINT positive CHECK (total > 0);", setup=ORDERS, facts=_LARGE),
        Bad("ALTER TABLE orders ADD CHECK\n  -- a ) in a text\n  (code <> ')');", setup=ORDERS),
    ),
    good=(
        Good("ALTER TABLE orders ADD CHECK (total > 0);", facts=facts_of(orders=0)),
        Good("CREATE TABLE t (a int CHECK (a > 0), CHECK (a < 9));"),
        Good("ALTER TABLE orders ADD COLUMN code varchar(9) COMMENT 'ADD CHECK (a > 0)';"),
        Good("ALTER TABLE orders ADD CONSTRAINT c CHECK (total > 0) NOT ENFORCED;"),
    ),
)
def check_blocks(at: At, op: ops.AddConstraint) -> Iterator[Hit]:
    if op.constraint.kind != "check" or _not_enforced(at, op.span):
        return
    yield from at.sized(
        op.table,
        f"Writers of {op.table} wait while every row is copied and checked.",
        span=op.span,
        safe_form=f"-- must be 0; rows where it is unknown (NULL) pass\n"
        f"SELECT count(*) FROM {at.q(op.table)} WHERE NOT ({op.constraint.expression});\n"
        f"{at.statement.text}; -- off-peak",
    )


def _not_enforced(at: At, span: ops.Span | None) -> bool:
    words = [
        t.upper for t in tokenize(at.statement.text, "mysql") if span is None or span[0] <= t.start < span[1]
    ]
    return words[-2:] == ["NOT", "ENFORCED"]


@rule(
    "mysql-engine-not-innodb",
    on=(ops.CreateTable, ops.AlterOther),
    title="Engine other than InnoDB",
    severity=Severity.MEDIUM,
    harm="Tables of other engines know no transactions or foreign keys, lock as a whole, and may be broken by a crash.",
    advice="Leave ENGINE out or write InnoDB.",
    origin=("skeema: lint-engine", "bytebase: engine.mysql.use-innodb"),
    bad=(
        Bad("CREATE TABLE t (id int PRIMARY KEY) ENGINE=MyISAM;"),
        Bad("CREATE TABLE t (id int PRIMARY KEY, e int COMMENT 'ENGINE=InnoDB')\n  COMMENT 'x' engine Aria;"),
        Bad(
            "ALTER TABLE orders /* was InnoDB */ ENGINE = MEMORY",
            setup="CREATE TABLE orders (id int PRIMARY KEY)",
        ),
    ),
    good=(
        Good("CREATE TABLE t (id int PRIMARY KEY) ENGINE=InnoDB;"),
        Good("CREATE TABLE t (id int PRIMARY KEY); -- ENGINE=MyISAM"),
        Good("CREATE TEMPORARY TABLE t (id int PRIMARY KEY) ENGINE=MEMORY;"),
        Good("ALTER TABLE orders ENGINE=InnoDB;"),
    ),
)
def engine_not_innodb(at: At, op: ops.CreateTable | ops.AlterOther) -> Iterator[Hit]:
    if isinstance(op, ops.CreateTable):
        engine = "" if op.temporary else op.options.get("engine", "")
    else:
        engine = op.what.removeprefix("ENGINE ") if op.what.startswith("ENGINE ") else ""
    engine = engine.strip("'\"")
    if not engine or engine.upper() == "INNODB":
        return
    found = tokenize(at.statement.text, "mysql")
    place = next((t for t in reversed(found) if t.text.strip("'\"").upper() == engine.upper()), None)
    if place is None:
        return
    text = at.statement.text
    yield at.hit(
        f"{engine} keeps no transactions and no foreign keys.",
        span=(place.start, place.end),
        safe_form=text[: place.start] + "InnoDB" + text[place.end :],
        fixes=(Fix(title="Write InnoDB", edits=[at.edit(place.start, place.end, "InnoDB")]),),
    )


@rule(
    "mysql-charset-not-utf8mb4",
    on=ops.CreateTable,
    title="Charset that cannot hold all text",
    severity=Severity.LOW,
    harm="utf8 (utf8mb3), latin1 and ascii refuse or mangle emoji and many letters.",
    advice="Use utf8mb4, which is the default of servers since MySQL 8.0 and MariaDB 11.6.",
    origin=("skeema: lint-charset", "bytebase: system.charset.allowlist"),
    bad=(
        Bad("CREATE TABLE t (id int PRIMARY KEY, a text) DEFAULT CHARSET=utf8;"),
        Bad(
            "CREATE TABLE t (id int PRIMARY KEY, a text COMMENT 'utf8mb4')\n  CHARACTER SET -- old\n  = latin1;"
        ),
    ),
    good=(
        Good("CREATE TABLE t (id int PRIMARY KEY, a text) DEFAULT CHARSET=utf8mb4;"),
        Good("CREATE TABLE t (id int PRIMARY KEY, a text COMMENT 'CHARSET=latin1'); -- CHARSET=utf8"),
        Good("CREATE TABLE t (id int PRIMARY KEY) CHARACTER SET binary;"),
    ),
)
def charset_not_utf8mb4(at: At, op: ops.CreateTable) -> Iterator[Hit]:
    charset = op.options.get("charset", "").strip("'\"")
    if charset.lower() in ("", "utf8mb4", "binary", "utf16", "utf32", "gb18030", "default"):
        return
    found = tokenize(at.statement.text, "mysql")
    place = next((t for t in reversed(found) if t.text.strip("'\"").lower() == charset.lower()), None)
    if place is None:
        return
    text = at.statement.text
    yield at.hit(
        f"{charset} cannot hold every character of Unicode.",
        span=(place.start, place.end),
        safe_form=text[: place.start] + "utf8mb4" + text[place.end :],
        fixes=(Fix(title="Write utf8mb4", edits=[at.edit(place.start, place.end, "utf8mb4")]),),
    )


@rule(
    "mysql-mixed-tables",
    scope=Scope.HALF,
    title="Tables of more than one engine or charset",
    severity=Severity.LOW,
    harm="Tables of different engines cannot share a transaction or a foreign key; different charsets make joins convert "
    "and leave out indexes.",
    advice="Use one engine and one charset for all tables.",
    origin=("skeema: lint-charset, lint-engine",),
    bad=(
        Bad(
            "CREATE TABLE a (id int PRIMARY KEY) CHARSET=utf8mb4; CREATE TABLE b (id int PRIMARY KEY) CHARSET=latin1;"
        ),
        Bad(
            "CREATE TABLE a (id int PRIMARY KEY) ENGINE=InnoDB; -- and\n"
            "CREATE TABLE `b;` (id int PRIMARY KEY COMMENT 'ENGINE=InnoDB')\n  ENGINE=Aria;"
        ),
    ),
    good=(
        Good(
            "CREATE TABLE a (id int) CHARSET=utf8mb4; CREATE TABLE b (id int) DEFAULT CHARACTER SET utf8mb4;"
        ),
        Good(
            "CREATE TABLE a (id int) ENGINE=InnoDB; CREATE TABLE b (id int COMMENT 'ENGINE=MyISAM') engine=innodb;"
        ),
        Good("CREATE TABLE a (id int) CHARSET=utf8mb4; CREATE TABLE b (id int);"),
    ),
)
def mixed_tables(at: At) -> Iterator[Hit]:
    first: dict[str, str] = {}
    for statement in at.statements:
        for op in statement.ops:
            if not isinstance(op, ops.CreateTable) or op.temporary:
                continue
            for option in ("engine", "charset"):
                value = op.options.get(option, "").strip("'\"")
                if not value:
                    continue
                before = first.setdefault(option, value)
                if before.lower() == value.lower():
                    continue
                place = next(
                    (t for t in reversed(tokenize(statement.text, "mysql")) if t.text.strip("'\"") == value),
                    None,
                )
                if place is None:
                    continue
                text = statement.text
                yield at.hit(
                    f"{op.name} has the {option} {value}, a table before it {before}.",
                    statement=statement,
                    span=(place.start, place.end),
                    safe_form=text[: place.start] + before + text[place.end :],
                )


RULES = tuple(_set.rules)
