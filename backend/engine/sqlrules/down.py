"""The rules about down: missing, empty, not undoing what up did. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from backend.engine.lint import ops
from backend.engine.lint.context import At
from backend.engine.lint.rule import Bad, Good, Hit, RuleSet, Scope
from backend.models.finding import Fix, Severity
from backend.models.migration import Direction

from .undo import Undone, changes, undo_sql

_set = RuleSet()
rule = _set.rule
_MISSING_TEXT = "-- migrate:up\nCREATE TABLE a (id int PRIMARY KEY);\n"


@rule(
    "down-missing",
    scope=Scope.FILE,
    title="No way back",
    severity=Severity.MEDIUM,
    harm="The file cannot be rolled back, and dbmate refuses it when it reaches it.",
    advice="Add `-- migrate:down` with the statements that undo it.",
    origin=("dbmate 2.37", "bytebase"),
    bad=(
        Bad(content=_MISSING_TEXT),
        Bad(
            content="-- migrate:up\nSELECT '\n -- migrate:down ';\n/* -- migrate:down */\nCREATE TABLE a (id int);"
        ),
    ),
    good=(
        Good("CREATE TABLE a (id int PRIMARY KEY);", down="DROP TABLE a;"),
        Good(content="-- migrate:up\nCREATE TABLE a (id int PRIMARY KEY);\n-- migrate:down\n"),
    ),
)
def down_missing(at: At) -> Iterator[Hit]:
    source = at.source
    if source.up is None or source.down is not None:
        return
    done = changes(at, at.ops(source.up))
    sql = undo_sql(at, done)
    end = len(source.content)
    lead = "" if source.content.endswith("\n") else "\n"
    fix = Fix(title="Add migrate:down", edits=[at.file_edit(end, end, f"{lead}\n-- migrate:down\n{sql}\n")])
    yield Hit(
        "There is no `-- migrate:down`.", file_span=source.up.directive, safe_form=sql or None, fixes=(fix,)
    )


@rule(
    "down-empty",
    scope=Scope.HALF,
    title="Down does nothing",
    severity=Severity.MEDIUM,
    harm="A rollback records the version as gone while everything it made stays.",
    advice="Undo what up did; where that is impossible, say so with `dbtoolkit:ignore down-empty: <why>`.",
    directions=(Direction.DOWN,),
    bad=(
        Bad("CREATE TABLE a (id int PRIMARY KEY);", down=""),
        Bad("CREATE TABLE a (id int PRIMARY KEY);", down="-- DROP TABLE a;\n/* ; */\n;"),
        Bad("CREATE TABLE a (id int PRIMARY KEY);", down="SELECT 1;"),
    ),
    good=(
        Good("CREATE TABLE a (id int PRIMARY KEY);", down="DROP TABLE a;"),
        Good("CREATE TABLE a (id int);", down="-- dbtoolkit:ignore down-empty: the data cannot come back"),
        Good("-- nothing to do", down=""),
    ),
)
def down_empty(at: At) -> Iterator[Hit]:
    up = at.source.up
    if up is None or not up.statements:
        return
    if any(not isinstance(op, ops.Query) for op in at.ops()) or any(one.problem for one in at.statements):
        return
    done = changes(at, at.ops(up))
    sql = undo_sql(at, done)
    fixes = []
    if sql:
        end = at.half.offset + len(at.half.body)
        lead = "" if at.source.content[:end].endswith("\n") or not end else "\n"
        fixes.append(
            Fix(title="Write the down from the up", edits=[at.file_edit(end, end, f"{lead}{sql}\n")])
        )
    only = "It holds only a query that changes nothing." if at.statements else "It is empty."
    yield at.hit(
        f"{only} A rollback would undo nothing and still record it.", safe_form=sql or None, fixes=fixes
    )


@rule(
    "down-does-not-undo",
    scope=Scope.HALF,
    title="Down does not undo all that up did",
    severity=Severity.MEDIUM,
    harm="After a rollback something of it stays, and the next up fails on it.",
    advice="Undo every change, the last one first.",
    directions=(Direction.DOWN,),
    bad=(
        Bad(
            "CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int PRIMARY KEY);",
            down="DROP TABLE b;",
            hits=1,
        ),
        Bad(
            "ALTER TABLE a ADD COLUMN b int;",
            down="-- ALTER TABLE a DROP COLUMN b;\nDELETE FROM a WHERE id = 1;",
            setup="CREATE TABLE a (id int PRIMARY KEY);",
        ),
        Bad(
            "ALTER TABLE a RENAME COLUMN b TO c;",
            down="INSERT INTO n (t) VALUES ('ALTER TABLE a RENAME COLUMN c TO b;');",
            setup="CREATE TABLE a (b int); CREATE TABLE n (t text);",
        ),
        Bad("DROP TABLE a;", down="DROP TABLE b;", setup="CREATE TABLE a (id int); CREATE TABLE b (id int);"),
    ),
    good=(
        Good("CREATE TABLE a (id int PRIMARY KEY); CREATE INDEX i ON a (id);", down="DROP TABLE a;"),
        Good(
            "ALTER TABLE a ADD COLUMN b int, ADD COLUMN c int;",
            down="ALTER TABLE a DROP COLUMN c, DROP COLUMN b;",
        ),
        Good("ALTER TABLE a RENAME TO b;", down="ALTER TABLE b RENAME TO a;"),
        Good("CREATE SCHEMA IF NOT EXISTS app; CREATE TABLE app.a (id int);", down="DROP TABLE app.a;"),
        Good(
            "CREATE TABLE n (id int, b int); INSERT INTO n (id) SELECT id FROM a; DROP TABLE a; ALTER TABLE n RENAME TO a;",
            down="ALTER TABLE a DROP COLUMN b;",
        ),
        Good("CREATE VIEW v AS SELECT 1 AS one;", down="DROP VIEW v;"),
        Good("CREATE TABLE t (id int); DROP TABLE t;", down="INSERT INTO x (a) VALUES (1);"),
        Good("DROP TABLE a;", down="CREATE TABLE a (id int PRIMARY KEY);"),
    ),
)
def down_does_not_undo(at: At) -> Iterator[Hit]:
    up = at.source.up
    if up is None or not at.statements:
        return
    down = list(at.ops())
    unread = any(one.problem for one in at.statements)
    if all(isinstance(op, ops.Query) for op in down) and not unread:
        return  # `down-empty` speaks
    undone = Undone(down)
    missing = [one for one in changes(at, at.ops(up)) if not undone.answers(one)]
    # What went with a table that stays behind is named once, by the table.
    tables: dict[str, list[ops.Name]] = {}
    for one in missing:
        if one.what == "made" and one.kind == "table":
            tables.setdefault(one.name.key, []).append(one.name)
    missing = [
        one
        for one in missing
        if one.table is None or not any(one.table.same(table) for table in tables.get(one.table.key, ()))
    ]
    if not missing:
        return
    listed = ", ".join(f"{one} ({one.what})" for one in missing[:8]) + (" …" if len(missing) > 8 else "")
    message = f"Down does not undo {listed}."
    if unread or any(one.problem for one in up.statements):
        message += " A statement here was not understood, and may do so."
    sql = undo_sql(at, missing)
    end = at.half.offset + len(at.half.body)
    fix = Fix(title="Add what is missing to down", edits=[at.file_edit(end, end, f"\n{sql}\n")])
    dropped = any(one.sql is None for one in missing)
    yield at.hit(message, safe_form=sql, fixes=() if dropped else (fix,), unknown=unread)


RULES = tuple(_set.rules)
