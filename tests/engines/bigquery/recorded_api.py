"""Answers of the real API, as its reference documents them, given over HTTP. Not a server: it knows what it is told.

For what the emulator cannot give (the DDL of a table) and what must not depend on Google (refusals).
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import quote

Answer = tuple[int, dict[str, Any]]


@dataclass
class RecordedApi:
    """`answer(method, path, body)` decides; `requests` keeps what was asked."""

    answer: Callable[[str, str, dict[str, Any]], Answer]
    requests: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    port: int = 0

    def url(self, dataset: str = "shop") -> str:
        endpoint = quote(f"http://127.0.0.1:{self.port}/bigquery/v2/", safe="")
        return f"bigquery://p/us/{dataset}?endpoint={endpoint}&disable_auth=true"


@contextmanager
def serving(answer: Callable[[str, str, dict[str, Any]], Answer]) -> Iterator[RecordedApi]:
    """The API on a free port until the end of the block."""
    api = RecordedApi(answer)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def any(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            body = json.loads(raw) if raw.strip() else {}
            path = self.path.split("?")[0].removeprefix("/bigquery/v2/")
            api.requests.append((self.command, path, body))
            status, content = api.answer(self.command, path, body)
            encoded = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(encoded)))
            self.end_headers()
            self.wfile.write(encoded)

        do_GET = do_POST = do_DELETE = do_PATCH = any

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    api.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield api
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def rows(names: list[str], *values: tuple[str | None, ...]) -> Answer:
    """A finished query's answer."""
    return 200, {
        "kind": "bigquery#queryResponse",
        "jobReference": {"projectId": "p", "jobId": "job_1", "location": "US"},
        "jobComplete": True,
        "schema": {"fields": [{"name": name, "type": "STRING"} for name in names]},
        "rows": [{"f": [{"v": value} for value in row]} for row in values],
        "totalRows": str(len(values)),
        "statementType": "SELECT",
    }


def refused(status: int, reason: str, message: str) -> Answer:
    """An error body."""
    first = {"message": message, "domain": "global", "reason": reason}
    return status, {"error": {"code": status, "message": message, "errors": [first]}}
