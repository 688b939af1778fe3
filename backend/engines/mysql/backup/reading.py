"""Counts and digests the rows of a dump, and those of a live database in the same form."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path

from backend.core.errors import BackupFailed, Cancelled
from backend.engine.backup import Progress
from backend.engine.rowsum import RowSum
from backend.engine.tableids import table_id
from backend.engine.target import CancelToken, Target
from backend.engines.mysql import url as urls
from backend.engines.mysql.connect import quoted, reading, rows
from backend.engines.mysql.writer import Writer
from backend.models.backup import TableContent

from . import rawrows
from .ending import ending
from .sqlstream import (
    Insert,
    NotWhole,
    Text,
    canonical,
    parts,
    sequences_in,
    tables_in,
    values,
)

DUMP = "database.sql.gz"
SEQUENCES = "(sequences)"
"""Stands among the tables for the values of all sequences."""
_PIECE = 1 << 18


def pieces(folder: Path, cancel: CancelToken, on_read: Progress | None = None) -> Iterator[bytes]:
    """The dump, unpacked. Raises BackupFailed (`reason="damaged"`) where its bytes are not whole."""
    file = folder / DUMP
    try:
        total = file.stat().st_size
        with file.open("rb") as packed, gzip.GzipFile(fileobj=packed) as unpacked:
            while piece := unpacked.read(_PIECE):
                if cancel.is_cancelled:
                    raise Cancelled("Reading the backup was cancelled.")
                if on_read is not None:
                    on_read(packed.tell(), total, "")
                yield piece
    except (OSError, EOFError, zlib.error) as error:
        raise damaged(file, _why(error)) from None


def damaged(file: Path, why: str) -> BackupFailed:
    return BackupFailed(
        f"{file.name} is not a whole backup: {why}.",
        hint="Use another backup. Files that were copied badly may be whole where they came from.",
        reason="damaged",
        path=str(file),
    )


def _why(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "it is missing"
    if isinstance(error, EOFError):
        return "its end is missing"
    return str(error).rstrip(".").lower() or type(error).__name__


def _row_id(name: bytes) -> str:
    return table_id(None, name.decode("utf-8", "replace"))


def sequence_row(name: bytes, value: int) -> bytes:
    return b"%b\t%d" % (name, value)


def read_back(folder: Path, progress: Progress, cancel: CancelToken, *, digest: bool) -> list[TableContent]:
    found: dict[str, RowSum] = {}
    generated: dict[bytes, frozenset[bytes]] = {}
    at = ""

    def told(done: int, total: int | None, _: str) -> None:
        progress(done, total, at)

    try:
        for part in parts(pieces(folder, cancel, told)):
            if isinstance(part, Text):
                made = tables_in(part.sql)
                generated |= made
                for table in made:
                    found.setdefault(_row_id(table), RowSum(digest=digest))
                for name, value in sequences_in(part.sql):
                    found.setdefault(SEQUENCES, RowSum(digest=digest)).add([sequence_row(name, value)], 1)
            else:
                at = _row_id(part.table)
                one = found.setdefault(at, RowSum(digest=digest))
                _count(one, part, generated.get(part.table, frozenset()))
    except NotWhole as problem:
        raise damaged(folder / DUMP, str(problem)) from None
    return _listed(found)


def _count(one: RowSum, insert: Insert, generated: frozenset[bytes]) -> None:
    lines = insert.rows()
    if not one.digests:
        one.add((), len(lines))
        return
    kept = [place for place, column in enumerate(insert.columns) if column not in generated]
    if len(kept) == len(insert.columns):
        one.add((canonical(values(line)) for line in lines), len(lines))
        return
    split = (values(line) for line in lines)
    one.add((canonical([row[place] for place in kept]) for row in split), len(lines))


def contents(target: Target, progress: Progress, cancel: CancelToken, *, digest: bool) -> list[TableContent]:
    database = urls.parse(target.url).database
    found: dict[str, RowSum] = {}
    with reading(target) as connection, ending(target, connection, cancel):
        rawrows.snapshot(connection)
        tables, _, sequences = Writer(connection, database).kinds()
        columns = rawrows.stored_columns(connection, database)
        done = 0
        for table in tables:
            name = table_id(None, table)
            progress(done, None, name)
            one = found[name] = RowSum(digest=digest)
            if digest and columns.get(table):
                with rawrows.raw(connection, rawrows.select(table, columns[table])) as (_, batches):
                    for batch in batches:
                        if cancel.is_cancelled:
                            raise Cancelled("Counting was cancelled.")
                        one.add(map(canonical, batch), len(batch))
            else:
                count = int(rows(connection, f"SELECT count(*) FROM {quoted(table)}")[0][0])
                one.add([canonical(())] * count if digest else (), count)
            done += one.rows
        for name, value in rawrows.sequence_values(connection, sequences):
            of = found.setdefault(SEQUENCES, RowSum(digest=digest))
            of.add([sequence_row(name.encode(), value)], 1)
    return _listed(found)


def _listed(found: dict[str, RowSum]) -> list[TableContent]:
    return [TableContent(table=name, rows=one.rows, digest=one.digest) for name, one in sorted(found.items())]
