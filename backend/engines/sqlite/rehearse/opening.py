"""Connections to the scratch file as dbmate's driver opens them: with the URL's options."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

from backend.engine.target import Target
from backend.engines.sqlite import url as urls
from backend.engines.sqlite.connect import database_file

# go-sqlite3's options and the settings that they are.
_PRAGMAS = {
    ("_auto_vacuum", "_vacuum"): "auto_vacuum",
    ("_cache_size",): "cache_size",
    ("_case_sensitive_like", "_cslike"): "case_sensitive_like",
    ("_defer_foreign_keys", "_defer_fk"): "defer_foreign_keys",
    ("_foreign_keys", "_fk"): "foreign_keys",
    ("_ignore_check_constraints",): "ignore_check_constraints",
    ("_journal_mode", "_journal"): "journal_mode",
    ("_recursive_triggers", "_rt"): "recursive_triggers",
    ("_secure_delete",): "secure_delete",
    ("_writable_schema",): "writable_schema",
}
_VALUE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")
_BEGIN = {"immediate": "BEGIN IMMEDIATE", "exclusive": "BEGIN EXCLUSIVE"}


@contextmanager
def opened(target: Target, *, plain: bool = False) -> Iterator[sqlite3.Connection]:
    """A connection in autocommit; nothing of a scratch has to survive, so nothing is waited for. `plain`: without the
    URL's options, to look only."""
    with closing(sqlite3.connect(database_file(target), isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        if not plain:
            url = urls.parse(target.url)
            for names, pragma in _PRAGMAS.items():
                value = url.option(*names)
                if value and _VALUE.issuperset(value):
                    connection.execute(f"PRAGMA {pragma} = {value}").close()
        yield connection


def begin(target: Target) -> str:
    """The statement that the driver begins a transaction with."""
    return _BEGIN.get((urls.parse(target.url).option("_txlock") or "").lower(), "BEGIN")
