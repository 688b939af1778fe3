"""A ClickHouse HTTP server for tests: the real engine, in this process, behind the real server's protocol.

    DB_TOOLKIT_TEST_PASSWORD=… python -m tests.servers.clickhouse_front DATA_DIR PORT USER

Two accounts: USER with the password, and `default` with an empty one, as after a fresh installation.
"""

from __future__ import annotations

import base64
import binascii
import gzip
import json
import os
import sys
import urllib.parse
import uuid
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.servers.clickhouse_engine import (
    Answer,
    Engine,
    EngineError,
    Request,
    decompressed,
    engine_error,
    split_insert,
)
from tests.servers.clickhouse_native import UnknownType, at_revision

# Parameters of the interface itself; every other one is a setting (`param_*` excepted).
RESERVED = frozenset(
    {"query", "database", "default_format", "user", "password", "quota_key", "role", "query_id", "stacktrace"}
    | {"session_id", "session_timeout", "session_check", "client_protocol_version", "compress", "decompress"}
    | {"enable_http_compression", "http_zlib_compression_level", "buffer_size", "wait_end_of_query"}
    | {"send_progress_in_http_headers", "http_headers_progress_interval_ms"}
    | {"cancel_http_readonly_queries_on_client_close"}
)
# As HTTPHandler of the server maps them; every other error is a 500.
STATUSES = {
    **dict.fromkeys((192, 193, 497, 516), 403),
    **dict.fromkeys((6, 27, 36, 38, 41, 43, 53, 62, 69, 72, 73, 130, 321), 400),
    **dict.fromkeys((16, 46, 47, 60, 63, 81, 115, 218), 404),
    **dict.fromkeys((48,), 501),
    **dict.fromkeys((159,), 408),
}


class Front(BaseHTTPRequestHandler):
    """One connection of a client."""

    protocol_version = "HTTP/1.1"
    engine: Engine
    accounts: Mapping[str, str]

    def do_GET(self) -> None:
        url = urllib.parse.urlparse(self.path)
        if url.path in ("/ping", "/replicas_status") or (url.path == "/" and "query" not in self.asked()):
            return self.reply(200, b"Ok.\n", {"Content-Type": "text/html; charset=UTF-8"})
        # The server runs a GET as read-only, lest a link in a page drop a table.
        return self.answer(b"", {} if self.asked().get("session_id") else {"readonly": "2"})

    def do_POST(self) -> None:
        self.answer(self.body(), {})

    def asked(self) -> dict[str, str]:
        """The parameters of the address."""
        query = urllib.parse.urlparse(self.path).query
        return dict(urllib.parse.parse_qsl(query, keep_blank_values=True))

    def body(self) -> bytes:
        """The body, sent in one piece or in chunks."""
        if "chunked" not in (self.headers.get("Transfer-Encoding") or ""):
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = []
        while size := int(self.rfile.readline().split(b";")[0].strip() or b"0", 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def answer(self, body: bytes, settings: dict[str, str]) -> None:
        """Run what was asked and send the result, or the error with the server's own code and status."""
        asked = self.asked()
        headers = {"X-ClickHouse-Query-Id": asked.get("query_id") or str(uuid.uuid4())}
        try:
            self.authenticate(asked)
            if asked.get("compress") == "1" or asked.get("decompress") == "1":
                raise engine_error("NOT_IMPLEMENTED", "Compressed blocks are not supported.")
            request = self.decoded(asked, decompressed(body, self.headers.get("Content-Encoding") or ""))
            request.settings = {**settings, **request.settings}
            answer = self.engine.run(request)
            headers |= self.result_headers(answer)
            revision = int(asked.get("client_protocol_version") or 0)
            content = at_revision_of(answer, revision)
            if asked.get("enable_http_compression") == "1" and "gzip" in (
                self.headers.get("Accept-Encoding") or ""
            ):
                content, headers["Content-Encoding"] = gzip.compress(content, 1), "gzip"
            self.reply(200, content, headers)
        except EngineError as error:
            text = f"{error} (version {self.engine.version})\n"
            headers |= {
                "X-ClickHouse-Exception-Code": str(error.code),
                "Content-Type": "text/plain; charset=UTF-8",
            }
            self.reply(STATUSES.get(error.code, 500), text.encode(), headers)

    def authenticate(self, asked: Mapping[str, str]) -> None:
        """By headers, basic authentication or parameters, in this order, as the server does."""
        user, password = "default", ""
        if "X-ClickHouse-User" in self.headers:
            user = self.headers["X-ClickHouse-User"]
            password = self.headers.get("X-ClickHouse-Key") or ""
        elif (self.headers.get("Authorization") or "").startswith("Basic "):
            try:
                login = base64.b64decode(self.headers["Authorization"][6:]).decode()
            except (binascii.Error, UnicodeDecodeError):
                login = ""
            user, _, password = login.partition(":")
        elif "user" in asked or "password" in asked:
            user, password = asked.get("user") or "default", asked.get("password") or ""
        if self.accounts.get(user) != password:
            raise engine_error(
                "AUTHENTICATION_FAILED",
                f"{user}: Authentication failed: password is incorrect, or there is no user with such name.",
            )

    def decoded(self, asked: Mapping[str, str], body: bytes) -> Request:
        """What the parameters, headers and body ask for."""
        sql, data = split_insert(asked.get("query") or "", body)
        return Request(
            sql=sql,
            data=data,
            database=asked.get("database") or self.headers.get("X-ClickHouse-Database") or "",
            format=asked.get("default_format") or self.headers.get("X-ClickHouse-Format") or "TabSeparated",
            settings={k: v for k, v in asked.items() if k not in RESERVED and not k.startswith("param_")},
            params={k.removeprefix("param_"): v for k, v in asked.items() if k.startswith("param_")},
            query_id=asked.get("query_id") or "",
            session_id=asked.get("session_id") or "",
            session_timeout_s=float(asked.get("session_timeout") or 60),
            session_must_exist=asked.get("session_check") == "1",
        )

    def result_headers(self, answer: Answer) -> dict[str, str]:
        """What the server says of a result."""
        summary = {"read_rows": str(answer.read_rows), "read_bytes": str(answer.read_bytes)}
        return {
            "X-ClickHouse-Format": answer.format,
            "X-ClickHouse-Timezone": "UTC",
            "X-ClickHouse-Server-Display-Name": "tests",
            "X-ClickHouse-Summary": json.dumps(summary),
            "Content-Type": "application/octet-stream",
        }

    def reply(self, status: int, content: bytes, headers: Mapping[str, str]) -> None:
        """Send it, keeping the connection."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args: object) -> None:
        """Say nothing: addresses may hold passwords."""


def at_revision_of(answer: Answer, revision: int) -> bytes:
    """The content as that client expects it. Raises EngineError for a type it cannot be given."""
    if answer.format != "Native":
        return answer.content
    try:
        return at_revision(answer.content, revision)
    except UnknownType as error:
        raise engine_error("NOT_IMPLEMENTED", f"Type {error} at revision {revision}.") from None


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


def main(data_dir: str, port: int, user: str) -> None:
    Front.engine = Engine(data_dir)
    Front.accounts = {"default": "", user: os.environ.pop("DB_TOOLKIT_TEST_PASSWORD")}
    Server(("127.0.0.1", port), Front).serve_forever()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
