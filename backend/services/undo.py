"""Generating the down of an up: the engine's own undo over the text, with the live schema where it can be had."""

from __future__ import annotations

from backend.core.errors import AppError, InvalidRequest
from backend.engine.undo.generate import generate
from backend.engine.undo.model import Down
from backend.engine.undo.registry import undo_of
from backend.models.connection import EngineName
from backend.models.undo import GeneratedDown, UndoStep

from .connections import Connections, Resolved


class UndoService:
    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def generate(
        self, *, connection: str | None, engine: EngineName | None, up: str, transaction: bool, live: bool
    ) -> GeneratedDown:
        """The down of `up`, which is pending: the live schema is taken for the one before it.

        Where it clearly is not (a table that the up creates is there already) it is left out, and `schema_problem`
        says so. Raises InvalidRequest without a connection or an engine, NotSupported for an engine without an undo.
        """
        resolved = self._connections.resolve(connection) if connection is not None else None
        name = resolved.engine.name if resolved is not None else engine
        if name is None:
            raise InvalidRequest("Name a connection, or the engine the text is for.")
        problem: str | None = None
        if resolved is not None and live:
            try:
                down = self._with_schema(resolved, up, transaction)
            except AppError as error:
                problem = f"The database was not looked at: {error.message}"
            else:
                if down.stale is None:
                    return _answer(down, used_schema=True, problem=None)
                problem = f"The live schema is not the one before this migration: {down.stale}."
        text_only = generate(undo_of(name), up, None, transaction=transaction)
        return _answer(text_only, used_schema=False, problem=problem)

    def _with_schema(self, resolved: Resolved, up: str, transaction: bool) -> Down:
        undo = undo_of(resolved.engine.name)
        with undo.live(self._connections.target(resolved)) as live:
            return generate(undo, up, live, transaction=transaction)


def _answer(down: Down, *, used_schema: bool, problem: str | None) -> GeneratedDown:
    return GeneratedDown(
        down=down.text,
        transaction=down.transaction,
        steps=[
            UndoStep(
                up=one.up,
                down=one.down,
                line=one.line,
                source=one.source,
                note=one.note,
                undone=one.is_undone,
            )
            for one in down.steps
        ],
        complete=down.complete,
        used_schema=used_schema,
        schema_problem=problem,
    )
