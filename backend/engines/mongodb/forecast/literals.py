"""Filters that are written out in JavaScript, as Python values for the driver. Anything computed is refused. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from backend.drivers.migrate_mongo.grammar import named, text
from backend.engines.mongodb.lint.code import Code, arguments

if TYPE_CHECKING:
    from tree_sitter import Node

_RUNS_CODE = frozenset({"$where", "$function", "$accumulator"})
_DEPTH = 40
_OBJECT_ID = re.compile(r"[0-9a-fA-F]{24}")
_FLAGS = frozenset("imsx")


class NotLiteral(Exception):
    """Why a value is not one that is written out, in a sentence."""


def value_of(node: Node | None, code: Code, depth: int = 0) -> Any:
    """The value. Raises NotLiteral."""
    found = code.value(node)
    if found is None or depth > _DEPTH:
        raise NotLiteral("A part of its filter shows only when it runs.")
    match found.type:
        case "string" | "template_string":
            written = code.string(found)
            if written is not None:
                return written
        case "number":
            return _number(text(found))
        case "true" | "false":
            return found.type == "true"
        case "null":
            return None
        case "unary_expression":
            sign = text(found.child_by_field_name("operator"))
            number = value_of(found.child_by_field_name("argument"), code, depth + 1)
            if sign in ("-", "+") and isinstance(number, int | float):
                return -number if sign == "-" else number
        case "array":
            return [value_of(item, code, depth + 1) for item in named(found)]
        case "object":
            return _object(found, code, depth)
        case "regex":
            return _regex(found)
        case "new_expression" | "call_expression":
            return _made(found, code)
        case _:
            pass
    raise NotLiteral("A part of its filter shows only when it runs.")


def _number(written: str) -> int | float:
    plain = written.replace("_", "")
    try:
        return int(plain, 0)
    except ValueError:
        pass
    try:
        return float(plain)
    except ValueError:
        raise NotLiteral("A number of its filter is not understood here.") from None


def _object(node: Node, code: Code, depth: int) -> dict[str, Any]:
    members = code.members(node)
    if members is None:
        raise NotLiteral("A part of its filter shows only when it runs.")
    if _RUNS_CODE & members.keys():
        raise NotLiteral("Its filter runs JavaScript on the server, so it is not asked.")
    return {name: value_of(one, code, depth + 1) for name, one in members.items()}


def _regex(node: Node) -> Any:
    from bson.regex import Regex

    pattern = text(node.child_by_field_name("pattern"))
    flags = text(node.child_by_field_name("flags"))
    if not set(flags) <= _FLAGS:
        raise NotLiteral("A regular expression of its filter has flags that the server does not know.")
    return Regex(pattern, flags)


def _made(node: Node, code: Code) -> Any:
    """ObjectId("…"), new Date("…"), new Date(ms)."""
    maker = text(node.child_by_field_name("constructor") or node.child_by_field_name("function")).rpartition(
        "."
    )[2]
    given = arguments(node)
    if maker in ("ObjectId", "ObjectID") and len(given) == 1:
        written = code.string(given[0])
        if written is not None and _OBJECT_ID.fullmatch(written):
            from bson.objectid import ObjectId

            return ObjectId(written)
    if maker in ("Date", "ISODate") and len(given) == 1:
        found = code.value(given[0])
        written = code.string(given[0])
        try:
            if written is not None:
                moment = datetime.fromisoformat(written.replace("Z", "+00:00"))
                return moment if moment.tzinfo is not None or "T" in written else moment.replace(tzinfo=UTC)
            if found is not None and found.type == "number":
                return datetime.fromtimestamp(float(_number(text(found))) / 1000, UTC)
        except (ValueError, OverflowError, OSError):
            pass
    if maker in ("NumberLong", "Long", "NumberInt", "Int32", "Number") and len(given) == 1:
        written = code.string(given[0]) or text(given[0])
        if written.lstrip("-").isdigit():
            return int(written)
    raise NotLiteral("A part of its filter shows only when it runs.")
