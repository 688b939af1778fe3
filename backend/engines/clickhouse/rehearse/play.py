"""One half of a file as dbmate sends it: the whole block in one query, so that several statements are refused."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Sequence

from backend.core.envelope import envelope_error
from backend.core.errors import AppError, NotSupported, SqlFailed
from backend.engine import sqltext
from backend.engine.rehearsal.limit import Limit
from backend.engine.rehearsal.port import Block, Heard, Played
from backend.engine.target import CancelToken, Statement, Target
from backend.engines.clickhouse import errors, url
from backend.engines.clickhouse.catalog import optional_rows
from backend.engines.clickhouse.connect import Connection, Http, session
from backend.engines.clickhouse.errors import ServerSaid, Unreachable
from backend.engines.clickhouse.schema.scratch import WAITS
from backend.engines.clickhouse.text import literal
from backend.models.rehearsal import Evidence, RehearsedStatement

from .ending import end
from .outside import outside
from .parts import QUERY, Parts, grown, read_parts, rewritten, written_bytes

_NO_LOCKS = "Which locks it held: ClickHouse does not list them."
_LONGER_S = 30.0
_PLACE = re.compile(r"\(line (\d+), col (\d+)\)")
_WORDS = re.compile(r"[A-Za-z_]+")
_OF_THE_SERVER = {"system", "information_schema", "INFORMATION_SCHEMA"}
_KEEPS_PARTS = re.compile(r".*MergeTree")


def play(scratch: Target, block: Block, heard: Heard, cancel: CancelToken, time_limit_s: float) -> Played:
    started = time.monotonic()
    query_id = f"dbtoolkit-rehearsal-{secrets.token_hex(8)}"
    done: list[RehearsedStatement] = []
    failed: AppError | None = None
    limit: Limit | None = None
    player: _Player | None = None
    try:
        with session(scratch) as server:
            player = _Player(server, scratch, block, query_id, time_limit_s)
            with Limit(cancel, time_limit_s, lambda: end(scratch, query_id)) as limit:
                for number, statement in enumerate(_sent(block.sql)):
                    one, failed = player.run(number, statement)
                    done.append(one)
                    heard(one)
                    if failed is not None or limit.stopped:
                        break
    except AppError as problem:
        failed = problem
    stopped = limit is not None and limit.stopped
    if limit is not None and stopped:
        failed = limit.error()
        if done and not done[-1].ok:
            done[-1] = done[-1].model_copy(update={"error": envelope_error(failed)})
    return Played(
        ok=failed is None,
        duration_ms=round((time.monotonic() - started) * 1000, 3),
        statements=done,
        error=None if failed is None else envelope_error(failed),
        stopped=stopped,
        left_out=player is not None and player.left_out,
    )


def _sent(sql: str) -> Sequence[Statement]:
    """What dbmate sends of a block: all of it at once. Two statements in it the server refuses, whatever they are."""
    found = sqltext.split(sql, "clickhouse")
    if len(found) < 2:
        return found
    return [Statement(sql[found[0].start : found[-1].end], found[0].line, found[0].start, found[-1].end)]


def kind_of(sql: str) -> str:
    """`ALTER TABLE`, `INSERT`."""
    words = [str(one).upper() for one in _WORDS.findall(sqltext.strip_comments(sql[:2000], "clickhouse"))[:5]]
    takes_two = {"ALTER", "CREATE", "DROP", "RENAME", "TRUNCATE", "OPTIMIZE", "ATTACH", "DETACH", "EXCHANGE"}
    words = [one for one in words if one not in ("OR", "REPLACE", "TEMPORARY")]
    return " ".join(words[: 2 if words and words[0] in takes_two else 1])


class _Player:
    def __init__(
        self, server: Connection, scratch: Target, block: Block, query_id: str, time_limit_s: float
    ) -> None:
        self._server = server
        self._database = url.parse(scratch.url).database
        self._block = block
        self.left_out = False
        self._query_id = query_id
        self._timeout_s = time_limit_s + _LONGER_S
        named = server.query("SELECT name FROM system.databases")
        self._others = {str(name) for (name,) in named} - _OF_THE_SERVER - {self._database}

    def run(self, number: int, statement: Statement) -> tuple[RehearsedStatement, AppError | None]:
        line = self._block.first_line + statement.line - 1
        one = RehearsedStatement(index=number, text=statement.text, line=line, kind=kind_of(statement.text))
        way = outside(statement.text, self._others)
        if way is not None and way.whole_server:
            self.left_out = True
            one.unknown.append(way.passed_over())
            return one, None
        failed: AppError | None = None
        try:
            if way is not None:
                raise way.refusal()
            self._measured(one)
        except NotSupported as error:
            failed = error
        except (ServerSaid, Unreachable) as error:
            failed = errors.translate(error)
            if isinstance(failed, SqlFailed):
                place = _PLACE.search(str(error))
                failed.details.update(line=line + (int(place[1]) - 1 if place else 0), line_of_file=True)
        if failed is not None:
            one.ok, one.error = False, envelope_error(failed)
        return one, failed

    def _measured(self, one: RehearsedStatement) -> None:
        one.unknown.append(_NO_LOCKS)
        before = read_parts(self._server, self._database)
        mutations = self._mutations()
        started = time.monotonic()
        try:
            self._server.query(
                one.text, database=self._database, query_id=self._query_id,
                settings={**WAITS, "wait_end_of_query": "1"} if isinstance(self._server, Http) else WAITS,
                timeout_s=self._timeout_s,
            )  # fmt: skip
        finally:
            one.duration_ms = round((time.monotonic() - started) * 1000, 3)
        one.counts = {name: value for name, value in self._server.progress.items() if value}
        after = read_parts(self._server, self._database)
        one.rewrites = rewritten(before, after)
        one.bytes_written = written_bytes(before, after)
        parts = QUERY.format(database="the scratch")
        one.evidence += [Evidence(fact="rewrites", query=parts), Evidence(fact="bytes", query=parts)]
        self._count_rows(one, before, after)
        new = [row for key, row in self._mutations().items() if key not in mutations]
        if new:
            one.algorithm = "mutation"
            query = "SELECT table, mutation_id, command, is_done FROM system.mutations WHERE database = the scratch"
            one.evidence.append(Evidence(fact="algorithm", query=query))
            one.unknown.append("How many rows the mutation changed: ClickHouse does not tell.")
            one.warnings += [
                f"The mutation ({command}) failed: {reason}" for command, reason, _ in new if reason
            ]
            one.warnings += [
                f"The mutation ({command}) has not ended." for command, _, is_done in new if not is_done
            ]

    def _count_rows(self, one: RehearsedStatement, before: Parts, after: Parts) -> None:
        if one.kind != "INSERT":
            return
        if "written_rows" in self._server.progress:
            one.rows = self._server.progress["written_rows"]
            one.evidence.append(
                Evidence(fact="rows", query="written_rows of the server's summary of the query")
            )
            return
        table = next(iter(sqltext.tables_touched(one.text, "clickhouse")), "")
        engine = self._server.query(
            f"SELECT engine FROM system.tables WHERE database = {literal(self._database)} AND name = {literal(table)}"
        )
        if engine and _KEEPS_PARTS.fullmatch(str(engine[0][0])):
            one.rows = grown(before, after, table)
            one.evidence.append(
                Evidence(fact="rows", query=f"growth of sum(rows) of the active parts of {table}: {QUERY}")
            )
        else:
            one.unknown.append("How many rows it wrote: the server did not say, and the table has no parts.")

    def _mutations(self) -> dict[tuple[str, str], tuple[str, str, bool]]:
        rows = optional_rows(
            self._server,
            "SELECT table, mutation_id, command, latest_fail_reason, is_done FROM system.mutations "
            f"WHERE database = {literal(self._database)}",
        )
        return {
            (str(table), str(id_)): (str(command), str(reason or ""), bool(int(is_done)))
            for table, id_, command, reason, is_done in rows
        }
