"""Does down undo up? By the objects each makes, changes and drops; never by text. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from backend.engine.lint import ops
from backend.engine.lint.context import At
from backend.engine.lint.ops import Name, Op
from backend.engine.lint.rule import Bad, Good, Hit, RuleSet, Scope
from backend.models.connection import EngineName
from backend.models.finding import Fix, Severity
from backend.models.migration import Direction

_set = RuleSet()
rule = _set.rule
_WORDS = {"materialized_view": "MATERIALIZED VIEW", "foreign_table": "FOREIGN TABLE"}


@dataclass(frozen=True, slots=True)
class Change:
    """One thing up did: `made`, `dropped`, `renamed` or `changed`; `sql` undoes it where the text alone can."""

    what: str
    kind: str
    name: Name
    table: Name | None = None
    sql: str | None = None

    def __str__(self) -> str:
        word = self.kind.replace("_", " ")
        return (
            f"the {word} {self.table}.{self.name}"
            if self.table and self.kind == "column"
            else f"the {word} {self.name}"
        )


def changes(at: At, found: Iterable[Op]) -> list[Change]:
    """What a half leaves changed, in order; what it makes and drops again is not there."""
    result: list[Change] = []
    for op in found:
        match op:
            case ops.CreateTable() if not op.temporary:
                result.append(Change("made", "table", op.name, sql=f"DROP TABLE {at.q(op.name)};"))
            case ops.CreateObject(kind="extension" | "schema", if_not_exists=True):
                pass  # it may have been there before, and others use it
            case ops.CreateObject() if not op.temporary and op.kind not in ("role", "other"):
                result.append(_object(at, op))
            case ops.CreateIndex() if op.name is not None:
                result.append(_index(at, op))
            case ops.AddColumn():
                sql = f"ALTER TABLE {at.q(op.table)} DROP COLUMN {at.q(op.column.name)};"
                result.append(Change("made", "column", Name(op.column.name), op.table, sql))
            case ops.AddConstraint() if op.constraint.name is not None:
                sql = f"ALTER TABLE {at.q(op.table)} DROP CONSTRAINT {at.q(op.constraint.name)};"
                if at.context.engine is EngineName.MYSQL and op.constraint.kind == "foreign_key":
                    sql = sql.replace("DROP CONSTRAINT", "DROP FOREIGN KEY")
                result.append(Change("made", "constraint", Name(op.constraint.name), op.table, sql))
            case ops.Drop():
                if not _take_back(result, op.kind, op.name):
                    result.append(Change("dropped", op.kind, op.name, op.table))
            case ops.DropColumn():
                if not _take_back(result, "column", Name(op.column), op.table):
                    result.append(Change("dropped", "column", Name(op.column), op.table))
            case ops.DropConstraint():
                if not _take_back(result, "constraint", Name(op.name), op.table):
                    result.append(Change("dropped", "constraint", Name(op.name), op.table))
            case ops.Rename():
                if not _rebuilt(result, op):
                    result.append(_renamed(at, op))
            case ops.SetNotNull():
                sql = f"ALTER TABLE {at.q(op.table)} ALTER COLUMN {at.q(op.column)} DROP NOT NULL;"
                result.append(Change("changed", "column", Name(op.column), op.table, sql))
            case ops.DropNotNull():
                sql = f"ALTER TABLE {at.q(op.table)} ALTER COLUMN {at.q(op.column)} SET NOT NULL;"
                result.append(Change("changed", "column", Name(op.column), op.table, sql))
            case ops.AlterColumnType() | ops.SetDefault():
                result.append(Change("changed", "column", Name(op.column), op.table))
            case _:
                pass
    return result


def _object(at: At, op: ops.CreateObject) -> Change:
    word = _WORDS.get(op.kind, op.kind.upper())
    sql = f"DROP {word} {at.q(op.name)}"
    if op.table is not None and at.context.engine in (EngineName.POSTGRES, EngineName.SPANNER):
        sql += f" ON {at.q(op.table)}"
    return Change("made", op.kind, op.name, op.table, sql + ";")


def _index(at: At, op: ops.CreateIndex) -> Change:
    name = Name(op.name or "", op.table.schema if at.context.engine is EngineName.POSTGRES else None)
    sql = f"DROP INDEX {'CONCURRENTLY ' if op.concurrently else ''}{at.q(name)}"
    if at.context.engine is EngineName.MYSQL:
        sql += f" ON {at.q(op.table)}"
    return Change("made", "index", name, op.table, sql + ";")


def _renamed(at: At, op: ops.Rename) -> Change:
    new = Name(op.new, op.old.schema)
    sql = None
    if op.kind == "column" and op.table is not None:
        sql = f"ALTER TABLE {at.q(op.table)} RENAME COLUMN {at.q(op.new)} TO {at.q(op.old)};"
    elif op.kind in ("table", "view", "index", "sequence", "type"):
        sql = f"ALTER {op.kind.upper()} {at.q(new)} RENAME TO {at.q(op.old.name)};"
    return Change("renamed", op.kind, new, op.table, sql)


def _take_back(result: list[Change], kind: str, name: Name, table: Name | None = None) -> bool:
    for index, one in enumerate(result):
        same_table = table is None or one.table is None or one.table.same(table)
        if one.what == "made" and one.kind == kind and one.name.same(name) and same_table:
            del result[index]
            if kind == "table":
                result[:] = [c for c in result if c.table is None or not c.table.same(name)]
            return True
    return False


def _rebuilt(result: list[Change], op: ops.Rename) -> bool:
    """A new table takes the name of one just dropped: the table has changed, nothing was made or dropped."""
    dropped = next(
        (c for c in result if (c.what, c.kind) == ("dropped", "table") and c.name.key == op.new.casefold()),
        None,
    )
    made = next((c for c in result if (c.what, c.kind) == ("made", "table") and c.name.same(op.old)), None)
    if op.kind != "table" or dropped is None or made is None:
        return False
    result.remove(dropped)
    result.remove(made)
    result.append(Change("changed", "table", dropped.name))
    return True


class _Undone:
    """Whether down answers a change."""

    def __init__(self, down: list[Op]) -> None:
        self.down = down
        self.dropped = [op for op in down if isinstance(op, ops.Drop)]
        self.wide = any(op.cascade or op.kind in ("schema", "extension", "database") for op in self.dropped)
        self.changed = [op for op in down if isinstance(op, ops.AlterTable)]
        self.made = [
            op for op in down if isinstance(op, ops.CreateTable | ops.CreateObject | ops.CreateIndex)
        ]
        self.renames = [op for op in down if isinstance(op, ops.Rename)]

    def answers(self, change: Change) -> bool:
        table = change.table
        if table is not None and self._table_gone(table):
            return True
        if change.what == "made":
            return self._drops(change)
        if change.what == "dropped":
            return self._makes(change)
        if change.what == "renamed":
            return any(
                op.kind == change.kind and op.old.same(change.name) for op in self.renames
            ) or self._table_gone(change.name)
        if change.kind == "table":
            touched = [op.table for op in self.changed] + [op.old for op in self.renames]
            touched += [op.name for op in self.dropped] + [Name(op.new) for op in self.renames]
            return any(name.same(change.name) for name in touched)
        return any(
            getattr(op, "column", None) is not None and _column(op).casefold() == change.name.key and (
                table is None or op.table.same(table)
            )
            for op in self.changed
        )  # fmt: skip

    def _table_gone(self, table: Name) -> bool:
        return any(
            op.kind in ("table", "foreign_table", "view", "materialized_view") and op.name.same(table)
            for op in self.dropped
        ) or any(op.kind in ("schema", "database") and op.name.name == table.schema for op in self.dropped)

    def _drops(self, change: Change) -> bool:
        if any(op.kind == change.kind and op.name.same(change.name) for op in self.dropped):
            return True
        if self._table_gone(change.name) or any(
            op.kind == "schema" and op.name.name == change.name.schema for op in self.dropped
        ):
            return True
        for op in self.changed:
            if (
                isinstance(op, ops.DropColumn)
                and change.kind == "column"
                and op.column.casefold() == change.name.key
            ):
                return True
            keyed = change.kind in ("constraint", "index")
            if isinstance(op, ops.DropConstraint) and keyed and op.name.casefold() == change.name.key:
                return True
        # A function or view made anew in down (OR REPLACE) is put back to what it was.
        if any(isinstance(op, ops.CreateObject) and op.name.same(change.name) for op in self.made):
            return True
        if change.kind in ("constraint", "index") and any(
            isinstance(op, ops.DropColumn) and change.table is not None and op.table.same(change.table)
            for op in self.changed
        ):
            return True  # it goes with its column, perhaps
        renamed = any(op.old.same(change.name) for op in self.renames)
        # CASCADE takes along what depends on a dropped object: types' functions, tables' views.
        return renamed or (self.wide and change.kind not in ("table", "column"))

    def _makes(self, change: Change) -> bool:
        for op in self.down:
            if (
                isinstance(op, ops.AddColumn)
                and change.kind == "column"
                and op.column.name.casefold() == change.name.key
            ):
                return True
            if isinstance(op, ops.AddConstraint) and change.kind in ("constraint", "index"):
                name = op.constraint.name or change.name.name
                answered = name.casefold() == change.name.key
                if answered:
                    return True
        table = change.table if change.kind in ("column", "constraint", "index") else None
        if table and any(isinstance(op, ops.CreateTable) and op.name.same(table) for op in self.made):
            return True
        for made in self.made:
            made_name = Name(made.name) if isinstance(made, ops.CreateIndex) and made.name else made.name
            if isinstance(made_name, Name) and made_name.same(change.name):
                return True
        return any(op.new.casefold() == change.name.key for op in self.renames)


def _column(op: ops.AlterTable) -> str:
    column = getattr(op, "column", "")
    return column if isinstance(column, str) else column.name


def undo_sql(at: At, found: list[Change]) -> str:
    """The statements that undo, last change first; a comment where the text cannot tell how."""
    lines = [
        one.sql or f"-- {one} was {one.what}: write by hand what brings it back" for one in reversed(found)
    ]
    return "\n".join(lines)


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
    undone = _Undone(down)
    missing = [one for one in changes(at, at.ops(up)) if not undone.answers(one)]
    # What went with a table that stays behind is named once, by the table.
    tables = [one.name for one in missing if one.what == "made" and one.kind == "table"]
    missing = [
        one for one in missing if one.table is None or not any(one.table.same(table) for table in tables)
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
