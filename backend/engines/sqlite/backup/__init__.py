"""Backups of a SQLite file: SQLite's own backup interface, compressed; restored through it as one transaction."""

from .tools import BACKUP

__all__ = ["BACKUP"]
