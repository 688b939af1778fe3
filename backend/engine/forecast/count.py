"""`SELECT count(*)` for the rows a DELETE or UPDATE matches, made from the statement's own FROM and WHERE by sqlglot. Pure.

Only what can be asked without side effects becomes a question: a function that is not known to be harmless, a statement
that writes inside of another, a variable that is assigned all make it a reason instead.
"""

from __future__ import annotations

import logging
from functools import lru_cache
from typing import TYPE_CHECKING

from backend.engine.lint import ops
from backend.engine.lint.ops import Name
from backend.engine.lint.source import Stmt

from .port import COUNT_LIMIT, Question

if TYPE_CHECKING:
    from sqlglot import exp

_log = logging.getLogger(__name__)
_LONGEST = 20_000
"""Characters: a longer statement lists its keys, and is not worth the parsing."""
_SQLGLOT = {"spanner": "postgres"}
# What sqlglot has a class for and is the same whenever it is asked in one moment. Everything else is not called.
_HARMLESS = frozenset(
    """Abs And Or Not Xor Case If Cast TryCast Coalesce Nullif IsNull Greatest Least Lower Upper Trim Length Substring
    Concat ConcatWs Replace Left Right Round Floor Ceil Mod Sign Sqrt Exp Ln Log Pow CurrentDate CurrentTimestamp
    CurrentTime CurrentDatetime Date DateAdd DateSub DateDiff DateTrunc TimestampAdd TimestampSub TimestampTrunc
    TimestampDiff Extract Year Month Day DayOfWeek DayOfYear Week Quarter Hour Minute Second Count Max Min Sum Avg Exists
    Any All Array ArrayContains ArrayLength ArraySize JSONExtract JSONExtractScalar JSONBExtract JSONBExtractScalar
    JSONBContains StrPosition RegexpLike RegexpILike StartsWith Initcap MD5 SHA Hex Unhex ToChar StrToDate StrToTime
    TimeToStr TsOrDsToDate TsOrDsAdd Interval UnixToTime Timestamp ToTimestamp Nvl2 RowNumber Rank DenseRank
    Reverse LPad RPad Repeat SplitPart ParseJSON ArrayOverlaps ArrayContainsAll""".split()  # noqa: SIM905
)
# By their name, in lower case, where sqlglot has no class of its own.
_HARMLESS_NAMES = frozenset(
    """now date_part age btrim ltrim rtrim char_length character_length octet_length position strpos starts_with left right
    jsonb_exists jsonb_typeof json_typeof jsonb_array_length json_array_length jsonb_path_exists array_position cardinality
    make_date make_interval to_date to_timestamp date_format str_to_date from_unixtime unix_timestamp ifnull isnull instr
    json_extract json_valid json_type json_contains julianday strftime typeof glob like hex unhex empty notempty todate
    todatetime todatetime64 tostring toint32 toint64 touint32 touint64 toyyyymm tostartofday tostartofmonth has length
    lengthutf8 startswith endswith positioncaseinsensitive match isnan tounixtimestamp today yesterday utc_timestamp
    curdate sysdate year month day""".split()  # noqa: SIM905
)


def question_of(statement: Stmt, dialect: str) -> Question | None:
    """None where the statement changes no rows by a condition."""
    found = next(
        (one for one in statement.ops if isinstance(one, ops.Update | ops.Delete | ops.Truncate)), None
    )
    if found is None or statement.problem is not None:
        return None
    if isinstance(found, ops.Truncate):
        return Question(found.table, *_whole(found.table, dialect), is_whole=True)
    if len(statement.text) > _LONGEST:
        return Question(found.table, reason="The statement is too long to be counted.")
    try:
        return _question(found.table, statement.text, dialect)
    except Refusal as error:
        return Question(found.table, reason=str(error))
    except Exception:
        # sqlglot's tree of a form nobody thought of; the rest of the preview must not go with it.
        _log.exception("A count could not be made")
        return Question(
            found.table, reason="Its condition is not understood well enough to be asked by itself."
        )


class Refusal(Exception):
    """Why it is not counted, in a sentence."""


def _question(table: Name, text: str, dialect: str) -> Question:
    from sqlglot import exp

    node = _parsed(text, dialect)
    if not isinstance(node, exp.Update | exp.Delete):
        # ALTER TABLE … UPDATE … WHERE (ClickHouse), and what sqlglot passes over as a command.
        raise Refusal("Its condition is not understood well enough to be asked by itself.")
    if isinstance(node, exp.Delete) and node.args.get("tables"):
        raise Refusal("It deletes from a join, whose rows are not the table's.")
    target = node.this
    if not isinstance(target, exp.Table) or target.args.get("joins"):
        raise Refusal("It changes a join, whose rows are not one table's.")
    return select(table, target, node, dialect)


def select(table: Name, target: exp.Expr, node: exp.Expr, dialect: str) -> Question:
    """The question for a table expression and the clauses of a statement (`where`, `from`, `using`, `with`, `limit`)."""
    from sqlglot import exp

    where = node.args.get("where")
    others = _others(node)
    checked = [
        one for one in (where, node.args.get("limit"), node.args.get("order"), _with(node), *others) if one
    ]
    for one in checked:
        _refuse_unsafe(one)
    one = exp.Literal.number(1)
    inner = exp.select(one).from_(target.copy())
    condition = where.this.copy() if where is not None else None
    if others:
        # A row that several rows of the other tables match is changed once.
        joined = exp.select(one.copy()).from_(others[0].copy())
        for other in others[1:]:
            joined = joined.join(other.copy(), join_type="cross")
        condition = exp.Exists(this=joined.where(condition) if condition is not None else joined)
    if condition is not None:
        inner = inner.where(condition)
    if node.args.get("order") is not None:
        inner.set("order", node.args["order"].copy())
    if node.args.get("limit") is not None:
        inner.set("limit", node.args["limit"].copy())
    else:
        inner = inner.limit(COUNT_LIMIT + 1)
    outer = exp.select(exp.Count(this=exp.Star())).from_(inner.subquery("matched"))
    given = _with(node)
    if given is not None:
        outer.set(_with_key(node), given.copy())
    try:
        query = outer.sql(dialect=_known_as(dialect))
    except Exception as error:
        _log.debug("No count could be written", exc_info=True)
        raise Refusal("Its condition cannot be written as a query of its own.") from error
    return Question(table, query, ask=query, is_whole=condition is None and node.args.get("limit") is None)


def _whole(table: Name, dialect: str) -> tuple[str, str, object]:
    from sqlglot import exp

    target = exp.table_(table.name, db=table.schema, quoted=True)
    query = (
        exp.select(exp.Count(this=exp.Star()))
        .from_(exp.select(exp.Literal.number(1)).from_(target).limit(COUNT_LIMIT + 1).subquery("matched"))
        .sql(dialect=_known_as(dialect))
    )
    return query, "", query


def rows_question(table: Name, dialect: str) -> Question:
    """Every row of a table."""
    return Question(table, *_whole(table, dialect), is_whole=True)


def values_question(table: Name, column: str, dialect: str) -> Question:
    """The rows that have a value in a column."""
    from sqlglot import exp

    target = exp.table_(table.name, db=table.schema, quoted=True)
    filled = exp.column(column, quoted=True).is_(exp.Null()).not_()
    return select(table, target, exp.Delete(this=target.copy(), where=exp.Where(this=filled)), dialect)


def parsed_condition(text: str, dialect: str) -> exp.Expr:
    """A condition that stands alone. Raises Refusal."""
    from sqlglot import exp

    node = _parsed(f"SELECT 1 FROM t WHERE {text}", dialect)
    where = node.args.get("where") if isinstance(node, exp.Select) else None
    if where is None:
        raise Refusal("Its condition is not understood well enough to be asked by itself.")
    found: exp.Expr = where
    return found


def _parsed(text: str, dialect: str) -> exp.Expr:
    import sqlglot
    from sqlglot.errors import SqlglotError

    try:
        found = [one for one in sqlglot.parse(text, dialect=_known_as(dialect)) if one is not None]
    except (SqlglotError, RecursionError):
        found = []
    if len(found) != 1:
        raise Refusal("Its condition is not understood well enough to be asked by itself.")
    return found[0]


def _others(node: exp.Expr) -> list[exp.Expr]:
    """The tables of UPDATE … FROM and DELETE … USING."""
    from sqlglot import exp

    given = node.args.get("from_") or node.args.get("from")
    listed = [given.this] if isinstance(given, exp.From) else []
    using = node.args.get("using") or []
    return [*listed, *(using if isinstance(using, list) else [using])]


def _with_key(node: exp.Expr) -> str:
    return "with_" if node.args.get("with_") is not None else "with"


def _with(node: exp.Expr) -> exp.Expr | None:
    found: exp.Expr | None = node.args.get(_with_key(node))
    return found


def _refuse_unsafe(node: exp.Expr) -> None:
    from sqlglot import exp

    for one in node.walk():
        if isinstance(
            one, exp.Insert | exp.Update | exp.Delete | exp.Merge | exp.DDL | exp.Command | exp.Into
        ):
            raise Refusal("A part of it writes by itself, so it is not asked.")
        if isinstance(
            one, exp.PropertyEQ | exp.Parameter | exp.SessionParameter | exp.Placeholder | exp.Lock
        ):
            raise Refusal("It uses variables or locks rows, so it is not asked.")
        if isinstance(one, exp.Anonymous | exp.AnonymousAggFunc):
            name = str(one.name)
            if name.lower() not in _HARMLESS_NAMES or _has_schema(one):
                raise Refusal(f"It calls {name}(), which may do more than answer.")
        elif isinstance(one, exp.Func):
            if type(one).__name__ not in _HARMLESS and not isinstance(one, exp.Connector):
                raise Refusal(
                    f"It calls {one.sql_name().lower()}(), which may do more or answer anew each time."
                )
            if _has_schema(one):
                raise Refusal("It calls a function of a schema, which may do more than answer.")


def _has_schema(call: exp.Expr) -> bool:
    from sqlglot import exp

    return isinstance(call.parent, exp.Dot) and call.parent.expression is call


@lru_cache
def _known_as(dialect: str) -> str:
    return _SQLGLOT.get(dialect, dialect)
