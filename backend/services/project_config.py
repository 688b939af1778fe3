"""The URL of an adopted migrate-mongo project, from its config file. Evaluating the config runs Node: cached by the
times of the config and the .env."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

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
    """The URL with the database's name as its path, where the config gives the name apart."""
    parts = urlsplit(url)
    if not database or parts.path.strip("/"):
        return url
    # The name does not say where the user is kept: without authSource a path would move that too.
    query = parts.query
    if parts.username and "authsource=" not in query.lower():
        query = f"{query}&authSource=admin" if query else "authSource=admin"
    return urlunsplit((parts.scheme, parts.netloc, f"/{quote(database, safe='')}", query, parts.fragment))


def _time_of(path: str | None) -> int | None:
    try:
        return os.stat(path).st_mtime_ns if path else None
    except OSError:
        return None
