"""migrate-mongo: its files, its configuration and its runs. One Node process an operation, told by JSON, answering in JSON."""

from __future__ import annotations

from .config import MongoConfig, read_config
from .tool import MigrateMongo

TOOL = MigrateMongo()

__all__ = ["TOOL", "MigrateMongo", "MongoConfig", "read_config"]
