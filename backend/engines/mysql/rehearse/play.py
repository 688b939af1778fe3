"""One half of a file run as dbmate runs it: one session, one statement after the other, each change of the schema commits."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any

from backend.core.envelope import envelope_error
from backend.core.errors import AppError, SqlFailed
from backend.engine import sqltext
from backend.engine.rehearsal.limit import Limit
from backend.engine.rehearsal.port import Block, Heard, Played
from backend.engine.target import CancelToken, Statement, Target
from backend.engines.mysql import sessions
from backend.engines.mysql import url as urls
from backend.engines.mysql.connect import reading, rows, run, writing
from backend.engines.mysql.errors import from_driver
from backend.engines.mysql.locate import place_of
from backend.engines.mysql.schema.events import put_to_sleep
from backend.models.rehearsal import Evidence, RehearsedStatement, Rewrite

from . import algorithm
from .measure import LockWatch, Measures, changed_ids
from .outside import Border

if TYPE_CHECKING:
    from pymysql.connections import Connection

_CHANGES_SCHEMA = frozenset(
    {"ALTER", "CREATE", "DROP", "RENAME", "TRUNCATE", "OPTIMIZE", "REPAIR", "ANALYZE"}
)
_KIND = re.compile(r"[A-Za-z_]+")
_QUALIFIERS = frozenset(
    {"OR", "REPLACE", "UNIQUE", "FULLTEXT", "SPATIAL", "ONLINE", "OFFLINE", "IGNORE", "TEMPORARY", "DEFINER"}
)


def play(scratch: Target, block: Block, heard: Heard, cancel: CancelToken, time_limit_s: float) -> Played:
    started = time.monotonic()
    done: list[RehearsedStatement] = []
    error: AppError | None = None
    limit: Limit | None = None
    player: _Player | None = None
    try:
        with writing(scratch) as session, reading(scratch) as watcher:
            session_id = int(rows(session, "SELECT connection_id()")[0][0])
            database = urls.parse(scratch.url).database
            measures = Measures(watcher, database, session_id)
            with Limit(cancel, time_limit_s, lambda: sessions.end_connection(scratch, session_id)) as limit:
                player = _Player(session, measures, scratch, block)
                error = player.run(done, heard)
    except AppError as problem:
        error = problem
    stopped = limit is not None and limit.stopped
    if limit is not None and stopped:
        error = limit.error()
        if done and not done[-1].ok:
            done[-1] = done[-1].model_copy(update={"error": envelope_error(error)})
    return Played(
        ok=error is None,
        duration_ms=_ms(started),
        statements=done,
        error=None if error is None else envelope_error(error),
        stopped=stopped,
        left_out=player is not None and player.left_out,
    )


def _ms(since: float) -> float:
    return round((time.monotonic() - since) * 1000, 3)


def _statements(sql: str) -> list[Statement]:
    """With the lines for the mysql client among them: dbmate sends those to the server too, which refuses them."""
    return sorted(
        [*sqltext.split(sql, "mysql"), *sqltext.client_commands(sql, "mysql")], key=lambda one: one.start
    )


def kind_of(sql: str) -> str:
    """`ALTER TABLE`, `CREATE INDEX`, `INSERT`."""
    words: list[str] = [one.upper() for one in _KIND.findall(sqltext.strip_comments(sql[:2000], "mysql"))[:8]]
    if not words:
        return ""
    if words[0] in _CHANGES_SCHEMA:
        return " ".join([words[0], *[one for one in words[1:] if one not in _QUALIFIERS][:1]])
    return words[0]


class _Player:
    def __init__(self, session: Connection[Any], measures: Measures, scratch: Target, block: Block) -> None:
        self._session = session
        self._measures = measures
        self._scratch = scratch
        self._block = block
        self._border = Border(session)
        self.left_out = False
        self._took_ms = 0.0
        self._rows: int | None = None
        self._warnings: list[tuple[Any, ...]] = []

    def run(self, done: list[RehearsedStatement], heard: Heard) -> AppError | None:
        """The error that ended it. What dbmate wraps in a transaction is wrapped here too."""
        import pymysql

        if self._block.transaction:
            run(self._session, "START TRANSACTION")
        failed: AppError | None = None
        for number, statement in enumerate(_statements(self._block.sql)):
            found, failed = self._one(number, statement)
            done.append(found)
            heard(found)
            if failed is not None:
                break
        if self._block.transaction:
            try:
                run(self._session, "COMMIT" if failed is None else "ROLLBACK")
            except pymysql.err.MySQLError as error:
                failed = failed or from_driver(error)
        return failed

    def _one(self, number: int, statement: Statement) -> tuple[RehearsedStatement, AppError | None]:
        import pymysql

        line = self._block.first_line + statement.line - 1
        found = RehearsedStatement(index=number, text=statement.text, line=line, kind=kind_of(statement.text))
        try:
            way = self._border.crossed_by(statement.text)
            if way is not None and way.whole_server:
                self.left_out = True
                found.unknown.append(way.passed_over())
                return found, None
            if way is not None:
                raise way.refusal()
            self._measured(found, statement.text)
        except (pymysql.err.MySQLError, AppError) as error:
            failed = error if isinstance(error, AppError) else self._explained(error, statement, line)
            found.ok = False
            found.error = envelope_error(failed)
            return found, failed
        return found, None

    def _explained(self, error: Exception, statement: Statement, line: int) -> AppError:
        failed = from_driver(error, urls.parse(self._scratch.url))
        if isinstance(failed, SqlFailed):
            place = place_of(int(failed.details.get("errno", 0)), str(error.args[-1]), statement.text) or {}
            within = place.get("line")
            failed.details["line"] = line + (int(str(within)) - 1 if within else 0)
            failed.details["line_of_file"] = True
            if "column" in place and within != 1:
                failed.details["column"] = place["column"]
        return failed

    # -- measuring ---------------------------------------------------------------------------------------------------

    def _measured(self, found: RehearsedStatement, sql: str) -> None:
        changes_schema = found.kind.partition(" ")[0] in _CHANGES_SCHEMA
        ids = self._measures.table_ids() if changes_schema else None
        log = self._measures.log_position()
        with LockWatch(self._measures) as watch:
            granted = None
            try:
                granted = algorithm.ask(sql, self._execute)
                if granted is None:
                    self._execute(sql)
            finally:
                found.duration_ms = self._took_ms
        found.locks = watch.found()
        self._say_locks(found, watch)
        after = self._measures.log_position()
        if log is not None and after is not None:
            found.bytes_written = after - log
            found.evidence.append(Evidence(fact="bytes", query=self._measures.log_query))
        found.rows = self._rows
        if self._rows is not None:
            found.evidence.append(Evidence(fact="rows", query="affected rows of the server's answer"))
        found.warnings += [f"{level} {code}: {said}" for level, code, said in self._warnings]
        if granted is not None:
            self._say_algorithm(found, granted)
        if changes_schema:
            self._say_rewrites(found, ids, granted)

    def _execute(self, sql: str) -> None:
        started = time.monotonic()
        try:
            # Through the protocol itself: a cursor would read `%` in the text as a place for an argument.
            affected = int(self._session.query(sql))
        finally:
            self._took_ms = _ms(started)
        self._rows = None if _has_rows(self._session) else affected
        self._warnings = rows(self._session, "SHOW WARNINGS")
        put_to_sleep(self._session, sql)

    def _say_locks(self, found: RehearsedStatement, watch: LockWatch) -> None:
        if found.locks is None:
            found.unknown.append(
                f"Which metadata locks it held: they cannot be read here ({self._measures.locks_refusal})."
            )
        else:
            found.evidence.append(Evidence(fact="locks", query=" ".join(self._measures.locks_query.split())))
            if found.kind.partition(" ")[0] in _CHANGES_SCHEMA:
                found.unknown.append(
                    f"Locks were looked at {watch.looks} times while it ran; one held only in between was not seen."
                )

    def _say_algorithm(self, found: RehearsedStatement, granted: algorithm.Granted) -> None:
        found.algorithm = granted.text
        if granted.algorithm is None:
            found.unknown.append(f"Which algorithm the server used. {granted.why_not}")
        else:
            found.evidence.append(Evidence(fact="algorithm", query=f"the statement with {granted.asked}"))

    def _say_rewrites(
        self, found: RehearsedStatement, before: dict[str, int] | None, granted: algorithm.Granted | None
    ) -> None:
        after = self._measures.table_ids()
        is_copy = granted is not None and granted.algorithm == "COPY"
        if before is not None and after is not None:
            found.rewrites = changed_ids(before, after)
            found.evidence.append(Evidence(fact="rewrites", query=self._measures.ids_query))
        elif not is_copy:
            found.unknown.append(
                f"Whether a table was rewritten: InnoDB's tables cannot be read ({self._measures.ids_refusal})."
            )
        if is_copy and granted is not None:
            why = f": {granted.reason}" if granted.reason else ""
            if found.rewrites:
                for one in found.rewrites:
                    one.detail = f"ALGORITHM=COPY{why}; {one.detail}"
            else:
                found.rewrites = [Rewrite(table=_table_of(found.text), detail=f"ALGORITHM=COPY{why}")]


def _table_of(sql: str) -> str:
    return next(iter(sqltext.tables_touched(sql, "mysql")), "")


def _has_rows(session: Connection[Any]) -> bool:
    """Whether the statement answered with rows; all its results are taken."""
    result = session._result  # type: ignore[attr-defined]
    found = result is not None and bool(result.description)
    while session._result is not None and session._result.has_next:  # type: ignore[attr-defined]
        session.next_result()
    return found
