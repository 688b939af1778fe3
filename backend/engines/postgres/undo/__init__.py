"""Undoing PostgreSQL's statements: by its own parser, with definitions from the live server and pg_dump."""

from __future__ import annotations

from backend.engine.lint.source import Half, Stmt
from backend.engine.undo.dialect import EngineUndo
from backend.engines.postgres.lint.reader import read_half
from backend.models.connection import EngineName
from backend.models.migration import Direction

from .dialect import PgDialect
from .live import live


def _read(text: str) -> tuple[Half, list[Stmt]]:
    half = Half(Direction.UP, text, 0)
    return half, read_half(half)


UNDO = EngineUndo(EngineName.POSTGRES, _read, PgDialect, live)
