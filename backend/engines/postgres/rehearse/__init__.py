"""Rehearsals on PostgreSQL: locks, rewrites, rows and WAL of every statement, as the server tells them."""

from .tools import PostgresRehearsal

REHEARSAL = PostgresRehearsal()
