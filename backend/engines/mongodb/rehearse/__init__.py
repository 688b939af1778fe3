"""Rehearsals on MongoDB: a scratch database, the file run by migrate-mongo itself, every command seen as it is sent."""

from __future__ import annotations

from .tools import MongoRehearsal

REHEARSAL = MongoRehearsal()
