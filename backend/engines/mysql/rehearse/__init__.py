"""Rehearsals on MySQL and MariaDB: a scratch database on the server, each statement measured."""

from __future__ import annotations

from .tools import MysqlRehearsal

REHEARSAL = MysqlRehearsal()
