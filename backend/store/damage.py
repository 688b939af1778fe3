"""Damage of toolkit.db: found by looking, never mended in place. The file is kept aside; what it still tells is read."""

from __future__ import annotations

import shutil
import sqlite3
import struct
import tempfile
from collections.abc import Generator, Iterator
from contextlib import closing, suppress
from pathlib import Path

from backend.core.clock import utc_now

_MAGIC = b"SQLite format 3\0"
_SIDES = ("-wal", "-shm")
_WAL_MAGIC = (0x377F0682, 0x377F0683)
_WAL_HEADER, _FRAME_HEADER = 32, 24
_MOST_PROBES = 400
"""Looks into a gap that damage tore: each costs one search down the tree."""

BROKEN = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def is_broken(error: sqlite3.Error) -> bool:
    """Does the error say that the file is damaged, and not that it is busy, full or not ours?"""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in BROKEN


def of_header(path: Path) -> str | None:
    """What is wrong with the file by its first bytes; None where nothing is, or where there is none."""
    try:
        with path.open("rb") as file:
            begin = file.read(100)
    except OSError:
        return None
    if not begin:
        return "it is empty"
    return None if begin.startswith(_MAGIC) else "it is not a database"


def of_content(connection: sqlite3.Connection) -> str | None:
    """What a look at every page finds; None where all is well."""
    try:
        (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        if not is_broken(error):
            raise
        return str(error)
    return None if found == "ok" else str(found).splitlines()[0]


def committed_frames(wal: Path) -> tuple[bytes, int] | None:
    """The log's salt, and how many of its frames belong to finished transactions by their own word; None without a log.

    Only the frames' headers are read. SQLite believes a frame only where its checksum is right, and all before it: where
    it then counts fewer, what came after the first wrong one is lost.
    """
    try:
        with wal.open("rb") as file:
            header = file.read(_WAL_HEADER)
            if not header:
                return None
            if len(header) < _WAL_HEADER or struct.unpack(">I", header[:4])[0] not in _WAL_MAGIC:
                return b"", 1
            (page_size,) = struct.unpack(">I", header[8:12])
            whole = (wal.stat().st_size - _WAL_HEADER) // (_FRAME_HEADER + page_size)
            salt, number, committed = header[16:24], 0, 0
            # A frame that is not all there was being written when the end came: its transaction had not ended.
            while (
                number < whole
                and len(frame := file.read(_FRAME_HEADER)) == _FRAME_HEADER
                and frame[8:16] == salt
            ):
                number += 1
                if frame[4:8] != b"\0\0\0\0":
                    committed = number
                file.seek(page_size, 1)
    except OSError:
        return None
    return salt, committed


def name_aside(path: Path) -> Path:
    """A name beside the file that nobody has."""
    aside = base = path.with_name(f"{path.name}.damaged-{utc_now():%Y%m%d%H%M%S}")
    number = 1
    while aside.exists() or aside.with_name(f"{aside.name}-wal").exists():
        number += 1
        aside = base.with_name(f"{base.name}-{number}")
    return aside


def set_aside(path: Path) -> Path:
    """Move the file with what belongs to it out of the way. Returns its new name."""
    aside = name_aside(path)
    path.rename(aside)
    for suffix in _SIDES:
        beside = path.with_name(path.name + suffix)
        if beside.exists():
            beside.rename(aside.with_name(aside.name + suffix))
    return aside


def salvage(aside: Path, into: sqlite3.Connection) -> dict[str, int]:
    """Copy the rows that can still be read into the new tables. Returns how many, by table. `aside` is not touched."""
    saved: dict[str, int] = {}
    with tempfile.TemporaryDirectory(prefix="db-toolkit-salvage-") as folder:
        copy = Path(folder) / "copy.db"
        shutil.copyfile(aside, copy)
        log = aside.with_name(f"{aside.name}-wal")
        if log.exists():
            shutil.copyfile(log, copy.with_name("copy.db-wal"))
        with suppress(sqlite3.DatabaseError), closing(sqlite3.connect(copy, isolation_level=None)) as old:
            old.text_factory = lambda data: data.decode("utf-8", "replace")
            old.execute("PRAGMA query_only = on")
            # Else SQLite reads nothing at all of a file that is shorter than it was.
            old.execute("PRAGMA writable_schema = on")
            for table in _tables(into):
                saved[table] = _copy(old, into, table)
    return {table: count for table, count in saved.items() if count}


def _tables(into: sqlite3.Connection) -> list[str]:
    found = into.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    # The short ones first: should the reading break off, they are saved.
    return sorted(
        (name for (name,) in found if name != "note"), key=lambda name: name in ("run", "run_migration")
    )


def _copy(old: sqlite3.Connection, into: sqlite3.Connection, table: str) -> int:
    try:
        there = {row[1] for row in old.execute(f"PRAGMA table_info({table})")}
    except sqlite3.DatabaseError:
        return 0
    columns = [row[1] for row in into.execute(f"PRAGMA table_info({table})") if row[1] in there]
    if not columns:
        return 0
    has_rowid = "WITHOUT ROWID" not in str(
        into.execute("SELECT sql FROM sqlite_master WHERE name = ?", (table,)).fetchone()[0]
    )
    named = (["rowid"] if has_rowid and "id" not in columns else []) + columns
    marks = ", ".join("?" * len(named))
    insert = f"INSERT OR IGNORE INTO {table} ({', '.join(named)}) VALUES ({marks})"
    count = 0
    for row in _by_rowid(old, table, columns) if has_rowid else _by_key(old, table, columns):
        values = row if has_rowid and named[0] == "rowid" else row[1:] if has_rowid else row
        # A row that is damaged itself is refused by the table's own rules.
        with suppress(sqlite3.DatabaseError):
            count += into.execute(insert, values).rowcount
    return count


def _by_key(old: sqlite3.Connection, table: str, columns: list[str]) -> Iterator[tuple[object, ...]]:
    """From the beginning and, where it breaks off, from the end; a row may come twice."""
    for order in ("", _backwards(old, table)):
        try:
            yield from old.execute(f"SELECT {', '.join(columns)} FROM {table} {order}")
            return
        except sqlite3.DatabaseError:
            continue


def _backwards(old: sqlite3.Connection, table: str) -> str:
    with suppress(sqlite3.DatabaseError):
        keys = sorted((row[5], row[1]) for row in old.execute(f"PRAGMA table_info({table})") if row[5])
        return "ORDER BY " + ", ".join(f"{name} DESC" for _, name in keys)
    return ""


def _by_rowid(old: sqlite3.Connection, table: str, columns: list[str]) -> Iterator[tuple[object, ...]]:
    """Rows with their rowid, from both ends and then into the gaps that damage left between them."""
    names = ", ".join(["rowid", *columns])
    first, whole = yield from _run(old, f"SELECT {names} FROM {table} ORDER BY rowid", ())
    if whole:
        return
    lowest = first if first is not None else 0
    last, _ = yield from _run(
        old, f"SELECT {names} FROM {table} WHERE rowid > ? ORDER BY rowid DESC", (lowest,)
    )
    gaps = [(lowest, last if last is not None else lowest + 2**20)]
    for _ in range(_MOST_PROBES):
        if not gaps:
            return
        low, high = gaps.pop(0)
        if high - low < 2:
            continue
        middle = (low + high) // 2
        reached, to_end = yield from _run(
            old,
            f"SELECT {names} FROM {table} WHERE rowid >= ? AND rowid < ? ORDER BY rowid",
            (middle, high),
        )
        gaps.append((low, middle))
        if not to_end:
            gaps.append((max(middle, reached if reached is not None else middle), high))


def _run(
    old: sqlite3.Connection, sql: str, arguments: tuple[object, ...]
) -> Generator[tuple[object, ...], None, tuple[int | None, bool]]:
    """Yields the rows up to where it breaks off; returns the last rowid and whether it came to the end."""
    last: int | None = None
    try:
        for row in old.execute(sql, arguments):
            last = row[0]
            yield row
    except sqlite3.DatabaseError:
        return last, False
    return last, True
