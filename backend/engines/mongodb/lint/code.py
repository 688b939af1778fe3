"""A migration file as code: its tree, what its names stand for, where a node is in the file. Reads; never runs anything."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from backend.drivers.migrate_mongo.grammar import captured, named, text
from backend.drivers.migrate_mongo.names import FUNCTIONS, key
from backend.drivers.migrate_mongo.names import string as said
from backend.drivers.migrate_mongo.script import Script, read

if TYPE_CHECKING:
    from tree_sitter import Node

WRAPPERS = frozenset(
    {"parenthesized_expression", "as_expression", "satisfies_expression", "non_null_expression"}
)
_DEPTH = 12
_NAMES = "[(identifier) (shorthand_property_identifier)] @name"
_GOES_THROUGH = (b".forEach", b".map", b".flatMap", b".reduce")


class Code:
    """One file, parsed once. Offsets are characters of `content`."""

    def __init__(self, content: str, *, typescript: bool = False) -> None:
        self.content = content
        self.data = content.encode()
        self._typescript = typescript
        self.script: Script = read(self.data, typescript=typescript)
        self.root = self.script.root
        self._plain = len(self.data) == len(content)
        self._values: dict[str, Node | None] = {}
        self.declarators: list[Node] = []
        """Every `name = value` of a const, let or var, in the order of the file."""
        self.imports: list[Node] = []
        for node in self.script.document.all("declaration"):
            self._note(node)

    def _note(self, node: Node) -> None:
        if node.type == "import_statement":
            self.imports.append(node)
        elif node.type == "variable_declarator":
            self.declarators.append(node)
            name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
            if name is not None and name.type == "identifier" and value is not None:
                label = text(name)
                # Declared twice (in two functions): what it stands for here is not known.
                self._values[label] = value if label not in self._values else None
        else:
            self._values[text(node.child_by_field_name("name"))] = node

    def uses(self, name: str) -> int:
        """How often a name stands in the file, its declaration included."""
        return self._uses[name]

    @cached_property
    def _uses(self) -> Counter[str]:
        found = captured(self.root, _NAMES, typescript=self._typescript)
        return Counter(text(node) for node in found.get("name", ()))

    @cached_property
    def _calls(self) -> dict[str, tuple[list[int], list[Node]]]:
        """By type: where each call and `new` of the file begins, and it."""
        found = {
            "call_expression": self.script.document.all("call"),
            "new_expression": self.script.document.all("new"),
        }
        return {kind: ([one.start_byte for one in nodes], nodes) for kind, nodes in found.items()}

    def calls_in(self, node: Node, *types: str) -> list[Node]:
        """The calls in a node, itself included, in the order of a walk. `types`: call_expression, new_expression."""
        start, end = node.start_byte, node.end_byte
        found: list[Node] = []
        for kind in types or ("call_expression",):
            starts, calls = self._calls[kind]
            first = bisect_left(starts, start)
            last = bisect_left(starts, end, first)
            # Only what begins where the node does can be around it.
            while first < last and calls[first].end_byte > end:
                first += 1
            found += calls[first:last]
        return sorted(found, key=lambda one: (one.start_byte, -one.end_byte)) if len(types) > 1 else found

    @cached_property
    def repeats(self) -> bool:
        """Is there a loop, or a call that goes through a list?"""
        return bool(self.script.document.all("loop")) or any(word in self.data for word in _GOES_THROUGH)

    @cached_property
    def has_functions(self) -> bool:
        """Is there a function to call by its name?"""
        return any(value is not None and value.type in FUNCTIONS for value in self._values.values())

    def offset(self, byte: int) -> int:
        return byte if self._plain else len(self.data[:byte].decode("utf-8", "replace"))

    def span(self, node: Node) -> tuple[int, int]:
        return self.offset(node.start_byte), self.offset(node.end_byte)

    def value(self, node: Node | None) -> Node | None:
        """What an expression is, through parentheses, TypeScript's annotations and names declared once."""
        for _ in range(_DEPTH):
            if node is None:
                return None
            if node.type in WRAPPERS:
                node = next(named(node), None)
            elif node.type in ("identifier", "shorthand_property_identifier") and text(node) in self._values:
                node = self._values[text(node)]
            else:
                return node
        return None

    def string(self, node: Node | None) -> str | None:
        """A text that is written out, also through a constant; None for anything computed."""
        found = self.value(node)
        if found is None or found.type not in ("string", "template_string"):
            return None
        if any(child.type == "template_substitution" for child in found.named_children):
            return None
        return said(found)

    def function(self, name: str) -> Node | None:
        """A function of this file by its name."""
        found = self._values.get(name)
        return found if found is not None and found.type in FUNCTIONS else None

    def members(self, node: Node | None) -> dict[str, Node] | None:
        """An object's keys and values; None where it is no literal or has a spread or a computed key."""
        found = self.value(node)
        if found is None or found.type != "object":
            return None
        members: dict[str, Node] = {}
        for item in named(found):
            name = key_of(item)
            if not name:
                return None
            members[name] = (
                item
                if item.type == "shorthand_property_identifier"
                else item.child_by_field_name("value") or item
            )
        return members


def key_of(item: Node) -> str:
    """The key of a member, also of a number or a `$` word; empty where it is computed or a spread."""
    name = item.child_by_field_name("key")
    if name is not None and name.type == "number":
        return text(name)
    return key(item)


def walk(node: Node) -> Iterator[Node]:
    """The node and all below it, in the order of the file; without recursion, so depth does not matter."""
    pending = [node]
    while pending:
        one = pending.pop()
        yield one
        pending.extend(reversed(one.named_children))


def ancestors(node: Node) -> Iterator[Node]:
    current = node.parent
    while current is not None:
        yield current
        current = current.parent


def arguments(call: Node) -> list[Node]:
    found = call.child_by_field_name("arguments")
    return list(named(found)) if found is not None and found.type == "arguments" else []


def method_of(call: Node) -> tuple[Node | None, str]:
    """(what the method is called on, its name); (None, name) for a plain function."""
    function = call.child_by_field_name("function")
    if function is None:
        return None, ""
    if function.type == "member_expression":
        return function.child_by_field_name("object"), text(function.child_by_field_name("property"))
    if function.type == "subscript_expression":
        return function.child_by_field_name("object"), text(function.child_by_field_name("index")).strip(
            "\"'"
        )
    return None, text(function)
