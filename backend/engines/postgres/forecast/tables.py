"""Tables named in a parse tree, and how long PostgreSQL holds what it locks. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from backend.engine.forecast.port import Place
from backend.engine.lint.ops import Name
from backend.engines.postgres.lint.expressions import messages_in, name_of_range


def enum_of(node: Any, field: str) -> str:
    descriptor = node.DESCRIPTOR.fields_by_name[field].enum_type
    return str(descriptor.values_by_number[getattr(node, field)].name)


def held(place: Place) -> str:
    """PostgreSQL keeps every lock until its transaction ends; a block of several statements is one even without BEGIN."""
    if place.half.transaction:
        return "until the transaction ends"
    return "until the statement ends" if place.is_alone else "until the block ends"


def ranges_in(node: Any) -> list[Name]:
    """Every table an expression or a list of nodes reads; names of WITH queries left out."""
    nodes = [node] if hasattr(node, "ListFields") else list(node)
    found: dict[str, Name] = {}
    queries: set[str] = set()
    for one in nodes:
        for message in messages_in(one):
            kind = type(message).__name__
            if kind == "RangeVar" and message.relname:
                name = name_of_range(message)
                found.setdefault(str(name), name)
            elif kind == "CommonTableExpr":
                queries.add(message.ctename)
    return [name for name in found.values() if name.schema or name.name not in queries]


def names_in(nodes: Iterable[Any]) -> list[Name]:
    return [name_of_range(one.range_var) for one in nodes if one.WhichOneof("node") == "range_var"]


def parts_of(node: Any) -> list[str]:
    """A name given as a list of strings."""
    which = node.WhichOneof("node")
    if which == "list":
        return [item.string.sval for item in node.list.items if item.WhichOneof("node") == "string"]
    if which == "string":
        return [node.string.sval]
    if which == "type_name":
        return [item.string.sval for item in node.type_name.names]
    return []
