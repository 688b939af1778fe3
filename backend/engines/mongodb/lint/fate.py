"""Whether somebody waits for the promise an expression is. Reads a tree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.drivers.migrate_mongo.grammar import text

from .code import WRAPPERS, Code, method_of

if TYPE_CHECKING:
    from tree_sitter import Node


def fate(node: Node, code: Code) -> str:
    """Does somebody wait for the promise this expression is? `unknown` where it goes where nobody can follow."""
    current = node
    for _ in range(40):
        parent = current.parent
        if parent is None:
            return "unknown"
        kind = parent.type
        if kind in ("await_expression", "return_statement", "yield_expression"):
            return "waited"
        if kind in WRAPPERS or kind in ("array", "spread_element"):
            current = parent
        elif kind == "member_expression":
            call = parent.parent
            if (
                call is None
                or call.type != "call_expression"
                or method_of(call)[1] not in ("then", "catch", "finally")
            ):
                return "unknown"
            current = call
        elif kind == "arguments":
            call = parent.parent
            if call is None or text(call.child_by_field_name("function")) not in ("Promise.all", "Promise.allSettled", "Promise.race", "Promise.any", "Promise.resolve"):  # fmt: skip
                return "unknown"
            current = call
        elif kind == "ternary_expression":
            if current == parent.child_by_field_name("condition"):
                return "unknown"
            current = parent
        elif kind == "binary_expression":
            if current != parent.child_by_field_name("right"):
                return "unknown"
            current = parent
        elif kind == "arrow_function":
            return _fate_of_function(parent, code)
        elif kind == "variable_declarator":
            name = parent.child_by_field_name("name")
            if name is None or name.type != "identifier":
                return "unknown"
            return "lost" if code.uses(text(name)) <= 1 else "unknown"
        elif kind == "expression_statement":
            return "lost"
        elif kind == "unary_expression":
            return "lost" if text(parent).startswith("void") else "unknown"
        else:
            return "unknown"
    return "unknown"


def _fate_of_function(function: Node, code: Code) -> str:
    """Of what an arrow function gives back to who calls it."""
    parent = function.parent
    if parent is None or parent.type != "arguments" or parent.parent is None:
        return "unknown"
    call = parent.parent
    target, method = method_of(call)
    if method == "forEach":
        return "lost"
    if method in ("map", "flatMap") and target is not None:
        whole = call.parent
        # A list of promises is no promise: awaiting the list waits for nothing.
        if whole is not None and whole.type in ("expression_statement", "await_expression"):
            return "lost"
        return fate(call, code)
    return "unknown" if method not in ("withTransaction", "withSession") else "waited"
