"""Rehearsals on ClickHouse: a scratch database on the server, mutations waited for, parts looked at."""

from __future__ import annotations

from .tools import ClickHouseRehearsal

REHEARSAL = ClickHouseRehearsal()
