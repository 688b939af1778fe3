"""Calls run on a real MongoDB database through migrate-mongo, without leaving a word of it in the project's changelog."""

from __future__ import annotations

import secrets
from dataclasses import replace

from backend.core.errors import ReadOnly
from backend.engine.schema.port import Applied
from backend.engine.target import Target
from backend.engines.mongodb.connect import writable

from . import scratch as scratches


def repair(target: Target, body: str, steps: int) -> Applied:
    """One call after the other, up to the first that fails. The tool wants a changelog: it gets one of its own, which
    goes at the end."""
    if target.read_only:
        raise ReadOnly("The connection is read-only.")
    changelog = f"dbtoolkit_repair_{secrets.token_hex(6)}"
    try:
        return scratches.run(replace(target, migrations_table=changelog), body, steps)
    finally:
        with writable(target) as database:
            database.drop_collection(changelog)
