"""Backups of ClickHouse: its statements as SQL, each table's rows as tab-separated text that the bare client takes."""

from .tools import ClickHouseBackups

BACKUP = ClickHouseBackups()

__all__ = ["BACKUP"]
