"""PostgreSQL's side of the rehearsal port."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import ClassVar

from backend.drivers.pgwire.connect import reading, rows
from backend.drivers.pgwire.url import PgUrl, read
from backend.engine.rehearsal.port import Block, Copied, CopySize, Heard, Played, RehearsalTools, Watch
from backend.engine.target import CancelToken, Target
from backend.models.rehearsal import RowsWanted

from . import copying, roles
from .playing import Session
from .twin import twin
from .watching import PostgresWatch

_SCHEMES = ("postgres", "postgresql")
_SIZE = """
SELECT count(*), coalesce(sum(greatest(reltuples, 0)), 0)::bigint, coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'm') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
"""


def url_of(target: Target) -> PgUrl:
    return read(target.url, _SCHEMES)


class PostgresRehearsal(RehearsalTools):
    notes: ClassVar[tuple[str, ...]] = (
        "Statements outside a transaction are looked at from a second session; what it did not catch is unknown.",
    )

    def size(self, source: Target) -> CopySize:
        with reading(source, url_of(source)) as connection:
            tables, estimate, size = rows(connection, _SIZE)[0]
        return CopySize(int(tables), int(estimate), int(size))

    def around(self, server: Target) -> AbstractContextManager[None]:
        return roles.tidied(server, url_of(server))

    def placed(self, source: Target, scratch: Target) -> Target:
        if not scratch.private:
            return scratch
        url = roles.as_the_role(scratch, url_of(scratch))
        # The role is no superuser, so nothing private to the app's own server may be tried with it.
        return replace(scratch, url=url.text(), private=False)

    def twin(self, scratch: Target, placed: Target) -> AbstractContextManager[Target] | None:
        return twin(scratch, url_of(scratch), placed, url_of(placed))

    def copy(
        self, source: Target, scratch: Target, rows: RowsWanted, sample_rows: int, cancel: CancelToken
    ) -> Copied:
        return copying.copy(source, url_of(source), scratch, url_of(scratch), rows, sample_rows, cancel)

    def play(
        self, scratch: Target, block: Block, heard: Heard, cancel: CancelToken, time_limit_s: float
    ) -> Played:
        with Session(scratch, url_of(scratch)) as session:
            return session.play(block, heard, cancel, time_limit_s)

    def watch(self, scratch: Target) -> AbstractContextManager[Watch]:
        return self._watch(scratch)

    @contextmanager
    def _watch(self, scratch: Target) -> Iterator[Watch]:
        with PostgresWatch(scratch, url_of(scratch)) as watch:
            yield watch
