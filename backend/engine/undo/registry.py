"""Finds what each engine knows of undoing: `UNDO` in `backend/engines/<name>/undo…`."""

from __future__ import annotations

import importlib
import importlib.util
from functools import cache

from backend.core.errors import NotSupported
from backend.models.connection import EngineName

from .dialect import EngineUndo


@cache
def undo_of(engine: EngineName | str) -> EngineUndo:
    """Raises NotSupported for an engine without one."""
    module = f"backend.engines.{EngineName(engine).value}.undo"
    if importlib.util.find_spec(module) is None:
        raise NotSupported(f"For {EngineName(engine).value} no down can be generated.")
    found: EngineUndo = importlib.import_module(module).UNDO
    return found
