"""MySQL's and MariaDB's side of the rehearsal port."""

from __future__ import annotations

from typing import ClassVar

from backend.engine.rehearsal.own_name import without_own
from backend.engine.rehearsal.port import Block, Copied, CopySize, Heard, Played, RehearsalTools
from backend.engine.target import CancelToken, Target
from backend.engines.mysql import url as urls
from backend.models.rehearsal import RowsWanted

from . import copy, play


class MysqlRehearsal(RehearsalTools):
    notes: ClassVar[tuple[str, ...]] = (
        "Metadata locks are read from performance_schema.metadata_locks (or MariaDB's plugin metadata_lock_info) while a "
        "statement runs, some hundred times a second: one that is held for less may not be seen. Where neither can be "
        "read they are unknown.",
        "The algorithm and lock of ALTER TABLE are the best that the server accepts when it is asked for them, which is "
        "what it takes when it is not asked. Of DROP INDEX, partition changes and statements that take no such clause "
        "they are unknown.",
        "Bytes written are the growth of the whole server's redo log during a statement: what other sessions write in "
        "that moment counts too.",
        "What belongs to the whole server (accounts, privileges, global variables, other databases) is not run.",
        "Statements that a stored routine builds while it runs cannot be looked at before.",
    )

    def as_own(self, source: Target, sql: str) -> str:
        return without_own(sql, urls.parse(source.url).database, "mysql")

    def size(self, source: Target) -> CopySize:
        return copy.size(source)

    def copy(
        self, source: Target, scratch: Target, rows: RowsWanted, sample_rows: int, cancel: CancelToken
    ) -> Copied:
        return copy.copy(source, scratch, rows, sample_rows, cancel)

    def play(
        self, scratch: Target, block: Block, heard: Heard, cancel: CancelToken, time_limit_s: float
    ) -> Played:
        return play.play(scratch, block, heard, cancel, time_limit_s)
