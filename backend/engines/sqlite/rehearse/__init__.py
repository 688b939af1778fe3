"""Rehearsals on SQLite: on a copy of the file, each statement measured by the pages it changed."""

from .tools import SqliteRehearsal

REHEARSAL = SqliteRehearsal()
