"""MongoDB's schemas: collections, views and indexes as the calls that make them; plans for migrate-mongo's files."""

from __future__ import annotations

from .tools import MongoSchema

SCHEMA = MongoSchema()
