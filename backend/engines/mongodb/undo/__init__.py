"""Undoing the driver's calls in a migration's `up`, over its JavaScript tree; definitions from the live database."""

from __future__ import annotations

from backend.engine.lint.source import Half, Source, Stmt
from backend.engine.undo.dialect import EngineUndo
from backend.engines.mongodb.lint.reader import JsHalf, prepare, read_half
from backend.models.connection import EngineName
from backend.models.migration import Direction

from .dialect import MongoDialect
from .live import live

_HEAD = "exports.up = async (db, client) => {"


def _read(text: str) -> tuple[Half, list[Stmt]]:
    """The body of `up` as the editor shows it; TypeScript where JavaScript does not read it."""
    # A lone half of a surrogate pair is no text that a file could hold.
    text = text.encode("utf-8", "replace").decode()
    found: tuple[Half, list[Stmt]] | None = None
    for suffix in ("js", "ts"):
        # On the head's own line, so that places in the body are places in the text.
        source = Source(f"{_HEAD}{text}\n}};\n", filename=f"up.{suffix}", up=Half(Direction.UP, text, 0))
        prepare(source)
        half = source.up or Half(Direction.UP, text, 0)
        statements = read_half(half)
        is_whole = isinstance(half, JsHalf) and half.code is not None and not half.code.root.has_error
        if found is None or is_whole:
            found = half, statements
        if is_whole:
            break
    assert found is not None
    return found


UNDO = EngineUndo(EngineName.MONGODB, _read, MongoDialect, live)
