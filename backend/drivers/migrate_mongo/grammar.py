"""The parsers of JavaScript and TypeScript, and small questions to their trees. Reads; never runs anything."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import cache, cached_property
from operator import attrgetter
from typing import TYPE_CHECKING, Literal

from backend.engine.handed import handed_on

if TYPE_CHECKING:
    from tree_sitter import Language, Node, Parser, Tree

_local = threading.local()
_START, _END = attrgetter("start_byte"), attrgetter("end_byte")


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


# What is asked of a whole file, in one look through its tree: each look costs as much as a third of reading the file.
_ASKED = """
(call_expression) @call
(new_expression) @new
(expression_statement (call_expression) @alone)
(template_string) @template
[(for_statement) (for_in_statement) (while_statement) (do_statement)] @loop
[
  (import_statement) (variable_declarator) (function_declaration) (generator_function_declaration)
] @declaration
"""
Asked = Literal["call", "new", "alone", "template", "loop", "declaration"]


class Document:
    """A file's tree. What cannot be read becomes ERROR nodes in it."""

    def __init__(self, source: bytes, *, typescript: bool) -> None:
        self.root = parse(source, typescript=typescript).root_node
        self._typescript = typescript

    @cached_property
    def _asked(self) -> dict[str, list[Node]]:
        return captured(self.root, _ASKED, typescript=self._typescript)

    def all(self, asked: Asked) -> list[Node]:
        """Calls, `new`, calls that are statements of their own, template strings, loops, declarations: in the order of
        a walk, the outer one before the inner."""
        # Twice by what C reads: a third of the time that a key of both takes in a file of megabytes.
        return sorted(sorted(self._asked.get(asked, ()), key=_END, reverse=True), key=_START)


def document(source: bytes, *, typescript: bool = False) -> Document:
    """The file's tree. One that is asked for twice in a row, to find its halves and then to judge it, is made once."""
    return handed_on((source, typescript), lambda: Document(source, typescript=typescript), size=len(source))


@cache
def _query(text: str, typescript: bool) -> object:
    from tree_sitter import Query

    return Query(language(typescript), text)


def captured(node: Node, query: str, *, typescript: bool = False) -> dict[str, list[Node]]:
    """The nodes that a query captures, by the names it gives them; in no order."""
    from tree_sitter import QueryCursor

    return QueryCursor(_query(query, typescript)).captures(node)  # type: ignore[arg-type]


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
