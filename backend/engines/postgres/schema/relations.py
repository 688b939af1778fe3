"""Who needs whom, worked out of pg_depend when somebody asks: a comparison never does, a plan always. Pure."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple, overload

from .facts import ATTRDEF, CLASS, REWRITE, TYPE, Column, Facts, Object

_NUMBER = Column.__slots__.index("number")


class Graph(NamedTuple):
    """By an object's id."""

    needs: dict[str, set[str]]
    uses: dict[str, set[tuple[str, str]]]
    """(the other, its column)"""
    through: dict[str, set[tuple[str, str, str]]]
    """(default, type or check; the column's or constraint's name; the other)"""


class Relations:
    """The dependencies of one snapshot, between the objects that have an id in it."""

    def __init__(self, known: Facts, ids: Mapping[Object, str]) -> None:
        self._known = known
        self._ids = ids
        self._names: dict[int, dict[int, str]] = {}

    @cached_property
    def graph(self) -> Graph:
        """Rules of views count as the view, rows' types as the table, arrays as their element, defaults as their
        column, what stands inside another's text as that one."""
        known, ids = self._known, self._ids
        needs: dict[str, set[str]] = defaultdict(set)
        uses: dict[str, set[tuple[str, str]]] = defaultdict(set)
        through: dict[str, set[tuple[str, str, str]]] = defaultdict(set)
        for line in known.depends.split(","):
            if not line:
                continue
            class_oid, oid, part, ref_class, ref_oid, ref_part = map(int, line.split())
            who, whom = self._folded((class_oid, oid)), self._folded((ref_class, ref_oid))
            one, other = ids.get(who), ids.get(whom)
            if one is None or other is None or one == other:
                continue
            needs[one].add(other)
            ref_column = self._column(whom, ref_part)
            if ref_column is not None:
                uses[one].add((other, ref_column))
            is_default = class_oid == ATTRDEF
            column = self._column(who, known.defaults[oid][1] if is_default else part)
            if column is not None:
                through[one].add(("default" if is_default else "type", column, other))
            elif who in known.inside and (constraint := known.inside[who][1]) is not None:
                through[one].add(("check", constraint, other))
        # Plain dictionaries: asking for what is not there must not add it.
        return Graph(dict(needs), dict(uses), dict(through))

    def _folded(self, one: Object) -> Object:
        class_oid, oid = one
        if class_oid == REWRITE:
            view = self._known.views.get(oid)
            return one if view is None else (CLASS, view)
        if class_oid == ATTRDEF:
            return CLASS, self._known.defaults[oid][0] if oid in self._known.defaults else 0
        if class_oid == TYPE:
            oid = self._known.elements.get(oid, oid)
            table = self._known.row_types.get(oid)
            return (TYPE, oid) if table is None else (CLASS, table)
        return one

    def _column(self, one: Object, number: int) -> str | None:
        if one[0] != CLASS or number < 1:
            return None
        if one[1] not in self._names:
            columns = json.loads(self._known.columns.get(one[1], "[]"))
            self._names[one[1]] = {column[_NUMBER]: column[0] for column in columns}
        return self._names[one[1]].get(number)


class Needs(Sequence[str]):
    """What an object needs, in alphabetical order: what its text tells and what pg_depend does."""

    __slots__ = ("_id", "_relations", "_told")

    def __init__(self, relations: Relations, one_id: str, told: Sequence[str]) -> None:
        self._relations, self._id, self._told = relations, one_id, told

    def _all(self) -> list[str]:
        return sorted({*self._told, *self._relations.graph.needs.get(self._id, ())} - {self._id})

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[str]: ...
    def __getitem__(self, index: int | slice) -> str | Sequence[str]:
        return self._all()[index]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())


class ObjectFacts(Mapping[str, str]):
    """An object's facts: those at hand, and `uses` and `through`, which wait for the relations."""

    __slots__ = ("_id", "_plain", "_relations")

    def __init__(self, relations: Relations, one_id: str, plain: Mapping[str, str]) -> None:
        self._relations, self._id, self._plain = relations, one_id, plain

    def __getitem__(self, name: str) -> str:
        if name in ("uses", "through"):
            return json.dumps(sorted(getattr(self._relations.graph, name)[self._id]))
        return self._plain[name]

    def __iter__(self) -> Iterator[str]:
        graph = self._relations.graph
        yield from self._plain
        yield from (name for name in ("uses", "through") if self._id in getattr(graph, name))

    def __len__(self) -> int:
        return sum(1 for _ in self)
