"""PostgreSQL's INSERT, UPDATE, DELETE, TRUNCATE, COPY and MERGE as changes. Pure, given `PgLive`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from backend.engine.lint.ops import Name
from backend.engine.undo.model import AnyChange, Free, Ref, Rows, Thing, Undone, cannot, nothing, undone
from backend.engine.undo.rows import condition
from backend.engines.postgres.lint.expressions import name_of_range, sql_of
from backend.engines.postgres.lint.names import quote

from .live import qualified
from .nodes import kind_of

if TYPE_CHECKING:
    from .dialect import PgDialect

_DELETED = "The rows it deletes are nowhere in the text"
_MOST = 500


def changes(dialect: PgDialect, node: Any) -> Iterator[AnyChange]:
    match kind_of(node):
        case "InsertStmt":
            yield _insert(dialect, node)
        case "UpdateStmt":
            yield Rows(
                ref=Ref("table", name_of_range(node.relation)), undo=lambda _: cannot("The values it overwrites are nowhere in the text"),  # noqa: E501
                columns=tuple(one.res_target.name for one in node.target_list),
            )  # fmt: skip
        case "DeleteStmt":
            yield Rows(ref=Ref("table", name_of_range(node.relation)), undo=lambda _: cannot(_DELETED))
        case "TruncateStmt":
            for one in node.relations:
                yield Rows(ref=Ref("table", name_of_range(one.range_var)), undo=lambda _: cannot(_DELETED))
        case "CopyStmt" if node.is_from and node.HasField("relation"):
            why = "Which rows it has added is not told from those that were there"
            yield Rows(ref=Ref("table", name_of_range(node.relation)), undo=lambda _: cannot(why))
        case "CopyStmt":
            yield Free(nothing("It leaves nothing behind"))
        case _:
            why = "What it overwrites and deletes is nowhere in the text"
            yield Rows(ref=Ref("table", name_of_range(node.relation)), undo=lambda _: cannot(why))


def _insert(dialect: PgDialect, node: Any) -> AnyChange:
    ref = Ref("table", name_of_range(node.relation))
    columns = [one.res_target.name for one in node.cols]
    select = node.select_stmt.select_stmt if node.HasField("select_stmt") else None
    if node.HasField("on_conflict_clause"):
        return Rows(ref=ref, undo=lambda _: cannot("It may have met rows that were there before"))
    if select is None:
        return Rows(ref=ref, undo=lambda _: cannot("Nothing in the text tells its row from the others"))
    if not select.values_lists:
        why = "Which rows a query has added is not in the text"
        return Rows(ref=ref, undo=lambda _: cannot(why), copied=_copied(columns, select))

    def undo(table: Thing) -> Undone:
        if dialect.live is None:
            return cannot("Which columns tell its rows apart shows only in the live schema")
        if len(select.values_lists) > _MOST:
            return cannot("It adds too many rows to name each")
        names = columns or dialect.live.columns(table.before)
        for key in dialect.live.keys(table.before):
            places = [names.index(one) for one in key if one in names]
            if len(places) < len(key):
                continue
            rows = [[_constant(one.list.items, place) for place in places] for one in select.values_lists]
            if all(value is not None for row in rows for value in row):
                where = condition(
                    [quote(one) for one in key], [[value or "" for value in row] for row in rows]
                )
                return undone(f"DELETE FROM {qualified(table.now)} WHERE {where}", source="schema")
        return cannot("No key of the table is written out in its rows")

    return Rows(ref=ref, undo=undo)


def _constant(items: Any, place: int) -> str | None:
    """A value as SQL; None for NULL, DEFAULT and whatever is computed."""
    if place >= len(items):
        return None
    node = items[place]
    inner = node
    while inner.WhichOneof("node") == "type_cast":
        inner = inner.type_cast.arg
    if inner.WhichOneof("node") != "a_const" or inner.a_const.isnull:
        return None
    return sql_of(node)


def _copied(columns: list[str], select: Any) -> tuple[Name, tuple[str, ...], tuple[str, ...]] | None:
    """`INSERT INTO a (x) SELECT x FROM b`, nothing more."""
    plain = (
        len(select.from_clause) == 1 and select.from_clause[0].WhichOneof("node") == "range_var"
        and not select.HasField("where_clause") and not select.group_clause and not select.HasField("limit_count")
        and not select.HasField("having_clause") and not select.distinct_clause and not select.HasField("with_clause")
    )  # fmt: skip
    if not plain or len(columns) != len(select.target_list):
        return None
    there = []
    for one in select.target_list:
        fields = one.res_target.val.column_ref.fields
        if (
            one.res_target.val.WhichOneof("node") != "column_ref"
            or len(fields) != 1
            or not fields[0].string.sval
        ):
            return None
        there.append(fields[0].string.sval)
    return name_of_range(select.from_clause[0].range_var), tuple(columns), tuple(there)
