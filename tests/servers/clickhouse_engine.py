"""The ClickHouse engine as requests of its HTTP interface see it: sessions, settings, parameters, errors.

The engine is the real one (chdb, in this process). Each request has a connection of its own, or its session's,
so neither `USE` nor a setting reaches another request. What the embedded engine lacks against a server is made
up for here: SYNC of DROP (its background thread does not run, so it would wait for ever) and the caller's own
query ids. There are no tables of users and no query log.
"""

from __future__ import annotations

import gzip
import re
import tempfile
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chdb.state import connect

QUOTED_OR_COMMENT = re.compile(
    r"'(?:[^'\\]|\\.|'')*'|`(?:[^`\\]|\\.)*`|\"(?:[^\"\\]|\\.)*\"|--[^\n]*|/\*.*?\*/|#[! ][^\n]*", re.S
)
ERROR_CODE = re.compile(r"Code: (\d+)")
TRAILING_FORMAT = re.compile(r"\bFORMAT\s+(\w+)\s*(?:SETTINGS\b.*)?;?\s*$", re.I | re.S)
INSERT_FORMAT = re.compile(r"^\s*INSERT\s+INTO\s+(?P<into>.*?)\s+FORMAT\s+(?P<format>\w+)\s*$", re.I | re.S)
INSERT_INPUT = re.compile(
    r"^\s*(?P<select>INSERT\s+INTO\s+.*\sFROM)\s+input\((?P<shape>'(?:[^'\\]|\\.)*')\)\s+FORMAT\s+(?P<format>\w+)\s*$",
    re.I | re.S,
)
INSERT_VALUES = re.compile(r"^\s*INSERT\s+INTO\s+(?P<into>.*?)\s+VALUES\s*$", re.I | re.S)
INSERT_AND_DATA = re.compile(
    rb"\s*INSERT\s+INTO\s(?:'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`|[^'`;])*?\sFORMAT\s+\w+[ \t]*\r?\n",
    re.I | re.S,
)
SYNC = re.compile(r"\s+(?:SYNC|NO\s+DELAY)\s*;?\s*$", re.I)
CODES = {
    "SYNTAX_ERROR": 62,
    "UNKNOWN_FORMAT": 73,
    "NOT_IMPLEMENTED": 48,
    "SESSION_NOT_FOUND": 372,
    "SESSION_IS_LOCKED": 373,
    "AUTHENTICATION_FAILED": 516,
    "QUERY_WITH_SAME_ID_IS_ALREADY_RUNNING": 216,
}
REPLACE_TIMEOUT_S = 5.0
QUERY_ID_MARK = "query id: "


class EngineError(Exception):
    """The engine's complaint, with ClickHouse's number for it."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        found = ERROR_CODE.search(text)
        self.code = int(found[1]) if found else 1002  # UNKNOWN_EXCEPTION


def engine_error(name: str, message: str) -> EngineError:
    """An error in the words of the server."""
    return EngineError(f"Code: {CODES[name]}. DB::Exception: {message} ({name})")


@dataclass
class Request:
    """One request of the HTTP interface, decoded."""

    sql: str
    data: bytes = b""
    database: str = ""
    format: str = "TabSeparated"
    settings: dict[str, str] = field(default_factory=dict)
    params: dict[str, str] = field(default_factory=dict)
    query_id: str = ""
    session_id: str = ""
    session_timeout_s: float = 60
    session_must_exist: bool = False


@dataclass
class Answer:
    """The bytes of the result in that format, and how much was read and written."""

    content: bytes
    format: str
    read_rows: int = 0
    read_bytes: int = 0


@dataclass
class Session:
    connection: Any
    expires_at: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)


class Engine:
    """All requests of one data folder. Safe to use from several threads."""

    def __init__(self, data_dir: str) -> None:
        self._data_dir = data_dir
        self._first = connect(data_dir)  # the engine lives as long as any connection to it
        self._sessions: dict[str, Session] = {}
        self._lock = threading.Lock()
        self._running_ids: set[str] = set()
        self.version = self._first.query("SELECT version()", "TabSeparated").bytes().decode().strip()

    def run(self, request: Request) -> Answer:
        """Run one statement. Raises EngineError."""
        sql = request.sql
        if has_several_statements(sql):
            raise engine_error("SYNTAX_ERROR", "Syntax error (Multi-statements are not allowed).")
        if not bare(sql).strip(" \t\r\n;"):
            raise engine_error("SYNTAX_ERROR", "Syntax error: Empty query.")
        with (
            self._only_one_of(request),
            self._connection(request) as connection,
            self._data_file(request) as file,
        ):
            before = self._apply(connection, request)
            try:
                return self._run(connection, request, statement(sql, request.data, file))
            finally:
                for change in before:
                    self._query(connection, change)

    def _run(self, connection: Any, request: Request, sql: str) -> Answer:
        if is_kill := re.match(r"\s*KILL\s+QUERY\b", sql, re.I):
            # SYNC waits for ever here: the process list lets go only when the other thread comes back.
            sql = re.sub(r"\s+(?:SYNC|ASYNC)(?=\s*(?:FORMAT\b|;|$))", "", sql, flags=re.I)
        if is_kill or "system.processes" in sql.lower():
            sql = self._with_engine_query_ids(sql)
        chosen = TRAILING_FORMAT.search(bare(sql))
        result = self._query(connection, sql, request.format, request.params)
        return Answer(
            content=result.bytes() or b"",
            format=chosen[1] if chosen else request.format,
            read_rows=result.rows_read(),
            read_bytes=result.bytes_read(),
        )

    def _query(self, connection: Any, sql: str, format_: str = "Null", params: Any = None) -> Any:
        try:
            return connection.query(sql, format_, params=params) if params else connection.query(sql, format_)
        except RuntimeError as error:
            raise EngineError(str(error)) from None

    def _apply(self, connection: Any, request: Request) -> list[str]:
        """Database and settings of this request. Returns the statements that undo them in a session."""
        # On in the embedded engine, where `creat x` would be a SELECT.
        self._query(connection, "SET implicit_select = 0")
        undo = []
        if request.session_id:
            current = self._query(connection, "SELECT currentDatabase()", "TabSeparatedRaw").bytes().decode()
            undo.append(f"USE {quoted(current.removesuffix(chr(10)))}")
            if not request.database or is_use(request.sql):
                undo.clear()
        if request.database:
            self._query(connection, f"USE {quoted(request.database)}")
        settings = dict(request.settings)
        if request.query_id:
            settings["log_comment"] = QUERY_ID_MARK + request.query_id
        # Once it is set nothing else can be: readonly goes last.
        for name in sorted(settings, key=lambda name: name == "readonly"):
            if not re.fullmatch(r"\w+", name):
                raise EngineError(f"Code: 115. DB::Exception: Unknown setting '{name}'. (UNKNOWN_SETTING)")
            if request.session_id:
                was = f"SELECT value FROM system.settings WHERE name = '{name}'"
                value = self._query(connection, was, "TabSeparatedRaw").bytes().decode().removesuffix("\n")
                undo.append(f"SET {name} = {literal(value)}")
            self._query(connection, f"SET {name} = {literal(settings[name])}")
        return undo

    @contextmanager
    def _only_one_of(self, request: Request) -> Iterator[None]:
        """As the server's process list: one running query an id, replaced only where that is asked for."""
        replaces = request.settings.get("replace_running_query") == "1"
        deadline = time.monotonic() + REPLACE_TIMEOUT_S
        while request.query_id:
            with self._lock:
                if request.query_id not in self._running_ids:
                    self._running_ids.add(request.query_id)
                    break
            if not replaces or time.monotonic() > deadline:
                said = f"Query with id = {request.query_id} is already running."
                raise engine_error("QUERY_WITH_SAME_ID_IS_ALREADY_RUNNING", said)
            commented = f"Settings['log_comment'] = {literal(QUERY_ID_MARK + request.query_id)}"
            running = f"SELECT query_id FROM system.processes WHERE {commented}"
            with closing(connect(self._data_dir)) as connection:
                self._query(connection, f"KILL QUERY WHERE query_id IN ({running})")
            time.sleep(0.02)
        try:
            yield
        finally:
            with self._lock:
                self._running_ids.discard(request.query_id)

    @contextmanager
    def _connection(self, request: Request) -> Iterator[Any]:
        if not request.session_id:
            connection = connect(self._data_dir)
            try:
                yield connection
            finally:
                connection.close()
            return
        session = self._session(request)
        if not session.lock.acquire(blocking=False):
            raise engine_error("SESSION_IS_LOCKED", "Session is locked by a concurrent client.")
        try:
            yield session.connection
        finally:
            session.expires_at = time.monotonic() + request.session_timeout_s
            session.lock.release()

    def _session(self, request: Request) -> Session:
        now = time.monotonic()
        with self._lock:
            for name, session in list(self._sessions.items()):
                if session.expires_at < now and not session.lock.locked():
                    self._sessions.pop(name).connection.close()
            if request.session_id not in self._sessions:
                if request.session_must_exist:
                    raise engine_error("SESSION_NOT_FOUND", "Session not found.")
                self._sessions[request.session_id] = Session(connect(self._data_dir))
            session = self._sessions[request.session_id]
            session.expires_at = now + request.session_timeout_s
            return session

    @contextmanager
    def _data_file(self, request: Request) -> Iterator[str]:
        """The data of an INSERT as a file: it may be binary, and the engine takes statements as text only."""
        if not request.data:
            yield ""
            return
        with tempfile.NamedTemporaryFile(dir=Path(self._data_dir).parent, suffix=".data") as file:
            file.write(request.data)
            file.flush()
            yield file.name

    def _with_engine_query_ids(self, sql: str) -> str:
        """Callers' query ids as the engine's own, which cannot be chosen (theirs travel as log_comment)."""
        running = "SELECT Settings['log_comment'], query_id FROM system.processes"
        for line in self._query(self._first, running, "TabSeparatedRaw").bytes().decode().splitlines():
            comment, own = line.split("\t")
            # A comment that the caller gave himself is no id.
            if comment.startswith(QUERY_ID_MARK):
                sql = sql.replace(literal(comment.removeprefix(QUERY_ID_MARK)), literal(own))
        return sql


def statement(sql: str, data: bytes, file: str) -> str:
    """The statement for the engine: inserted data comes from a file, and nothing waits for SYNC."""
    if not data:
        return SYNC.sub("", sql) if re.match(r"\s*(?:DROP|DETACH|TRUNCATE)\b", bare(sql), re.I) else sql
    if chosen := INSERT_INPUT.match(sql):
        return f"{chosen['select']} file({literal(file)}, {literal(chosen['format'])}, {chosen['shape']})"
    insert = INSERT_FORMAT.match(sql)
    if insert:
        return (
            f"INSERT INTO {insert['into']} SELECT * FROM file({literal(file)}, {literal(insert['format'])})"
        )
    if INSERT_VALUES.match(sql):
        return f"{sql} {data.decode()}"
    return f"{sql}\n{data.decode('utf8', 'replace')}"


def split_insert(query: str, body: bytes) -> tuple[str, bytes]:
    """The statement and the data that follow it: in the body behind the parameter, or all in the body."""
    if query:
        return query, body
    start = INSERT_AND_DATA.match(body)
    if start and start.end() < len(body):
        return start[0].decode(), body[start.end() :]
    return body.decode("utf8", "replace"), b""


def decompressed(body: bytes, encoding: str) -> bytes:
    """The body of a request as it was before compression. Raises EngineError."""
    if encoding in ("", "identity"):
        return body
    if encoding == "gzip":
        return gzip.decompress(body)
    if encoding == "deflate":
        return zlib.decompress(body)
    if encoding == "zstd":
        import zstandard  # type: ignore[import-not-found,unused-ignore]

        return bytes(zstandard.ZstdDecompressor().decompressobj().decompress(body))
    if encoding == "lz4":
        import lz4.frame  # type: ignore[import-untyped]

        return bytes(lz4.frame.decompress(body))
    raise engine_error("NOT_IMPLEMENTED", f"Unknown compression method: {encoding}.")


def bare(sql: str) -> str:
    """The statement with quoted text as `x` and comments as a space."""
    return QUOTED_OR_COMMENT.sub(lambda match: "x" if match[0][0] in "'`\"" else " ", sql)


def has_several_statements(sql: str) -> bool:
    """Whether anything follows the first semicolon."""
    end = (text := bare(sql)).find(";")
    return end >= 0 and text[end + 1 :].strip(" \t\r\n;") != "" and not re.match(r"\s*INSERT\b", text, re.I)


def is_use(sql: str) -> bool:
    """Whether the statement chooses the session's database."""
    return bool(re.match(r"\s*USE\b", bare(sql), re.I))


def quoted(name: str) -> str:
    """An identifier in backquotes."""
    return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"


def literal(text: str) -> str:
    """A string in quotes."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
