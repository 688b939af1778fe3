"""Which tables (or collections) a migration file's up touches, from its statements. Comments and texts do not count."""

from __future__ import annotations

import logging
from collections.abc import Iterator

from backend.engine.lint.ops import Name, Op
from backend.engine.lint.registry import lint_of
from backend.engine.lint.source import of_parsed
from backend.engine.sqltext import tables_touched
from backend.engine.tool import ParsedFile

_log = logging.getLogger(__name__)
_READ_CHARACTERS = 200_000
_WRITING = (
    "insert",
    "update",
    "replace",
    "delete",
    "bulkWrite",
    "findOneAnd",
    "create",
    "drop",
    "rename",
    "collMod",
)


def tables_affected(parsed: ParsedFile, engine: str, dialect: str | None) -> tuple[str, ...]:
    """Names without quotes, a written schema kept (`app.users`), in the order of the text, once each.

    SQL is read by the dialect's own lexical rules, JavaScript by its syntax tree. Never raises: what cannot be read
    touches nothing.
    """
    try:
        return tuple(dict.fromkeys(_read(parsed, engine, dialect)))
    except Exception:
        # A list that lacks a file's tables is worth more than no list.
        _log.exception("The tables of %s cannot be told", parsed.filename)
        return ()


def _read(parsed: ParsedFile, engine: str, dialect: str | None) -> Iterator[str]:
    if parsed.up is None:
        return
    if dialect is not None:
        yield from tables_touched(parsed.up.body[:_READ_CHARACTERS], dialect)
        return
    lint = lint_of(engine)
    if lint is None:
        return
    source = of_parsed(parsed)
    if lint.prepare is not None:
        lint.prepare(source)
    if source.up is not None:
        for stmt in lint.read(source.up):
            for op in stmt.ops:
                yield from _names(op)


def _names(op: Op) -> Iterator[str]:
    """Of a driver's call: the collection it changes."""
    collection, method = getattr(op, "collection", None), getattr(op, "method", "")
    if isinstance(collection, Name) and getattr(op, "known", False) and str(method).startswith(_WRITING):
        yield str(collection)
