"""SQLite: a file is the database, and the file system its server."""

from .engine import SqliteEngine

ENGINE = SqliteEngine()
