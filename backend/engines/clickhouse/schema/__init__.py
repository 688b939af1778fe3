"""ClickHouse's schemas: snapshots from system.tables, plans of single statements, scratch databases."""

from __future__ import annotations

from .tools import ClickHouseSchema

SCHEMA = ClickHouseSchema()
