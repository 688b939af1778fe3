"""SQLite's schemas: snapshots from sqlite_master, plans with rebuilds that keep the rows, scratch files."""

from __future__ import annotations

from .tools import SqliteSchema

SCHEMA = SqliteSchema()
