"""SQLite's backups: a copy of the file's pages as of one moment, compressed; back by the same way."""

from .tools import BACKUP

__all__ = ["BACKUP"]
