"""Which tables a diagram shows, and its boxes and lines. No positions: whoever draws it lays it out. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from backend.models.schema_detail import (
    DetailTable,
    Diagram,
    DiagramChoice,
    DiagramColumn,
    DiagramEdge,
    DiagramNode,
    Relation,
    SchemaDetail,
    SchemaOutline,
)

MOST_AT_ONCE = 150
"""More boxes than this are not read any more, so a part is chosen."""
_PART = 40
"""Boxes of the part that is chosen for the caller."""
_MOST_NAMED = 300
"""Boxes that a caller gets for the tables it names; the nearest come first."""


@dataclass(frozen=True, slots=True)
class Chosen:
    ids: frozenset[str]
    partial: bool
    centre: str | None = None
    cut: int = 0
    """Tables within reach that were left out, for there were too many."""


def chosen_tables(outline: SchemaOutline, asked: Sequence[str] | None, depth: int) -> Chosen:
    """The tables asked for and their surroundings; without names all, or the surroundings of the most connected."""
    drawable = [one.id for one in outline.tables if not one.is_partition]
    there = frozenset(drawable)
    links = _links(outline.relations, there)
    if asked is not None:
        starts = [one for one in asked if one in there]
        found, cut = _surroundings(starts, links, depth, max(_MOST_NAMED, len(starts)))
        return Chosen(found, len(found) < len(there), cut=cut)
    if len(drawable) <= MOST_AT_ONCE:
        return Chosen(there, partial=False)
    centre = max(drawable, key=lambda one: len(links[one]))
    if not links[centre]:
        # Nothing hangs together: the first ones are as good as any.
        return Chosen(frozenset(drawable[:_PART]), partial=True)
    found, _ = _surroundings([centre], links, len(drawable), _PART)
    return Chosen(found, partial=True, centre=centre)


def diagram(outline: SchemaOutline, detail: SchemaDetail, chosen: Chosen) -> Diagram:
    """Boxes for the chosen tables that are described in `detail`, and the lines between them."""
    drawable = {one.id for one in outline.tables if not one.is_partition}
    links = _links(outline.relations, drawable)
    tables = [one for one in detail.tables if one.id in chosen.ids]
    shown = {one.id for one in tables}
    problems = [*outline.problems, *(one for one in detail.problems if one not in outline.problems)]
    if chosen.cut:
        problems.append(f"{chosen.cut:,} more tables are as near; choose fewer or a smaller distance.")
    return Diagram(
        engine=outline.engine,
        default_schema=outline.default_schema,
        nodes=[_node(one, len(links[one.id] - shown)) for one in tables],
        edges=[edge for one in tables for edge in _edges(one, shown)],
        total=len(drawable),
        partial=chosen.partial,
        centre=chosen.centre,
        choices=sorted(
            (
                DiagramChoice(id=one.id, kind=one.kind, relations=len(links[one.id]))
                for one in outline.tables
                if one.id in drawable
            ),
            key=lambda one: (-one.relations, one.id),
        ),
        problems=problems,
    )


def _links(relations: Iterable[Relation], there: Iterable[str]) -> dict[str, set[str]]:
    """The neighbours of each table, in both directions; a table that points at itself is not its own neighbour."""
    known = set(there)
    found: dict[str, set[str]] = defaultdict(set)
    for one in relations:
        if one.table != one.to_table and one.table in known and one.to_table in known:
            found[one.table].add(one.to_table)
            found[one.to_table].add(one.table)
    return found


def _surroundings(
    starts: Sequence[str], links: dict[str, set[str]], depth: int, most: int
) -> tuple[frozenset[str], int]:
    """Breadth first, the most connected neighbours before others; and how many were left out at `most`."""
    found = dict.fromkeys(starts)
    edge = list(found)
    for _ in range(depth):
        around = {other for one in edge for other in links[one]} - found.keys()
        edge = sorted(around, key=lambda one: (-len(links[one]), one))
        if not edge:
            break
        room = most - len(found)
        found |= dict.fromkeys(edge[:room])
        if len(edge) > room:
            return frozenset(found), len(edge) - room
    return frozenset(found), 0


def _node(table: DetailTable, hidden: int) -> DiagramNode:
    pointing = {column for key in table.foreign_keys for column in key.columns}
    return DiagramNode(
        id=table.id,
        schema_name=table.schema_name,
        name=table.name,
        kind=table.kind,
        rows=table.rows,
        comment=table.comment,
        columns=[
            DiagramColumn(
                name=one.name,
                type=one.type,
                primary_key=one.primary_key,
                foreign_key=one.name in pointing,
                nullable=one.nullable,
            )
            for one in table.columns
        ],
        hidden_relations=hidden,
    )


def _edges(table: DetailTable, shown: set[str]) -> Iterable[DiagramEdge]:
    nullable = {one.name for one in table.columns if one.nullable}
    keys = [set(one.columns) for one in table.uniques]
    keys += [set(one.columns) for one in table.indexes if one.unique and one.where is None]
    keys += [set(table.primary_key.columns)] if table.primary_key else []
    for number, key in enumerate(table.foreign_keys):
        if key.table in shown:
            columns = set(key.columns)
            yield DiagramEdge(
                id=f"{table.id} {number}",
                name=key.name,
                table=table.id,
                columns=key.columns,
                to_table=key.table,
                to_columns=key.to_columns,
                on_update=key.on_update,
                on_delete=key.on_delete,
                optional=bool(columns & nullable),
                one_to_one=any(one and one <= columns for one in keys),
            )
