"""Finds engines: every package under `backend/engines/` that has a module-level `ENGINE`."""

from __future__ import annotations

import importlib
import logging
import pkgutil
from functools import cache

from backend.core.errors import InvalidUrl, NotFound

from .port import Engine

_log = logging.getLogger(__name__)

# Order decides only lists in the UI.
_ORDER = ("postgres", "mysql", "sqlite", "mongodb", "clickhouse", "bigquery", "spanner")


@cache
def engine_names() -> tuple[str, ...]:
    """The packages under `backend/engines/`, in the order of lists. Imports none of them."""
    package = importlib.import_module("backend.engines")
    names = [module.name for module in pkgutil.iter_modules(package.__path__) if module.ispkg]
    return tuple(sorted(names, key=lambda name: _ORDER.index(name) if name in _ORDER else len(_ORDER)))


def engines() -> dict[str, Engine]:
    """Every engine by name. One that cannot be imported (a broken installation) is logged and left out."""
    found: dict[str, Engine] = {}
    for name in engine_names():
        try:
            found[name] = _load(name)
        except ImportError:
            _log.exception("The engine %s cannot be used", name)
    return found


def engine_named(name: str) -> Engine:
    """One engine; the others stay unimported."""
    if name not in engine_names():
        raise NotFound(f"No engine named {name!r}. Known: {', '.join(engine_names())}.")
    return _load(name)


@cache
def _load(name: str) -> Engine:
    engine: Engine = importlib.import_module(f"backend.engines.{name}").ENGINE
    return engine


def engine_for_url(url: str) -> Engine:
    """The engine whose scheme the URL has. Raises InvalidUrl naming the known schemes."""
    scheme = url.strip().split(":", 1)[0].lower() if ":" in url else ""
    for engine in engines().values():
        if scheme in engine.schemes:
            return engine
    known = ", ".join(sorted({scheme for engine in engines().values() for scheme in engine.schemes}))
    said = f"{scheme!r} is not a database scheme" if scheme else "The URL has no scheme"
    raise InvalidUrl(
        f"{said}. Known: {known}.", hint="For example postgres://user:password@localhost:5432/shop"
    )
