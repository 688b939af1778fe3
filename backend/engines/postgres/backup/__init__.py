"""Backups of PostgreSQL: pg_dump's custom format."""

from .tools import PostgresBackup

BACKUP = PostgresBackup()
