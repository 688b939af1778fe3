"""The PostgreSQL engine."""

from __future__ import annotations

from .engine import PostgresEngine

ENGINE = PostgresEngine()
