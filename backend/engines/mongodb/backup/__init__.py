"""Backups of MongoDB: the folder that `mongodump --gzip` writes, written and restored by our own reader and writer."""

from .tools import MongoBackups

BACKUP = MongoBackups()

__all__ = ["BACKUP"]
