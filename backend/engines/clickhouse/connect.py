"""Talks to a ClickHouse server: HTTP through requests, the native protocol through clickhouse-driver.

Both give rows as lists and the server's complaints as `ServerSaid` with its number. Nothing is imported before the
first connection: start-up stays fast. `requests` serves where clickhouse-connect would, at a third less to load.
"""

from __future__ import annotations

import json
import logging
import re
import secrets
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

from backend.engine.target import Target

from . import errors, url
from .errors import ServerSaid, Unreachable
from .text import literal

Row = list[Any]
QUERY_TIMEOUT_S = 300.0
_CODE = re.compile(r"Code: (\d+)")


class Connection(Protocol):
    """One client of the server. Not for several threads at a time.

    `progress`: what the server told of the last query (read_rows, written_rows, written_bytes, …), as far as it did.
    """

    progress: Mapping[str, int]

    def query(
        self,
        sql: str,
        *,
        database: str = "",
        query_id: str = "",
        settings: Mapping[str, str] | None = None,
        timeout_s: float = QUERY_TIMEOUT_S,
    ) -> list[Row]:
        """Run one statement and return its rows. Raises ServerSaid, Unreachable."""
        ...

    def close(self) -> None: ...


@contextmanager
def session(target: Target) -> Iterator[Connection]:
    """A connection, closed at the end; what goes wrong inside comes out as the application's own errors."""
    parsed = url.parse(target.url)
    try:
        connection = open_connection(target, parsed)
        try:
            yield connection
        finally:
            connection.close()
    except (ServerSaid, Unreachable) as error:
        raise errors.translate(error, target.read_only, parsed.database) from None


def open_connection(target: Target, parsed: url.ClickHouseUrl, *, url_settings: bool = True) -> Connection:
    """A connection to the first address that answers. Raises ServerSaid, Unreachable.

    `url_settings=False` leaves out the URL's own settings (a short max_execution_time must not end a lock).
    """
    settings = dict(parsed.settings) if url_settings else {}
    settings.pop("log_comment", None)
    make = Http if parsed.is_http else Native
    trouble: Unreachable | None = None
    for host, port in parsed.addresses:
        try:
            return make(target, parsed, host, port, settings)
        except Unreachable as error:
            trouble = trouble or error
    raise trouble or Unreachable("The URL names no host.")


class _Base(ABC):
    def __init__(self, target: Target, settings: dict[str, str]) -> None:
        self._settings = settings
        self._read_only = target.read_only
        self.progress: Mapping[str, int] = {}

    def _usable_settings(self, more: Mapping[str, str] | None) -> dict[str, str]:
        # 2 lets a session change its settings and nothing else; a user whose profile says 1 may not even say 2.
        return {**self._settings, **(more or {}), **({"readonly": "2"} if self._read_only else {})}

    def _begin(self) -> None:
        """The first query: shows whether the server is there, and whether it lets us ask for `readonly`."""
        try:
            self.query("SELECT 1")
        except ServerSaid as error:
            if error.code != errors.READONLY or not self._read_only:
                raise
            self._read_only = False
            self.query("SELECT 1")

    @abstractmethod
    def query(
        self,
        sql: str,
        *,
        database: str = "",
        query_id: str = "",
        settings: Mapping[str, str] | None = None,
        timeout_s: float = QUERY_TIMEOUT_S,
    ) -> list[Row]: ...


class Http(_Base):
    """The HTTP interface, 8123 and 8443."""

    def __init__(
        self, target: Target, parsed: url.ClickHouseUrl, host: str, port: int, settings: dict[str, str]
    ) -> None:
        import requests

        super().__init__(target, settings)
        self._requests = requests
        self._session = requests.Session()
        # As bytes: requests would encode text as Latin-1, and the server reads UTF-8.
        self._session.auth = ((parsed.user or "default").encode(), (parsed.password or "").encode())  # type: ignore[assignment]
        self._session.verify = not parsed.skips_verification
        self._session.headers["User-Agent"] = target.application_name
        self._connect_timeout_s = target.connect_timeout_s
        name = f"[{host}]" if ":" in host else host
        path = parsed.option("http_path").strip("/")
        self._address = f"{'https' if parsed.is_secure else 'http'}://{name}:{port}/{path}"
        try:
            self._begin()
        except BaseException:
            self._session.close()
            raise

    def query(
        self,
        sql: str,
        *,
        database: str = "",
        query_id: str = "",
        settings: Mapping[str, str] | None = None,
        timeout_s: float = QUERY_TIMEOUT_S,
    ) -> list[Row]:
        asked = {"default_format": "JSONCompact", **self._usable_settings(settings)}
        if database:
            asked["database"] = database
        if query_id:
            asked["query_id"] = query_id
        try:
            answer = self._session.post(
                self._address,
                params=asked,
                data=sql.encode(),
                timeout=(self._connect_timeout_s, timeout_s),
                allow_redirects=False,
            )
        except self._requests.exceptions.RequestException as error:
            raise Unreachable.from_requests(error) from None
        text = answer.content.decode("utf-8", "replace")
        self.progress = _summary(answer.headers.get("X-ClickHouse-Summary", ""))
        if answer.status_code != 200 or "X-ClickHouse-Exception-Code" in answer.headers:
            raise _complaint(text, answer.status_code)
        if not text.strip():
            return []
        try:
            return list(json.loads(text)["data"])
        except (ValueError, KeyError, TypeError):
            # A query that fails after its first rows ends with the error in the middle of the text.
            raise _complaint(text, answer.status_code) from None

    def close(self) -> None:
        self._session.close()


def _summary(header: str) -> dict[str, int]:
    try:
        return {str(name): int(value) for name, value in json.loads(header or "{}").items()}
    except (ValueError, TypeError, AttributeError):
        return {}


def _complaint(text: str, status: int) -> Exception:
    if found := _CODE.search(text):
        return ServerSaid(int(found[1]), text[found.start() :])
    return Unreachable(f"What answers there is no ClickHouse server (HTTP {status}).")


class Native(_Base):
    """The native protocol, 9000 and 9440."""

    def __init__(
        self, target: Target, parsed: url.ClickHouseUrl, host: str, port: int, settings: dict[str, str]
    ) -> None:
        from clickhouse_driver import Client
        from clickhouse_driver import errors as driver_errors

        super().__init__(target, settings)
        # It would log each failed attempt with a stack trace; the error itself says all there is.
        logging.getLogger("clickhouse_driver").setLevel(logging.CRITICAL)
        self._errors = driver_errors
        self._database = ""
        self._client = Client(
            host=host,
            port=port,
            user=parsed.user or "default",
            password=parsed.password or "",
            database="",
            secure=parsed.is_secure,
            verify=not parsed.skips_verification,
            client_name=target.application_name,
            connect_timeout=target.connect_timeout_s,
            # Until the first answer: another protocol's port would keep silent. Each query sets its own after that.
            send_receive_timeout=target.connect_timeout_s,
            settings_is_important=True,
        )
        self._is_open = False
        try:
            self._begin()
        except BaseException:
            self.close()
            raise
        self._is_open = True

    def query(
        self,
        sql: str,
        *,
        database: str = "",
        query_id: str = "",
        settings: Mapping[str, str] | None = None,
        timeout_s: float = QUERY_TIMEOUT_S,
    ) -> list[Row]:
        try:
            if self._is_open and (socket := self._client.connection.socket):
                socket.settimeout(timeout_s)
            if database and database != self._database:
                self._client.execute("USE `" + database.replace("\\", "\\\\").replace("`", "\\`") + "`")
                self._database = database
            rows = self._client.execute(
                sql, settings=self._usable_settings(settings), query_id=query_id or secrets.token_hex(16)
            )
        except self._errors.ServerException as error:
            # The driver appends the server's stack trace.
            text = str(error).split("Stack trace:")[0].strip()
            raise ServerSaid(error.code, re.sub(r"^Code: (\d+)\.\s+", r"Code: \1. ", text)) from None
        except (self._errors.Error, OSError, EOFError) as error:
            raise Unreachable.from_driver(error) from None
        told = getattr(getattr(self._client, "last_query", None), "progress", None)
        names = {"read_rows": "rows", "written_rows": "written_rows", "written_bytes": "written_bytes"}
        self.progress = {name: int(getattr(told, own, 0) or 0) for name, own in names.items()} if told else {}
        return [list(row) for row in rows] if isinstance(rows, list) else []

    def close(self) -> None:
        self._client.disconnect()


def exists(connection: Connection, database: str) -> bool:
    """Whether the database is there; a look that needs no right on it."""
    return bool(connection.query(f"SELECT 1 FROM system.databases WHERE name = {literal(database)}"))
