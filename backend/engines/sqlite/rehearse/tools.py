"""SQLite's side of the rehearsal port."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import replace
from typing import ClassVar

from backend.engine.rehearsal.port import Block, Copied, CopySize, Heard, Played, RehearsalTools, Watch
from backend.engine.schema.model import Snapshot
from backend.engine.target import CancelToken, Target
from backend.engines.sqlite import url as urls
from backend.engines.sqlite.connect import database_file, read
from backend.engines.sqlite.schema import seeding
from backend.engines.sqlite.schema.snapshot import of_connection
from backend.models.rehearsal import RowsWanted

from . import copying, playing
from .opening import opened


class SqliteRehearsal(RehearsalTools):
    notes: ClassVar[tuple[str, ...]] = (playing.NO_LOCKS,)

    def size(self, source: Target) -> CopySize:
        tables, rows = read(source, copying.counted)
        free = None
        with suppress(OSError):
            free = shutil.disk_usage(tempfile.gettempdir()).free
        return CopySize(tables, rows, database_file(source).stat().st_size, free)

    def placed(self, source: Target, scratch: Target) -> Target:
        place = urls.parse(scratch.url)
        return replace(scratch, url=urls.SqliteUrl(place.path, _of_the_copy(source)).text())

    def watch(self, scratch: Target) -> AbstractContextManager[Watch]:
        return _watch(scratch)

    def copy(
        self, source: Target, scratch: Target, rows: RowsWanted, sample_rows: int, cancel: CancelToken
    ) -> Copied:
        return copying.copy(source, scratch, rows, sample_rows, cancel)

    def play(
        self, scratch: Target, block: Block, heard: Heard, cancel: CancelToken, time_limit_s: float
    ) -> Played:
        return playing.play(scratch, block, heard, cancel, time_limit_s)


def _of_the_copy(source: Target) -> tuple[tuple[str, str], ...]:
    """The options of the source's URL that say how SQL is meant; how its file is opened is of that file alone."""
    return tuple(
        (name, value)
        for name, value in urls.parse(source.url).options
        if name not in ("cache", "immutable", "mode", "nolock", "psow", "vfs", "_query_only")
        and not name.startswith("_auth")
    )


@contextmanager
def _watch(scratch: Target) -> Iterator[Watch]:
    yield _Watch(scratch)


class _Watch(Watch):
    """Reads without changing how the file is kept (the engine's own looks set another journal)."""

    def schema(self) -> Snapshot:
        with opened(self._scratch, plain=True) as connection:
            return of_connection(connection, self._scratch.migrations_table)

    def rows(self, touched: Collection[str] | None = None) -> Mapping[str, Mapping[str, str]]:
        with opened(self._scratch, plain=True) as connection:
            return seeding.row_digest(connection, self._scratch.migrations_table)
