"""A database file copied into a scratch: whole, without rows, or with some rows of every table."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import replace

from backend.core.errors import Cancelled
from backend.engine.rehearsal.port import Copied
from backend.engine.schema.model import Snapshot
from backend.engine.target import CancelToken, Target
from backend.engines.sqlite.connect import database_file, quoted, read, require_file
from backend.engines.sqlite.schema import loading
from backend.engines.sqlite.schema.memory import Table, understand
from backend.engines.sqlite.schema.snapshot import fold, of_connection
from backend.models.rehearsal import RowsWanted

from .opening import opened

_SMALL_BYTES = 64 << 20
"""A file of this size is copied whole where a sample is asked for: that is faster, and truer."""
_PAGES_AT_ONCE = 2048


def counted(connection: sqlite3.Connection) -> tuple[int, int | None]:
    """(tables, rows where ANALYZE has told)"""
    tables = connection.execute(
        "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
    ).fetchone()[0]
    try:
        found = connection.execute("SELECT tbl, max(stat) FROM sqlite_stat1 GROUP BY tbl").fetchall()
        rows = sum(int(str(stat).split()[0]) for _, stat in found)
    except (sqlite3.Error, ValueError, IndexError):
        return int(tables), None
    return int(tables), rows if found else None


def copy(source: Target, scratch: Target, rows: RowsWanted, sample_rows: int, cancel: CancelToken) -> Copied:
    """See RehearsalTools.copy."""
    file = database_file(source)
    require_file(file)
    size = file.stat().st_size
    if rows == RowsWanted.ALL or (rows == RowsWanted.SAMPLE and size <= _SMALL_BYTES):
        notes = () if rows == RowsWanted.ALL else ("The file is small, so all of its rows were copied.",)
        return replace(_whole(source, scratch, cancel), notes=notes)
    found = read(source, lambda connection: of_connection(connection, source.migrations_table))
    triggers = tuple(one for one in found.objects if one.kind == "trigger")
    missing: list[str] = []
    copied, tables = 0, understand(found).tables
    with opened(scratch, plain=True) as into:
        others = tuple(one for one in found.objects if one.kind != "trigger")
        missing += loading.restore(into, replace(found, objects=others)).skipped
        if rows == RowsWanted.SAMPLE:
            copied = read(source, lambda of: _sample(of, into, found, sample_rows, missing, cancel))
        # Last: a trigger would write rows of its own for each one that is copied.
        if triggers:
            missing += loading.restore(into, replace(found, objects=triggers)).skipped
        written = _bytes(into)
    return Copied(len(tables), copied, written, tuple(dict.fromkeys(missing)))


def _whole(source: Target, scratch: Target, cancel: CancelToken) -> Copied:
    def goes_on(status: int, remaining: int, total: int) -> None:
        if cancel.is_cancelled:
            raise Cancelled("Copying the database was cancelled.")

    with opened(scratch, plain=True) as into:
        read(source, lambda of: of.backup(into, pages=_PAGES_AT_ONCE, progress=goes_on))
        into.execute(f"DROP TABLE IF EXISTS {quoted(source.migrations_table)}")
        tables = understand(of_connection(into, None)).tables
        rows = sum(_count(into, table) for table in tables.values())
        return Copied(len(tables), rows, _bytes(into))


def _count(connection: sqlite3.Connection, table: Table) -> int:
    try:
        return int(connection.execute(f"SELECT count(*) FROM {quoted(table.name)}").fetchone()[0])
    except sqlite3.Error:
        # A virtual table of a module that is not here.
        return 0


def _bytes(connection: sqlite3.Connection) -> int:
    pages, size = (connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size"))
    return int(pages) * int(size)


# -- a sample ----------------------------------------------------------------------------------------------------


def _sample(
    of: sqlite3.Connection,
    into: sqlite3.Connection,
    found: Snapshot,
    number: int,
    missing: list[str],
    cancel: CancelToken,
) -> int:
    """The first rows of every table, then the rows that their foreign keys point at, until every key holds."""
    into.execute("PRAGMA foreign_keys = OFF")
    into.execute("BEGIN")
    tables = understand(found).tables
    plain = {fold(table.name): table.name for table in tables.values() if not table.virtual}
    missing += [
        f"{table.name}: the rows of a virtual table are not copied"
        for table in tables.values()
        if table.virtual
    ]
    done = 0
    for name in plain.values():
        _stop(cancel)
        columns = _columns(of, name)
        if columns:
            listed = ", ".join(map(quoted, columns))
            rows = of.execute(f"SELECT {listed} FROM {quoted(name)} LIMIT ?", (number,)).fetchall()
            done += _insert(into, name, columns, rows)
    added = -1
    while added:
        added = 0
        for name in plain.values():
            for parent, pairs in _references(of, name):
                _stop(cancel)
                if fold(parent) in plain:
                    added += _fetch_parents(of, into, name, plain[fold(parent)], pairs)
        done += added
    into.execute("COMMIT")
    return done


def _fetch_parents(
    of: sqlite3.Connection,
    into: sqlite3.Connection,
    child: str,
    parent: str,
    pairs: Sequence[tuple[str, str]],
) -> int:
    """The rows of `parent` that rows of `child` point at and that are not there yet."""
    here = ", ".join(f"c.{quoted(one)}" for one, _ in pairs)
    given = " AND ".join(f"c.{quoted(one)} IS NOT NULL" for one, _ in pairs)
    same = " AND ".join(f"p.{quoted(other)} = c.{quoted(one)}" for one, other in pairs)
    wanted = into.execute(
        f"SELECT DISTINCT {here} FROM {quoted(child)} c WHERE {given}"
        f" AND NOT EXISTS (SELECT 1 FROM {quoted(parent)} p WHERE {same})"
    ).fetchall()
    columns = _columns(of, parent)
    listed = ", ".join(map(quoted, columns))
    keys = " AND ".join(f"{quoted(other)} = ?" for _, other in pairs)
    rows = [
        row
        for key in wanted
        for row in of.execute(f"SELECT {listed} FROM {quoted(parent)} WHERE {keys}", key).fetchall()
    ]
    return _insert(into, parent, columns, rows)


def _insert(
    into: sqlite3.Connection, table: str, columns: Sequence[str], rows: Sequence[Sequence[object]]
) -> int:
    before = into.total_changes
    places = ", ".join("?" for _ in columns)
    into.executemany(
        f"INSERT OR IGNORE INTO {quoted(table)} ({', '.join(map(quoted, columns))}) VALUES ({places})", rows
    )
    return into.total_changes - before


def _columns(connection: sqlite3.Connection, table: str) -> list[str]:
    """Those that a row can be given."""
    found = connection.execute(f"PRAGMA table_xinfo({quoted(table)})").fetchall()
    return [str(row[1]) for row in found if row[6] == 0]


def _references(connection: sqlite3.Connection, table: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """(parent table, [(column, the parent's column)]) of each foreign key"""
    found: dict[int, tuple[str, list[tuple[str, str | None]]]] = {}
    for number, _, parent, column, other, *_ in connection.execute(
        f"PRAGMA foreign_key_list({quoted(table)})"
    ):
        found.setdefault(number, (str(parent), []))[1].append((str(column), other))
    answer = []
    for parent, pairs in found.values():
        keys = _primary_key(connection, parent)
        named = [
            (one, other or keys[place]) for place, (one, other) in enumerate(pairs) if other or keys[place:]
        ]
        if len(named) == len(pairs):
            answer.append((parent, named))
    return answer


def _primary_key(connection: sqlite3.Connection, table: str) -> list[str]:
    found = connection.execute(f"PRAGMA table_info({quoted(table)})").fetchall()
    return [str(row[1]) for row in sorted(found, key=lambda row: row[5]) if row[5]]


def _stop(cancel: CancelToken) -> None:
    if cancel.is_cancelled:
        raise Cancelled("Copying the rows was cancelled.")
