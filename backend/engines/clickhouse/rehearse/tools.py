"""ClickHouse's side of the rehearsal port."""

from __future__ import annotations

from typing import ClassVar

from backend.engine.rehearsal.own_name import without_own
from backend.engine.rehearsal.port import Block, Copied, CopySize, Heard, Played, RehearsalTools
from backend.engine.target import CancelToken, Target
from backend.engines.clickhouse import url as urls
from backend.models.rehearsal import RowsWanted

from . import copy, play


class ClickHouseRehearsal(RehearsalTools):
    notes: ClassVar[tuple[str, ...]] = (
        "Locks are not measured: ClickHouse does not list those of a query.",
        "Mutations are waited for (mutations_sync, alter_sync), so a statement takes as long as its work; dbmate would "
        "return before that work is done.",
        "Rows written are the server's own figure for INSERT; where it gives none, the growth of the table's active parts. "
        "How many rows a mutation changed, ClickHouse does not tell.",
        "Bytes written are those of the parts that a statement left: what merges and unchanged columns share with older "
        "parts cannot be told apart.",
        "Replicated tables are copied as tables of this server alone; tables that only show what is kept elsewhere are not "
        "copied.",
        "What belongs to the whole server (users, rights, functions, other databases) is not run.",
    )

    def as_own(self, source: Target, sql: str) -> str:
        return without_own(sql, urls.parse(source.url).database, "clickhouse")

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
