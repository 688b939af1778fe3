"""The app over HTTP on loopback: the page's files, `POST /rpc/<channel>`, and `/events` as server-sent events."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator
from pathlib import Path

from flask import Flask, Response, abort, redirect, request, send_from_directory
from pydantic_core import to_json
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server
from werkzeug.wrappers import Response as AnyResponse

from backend.core.envelope import envelope_error
from backend.core.errors import InvalidRequest
from backend.core.events import EventBus
from backend.rpc.dispatch import Dispatcher

from .guard import KEY_PARAMETER, SECURITY_HEADERS, Guard

_log = logging.getLogger(__name__)
_MAX_REQUEST_BYTES = 64 * 1024 * 1024
_HEARTBEAT_S = 10.0


def create_app(dispatcher: Dispatcher, events: EventBus, guard: Guard, dist: Path) -> Flask:
    """The Flask application. `dist` is the built front end."""
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = _MAX_REQUEST_BYTES

    @app.before_request
    def check_caller() -> Response | None:
        if not guard.is_own_host(request.host) or not guard.is_own_origin(request.headers.get("Origin")):
            abort(403)
        if request.path != "/open" and not guard.is_cookie(request.cookies.get(guard.cookie_name)):
            return Response(
                "Please open DB Toolkit with the link it printed when it started.\n",
                status=401,
                mimetype="text/plain",
            )
        return None

    @app.after_request
    def add_headers(response: Response) -> Response:
        for name, value in SECURITY_HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    @app.get("/open")
    def open_() -> AnyResponse:
        if not guard.is_key(request.args.get(KEY_PARAMETER)):
            abort(403)
        response = redirect("/")
        response.set_cookie(guard.cookie_name, guard.cookie, httponly=True, samesite="Strict")
        shell = "window" if request.args.get("shell") == "window" else "browser"
        response.set_cookie(guard.shell_cookie_name, shell, httponly=True, samesite="Strict")
        response.headers["Cache-Control"] = "no-store"
        return response

    @app.post("/rpc/<channel>")
    def rpc(channel: str) -> Response:
        # A form or text/plain can be sent across origins without a preflight; JSON cannot.
        if request.mimetype != "application/json":
            return _refuse("Send application/json.", 415)
        try:
            payload = json.loads(request.get_data() or b"{}")
        except (ValueError, RecursionError):
            # UnicodeDecodeError is a ValueError; a body of nothing but brackets goes too deep.
            return _refuse("The request is not JSON.", 400)
        response = Response(dispatcher.invoke_json(channel, payload), mimetype="application/json")
        response.headers["Cache-Control"] = "no-store"
        return response

    @app.get("/events")
    def stream() -> Response:
        response = Response(_events(events), mimetype="text/event-stream")
        response.headers["Cache-Control"] = "no-store"
        return response

    @app.get("/", defaults={"path": "index.html"})
    @app.get("/<path:path>")
    def page(path: str) -> AnyResponse:
        if path != "index.html" and (dist / path).is_file():
            response = send_from_directory(dist, path)
            if path.startswith("assets/"):
                response.headers["Cache-Control"] = "private, max-age=31536000, immutable"
            return response
        return _index(dist, is_window=request.cookies.get(guard.shell_cookie_name) == "window")

    return app


def _index(dist: Path, *, is_window: bool) -> Response:
    index = dist / "index.html"
    if not index.is_file():
        return Response("The front end is not built. Run `make setup`.\n", status=503, mimetype="text/plain")
    html = index.read_text(encoding="utf-8")
    if is_window:
        html = html.replace("<html", '<html data-shell="window"', 1)
    response = Response(html, mimetype="text/html")
    response.headers["Cache-Control"] = "no-store"
    return response


def _refuse(message: str, status: int) -> Response:
    body = {"ok": False, "error": envelope_error(InvalidRequest(message))}
    return Response(to_json(body), status=status, mimetype="application/json")


def _events(events: EventBus) -> Iterator[bytes]:
    subscription = events.subscribe()
    try:
        yield b": connected\n\n"
        while True:
            event = subscription.next(_HEARTBEAT_S)
            if event is None:
                yield b": still here\n\n"
            else:
                name, data = event
                yield b"data: " + to_json({"event": name, "data": data}) + b"\n\n"
    finally:
        subscription.close()


class _Handler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60.0
    """A connection that says nothing for this long, or does not take what it is sent, is let go: each has a thread."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Requests are not logged: the first one carries the key."""


class WebServer:
    """The loopback server on a thread of its own. `port` 0 takes a free one."""

    def __init__(self, app: Flask, guard: Guard, port: int = 0) -> None:
        self._server: BaseWSGIServer = make_server(
            "127.0.0.1", port, app, threaded=True, request_handler=_Handler
        )
        self._server.daemon_threads = True  # type: ignore[attr-defined]
        guard.port = self._server.server_port
        self.port = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, name="web", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        # Not server_close(): it waits for request threads, and an event stream never ends by itself.
        self._server.socket.close()
