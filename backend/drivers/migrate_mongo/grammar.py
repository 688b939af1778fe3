"""The parsers of JavaScript and TypeScript, and small questions to their trees. Reads; never runs anything."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Language, Node, Parser, Tree

_local = threading.local()


@cache
def language(typescript: bool) -> Language:
    from tree_sitter import Language

    if typescript:
        import tree_sitter_typescript

        return Language(tree_sitter_typescript.language_typescript())
    import tree_sitter_javascript

    return Language(tree_sitter_javascript.language())


def parse(source: bytes, *, typescript: bool = False) -> Tree:
    """The tree of a file; what cannot be read becomes ERROR nodes in it."""
    # A parser may not be shared between threads.
    parsers: dict[bool, Parser] = _local.__dict__.setdefault("parsers", {})
    if typescript not in parsers:
        from tree_sitter import Parser

        parsers[typescript] = Parser(language(typescript))
    return parsers[typescript].parse(source)


@cache
def _query(text: str, typescript: bool) -> object:
    from tree_sitter import Query

    return Query(language(typescript), text)


def find(node: Node, query: str, *, typescript: bool = False) -> list[Node]:
    """The nodes that a query captures as `@found`, in the order of the file."""
    from tree_sitter import QueryCursor

    captured = QueryCursor(_query(query, typescript)).captures(node)  # type: ignore[arg-type]
    return sorted(captured.get("found", []), key=lambda found: found.start_byte)


def text(node: Node | None) -> str:
    return node.text.decode("utf-8", "replace") if node is not None and node.text is not None else ""


def named(node: Node) -> Iterator[Node]:
    """The node's named children without comments."""
    return (child for child in node.named_children if child.type != "comment")


def first_error(node: Node) -> Node | None:
    """The first place the parser could not read."""
    while True:
        if node.is_error or node.is_missing:
            return node
        broken = next((child for child in node.children if child.has_error or child.is_missing), None)
        if broken is None:
            return None
        node = broken
