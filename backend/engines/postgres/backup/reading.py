"""Counts and digests the rows of a backup, and those of a live database in the same form."""

from __future__ import annotations

from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backend.core.errors import BackupFailed, Cancelled
from backend.drivers import pg_archive
from backend.drivers.pgwire.connect import rows, session
from backend.drivers.pgwire.url import PgUrl
from backend.engine.backup import Progress
from backend.engine.rowsum import RowSum
from backend.engine.target import CancelToken, Target
from backend.engines.postgres.truth import quoted
from backend.models.backup import TableContent

from . import described
from .copytext import (
    LARGE_OBJECTS,
    SEQUENCES,
    CopyReader,
    large_object_row,
    reordered,
    sequence_row,
    sorted_fields,
)
from .dumping import ending, print_alike, tag_of

if TYPE_CHECKING:
    from psycopg import Connection

_AT_ONCE = 2000
_LARGE_PIECE = 1 << 20
_SEQUENCES_AT_ONCE = 100


def read_back(folder: Path, progress: Progress, cancel: CancelToken, *, digest: bool) -> list[TableContent]:
    archive = folder / described.ARCHIVE
    if not archive.is_file():
        raise BackupFailed(
            f"{described.ARCHIVE} is missing.",
            hint="Use another backup.",
            reason="damaged",
            path=str(archive),
        )
    reader = CopyReader(digest=digest, unordered=described.kept(folder)[1])
    told = ""

    def take(piece: bytes) -> None:
        nonlocal told
        reader.feed(piece)
        if reader.at != told:
            told = reader.at
            progress(reader.rows, None, told)

    try:
        pg_archive.print_archive(archive, cancel=cancel, on_chunk=take, what=("--data-only",))
        return reader.tables()
    except ValueError as problem:
        raise BackupFailed(
            f"{described.ARCHIVE} is not a whole backup: {problem}.",
            hint="Use another backup.",
            reason="damaged",
            path=str(archive),
        ) from None


def contents(
    target: Target, url: PgUrl, progress: Progress, cancel: CancelToken, *, digest: bool
) -> list[TableContent]:
    tag = tag_of(target, "reading")
    with ending(target, url, tag, cancel), session(target, url, application_name=tag) as connection:
        print_alike(connection)
        # The tools take the database's own encoding, and so does this.
        rows(connection, "SELECT set_config('client_encoding', pg_encoding_to_char(encoding), false) FROM pg_database"
             " WHERE datname = current_database()")  # fmt: skip
        connection.execute(b"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        return _Counter(connection, progress, cancel, digest).all()


class _Counter:
    def __init__(
        self, connection: Connection[Any], progress: Progress, cancel: CancelToken, digest: bool
    ) -> None:
        self._connection = connection
        self._progress = progress
        self._cancel = cancel
        self._digest = digest
        self._done = 0

    def all(self) -> list[TableContent]:
        relations = described.relations(self._connection)
        total = sum(one.rows for one in relations if not one.is_sequence) or None
        found: dict[str, RowSum] = {}
        for one in relations:
            if not one.is_sequence:
                self._progress(self._done, total, one.id)
                found[one.id] = self._table(one)
                self._done += found[one.id].rows
        sequences = [one for one in relations if one.is_sequence]
        if sequences:
            found[SEQUENCES] = self._sequences(sequences)
        large = self._large_objects()
        if large.rows:
            found[LARGE_OBJECTS] = large
        return [
            TableContent(table=name, rows=one.rows, digest=one.digest) for name, one in sorted(found.items())
        ]

    def _stop_if_cancelled(self) -> None:
        if self._cancel.is_cancelled:
            raise Cancelled("Counting was cancelled.")

    def _table(self, one: described.Relation) -> RowSum:
        self._stop_if_cancelled()
        found = RowSum(digest=self._digest)
        name = f"{quoted(one.schema)}.{quoted(one.name)}"
        if not self._digest:
            where = f" {one.condition}" if one.condition else ""
            found.add((), int(rows(self._connection, f"SELECT count(*) FROM ONLY {name}{where}", {})[0][0]))
            return found
        columns = ", ".join(map(quoted, one.columns))
        source = name + (f" ({columns})" if columns else "")
        if one.condition or not columns:
            source = f"(SELECT {columns} FROM ONLY {name} {one.condition or ''})"
        places = sorted_fields(list(one.columns)) if one.unordered else None
        batch: list[bytes] = []
        with self._connection.cursor().copy(f"COPY {source} TO STDOUT".encode()) as copy:
            for row in copy:
                line = bytes(row)[:-1]
                batch.append(line if places is None else reordered(line, places))
                if len(batch) >= _AT_ONCE:
                    self._stop_if_cancelled()
                    found.add(batch, len(batch))
                    batch = []
        found.add(batch, len(batch))
        return found

    def _sequences(self, sequences: list[described.Relation]) -> RowSum:
        found = RowSum(digest=self._digest)
        for start in range(0, len(sequences), _SEQUENCES_AT_ONCE):
            some = sequences[start : start + _SEQUENCES_AT_ONCE]
            query = " UNION ALL ".join(
                f"SELECT {place}, last_value, is_called FROM {quoted(one.schema)}.{quoted(one.name)}"
                for place, one in enumerate(some)
            )
            values = rows(self._connection, query, {}) if self._digest else []
            found.add(
                [sequence_row(some[place].id, value, called) for place, value, called in values], len(some)
            )
        return found

    def _large_objects(self) -> RowSum:
        found = RowSum(digest=self._digest)
        if not self._digest:
            found.add((), int(rows(self._connection, "SELECT count(*) FROM pg_largeobject_metadata")[0][0]))
            return found
        for (number,) in rows(self._connection, "SELECT oid FROM pg_largeobject_metadata"):
            self._stop_if_cancelled()
            content, offset = blake2b(digest_size=16), 0
            while piece := rows(
                self._connection, "SELECT lo_get(%s::oid, %s, %s)", (number, offset, _LARGE_PIECE)
            )[0][0]:
                content.update(piece)
                offset += len(piece)
            found.add([large_object_row(int(number), content.digest())], 1)
        return found
