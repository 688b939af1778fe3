"""What a migration file will trip over, found without running it: process.exit, promises nobody awaits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.models.migration import FileProblem

from .grammar import text
from .script import Script

if TYPE_CHECKING:
    from tree_sitter import Node

_MAX_SAME = 5
_ASYNC_METHODS = {
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
    "createIndex",
    "createIndexes",
    "dropIndex",
    "dropIndexes",
    "drop",
    "rename",
    "createCollection",
    "dropCollection",
    "renameCollection",
    "command",
    "dropDatabase",
    "toArray",
    "withTransaction",
    "commitTransaction",
    "abortTransaction",
}


def find_warnings(script: Script, source: bytes) -> list[FileProblem]:
    """At most a few of each kind, in the order of the file."""
    found: list[FileProblem] = []
    if b"process" in source and b"exit" in source:
        for call in script.document.all("call"):
            if text(call.child_by_field_name("function")) in {
                "process.exit",
                "process.abort",
                "process.reallyExit",
            }:
                found.append(
                    _problem(
                        "process_exit",
                        "process.exit() ends the run at once: what follows does not run and nothing is recorded.",
                        call,
                    )
                )
    names = {"db", "client", "session"} | {
        name for function in script.functions.values() for name in function.parameters
    }
    statements = script.document.all("alone") if script.functions else []
    for call in statements:
        if _is_driver_call(call, names):
            found.append(
                _problem(
                    "not_awaited",
                    "Nothing waits for this call: put await before it, or its failure goes unnoticed.",
                    call,
                )
            )
        elif _is_async_for_each(call):
            found.append(
                _problem(
                    "not_awaited",
                    "forEach does not wait for an async function: use for … of with await.",
                    call,
                )
            )
    return _a_few_of_each(found)


def _problem(code: str, message: str, node: Node) -> FileProblem:
    row, column = node.start_point
    return FileProblem(code=code, message=message, line=row + 1, column=column + 1, severity="warning")


def _is_driver_call(call: Node, names: set[str]) -> bool:
    """`db.collection("x").insertOne(…)` and its like, standing alone as a statement."""
    function = call.child_by_field_name("function")
    if function is None or function.type != "member_expression":
        return False
    if text(function.child_by_field_name("property")) not in _ASYNC_METHODS:
        return False
    node: Node | None = function
    while node is not None and node.type in {"member_expression", "call_expression", "subscript_expression"}:
        node = node.child_by_field_name("object") or node.child_by_field_name("function")
    return node is not None and node.type == "identifier" and text(node) in names


def _is_async_for_each(call: Node) -> bool:
    function, arguments = call.child_by_field_name("function"), call.child_by_field_name("arguments")
    if function is None or arguments is None or text(function.child_by_field_name("property")) != "forEach":
        return False
    given = arguments.named_children
    return bool(given) and any(child.type == "async" for child in given[0].children)


def _a_few_of_each(found: list[FileProblem]) -> list[FileProblem]:
    counts: dict[str, int] = {}
    kept = []
    for problem in found:
        counts[problem.code] = counts.get(problem.code, 0) + 1
        if counts[problem.code] <= _MAX_SAME:
            kept.append(problem)
    return kept
