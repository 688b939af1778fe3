"""PostgreSQL's schemas: snapshots from pg_dump's own entries, plans from their texts and pg_depend, scratch databases."""

from __future__ import annotations

from .tools import PostgresSchema

SCHEMA = PostgresSchema()
