"""Sorting keys and materialized views. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from backend.engine.lint import ops
from backend.engine.lint.context import At
from backend.engine.lint.rule import Bad, Good, Hit, RuleSet, Scope
from backend.models.connection import EngineName
from backend.models.finding import Fix, Severity

from .names import EVENTS, facts, known_key, tokens

_set = RuleSet(EngineName.CLICKHOUSE)
rule = _set.rule


@rule(
    "clickhouse-order-by-changed",
    on=ops.AlterOther,
    title="Sorting key changed",
    severity=Severity.HIGH,
    harm="ClickHouse refuses it unless the key only grows by columns that the same ALTER adds.",
    advice="Make a table with the new key, copy the rows, and exchange the two.",
    origin=("clickhouse.com: alter/order-by",),
    bad=(
        Bad("ALTER TABLE events MODIFY ORDER BY (kind, id);", setup=EVENTS),
        Bad(
            "ALTER TABLE `events` -- ADD COLUMN kind String\n  modify order /* by; */ by\n (id, kind)",
            setup=EVENTS,
        ),
    ),
    good=(
        Good("ALTER TABLE events ADD COLUMN day Date, MODIFY ORDER BY (id, day);"),
        Good("ALTER TABLE events MODIFY COMMENT 'MODIFY ORDER BY (kind)';"),
        Good("SELECT id FROM events ORDER BY kind; -- MODIFY ORDER BY"),
    ),
)
def order_by_changed(at: At, op: ops.AlterOther) -> Iterator[Hit]:
    if op.what != "MODIFY ORDER BY" or op.span is None:
        return
    if any(isinstance(one, ops.AddColumn) for one in at.statement.ops):
        return
    found = [token for token in tokens(at.statement) if op.span[0] <= token.start < op.span[1]]
    key = at.statement.text[found[2].end : op.span[1]].strip()
    table, new = at.q(op.table), at.q(op.table.name + "_new")
    yield at.hit(
        f"The key of {op.table} can only grow by columns added in the same ALTER.",
        span=op.span,
        safe_form=f"-- a migration each; stop the writers of {op.table} from the copy to the exchange\n"
        f"CREATE TABLE {new} AS {table} ENGINE = MergeTree ORDER BY {key};\n"
        f"INSERT INTO {new} SELECT * FROM {table};\n"
        f"EXCHANGE TABLES {new} AND {table};\n"
        f"-- compare the counts, then drop {new} in a later migration",
    )


@rule(
    "clickhouse-key-column",
    on=(ops.DropColumn, ops.AlterColumnType, ops.Rename),
    title="Column of the sorting key changed",
    severity=Severity.HIGH,
    harm="ClickHouse refuses to drop, rename or retype a column of the sorting key; the migration fails.",
    advice="Make a table with the new key, copy the rows, and exchange the two.",
    origin=("clickhouse.com: alter/column",),
    bad=(
        Bad("ALTER TABLE events DROP COLUMN id;", setup=EVENTS, facts=facts(n="Int32")),
        Bad(
            "ALTER TABLE `events`\n RENAME COLUMN `id` /* n */ TO number",
            setup=EVENTS,
            facts=facts(n="Int32"),
        ),
        Bad("ALTER TABLE events MODIFY COLUMN id String;", setup=EVENTS, facts=facts(n="Int32")),
    ),
    good=(
        Good("ALTER TABLE events DROP COLUMN n; -- id", facts=facts(n="Int32")),
        Good("ALTER TABLE events COMMENT COLUMN id 'DROP COLUMN id';", facts=facts(n="Int32")),
        Good("ALTER TABLE events MODIFY COLUMN id UInt64 COMMENT 'key';", facts=facts(n="Int32")),
    ),
)
def key_column(at: At, op: ops.DropColumn | ops.AlterColumnType | ops.Rename) -> Iterator[Hit]:
    table = op.table
    column = op.old.name if isinstance(op, ops.Rename) else op.column
    if table is None or (isinstance(op, ops.Rename) and op.kind != "column"):
        return
    key = known_key(at, table.key)
    if key is None or column.casefold() not in key:
        return
    if isinstance(op, ops.AlterColumnType):
        known = at.scene.column(table, column)
        if not op.type or (known is not None and known.type.replace(" ", "") == op.type.replace(" ", "")):
            return
    old, new = at.q(table), at.q(table.name + "_new")
    known_table = at.facts.table(table) if at.facts else None
    columns = [one.name for one in known_table.columns] if known_table else []
    rest = [at.q(one) for one in columns if one.casefold() != column.casefold()]
    yield at.hit(
        f"{column} is in the sorting key of {table}.",
        span=op.span,
        safe_form=f"-- a migration each; name the key the new table should have\n"
        f"CREATE TABLE {new} ENGINE = MergeTree ORDER BY tuple() AS SELECT {', '.join(rest) or '*'} FROM {old};\n"
        f"EXCHANGE TABLES {new} AND {old};\n"
        f"-- compare the counts, then drop {new} in a later migration"
        if rest
        else None,
    )


@rule(
    "clickhouse-populate",
    scope=Scope.STATEMENT,
    title="POPULATE loses rows",
    severity=Severity.MEDIUM,
    harm="Rows that arrive while the view is filled are missing from it for good.",
    advice="Create the view without POPULATE, then fill it with INSERT … SELECT up to the moment it was made.",
    origin=("clickhouse.com: create/view, POPULATE",),
    bad=(
        Bad("CREATE MATERIALIZED VIEW totals ENGINE = SummingMergeTree ORDER BY kind POPULATE AS SELECT kind, n FROM events;",
            setup=EVENTS),
        Bad("CREATE MATERIALIZED VIEW `t;` ENGINE = MergeTree ORDER BY id -- all\n  populate\nAS SELECT id, 'POPULATE' AS p FROM events",
            setup=EVENTS),
    ),
    good=(
        Good("CREATE MATERIALIZED VIEW totals ENGINE = MergeTree ORDER BY n AS SELECT n FROM events; -- POPULATE"),
        Good("CREATE MATERIALIZED VIEW t ENGINE = MergeTree ORDER BY id AS SELECT id, 'POPULATE' AS populate FROM events;"),
    ),
)  # fmt: skip
def populate(at: At) -> Iterator[Hit]:
    view = next(
        (
            op
            for op in at.statement.ops
            if isinstance(op, ops.CreateObject) and op.kind == "materialized_view"
        ),
        None,
    )
    if view is None:
        return
    for token in tokens(at.statement):
        if token.upper == "AS":
            return
        if token.upper == "POPULATE":
            break
    else:
        return
    text = at.statement.text
    bare = text[: token.start].rstrip() + text[token.end :]
    query = next(
        (t for t in tokens(at.statement) if t.upper in ("SELECT", "WITH") and t.start > token.end), None
    )
    fill = (
        f"\n-- then, in a migration of its own, for the rows from before\nINSERT INTO {at.q(view.name)} {text[query.start :]};"
        if query
        else ""
    )
    yield at.hit(
        "Rows that arrive while this runs are missing from the view.",
        span=(token.start, token.end),
        safe_form=f"{bare.rstrip(';')};{fill}",
        fixes=(Fix(title="Create it without POPULATE", edits=[at.edit(0, len(text), bare)]),),
    )


RULES = tuple(_set.rules)
