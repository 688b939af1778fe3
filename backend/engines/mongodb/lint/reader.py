"""Reads up and down into statements and driver calls, those of the file's own helper functions included."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from backend.drivers.migrate_mongo.grammar import captured, document, first_error, named, text
from backend.drivers.migrate_mongo.names import FUNCTIONS
from backend.drivers.migrate_mongo.script import Function
from backend.engine.lint import ops
from backend.engine.lint.ops import Op
from backend.engine.lint.source import Half, Source, Stmt, Unparsed
from backend.models.migration import Direction

from .calls import Call, Finder
from .code import Code, ancestors, method_of

if TYPE_CHECKING:
    from tree_sitter import Node


@dataclass(slots=True)
class JsHalf(Half):
    """A half with its tree."""

    code: Code | None = None
    function: Function | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A statement's node: what it is and the pieces of code that run with it (its own, then helpers')."""

    node: Node
    pieces: tuple[Node, ...]
    code: Code

    def calls(self, *types: str) -> list[Node]:
        """Every call in its pieces, in the order of a walk; `types` as `Code.calls_in` takes them."""
        return [node for piece in self.pieces for node in self.code.calls_in(piece, *types)]


def prepare(source: Source) -> None:
    """Put halves in place whose text is the file's own: the tool shows bodies without their indentation."""
    if not source.halves:
        return
    suffix = PurePosixPath(source.filename).suffix
    code = Code(source.content, typescript=suffix in (".ts", ".mts", ".cts"))
    for direction in (Direction.UP, Direction.DOWN):
        function = code.script.functions.get(direction.value)
        if function is None:
            continue
        start, end = (code.offset(byte) for byte in function.span)
        holder = code.offset(function.holder.start_byte)
        line_end = source.content.find("\n", holder)
        line = (holder, line_end if line_end != -1 else len(source.content))
        half = JsHalf(direction, source.content[start:end], start, False, line, code=code, function=function)
        setattr(source, direction.value, half)


def read_half(half: Half) -> list[Stmt]:
    """The statements of a function's body. Never raises on bad code: `problem` tells."""
    if not isinstance(half, JsHalf) or half.code is None or half.function is None:
        if not half.body.strip():
            return []
        problem = Unparsed("What this function does shows only when it runs", None, certain=False)
        return [Stmt(half.body, 0, len(half.body), problem=problem)]
    code, function = half.code, half.function
    body = function.body
    nodes = list(named(body)) if body is not None and function.is_block else [body or function.node]
    finder = Finder(code, function.parameters)
    regions = _transactions(body or function.node, finder)
    found: list[Stmt] = []
    seen: set[int] = set()
    for node in nodes:
        start, end = code.span(node)
        stmt = Stmt(code.content[start:end], start - half.offset, end - half.offset)
        if node.has_error:
            broken = first_error(node)
            at = code.offset(broken.start_byte) - start if broken is not None else None
            stmt.problem = Unparsed("JavaScript that is not understood here", at, certain=False)
        else:
            pieces = tuple(_pieces(node, code, seen)) if code.has_functions else (node,)
            stmt.node = Part(node, pieces, code)
            stmt.ops = tuple(_ops(pieces, finder, regions))
        found.append(stmt)
    return found


def _pieces(node: Node, code: Code, seen: set[int]) -> Iterator[Node]:
    """The statement, and each function of the file that it calls, once a half."""
    pending = [node]
    while pending:
        piece = pending.pop(0)
        yield piece
        for one in code.calls_in(piece):
            target, name = method_of(one)
            helper = code.function(name) if target is None else None
            # A helper declared inside the statement is walked with it.
            if helper is None or helper.id in seen or node.start_byte <= helper.start_byte < node.end_byte:
                continue
            if any(parent.id == helper.id for parent in ancestors(one)):
                continue
            seen.add(helper.id)
            pending.append(helper)


def _transactions(body: Node, finder: Finder) -> list[tuple[int, int]]:
    """Where a transaction is open, in bytes."""
    regions: list[tuple[int, int]] = []
    opened: int | None = None
    if b"Transaction" not in finder.code.data:
        return regions
    for node in finder.code.calls_in(body):
        target, method = method_of(node)
        if method == "withTransaction" and target is not None:
            given = node.child_by_field_name("arguments")
            for one in named(given) if given is not None else ():
                value = finder.code.value(one)
                if value is not None and value.type in FUNCTIONS:
                    regions.append((value.start_byte, value.end_byte))
        elif method == "startTransaction" and target is not None:
            opened = node.end_byte
        elif method == "commitTransaction" and opened is not None:
            regions.append((opened, node.start_byte))
            opened = None
    if opened is not None:
        regions.append((opened, body.end_byte))
    return regions


def _ops(pieces: tuple[Node, ...], finder: Finder, regions: list[tuple[int, int]]) -> Iterator[Op]:
    for piece in pieces:
        for node in finder.code.calls_in(piece):
            call = finder.call(node)
            if call is None:
                continue
            if regions and any(start <= node.start_byte < end for start, end in regions):
                call = replace(call, in_transaction=True)
            yield call
            yield from _meaning(call)


def _meaning(call: Call) -> Iterator[Op]:
    """What the scene takes note of: collections made and filled, indexes made."""
    if not call.known:
        return
    if call.method == "createCollection" and call.owner == "db":
        yield ops.CreateTable(name=call.collection)
    elif call.method == "insertOne" and call.owner == "collection":
        yield ops.Insert(table=call.collection, columns=None, rows=None if call.in_loop else 1)
    elif call.method in ("insertMany", "bulkWrite") and call.owner == "collection":
        given = call.code.value(call.argument(0))
        rows = sum(1 for _ in named(given)) if given is not None and given.type == "array" else None
        yield ops.Insert(table=call.collection, columns=None, rows=rows)
    elif call.method == "createIndex" and call.owner == "collection":
        keys = call.code.members(call.argument(0)) or {}
        options = call.code.members(call.options()) or {}
        name = call.code.string(options.get("name"))
        unique = "unique" in options and text(options["unique"]) == "true"
        yield ops.CreateIndex(table=call.collection, name=name, columns=tuple(keys), unique=unique)


def comments(content: str) -> Iterator[tuple[int, int]]:
    """The comments of a file, in characters."""
    # A file read as JavaScript has most likely been read so already; one with types is read once more.
    is_typed = document(content.encode()).root.has_error
    code = Code(content, typescript=is_typed)
    if is_typed and code.root.has_error:
        is_typed, code = False, Code(content)
    found = captured(code.root, "(comment) @comment", typescript=is_typed).get("comment", [])
    yield from sorted(code.span(node) for node in found)


__all__ = ["JsHalf", "Part", "comments", "prepare", "read_half"]
