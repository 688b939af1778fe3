"""Scratch databases of SQLite: files in a temporary folder, and steps run on them."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import psutil

from backend.core.context import stop_if_cancelled
from backend.engine.schema.model import Step
from backend.engine.schema.port import Applied
from backend.engine.target import Target
from backend.engines.sqlite.connect import database_file

from .standins import execute

_PREFIX = "dbtoolkit_scratch_"


@contextmanager
def scratch(server: Target, purpose: str) -> Iterator[Target]:
    """An empty file of its own; gone at the end."""
    folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}_"))
    try:
        file = folder / f"{purpose}.db"
        sqlite3.connect(file).close()
        file.touch()
        yield replace(server, url=f"sqlite:{file}", working_dir=folder, read_only=False)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def sweep() -> list[str]:
    swept = []
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        pid = folder.name.removeprefix(_PREFIX).split("_")[0]
        if pid.isdigit() and not psutil.pid_exists(int(pid)):
            shutil.rmtree(folder, ignore_errors=True)
            swept.append(folder.name)
    return swept


@contextmanager
def opened(target: Target) -> Iterator[sqlite3.Connection]:
    """A connection to a scratch file, which nothing needs to survive."""
    with closing(sqlite3.connect(database_file(target), isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA journal_mode = MEMORY")
        yield connection


def run(target: Target, steps: Sequence[Step]) -> Applied:
    """Run steps as the tool would: in one go, on one connection. SQLite needs no second order."""
    missing: set[str] = set()
    with opened(target) as connection:
        in_transaction = all(step.transaction for step in steps)
        if in_transaction:
            connection.execute("BEGIN")
        for number, step in enumerate(steps):
            stop_if_cancelled()
            try:
                execute(connection, step.sql, missing)
            except sqlite3.Error as error:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                return Applied(False, number, str(error), number)
        if connection.in_transaction:
            connection.execute("COMMIT")
    return Applied(True, len(steps), order=tuple(range(len(steps))))
