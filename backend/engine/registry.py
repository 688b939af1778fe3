"""Finds engines: every package under `backend/engines/` that has a module-level `ENGINE`."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from backend.core.errors import InvalidUrl, NotFound

from .port import Engine

# Order decides only lists in the UI.
_ORDER = ("postgres", "mysql", "sqlite", "mongodb", "clickhouse", "bigquery", "spanner")


@cache
def engines() -> dict[str, Engine]:
    """Every engine by name."""
    package = importlib.import_module("backend.engines")
    found: dict[str, Engine] = {}
    for module in pkgutil.iter_modules(package.__path__):
        if module.ispkg:
            engine = importlib.import_module(f"backend.engines.{module.name}").ENGINE
            found[str(engine.name)] = engine
    return dict(sorted(found.items(), key=lambda item: _ORDER.index(item[0]) if item[0] in _ORDER else len(_ORDER)))


def engine_named(name: str) -> Engine:
    try:
        return engines()[name]
    except KeyError:
        raise NotFound(f"No engine named {name!r}. Known: {', '.join(engines())}.") from None


def engine_for_url(url: str) -> Engine:
    """The engine whose scheme the URL has. Raises InvalidUrl naming the known schemes."""
    scheme = url.strip().split(":", 1)[0].lower() if ":" in url else ""
    for engine in engines().values():
        if scheme in engine.schemes:
            return engine
    known = ", ".join(sorted({scheme for engine in engines().values() for scheme in engine.schemes}))
    said = f"{scheme!r} is not a database scheme" if scheme else "The URL has no scheme"
    raise InvalidUrl(f"{said}. Known: {known}.", hint="For example postgres://user:password@localhost:5432/shop")
