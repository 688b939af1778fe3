"""Rows as a stream over the HTTP interface, out of the server and into it."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

from backend.core.errors import AppError, BackupFailed, Cancelled
from backend.engine.target import CancelToken, Target
from backend.engines.clickhouse import errors, url
from backend.engines.clickhouse.connect import Http, session
from backend.engines.clickhouse.errors import ServerSaid, Unreachable
from backend.engines.clickhouse.text import literal

_CHUNK = 1 << 18
_NO_DATA_FOR_S = 3600.0
"""A large FINAL sorts for long before its first row."""
# A query that fails after its first rows has its error as the last line of an answer that began well.
_FAILED_LATE = re.compile(
    rb"(?:^|\n)(?:__exception__\r?\n.*)?Code: (\d+)\. DB::[A-Za-z]*Exception: ", re.DOTALL
)
_TAIL = 16 << 10
_SAME_SERVER = "SELECT toString(uuid) FROM system.databases WHERE name = 'system'"


class Wire(Http):
    """One HTTP connection of a backup."""

    def read(self, sql: str, database: str, settings: dict[str, str], cancel: CancelToken) -> Iterator[bytes]:
        """The answer in pieces. Raises ServerSaid, also where the server fails in the middle; Unreachable, Cancelled."""
        query_id = f"db-toolkit-backup-{secrets.token_hex(8)}"
        asked = {**self._usable_settings(settings), "database": database, "query_id": query_id}
        asked |= {"enable_http_compression": "1"}
        if cancel.is_cancelled:
            raise Cancelled("It was cancelled.")
        finished = False
        cancel.on_cancel(lambda: None if finished else self.kill(query_id))
        tail = b""
        try:
            with self._session.post(
                self._address, params=asked, data=sql.encode(), stream=True, allow_redirects=False,
                headers={"Accept-Encoding": "gzip"}, timeout=(self._connect_timeout_s, _NO_DATA_FOR_S),
            ) as answer:  # fmt: skip
                if answer.status_code != 200 or "X-ClickHouse-Exception-Code" in answer.headers:
                    raise _said(answer.content)
                for piece in answer.iter_content(_CHUNK):
                    if cancel.is_cancelled:
                        raise Cancelled("It was cancelled.")
                    tail = (tail + piece)[-_TAIL:]
                    yield piece
        except self._requests.exceptions.RequestException as error:
            _stop_if(cancel)
            raise Unreachable.from_requests(error) from None
        except ServerSaid:
            _stop_if(cancel)
            raise
        finally:
            finished = True
        if found := _FAILED_LATE.search(tail[-_TAIL:]):
            _stop_if(cancel)
            raise ServerSaid(int(found[1]), tail[found.start() :].decode("utf-8", "replace").strip())

    def send(
        self, sql: str, database: str, settings: dict[str, str], body: Iterable[bytes], cancel: CancelToken
    ) -> None:
        """Run an INSERT with the body as its data."""
        query_id = f"db-toolkit-backup-{secrets.token_hex(8)}"
        asked = {**self._usable_settings(settings), "database": database, "query_id": query_id, "query": sql}
        finished = False
        cancel.on_cancel(lambda: None if finished else self.kill(query_id))
        try:
            answer = self._session.post(
                self._address, params=asked, data=body, allow_redirects=False,
                timeout=(self._connect_timeout_s, _NO_DATA_FOR_S),
            )  # fmt: skip
        except self._requests.exceptions.RequestException as error:
            _stop_if(cancel)
            raise Unreachable.from_requests(error) from None
        finally:
            finished = True
        if answer.status_code != 200 or "X-ClickHouse-Exception-Code" in answer.headers:
            _stop_if(cancel)
            raise _said(answer.content)

    def kill(self, query_id: str) -> None:
        """End it on the server; its own connection is busy, so another asks."""
        with suppress(AppError), session(self.target) as other:
            other.query(f"KILL QUERY WHERE query_id = {literal(query_id)} ASYNC")

    target: Target


def _stop_if(cancel: CancelToken) -> None:
    if cancel.is_cancelled:
        raise Cancelled("It was cancelled.")


def _said(content: bytes) -> Exception:
    text = content.decode("utf-8", "replace")
    found = re.search(r"Code: (\d+)", text)
    if not found:
        return Unreachable("What answers there is no ClickHouse server.")
    return ServerSaid(int(found[1]), text[found.start() :])


@contextmanager
def wire(target: Target) -> Iterator[Wire]:
    """A connection that streams. Over the native protocol's URL the same server's HTTP interface is looked for."""
    parsed = url.parse(target.url)
    try:
        http = parsed if parsed.is_http else _http_of(target, parsed)
        connection = _open(target, http)
        try:
            if not parsed.is_http:
                with session(target) as native:
                    if native.query(_SAME_SERVER) != connection.query(_SAME_SERVER):
                        raise Unreachable("Another server answers on the HTTP port of this one.")
            yield connection
        finally:
            connection.close()
    except (ServerSaid, Unreachable) as error:
        raise errors.translate(error, target.read_only, parsed.database) from None


def _open(target: Target, parsed: url.ClickHouseUrl) -> Wire:
    settings = {name: value for name, value in parsed.settings.items() if name != "log_comment"}
    # What is meant for a migration's statements must not cut a table short.
    settings = {
        name: value for name, value in settings.items() if not name.startswith(("max_", "limit", "offset"))
    }
    trouble: Unreachable | None = None
    for host, port in parsed.addresses:
        try:
            made = Wire(target, parsed, host, port, settings)
            made.target = target
            return made
        except Unreachable as error:
            trouble = trouble or error
    raise trouble or Unreachable("The URL names no host.")


def _http_of(target: Target, parsed: url.ClickHouseUrl) -> url.ClickHouseUrl:
    secure = parsed.is_secure
    with session(target) as native:
        try:
            ((port,),) = native.query(f"SELECT getServerPort('http{'s' if secure else ''}_port')")
        except (ServerSaid, ValueError):
            port = 8443 if secure else 8123
    hosts = ",".join(f"[{host}]:{port}" if ":" in host else f"{host}:{port}" for host, _ in parsed.addresses)
    found = replace(parsed, scheme="clickhouse+https" if secure else "clickhouse+http", raw_hosts=hosts)
    try:
        _open(target, found).close()
    except Unreachable as error:
        raise BackupFailed(
            f"Rows are streamed over the server's HTTP interface, and port {port} cannot be reached: {error}",
            hint=f"Open port {port} of the server for this machine, or use a clickhouse+http:// URL for the connection.",
        ) from None
    return found
