"""How JavaScript names things: declarations, property keys, `module.exports` in its spellings. Questions to a tree."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from .grammar import named, text

if TYPE_CHECKING:
    from tree_sitter import Node

FUNCTIONS = {
    "function_expression",
    "function_declaration",
    "arrow_function",
    "method_definition",
    "generator_function",
    "generator_function_declaration",
    "function",
}
CLASSES = {"class", "class_declaration", "abstract_class_declaration"}


def declared(root: Node) -> Iterator[tuple[str, Node]]:
    """Names declared at the top level, with what they are."""
    for statement in root.named_children:
        declaration = (
            statement.child_by_field_name("declaration")
            if statement.type == "export_statement"
            else statement
        )
        if declaration is not None:
            yield from declared_by(declaration)


def declared_by(declaration: Node) -> Iterator[tuple[str, Node]]:
    if declaration.type in FUNCTIONS | CLASSES:
        yield text(declaration.child_by_field_name("name")), declaration
    elif declaration.type in {"lexical_declaration", "variable_declaration"}:
        for item in named(declaration):
            value = item.child_by_field_name("value")
            if item.type == "variable_declarator" and value is not None:
                yield text(item.child_by_field_name("name")), value


def path(node: Node | None) -> str:
    """`module.exports.up`, also where it is written `module.exports["up"]`; empty for anything else."""
    if node is None:
        return ""
    if node.type == "identifier":
        return text(node)
    if node.type == "member_expression":
        inner = path(node.child_by_field_name("object"))
        return f"{inner}.{text(node.child_by_field_name('property'))}" if inner else ""
    if node.type == "subscript_expression":
        inner, index = path(node.child_by_field_name("object")), node.child_by_field_name("index")
        return f"{inner}.{string(index)}" if inner and index is not None and index.type == "string" else ""
    return ""


def key(item: Node) -> str:
    if item.type == "shorthand_property_identifier":
        return text(item)
    key = item.child_by_field_name("key") or item.child_by_field_name("name")
    if key is None:
        return ""
    return string(key) if key.type == "string" else text(key) if key.type == "property_identifier" else ""


_ESCAPE = re.compile(r"\\(?:u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(\r\n|.))", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0"}
_NO_CHARACTER = frozenset({"\n", "\r\n", "\r", "\u2028", "\u2029"})


def string(literal: Node) -> str:
    """What a string (or a template without places) says: its escapes are taken as JavaScript takes them."""
    inside = text(literal)[1:-1]
    if "\\" not in inside:
        return inside
    said = _ESCAPE.sub(_unescaped, inside)
    # A character outside the basic plane may be written as its two halves.
    return said.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _unescaped(match: re.Match[str]) -> str:
    digits = match[1] or match[2] or match[3]
    if digits:
        return chr(min(int(digits, 16), 0x10FFFF))
    # A break that is escaped only goes on in the next line.
    return "" if match[4] in _NO_CHARACTER else _ESCAPES.get(match[4], match[4])


def keys(node: Node) -> Iterator[str]:
    return (key(item) for item in named(node))
