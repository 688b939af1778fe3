"""How JavaScript names things: declarations, property keys, `module.exports` in its spellings. Questions to a tree."""

from __future__ import annotations

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
        return (
            f"{inner}.{text(index)[1:-1]}" if inner and index is not None and index.type == "string" else ""
        )
    return ""


def key(item: Node) -> str:
    if item.type == "shorthand_property_identifier":
        return text(item)
    key = item.child_by_field_name("key") or item.child_by_field_name("name")
    return text(key).strip("\"'") if key is not None and key.type in {"property_identifier", "string"} else ""


def keys(node: Node) -> Iterator[str]:
    return (key(item) for item in named(node))
