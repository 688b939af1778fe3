"""A statement in plain words and as affected objects, from its operations. Pure.

An engine that knows more of a statement than its operations say overrides `describe` and falls back to this.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from backend.engine.lint import ops
from backend.engine.lint.ops import Name, Op
from backend.engine.lint.source import Stmt
from backend.engine.sqlrules.tokens import tokenize
from backend.engine.tableids import table_id
from backend.models.preview import AffectedObject

from .port import Described
from .pragmas import pragma_sentence

Change = Literal["add", "remove", "change", "rows"]
_SPOKEN = 4
"""Actions of one statement that are told one by one."""
_ARTICLE = frozenset("aeiou")
_CONSTRAINTS = {
    "primary_key": "primary key", "unique": "unique constraint", "foreign_key": "foreign key", "check": "check",
    "exclude": "exclusion constraint", "not_null": "not-null constraint", "other": "constraint",
}  # fmt: skip

_OTHER = {
    "LOCK": "Locks tables by name",
    "UNLOCK": "Gives locked tables free",
    "USE": "Goes on in another database",
    "OPTIMIZE": "Writes the table anew, or merges its parts",
    "VACUUM": "Frees dead rows, or writes the whole file anew",
    "ANALYZE": "Reads a sample for the planner's statistics",
    "REINDEX": "Builds indexes anew",
    "GRANT": "Gives rights",
    "REVOKE": "Takes rights",
    "COMMENT": "Writes a comment",
    "EXCHANGE": "Swaps the names of two tables",
    "DETACH": "Takes a table or part out of use",
    "ATTACH": "Takes a table or part into use",
    "CALL": "Calls a procedure; what it does shows only when it runs",
    "DO": "Runs code; what it does shows only when it runs",
}


def described(statement: Stmt, dialect: str) -> Described:
    if statement.problem is not None:
        said = statement.problem.message.rstrip(".")
        return Described(first_words(statement.text, dialect), f"Not understood: {said}")
    told = [one for one in statement.ops if not isinstance(one, ops.Query | ops.NullComparison)]
    told = [one for one in told if not _is_how(one)] or told or list(statement.ops[:1])
    if not told:
        return Described(first_words(statement.text, dialect), "Does nothing that is known here")
    settings = [one for one in told if isinstance(one, ops.Setting)]
    if dialect == "sqlite" and len(settings) == len(told):
        return Described("PRAGMA", joined([pragma_sentence(one) for one in settings]), ())
    kinds = list(dict.fromkeys(kind_of(one) for one in told))
    sentences = list(dict.fromkeys(sentence_of(one) for one in told))
    return Described(_joined_kinds(kinds), joined(sentences), tuple(objects_of(told)))


def _is_how(op: Op) -> bool:
    """ALGORITHM and LOCK say how, not what."""
    return isinstance(op, ops.AlterOther) and op.what.startswith(("ALGORITHM", "LOCK"))


def first_words(text: str, dialect: str, count: int = 2) -> str:
    """The first words of a statement, upper case, comments left out."""
    found = [token.upper for token in tokenize(text[:2000], dialect or "sqlite")[:count]]
    words = [one for one in found if one.replace("_", "").isalpha()]
    return " ".join(words) or "(unknown)"


def joined(sentences: list[str]) -> str:
    """`Adds the column a to orders; drops the column b of orders`."""
    shown = sentences[:_SPOKEN]
    said = "; ".join([shown[0], *(one[:1].lower() + one[1:] for one in shown[1:])])
    more = len(sentences) - len(shown)
    return f"{said}; and {more} more" if more else said


def _joined_kinds(kinds: list[str]) -> str:
    head = "ALTER TABLE … "
    if len(kinds) > 1 and all(one.startswith(head) for one in kinds):
        return head + ", ".join(one.removeprefix(head) for one in kinds[:_SPOKEN])
    # DROP VIEW a, b and the INSERT of a CREATE TABLE … AS are told by the first.
    return kinds[0]


def a(word: str) -> str:
    return f"an {word}" if word[:1].lower() in _ARTICLE and not word.startswith("uni") else f"a {word}"


def spoken(kind: str) -> str:
    return kind.replace("_", " ")


def object_name(name: Name) -> str:
    return table_id(name.schema, name.name)


def kind_of(op: Op) -> str:
    alter = "ALTER TABLE … "
    match op:
        case ops.CreateTable():
            return "CREATE TABLE AS" if op.from_query else "CREATE TABLE"
        case ops.CreateIndex():
            return "CREATE UNIQUE INDEX" if op.unique else "CREATE INDEX"
        case ops.CreateObject():
            return f"CREATE {spoken(op.kind).upper()}"
        case ops.Drop():
            return f"DROP {spoken(op.kind).upper()}"
        case ops.Truncate():
            return "TRUNCATE"
        case ops.AddColumn():
            return alter + "ADD COLUMN"
        case ops.DropColumn():
            return alter + "DROP COLUMN"
        case ops.AlterColumnType():
            return alter + "ALTER COLUMN TYPE"
        case ops.SetNotNull():
            return alter + "SET NOT NULL"
        case ops.DropNotNull():
            return alter + "DROP NOT NULL"
        case ops.SetDefault():
            return alter + ("DROP DEFAULT" if op.default is None else "SET DEFAULT")
        case ops.AddConstraint():
            return alter + f"ADD {_CONSTRAINTS[op.constraint.kind].upper()}"
        case ops.DropConstraint():
            return alter + "DROP CONSTRAINT"
        case ops.ValidateConstraint():
            return alter + "VALIDATE CONSTRAINT"
        case ops.AlterTable():
            return alter + str(getattr(op, "what", "")).upper()
        case ops.Rename():
            return alter + "RENAME COLUMN" if op.kind == "column" else f"RENAME {spoken(op.kind).upper()}"
        case ops.Insert() | ops.Update() | ops.Delete():
            return type(op).__name__.upper()
        case ops.Query():
            return "SELECT"
        case ops.TransactionControl():
            return op.word
        case ops.Setting():
            return "SET"
        case ops.Other():
            return op.keyword
        case _:
            return type(op).__name__.upper()


def sentence_of(op: Op) -> str:
    """What one operation does, as a sentence without its full stop."""
    match op:
        case ops.CreateTable():
            return _creates_table(op)
        case ops.CreateIndex():
            unique = "unique index" if op.unique else "index"
            named = f"the {unique} {op.name}" if op.name else a(unique)
            columns = f" ({', '.join(op.columns)})" if op.columns else ""
            online = ", while others go on writing" if op.concurrently else ""
            return f"Builds {named} on {op.table}{columns}{online}"
        case ops.CreateObject():
            verb = "Creates or replaces" if op.or_replace else "Creates"
            on = f" on {op.table}" if op.table is not None else ""
            return f"{verb} the {spoken(op.kind)} {op.name}{on}"
        case ops.Drop():
            on = f" of {op.table}" if op.table is not None else ""
            more = ", with all that depends on it" if op.cascade else ""
            return f"Drops the {spoken(op.kind)} {op.name}{on}{_if(op.if_exists)}{more}"
        case ops.Truncate():
            return f"Deletes every row of {op.table}" + (
                ", and of the tables that point at it" if op.cascade else ""
            )
        case ops.AddColumn():
            return f"Adds the column {op.column.name}{_typed(op.column.type)} to {op.table}"
        case ops.DropColumn():
            more = ", with all that depends on it" if op.cascade else ""
            return f"Drops the column {op.column} of {op.table}{_if(op.if_exists)}{more}"
        case ops.AlterColumnType():
            to = f" to {op.type}" if op.type else ""
            return f"Changes the type of {op.table}.{op.column}{to}"
        case ops.SetNotNull():
            return f"Forbids NULL in {op.table}.{op.column}"
        case ops.DropNotNull():
            return f"Allows NULL in {op.table}.{op.column}"
        case ops.SetDefault():
            if op.default is None:
                return f"Takes away the default of {op.table}.{op.column}"
            return f"Sets the default of {op.table}.{op.column} to {_short(op.default)}"
        case ops.AddConstraint():
            return _adds_constraint(op)
        case ops.DropConstraint():
            named = f"constraint {op.name}" if op.name else _CONSTRAINTS[op.kind]
            return f"Drops the {named} of {op.table}{_if(op.if_exists)}"
        case ops.ValidateConstraint():
            return f"Checks the rows of {op.table} against the constraint {op.name}"
        case ops.AlterTable():
            what = str(getattr(op, "what", "")).lower()
            return f"Alters {op.table}: {what}" if what else f"Alters {op.table}"
        case ops.Rename():
            where = f" of {op.table}" if op.table is not None else ""
            return f"Renames the {spoken(op.kind)} {op.old}{where} to {op.new}"
        case ops.Insert():
            if op.rows is None:
                return f"Adds rows to {op.table} from a query"
            return f"Adds {rows(op.rows)} to {op.table}"
        case ops.Update():
            which = "the rows that match in" if op.has_where else "every row of"
            columns = f" ({', '.join(op.columns[:_SPOKEN])})" if op.columns else ""
            return f"Changes {which} {op.table}{columns}"
        case ops.Delete():
            return f"Deletes {'the rows that match in' if op.has_where else 'every row of'} {op.table}"
        case ops.Query():
            return "Runs a query; what the functions it calls do is not looked at"
        case ops.TransactionControl():
            return f"Transaction control: {op.word}"
        case ops.Setting():
            return f"Sets {op.name}" + (f" to {_short(op.value)}" if op.value else "")
        case ops.Other() if op.keyword in _OTHER:
            return _OTHER[op.keyword]
        case ops.Other():
            return f"{op.keyword[:1]}{op.keyword[1:].lower()} statement; what it changes is not listed here"
        case _:
            return "Does something that is not described here"


def rows(count: int) -> str:
    return f"{count:,} row{'' if count == 1 else 's'}"


def _creates_table(op: ops.CreateTable) -> str:
    many = len(op.columns)
    what = "temporary table" if op.temporary else "table"
    with_columns = f" with {many} column{'' if many == 1 else 's'}" if many else ""
    filled = ", filled by a query" if op.from_query else ""
    where = " where it is not there yet" if op.if_not_exists else ""
    return f"Creates the {what} {op.name}{with_columns}{filled}{where}"


def _adds_constraint(op: ops.AddConstraint) -> str:
    one = op.constraint
    named = f" {one.name}" if one.name else ""
    on = f" ({', '.join(one.columns)})" if one.columns else ""
    to = f", pointing at {one.references}" if one.references is not None else ""
    later = ", without looking at the rows that are there" if one.not_valid else ""
    return f"Adds the {_CONSTRAINTS[one.kind]}{named}{on} to {op.table}{to}{later}"


def _if(is_optional: bool) -> str:
    return " where it is there" if is_optional else ""


def _typed(type_: str) -> str:
    return f" ({_short(type_)})" if type_ else ""


def _short(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= 60 else words[:59] + "…"


# -- objects -----------------------------------------------------------------------------------------------------


def objects_of(found: Iterable[Op]) -> list[AffectedObject]:
    """The affected objects, once each; what a new table brings along belongs to it and is not listed."""
    result: dict[tuple[str, str, str, str | None], AffectedObject] = {}
    new: set[str] = set()
    for op in found:
        for one in _of(op):
            if op_table(op) in new and not isinstance(op, ops.CreateTable):
                continue
            result.setdefault((one.change, one.kind, one.name, one.parent), one)
        if isinstance(op, ops.CreateTable):
            new.add(object_name(op.name))
    return list(result.values())


def op_table(op: Op) -> str | None:
    found = getattr(op, "table", None)
    return object_name(found) if isinstance(found, Name) else None


def _of(op: Op) -> list[AffectedObject]:
    match op:
        case ops.CreateTable():
            return [
                affected("add", "table", object_name(op.name), detail="temporary" if op.temporary else "")
            ]
        case ops.CreateIndex():
            return [
                affected(
                    "add", "index", op.name or f"({', '.join(op.columns)})", object_name(op.table),
                    "unique" if op.unique else "",
                )
            ]  # fmt: skip
        case ops.CreateObject():
            parent = object_name(op.table) if op.table is not None else None
            detail = "or replace" if op.or_replace else ""
            return [affected("add", spoken(op.kind), object_name(op.name), parent, detail)]
        case ops.Drop():
            parent = object_name(op.table) if op.table is not None else None
            name = op.name.name if parent else object_name(op.name)
            return [affected("remove", spoken(op.kind), name, parent, "cascade" if op.cascade else "")]
        case ops.Truncate() | ops.Update() | ops.Delete() | ops.Insert():
            return [affected("rows", "table", object_name(op.table), detail=type(op).__name__.lower())]
        case ops.AddColumn():
            return [affected("add", "column", op.column.name, object_name(op.table), op.column.type)]
        case ops.DropColumn():
            return [affected("remove", "column", op.column, object_name(op.table))]
        case ops.AlterColumnType():
            return [
                affected(
                    "change", "column", op.column, object_name(op.table), f"→ {op.type}" if op.type else ""
                )
            ]
        case ops.SetNotNull():
            return [affected("change", "column", op.column, object_name(op.table), "not null")]
        case ops.DropNotNull():
            return [affected("change", "column", op.column, object_name(op.table), "nullable")]
        case ops.SetDefault():
            detail = "no default" if op.default is None else f"default {_short(op.default)}"
            return [affected("change", "column", op.column, object_name(op.table), detail)]
        case ops.AddConstraint():
            one = op.constraint
            name = one.name or f"({', '.join(one.columns)})"
            return [affected("add", "constraint", name, object_name(op.table), _CONSTRAINTS[one.kind])]
        case ops.DropConstraint():
            return [affected("remove", "constraint", op.name or _CONSTRAINTS[op.kind], object_name(op.table))]
        case ops.ValidateConstraint():
            return [affected("change", "constraint", op.name, object_name(op.table), "validated")]
        case ops.AlterTable():
            return [
                affected(
                    "change", "table", object_name(op.table), detail=str(getattr(op, "what", "")).lower()
                )
            ]
        case ops.Rename():
            parent = object_name(op.table) if op.table is not None else None
            name = op.old.name if parent else object_name(op.old)
            return [affected("change", spoken(op.kind), name, parent, f"renamed to {op.new}")]
        case _:
            return []


def affected(
    change: Change, kind: str, name: str, parent: str | None = None, detail: str = ""
) -> AffectedObject:
    return AffectedObject(change=change, kind=kind, name=name, parent=parent, detail=detail)
