"""The URL of an adopted migrate-mongo project, from its config file. Evaluating the config runs Node: cached by the
times of the config and the .env."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from pathlib import Path

from backend.engine.registry import engine_named
from backend.models.connection import EngineName
from backend.store.connections import StoredConnection

CONFIG_URL = "MIGRATE_MONGO_CONFIG_URL"

_lock = threading.Lock()
_cache: dict[str, tuple[tuple[object, ...], str | None]] = {}


def project_url(stored: StoredConnection, variables: Mapping[str, str]) -> str | None:
    """The URL the project's config gives, with the database's name in it. None where it gives none."""
    if not stored.config_file or not stored.adopted:
        return None
    mark = (_time_of(stored.config_file), _time_of(stored.env_file), tuple(sorted(variables.items())))
    with _lock:
        cached = _cache.get(stored.id)
        if cached and cached[0] == mark:
            return cached[1]
        from backend.drivers.migrate_mongo.config import read_config

        config = read_config(Path(stored.adopted), env=variables)
        url = _with_database(config.url, config.database_name) if config is not None and config.url else None
        _cache[stored.id] = (mark, url)
        return url


def _with_database(url: str, database: str | None) -> str:
    """The URL with the config's databaseName as its path: the tool lets it win over the path (`client.db(name)`).

    A path that stood there keeps its other meaning: where the user is kept.
    """
    if not database:
        return url
    engine = engine_named(EngineName.MONGODB)
    fields = engine.split_url(url)
    if fields.get("user") and not fields.get("auth_source"):
        fields["auth_source"] = fields.get("database") or "admin"
    return engine.build_url({**fields, "database": database})


def _time_of(path: str | None) -> int | None:
    try:
        return os.stat(path).st_mtime_ns if path else None
    except OSError:
        return None
