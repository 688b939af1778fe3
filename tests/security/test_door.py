"""The local server, attacked as a web page elsewhere, another program or another user of the machine could."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from backend.shell.bridge import Bridge
from backend.shell.guard import SECURITY_HEADERS, Guard
from backend.shell.web import WebServer, create_app
from tests.kit import Toolkit

METHODS = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE"]


@pytest.fixture
def guard() -> Guard:
    return Guard()


@pytest.fixture
def server(toolkit: Toolkit, guard: Guard, tmp_path: Path) -> Iterator[WebServer]:
    dist = tmp_path / "dist"
    (dist / "assets").mkdir(parents=True)
    (dist / "index.html").write_text("<!doctype html><html lang='en'><body>app</body></html>")
    (dist / "assets" / "app.js").write_text("export {}")
    (tmp_path / "secret.txt").write_text("outside")
    server = WebServer(create_app(toolkit.dispatcher, toolkit.services.events, guard, dist), guard)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def base(server: WebServer) -> str:
    return f"http://127.0.0.1:{server.port}"


@pytest.fixture
def page(base: str, guard: Guard) -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    assert session.get(guard.link(), timeout=10).status_code == 200
    return session


def bare(base: str, path: str, cookie: str | None = None, **headers: str) -> requests.Response:
    if cookie is not None:
        headers["Cookie"] = cookie
    return requests.post(f"{base}{path}", json={}, headers=headers, timeout=10)


def test_no_cookie_a_wrong_one_and_that_of_another_start_open_nothing(base: str, guard: Guard) -> None:
    earlier = Guard()
    for value in (None, "", "x", earlier.cookie, guard.key, guard.cookie[:-1], guard.cookie + "x", "é"):
        cookie = None if value is None else f"{guard.cookie_name}={value}"
        told = bare(
            base, "/rpc/connection:list", cookie.encode("utf-8").decode("latin-1") if cookie else None
        )
        assert told.status_code == 401 and "connections" not in told.text, value
    right = bare(base, "/rpc/connection:list", f"{guard.cookie_name}={guard.cookie}")
    assert right.status_code == 200, "or this test tests nothing"


def test_the_link_of_an_earlier_start_opens_nothing(base: str, guard: Guard) -> None:
    assert guard.key != Guard().key and guard.cookie != Guard().cookie != guard.key
    told = requests.get(f"{base}/open", params={"key": Guard().key}, timeout=10)
    assert told.status_code == 403 and "Set-Cookie" not in told.headers


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:{port}",
        "127.0.0.1:1",
        "0.0.0.0:{port}",
        "localhost.evil.example:{port}",
        "",
    ],
)
def test_a_name_that_only_resolves_here_is_refused_everywhere(
    page: requests.Session, base: str, server: WebServer, guard: Guard, host: str
) -> None:
    """DNS rebinding: the browser would send the cookie of its own host, and here even ours."""
    given = host.format(port=server.port)
    for path in ("/", "/open?key=" + guard.key, "/events", "/assets/app.js"):
        assert page.get(f"{base}{path}", headers={"Host": given}, timeout=10).status_code in {400, 403}, path
    assert page.post(
        f"{base}/rpc/connection:list", json={}, headers={"Host": given}, timeout=10
    ).status_code in {400, 403}


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "file://", "http://localhost", "http://127.0.0.1:1", ""]
)
def test_a_foreign_page_is_refused_everywhere(page: requests.Session, base: str, origin: str) -> None:
    for path in ("/", "/events"):
        assert page.get(f"{base}{path}", headers={"Origin": origin}, timeout=10).status_code == 403
    told = page.post(f"{base}/rpc/connection:list", json={}, headers={"Origin": origin}, timeout=10)
    assert told.status_code == 403 and "Access-Control-Allow-Origin" not in told.headers


@pytest.mark.parametrize("method", METHODS)
def test_a_channel_answers_to_post_alone(page: requests.Session, base: str, method: str) -> None:
    told = page.request(method, f"{base}/rpc/connection:list", timeout=10)
    assert '"connections"' not in told.text
    assert "Access-Control-Allow-Origin" not in told.headers


@pytest.mark.parametrize(
    "kind",
    [
        "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "", "application/json/x",
        "text/plain; application/json", "application/jsonp",
    ],
)  # fmt: skip
def test_no_type_that_a_form_can_send_is_taken(page: requests.Session, base: str, kind: str) -> None:
    told = page.post(f"{base}/rpc/connection:list", data="{}", headers={"Content-Type": kind}, timeout=10)
    assert told.status_code == 415


def test_every_answer_carries_the_headers(page: requests.Session, base: str, guard: Guard) -> None:
    answers = [
        page.get(base, timeout=10),
        page.get(f"{base}/assets/app.js", timeout=10),
        page.get(f"{base}/no/such/page", timeout=10),
        page.get(f"{base}/", headers={"Host": "evil.example"}, timeout=10),
        page.post(f"{base}/rpc/no:such", json={}, timeout=10),
        page.post(f"{base}/rpc/connection:list", data="x", timeout=10),
        page.post(f"{base}/nowhere", json={}, timeout=10),
        page.put(f"{base}/rpc/connection:list", timeout=10),
        requests.get(base, timeout=10),
        requests.get(f"{base}/open?key=x", timeout=10),
        requests.get(guard.link(), allow_redirects=False, timeout=10),
        page.get(f"{base}/events", stream=True, timeout=10),
    ]
    assert {one.status_code for one in answers} >= {200, 302, 401, 403, 405, 415}
    for answer in answers:
        for name, value in SECURITY_HEADERS.items():
            assert answer.headers.get(name) == value, (answer.request.method, answer.url, name)
        answer.close()


def test_a_huge_body_is_refused_before_it_is_read(base: str, guard: Guard, server: WebServer) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as line:
        head = (
            f"POST /rpc/connection:list HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nContent-Type: application/json\r\n"
            f"Cookie: {guard.cookie_name}={guard.cookie}\r\nContent-Length: 99999999999\r\n\r\n"
        )
        line.sendall(head.encode() + b"{")
        assert b" 413 " in line.recv(4096).split(b"\r\n")[0]
    assert bare(base, "/rpc/connection:list", f"{guard.cookie_name}={guard.cookie}").status_code == 200


@pytest.mark.parametrize(
    "body",
    ["[" * 200_000, '{"a":' * 50_000, "9" * 10_000, "NaN", '"\\ud800"', '{"connection": NaN}', "\ufeff{}"],
)
def test_json_made_to_break_its_reader_is_refused(page: requests.Session, base: str, body: str) -> None:
    told = page.post(
        f"{base}/rpc/migration:status",
        data=body.encode("utf-8", "surrogatepass"),
        headers={"Content-Type": "application/json"},
        timeout=20,
    )
    assert told.status_code in {200, 400} and told.json()["error"]["code"] == "invalid_request"


def test_those_who_say_nothing_keep_nobody_waiting_and_are_let_go(
    page: requests.Session, base: str, server: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.shell.web._Handler.timeout", 1.0)
    idle = [socket.create_connection(("127.0.0.1", server.port), timeout=30) for _ in range(60)]
    for number, line in enumerate(idle):
        line.sendall(b"" if number % 2 else b"GET / HTTP/1.1\r\nHost: 127")
    assert page.post(f"{base}/rpc/connection:list", json={}, timeout=20).json()["ok"]
    deadline = time.monotonic() + 30
    for line in idle:
        line.settimeout(max(0.1, deadline - time.monotonic()))
        assert line.recv(4096) == b"" or line.recv(4096) == b"", "the server holds on to a silent connection"
        line.close()


def test_a_silent_connection_is_bounded_by_default() -> None:
    from backend.shell.web import _Handler

    assert _Handler.timeout is not None and 5 <= _Handler.timeout <= 120


def test_the_server_listens_on_loopback_only(server: WebServer) -> None:
    assert server._server.socket.getsockname()[0] == "127.0.0.1"


def test_the_window_offers_the_page_one_method(toolkit: Toolkit) -> None:
    bridge = Bridge(toolkit.dispatcher)
    reachable = [name for name in dir(bridge) if not name.startswith("_")]
    assert reachable == ["invoke"]
    assert json.dumps(bridge.invoke("connection:list", {})) and bridge.invoke("__class__", {})["ok"] is False


@pytest.mark.parametrize(
    "path",
    [
        "/assets/%2e%2e%2fapp.js",
        "/assets/../../secret.txt",
        "/..%2fsecret.txt",
        "/%00",
        "/assets/%2e%2e/%2e%2e/secret.txt",
        "/C:/x",
    ],
)
def test_files_are_those_of_the_front_end(page: requests.Session, base: str, path: str) -> None:
    request = requests.Request("GET", base).prepare()
    request.url = f"{base}{path}"
    request.headers["Cookie"] = "; ".join(f"{one.name}={one.value}" for one in page.cookies)
    told = page.send(request, timeout=10)
    assert told.status_code in {200, 400, 404} and "outside" not in told.text
