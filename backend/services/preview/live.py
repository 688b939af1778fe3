"""Reads of the live database what forecasts need: the catalog, the foreign keys, the details of the tables at hand."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from backend.core.errors import AppError
from backend.engine.forecast.known import Known
from backend.engine.lint.ops import Name
from backend.engine.port import Engine
from backend.engine.rehearsal.port import rehearsal_tools
from backend.engine.tableids import table_id
from backend.engine.target import Target
from backend.models.connection import EngineName
from backend.models.schema_detail import DetailTable, Relation

_log = logging.getLogger(__name__)
_MOST_TABLES = 200
"""Described one by one; of more, the light catalog is enough."""


def read_known(engine: Engine, target: Target, tables: Iterable[Name]) -> Known:
    """Raises AppError where the catalog itself cannot be read; what else cannot be is left out."""
    probe = engine.probe(target)
    catalog = engine.catalog(target)
    bare = Known(catalog)
    ids: dict[str, None] = {}
    relations: tuple[Relation, ...] = ()
    if engine.dialect is not None and catalog.tables:
        try:
            relations = tuple(engine.outline(target).relations)
        except AppError:
            _log.info("The foreign keys could not be read", exc_info=True)
    for name in tables:
        entry = bare.entry(name)
        if entry is not None:
            ids[table_id(entry.schema_name, entry.name)] = None
    details: dict[str, tuple[DetailTable, ...]] = {}
    if ids:
        try:
            for one in engine.describe(target, list(ids)[:_MOST_TABLES]).tables:
                key = one.name.casefold()
                details[key] = (*details.get(key, ()), one)
        except AppError:
            _log.info("The tables could not be described", exc_info=True)
    return Known(
        catalog,
        details,
        relations,
        _version(probe.version),
        _most_bytes(engine, target),
        f"{probe.product} {probe.version}",
    )


def _most_bytes(engine: Engine, target: Target) -> int | None:
    """Of an engine whose database is one file and whose catalog tells no sizes."""
    if engine.name is not EngineName.SQLITE:
        return None
    try:
        return rehearsal_tools(str(engine.name)).size(target).bytes
    except AppError:
        return None


def _version(text: str) -> tuple[int, ...] | None:
    numbers: list[int] = []
    for part in text.split("-")[0].split()[0].split(".") if text.split() else []:
        if not part.isdigit():
            break
        numbers.append(int(part))
    return tuple(numbers) or None
