"""MongoDB: databases of collections, migrated by migrate-mongo's JavaScript."""

from __future__ import annotations

from .engine import MongoEngine

ENGINE = MongoEngine()
