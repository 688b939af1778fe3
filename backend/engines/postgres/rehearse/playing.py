"""One half of a file run as dbmate sends it, measured from inside its transaction or from a second session beside it."""

from __future__ import annotations

import threading
import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Any

from backend.core.envelope import envelope_error
from backend.core.errors import AppError, Cancelled, NotSupported, SqlFailed, TimedOut
from backend.drivers.pgwire.connect import rows, session
from backend.drivers.pgwire.errors import from_driver
from backend.drivers.pgwire.url import PgUrl
from backend.engine import sqltext
from backend.engine.rehearsal.port import Block, Heard, Played
from backend.engine.target import CancelToken, Statement, Target
from backend.models.rehearsal import RehearsedStatement

from . import locks, roles
from .locks import Relation, Transaction
from .outside import CHANGED_SHARED, SHARED_CATALOGS, reaches_out
from .sampler import Sampler

if TYPE_CHECKING:
    from psycopg import Connection

_APPLICATION = "db-toolkit-rehearsal"
_REFUSED_HINT = (
    "Rehearse it on the bundled PostgreSQL, where the migration runs as a role that is no superuser."
)
_OWN_END = (
    "The block ends the transaction that dbmate opens around it (COMMIT or ROLLBACK in it): dbmate reports a failure, "
    "though what was committed stays."
)
_ALIKE = "Several statements without a transaction are sent as one message, as dbmate does: they cannot be timed one by one."


@dataclass(slots=True)
class _Run:
    block: Block
    heard: Heard
    statements: list[RehearsedStatement] = field(default_factory=list)
    ms: float = 0.0
    touched: frozenset[str] | None = None

    def add(self, told: RehearsedStatement) -> None:
        self.ms += told.duration_ms or 0.0
        self.statements.append(told)
        self.heard(told)


class Session:
    """A session on the scratch, kept between blocks and put back to its beginning before each."""

    def __init__(self, scratch: Target, url: PgUrl) -> None:
        self._scratch, self._url = scratch, url
        self._stack = ExitStack()
        self._connection: Connection[Any] | None = None
        self._notices: list[str] = []
        self._relations: dict[int, Relation] | None = None

    def __enter__(self) -> Session:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def play(self, block: Block, heard: Heard, cancel: CancelToken, time_limit_s: float) -> Played:
        """See RehearsalTools.play."""
        import psycopg

        run = _Run(block, heard)
        stop = _Stop(self._scratch, self._url, time_limit_s)
        try:
            connection = self._ready()
            stop.watch(connection.info.backend_pid, cancel)
            if self._relations is None:
                self._relations = self._read_relations(connection)
            error = self._run(connection, run)
        except psycopg.Error as raised:
            error = from_driver(raised, self._url)
        finally:
            stop.done()
        if error is not None:
            self._end_transaction()
        if cancel.is_cancelled and error is not None:
            error = Cancelled("It was cancelled while it ran; its session on the server was ended.")
        elif stop.timed_out and error is not None:
            error = TimedOut(
                f"It was stopped after {time_limit_s:.0f} s, the time limit; its session on the server was ended."
            )
        if error is None and run.touched is not None:
            self._refresh_relations()
        else:
            self._relations = None
        return Played(
            ok=error is None,
            duration_ms=round(run.ms, 3),
            statements=run.statements,
            error=envelope_error(error) if error is not None else None,
            stopped=isinstance(error, Cancelled | TimedOut),
            touched=run.touched if error is None else None,
        )

    # -- the session ---------------------------------------------------------------------------------------------

    def _ready(self) -> Connection[Any]:
        if self._connection is not None and not self._connection.closed:
            # What a migration set for its session is gone, as for dbmate's next process.
            self._connection.execute(b"DISCARD ALL")
            return self._connection
        self._stack.close()
        self._connection = self._stack.enter_context(
            session(self._scratch, self._url, application_name=_APPLICATION)
        )
        self._connection.add_notice_handler(self._noticed)
        return self._connection

    def _noticed(self, diagnosis: Any) -> None:
        self._notices.append(f"{diagnosis.severity}: {diagnosis.message_primary}")

    def _end_transaction(self) -> None:
        import psycopg

        with suppress(psycopg.Error, AppError):
            if self._connection is not None and not self._connection.closed:
                self._connection.execute(b"ROLLBACK")

    def _read_relations(self, connection: Connection[Any]) -> dict[int, Relation]:
        return {
            oid: Relation(name, kind, file) for oid, name, kind, file in rows(connection, locks.RELATIONS)
        }

    def _refresh_relations(self) -> None:
        if self._connection is not None and not self._connection.closed:
            self._relations = self._read_relations(self._connection)

    # -- running -------------------------------------------------------------------------------------------------

    def _run(self, connection: Connection[Any], run: _Run) -> AppError | None:
        statements = sqltext.split(run.block.sql, "postgres")
        refused = self._refused(statements, run.block)
        if refused is not None:
            return refused
        if run.block.transaction:
            return self._in_transaction(connection, run, statements)
        if not statements:
            run.touched = frozenset()
            return None
        if len(statements) == 1:
            return self._alone(connection, run, statements[0])
        return self._as_one(connection, run, statements)

    def _refused(self, statements: list[Statement], block: Block) -> AppError | None:
        """On a server that is others' too, what reaches beyond the scratch is not run."""
        if roles.is_the_role(self._url):
            return None
        for one in statements:
            what = reaches_out(one.text)
            if what is not None:
                line = block.first_line + one.line - 1
                return NotSupported(
                    f"Line {line} {what}, which a scratch database does not keep to itself: it was not run.",
                    hint=_REFUSED_HINT,
                    line=line,
                    statement=one.text[:500],
                )
        return None

    def _in_transaction(
        self, connection: Connection[Any], run: _Run, statements: list[Statement]
    ) -> AppError | None:
        import psycopg

        known = self._relations or {}
        transaction = Transaction(known)
        connection.execute(b"BEGIN")
        wal = rows(connection, locks.WAL)[0][0]
        ended = False
        for number, statement in enumerate(statements):
            told = self._told(run, number, statement)
            error = self._timed(connection, told, statement)
            if error is not None:
                run.add(told)
                return error
            if connection.info.transaction_status == psycopg.pq.TransactionStatus.INTRANS:
                found = rows(connection, locks.OWN)
                told.locks = transaction.locks(found)
                told.rewrites = transaction.rewrites(found)
                after = found[0][5] if found else wal
                told.bytes_written, wal = max(0, after - wal), after
                told.evidence += [locks.LOCKS_EVIDENCE, locks.REWRITES_EVIDENCE, locks.WAL_EVIDENCE]
            else:
                ended = True
                told.unknown.append("The transaction is over, so its locks could not be read.")
            run.add(told)
        if ended:
            return SqlFailed(
                _OWN_END, hint="Leave COMMIT out, or write `transaction:false` after the directive."
            )
        if not roles.is_the_role(self._url) and rows(connection, SHARED_CATALOGS)[0][0]:
            return NotSupported(CHANGED_SHARED, hint=_REFUSED_HINT)
        began = time.perf_counter()
        connection.execute(b"COMMIT")
        run.ms += (time.perf_counter() - began) * 1000
        run.touched = frozenset(f"table {name}" for name in transaction.written)
        return None

    def _alone(self, connection: Connection[Any], run: _Run, statement: Statement) -> AppError | None:
        """Without a transaction; its locks are looked at from beside it."""
        before = self._relations or {}
        told = self._told(run, 0, statement)
        wal = rows(connection, locks.WAL)[0][0]
        with Sampler(self._scratch, self._url, connection.info.backend_pid) as sampler:
            error = self._timed(connection, told, statement)
        if error is None:
            self._beside(connection, told, sampler, before, wal)
        run.add(told)
        return error

    def _as_one(self, connection: Connection[Any], run: _Run, statements: list[Statement]) -> AppError | None:
        """PostgreSQL makes one transaction of several statements in one message; dbmate sends them so."""
        import psycopg

        before = self._relations or {}
        told = [self._told(run, number, one) for number, one in enumerate(statements)]
        wal = rows(connection, locks.WAL)[0][0]
        error: AppError | None = None
        began = time.perf_counter()
        with Sampler(self._scratch, self._url, connection.info.backend_pid) as sampler:
            try:
                cursor = connection.execute(run.block.sql.encode())
                for one in told:
                    self._of_cursor(one, cursor)
                    if not cursor.nextset():
                        break
            except psycopg.Error as raised:
                error = self._explained(raised, told[0], run.block.sql, run.block.first_line)
        run.ms += (time.perf_counter() - began) * 1000
        if error is not None:
            told[0].ok, told[0].error = False, envelope_error(error)
        else:
            self._beside(connection, told[-1], sampler, before, wal)
        for one in told:
            one.unknown.append(_ALIKE)
            run.statements.append(one)
            run.heard(one)
        return error

    def _beside(
        self,
        connection: Connection[Any],
        told: RehearsedStatement,
        sampler: Sampler,
        before: dict[int, Relation],
        wal: int,
    ) -> None:
        transaction = Transaction(before)
        if sampler.found:
            told.locks = transaction.locks(sampler.found)
            told.evidence.append(locks.SAMPLED_EVIDENCE)
            told.unknown.append(
                f"Locks were sampled {sampler.looks} times while it ran: one held between two looks was not seen."
            )
        else:
            told.unknown.append("It was over before a second session could look: its locks are not known.")
        now = [
            (oid, "", one.name, one.kind, one.file) for oid, one in self._read_relations(connection).items()
        ]
        told.rewrites = transaction.rewrites(now)
        told.bytes_written = max(0, rows(connection, locks.WAL)[0][0] - wal)
        told.evidence += [locks.REWRITES_EVIDENCE, locks.WAL_EVIDENCE]

    # -- one statement -------------------------------------------------------------------------------------------

    def _told(self, run: _Run, number: int, statement: Statement) -> RehearsedStatement:
        return RehearsedStatement(
            index=number,
            text=statement.text,
            line=run.block.first_line + statement.line - 1,
            kind=" ".join(statement.text.split(maxsplit=2)[:2]).upper(),
        )

    def _timed(
        self, connection: Connection[Any], told: RehearsedStatement, statement: Statement
    ) -> AppError | None:
        import psycopg

        error: AppError | None = None
        began = time.perf_counter()
        try:
            cursor = connection.execute(statement.text.encode())
            told.duration_ms = round((time.perf_counter() - began) * 1000, 3)
            self._of_cursor(told, cursor)
        except psycopg.Error as raised:
            told.duration_ms = round((time.perf_counter() - began) * 1000, 3)
            error = self._explained(raised, told, statement.text, told.line or 1)
            told.ok, told.error = False, envelope_error(error)
        told.warnings += self._notices
        self._notices = []
        return error

    def _of_cursor(self, told: RehearsedStatement, cursor: Any) -> None:
        status = str(cursor.statusmessage or "")
        words = status.split()
        if words and words[-1].isdigit():
            # SELECT tells what it read; only these tell what they changed.
            if words[0] in ("INSERT", "UPDATE", "DELETE", "MERGE", "COPY") or "CREATE" in told.kind:
                told.rows = int(words[-1])
                told.evidence.append(locks.ROWS_EVIDENCE)
            words = [one for one in words if not one.isdigit()]
        if words and "CREATE" not in told.kind:
            told.kind = " ".join(words)
        elif status:
            told.kind = status if words and words[0] == "CREATE" else told.kind

    def _explained(self, raised: Any, told: RehearsedStatement, text: str, first_line: int) -> AppError:
        error = from_driver(raised, self._url)
        line = told.line
        position = error.details.get("position")
        if isinstance(position, int):
            line = first_line + text[: position - 1].count("\n")
        if isinstance(error, SqlFailed) or error.details.get("sqlstate"):
            error.details.update(line=line, statement=told.text[:500])
        return error


class _Stop:
    """Ends the session on the server when the job is cancelled or the time is up."""

    def __init__(self, scratch: Target, url: PgUrl, seconds: float) -> None:
        self._scratch, self._url = scratch, url
        self._lock = threading.Lock()
        self._pid: int | None = None
        self.timed_out = False
        self._timer = threading.Timer(seconds, self._time_is_up)
        self._timer.daemon = True

    def watch(self, pid: int, cancel: CancelToken) -> None:
        self._pid = pid
        self._timer.start()
        cancel.on_cancel(self._end)

    def done(self) -> None:
        self._timer.cancel()
        with self._lock:
            self._pid = None

    def _time_is_up(self) -> None:
        self.timed_out = True
        self._end()

    def _end(self) -> None:
        with self._lock:
            if self._pid is None:
                return
            with suppress(AppError), session(self._scratch, self._url) as connection:
                connection.execute(b"SELECT pg_terminate_backend(%s, 5000)", (self._pid,))
