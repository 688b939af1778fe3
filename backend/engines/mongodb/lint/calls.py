"""Calls of the MongoDB driver: on what, with what, inside which transaction, and who waits for them. Reads a tree."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from backend.drivers.migrate_mongo.grammar import named, text
from backend.drivers.migrate_mongo.names import FUNCTIONS
from backend.engine.lint.ops import Name, Op, Span

from .code import WRAPPERS, Code, ancestors, arguments, method_of
from .fate import fate

if TYPE_CHECKING:
    from tree_sitter import Node

Owner = Literal["db", "client", "admin", "session", "collection", "cursor", "bulk", ""]

DATA_WRITES = frozenset(
    [
        "insertOne",
        "insertMany",
        "updateOne",
        "updateMany",
        "replaceOne",
        "deleteOne",
        "deleteMany",
        "bulkWrite",
        "findOneAndUpdate",
        "findOneAndDelete",
        "findOneAndReplace",
    ]
)
SCHEMA_CHANGES = frozenset(
    [
        "createIndex",
        "createIndexes",
        "dropIndex",
        "dropIndexes",
        "drop",
        "rename",
        "createCollection",
        "dropCollection",
        "renameCollection",
        "dropDatabase",
        "createSearchIndex",
        "dropSearchIndex",
        "collMod",
    ]
)
_READS = frozenset(
    [
        "findOne",
        "countDocuments",
        "estimatedDocumentCount",
        "count",
        "distinct",
        "indexes",
        "indexExists",
        "isCapped",
        "options",
        "command",
        "runCommand",
        "adminCommand",
        "indexInformation",
        "stats",
    ]
)
_CURSORS = frozenset({"find", "aggregate", "listCollections", "listIndexes", "watch"})
_CHAINED = frozenset(
    [
        "sort",
        "limit",
        "skip",
        "project",
        "batchSize",
        "filter",
        "map",
        "hint",
        "maxTimeMS",
        "collation",
        "comment",
        "returnKey",
        "addCursorFlag",
        "allowDiskUse",
        "match",
        "group",
        "out",
        "lookup",
        "unwind",
        "withReadConcern",
    ]
)
_CURSOR_ENDS = frozenset({"toArray", "next", "tryNext", "hasNext", "forEach", "explain", "count"})
_SESSIONS = frozenset({"withTransaction", "commitTransaction", "abortTransaction"})
PROMISES = DATA_WRITES | SCHEMA_CHANGES | _READS | _CURSOR_ENDS | _SESSIONS | {"execute", "withSession"}

_LONGEST_LABEL = 100
_UNKNOWN = "(unknown)"
_METHODS = PROMISES | _CURSORS | {"startTransaction", "startSession", "endSession"}

# Where a method takes its options, counted from 0.
_OPTIONS = {
    "insertOne": 1, "insertMany": 1, "updateOne": 2, "updateMany": 2, "replaceOne": 2, "deleteOne": 1, "deleteMany": 1,
    "bulkWrite": 1, "findOneAndUpdate": 2, "findOneAndReplace": 2, "findOneAndDelete": 1, "find": 1, "findOne": 1,
    "aggregate": 1, "countDocuments": 1, "distinct": 2, "createIndex": 1, "createIndexes": 1, "dropIndex": 1,
    "createCollection": 1, "drop": 0, "rename": 1, "dropCollection": 1, "renameCollection": 2, "dropDatabase": 0,
    "command": 1, "dropIndexes": 0, "collMod": 1,
}  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Called:
    """What stands before a call's arguments, one for all the calls of a file in which the same stands there."""

    code: Code
    method: str
    owner: Owner
    target: str
    collection: Name
    known: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Call(Op):
    """One call. A file may make tens of thousands, so what they share is kept once and the rest is worked out if asked."""

    called: Called
    args: tuple[Node, ...]
    node: Node
    in_transaction: bool = False
    in_loop: bool = False

    @property
    def code(self) -> Code:
        return self.called.code

    @property
    def method(self) -> str:
        return self.called.method

    @property
    def owner(self) -> Owner:
        return self.called.owner

    @property
    def target(self) -> str:
        """What it is called on, as JavaScript that stands by itself: `db.collection("users")`."""
        return self.called.target

    @property
    def collection(self) -> Name:
        """Named `(unknown)` where the name is computed."""
        return self.called.collection

    @property
    def known(self) -> bool:
        return self.called.known

    @property
    def place(self) -> Span:
        """In the file: a helper's calls stand outside the half that calls it."""
        return self.called.code.span(self.node)

    @property
    def fate(self) -> str:
        """`waited`, `lost` or `unknown`: does somebody wait for the promise? Empty where it makes none."""
        return fate(self.node, self.code) if self.method in PROMISES else ""

    def on(self, collection: str | None, target: str) -> Call:
        """The same call as one that is made on another collection: what a command names."""
        known = collection is not None
        called = replace(self.called, target=target, collection=_name(collection or _UNKNOWN), known=known)
        return replace(self, called=called)

    @property
    def source(self) -> str:
        return text(self.node)

    def argument(self, index: int) -> Node | None:
        return self.args[index] if index < len(self.args) else None

    def options(self) -> Node | None:
        index = _OPTIONS.get(self.method)
        return None if index is None else self.argument(index)

    @property
    def has_session(self) -> bool | None:
        """None where the options are made elsewhere."""
        index = _OPTIONS.get(self.method)
        if index is None:
            return None
        given = self.argument(index)
        if given is None:
            return False
        members = self.code.members(given)
        return None if members is None else "session" in members

    def with_session(self, session: str = "session") -> str | None:
        """The call's own text with the session among its options."""
        index = _OPTIONS.get(self.method)
        close = self.node.end_byte - 1
        if index is None or self.has_session is not False:
            return None
        word = "session" if session == "session" else f"session: {session}"
        data, start = self.code.data, self.node.start_byte
        given = self.argument(index)
        if given is None:
            fill = ["{}"] * (index - len(self.args)) + [f"{{ {word} }}"]
            lead = ", " if self.args else ""
            end = self.args[-1].end_byte if self.args else close
            return (data[start:end] + (lead + ", ".join(fill)).encode() + b")").decode()
        if given.type != "object":
            return None
        comma = ", " if any(named(given)) else ""
        at = given.start_byte + 1
        return (data[start:at] + f" {word}{comma or ' '}".encode() + data[at : close + 1].lstrip()).decode()


class Finder:
    """Says what a call in a file is."""

    def __init__(self, code: Code, parameters: list[str]) -> None:
        self.code = code
        self.roots: dict[str, Owner] = {"db": "db", "client": "client", "session": "session"}
        for name, owner in zip(parameters, ("db", "client"), strict=False):
            self.roots[name] = owner  # type: ignore[assignment]
        self._known: dict[tuple[bytes, int], tuple[Owner, str | None, str]] = {}
        self._calls: dict[bytes | None, Called | None] = {}
        """By a call's text before its arguments."""

    def owner(self, node: Node | None, depth: int = 0) -> tuple[Owner, str | None, str]:
        """(what an expression is, its collection's name, JavaScript for it that stands by itself)."""
        if node is None or depth > 12:
            return "", None, ""
        label = _label(node)
        if label is None:
            return self._owner(node, depth)
        found = self._known.get((label, depth))
        if found is None:
            found = self._known[label, depth] = self._owner(node, depth)
        return found

    def _owner(self, node: Node, depth: int) -> tuple[Owner, str | None, str]:
        if node.type == "await_expression" or node.type in WRAPPERS:
            return self.owner(next(named(node), None), depth + 1)
        if node.type == "identifier":
            label = text(node)
            value = self.code.value(node)
            if value is not None and value is not node and value.type != "identifier":
                found = self.owner(value, depth + 1)
                if found[0]:
                    return found
            if label in self.roots:
                return self.roots[label], None, label
            return "", None, label
        if node.type != "call_expression":
            return "", None, text(node)
        target, method = method_of(node)
        kind, name, own = self.owner(target, depth + 1)
        if method == "collection" and kind in ("db", "") and target is not None:
            given = arguments(node)
            name = self.code.string(given[0]) if given else None
            shown = written(name) if name is not None else text(given[0]) if given else ""
            return "collection", name, f"{own}.collection({shown})"
        if kind == "client" and method == "db":
            return "db", None, text(node)
        if method == "startSession":
            return "session", None, "session"
        if method == "admin" and kind == "db":
            return "admin", None, text(node)
        if method == "createCollection" and kind == "db":
            name = self.code.string(arguments(node)[0]) if arguments(node) else None
            return "collection", name, f"{own}.collection({written(name or '')})"
        if kind in ("collection", "db") and method in _CURSORS:
            return "cursor", name, text(node)
        if kind == "cursor" and method in _CHAINED:
            return "cursor", name, text(node)
        if method in ("initializeUnorderedBulkOp", "initializeOrderedBulkOp"):
            return "bulk", name, text(node)
        return "", None, text(node)

    def call(self, node: Node) -> Call | None:
        """The call, where it is one of the driver's."""
        given = node.child_by_field_name("arguments")
        called = self._called(node, node.end_byte if given is None else given.start_byte)
        if called is None:
            return None
        args = tuple(named(given)) if given is not None and given.type == "arguments" else ()
        call = Call(called=called, args=args, node=node, in_loop=self.code.repeats and _in_loop(node))
        if called.owner == "db" and called.method in (
            "dropCollection",
            "createCollection",
            "renameCollection",
        ):
            name = self.code.string(args[0]) if args else None
            target = f"{called.target}.collection({written(name)})" if name else called.target
            return call.on(name, target)
        return call

    def _called(self, node: Node, end: int) -> Called | None:
        """What a call's text before its arguments, up to `end`, names; None where that is none of the driver's."""
        start = node.start_byte
        label = self.code.data[start:end] if end - start <= _LONGEST_LABEL else None
        if label in self._calls:
            return self._calls[label]
        target, method = method_of(node)
        found: Called | None = None
        if target is not None and method in _METHODS:
            owner, name, own = self.owner(target)
            if owner:
                found = Called(self.code, method, owner, own, _name(name or _UNKNOWN), name is not None)
        if label is not None:
            self._calls[label] = found
        return found


@lru_cache(maxsize=256)
def _name(collection: str) -> Name:
    return Name(collection)


def written(text: str) -> str:
    """A text as JavaScript writes it."""
    return json.dumps(text, ensure_ascii=False)


def _label(node: Node) -> bytes | None:
    """The text of a short expression. Names stand for the same in the whole file, so the same text is the same thing."""
    return node.text if node.end_byte - node.start_byte <= _LONGEST_LABEL else None


def _in_loop(node: Node) -> bool:
    for parent in ancestors(node):
        if parent.type in ("for_statement", "for_in_statement", "while_statement", "do_statement"):
            return True
        given_to = parent.parent if parent.type == "arguments" else None
        if given_to is not None and method_of(given_to)[1] in ("forEach", "map", "flatMap", "reduce"):
            return True
        if parent.type in FUNCTIONS and parent.parent is not None and parent.parent.type != "arguments":
            return False
    return False
