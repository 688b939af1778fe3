"""The local server from the outside: who is let in, and what a page gets."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from backend.shell.guard import Guard
from backend.shell.web import WebServer, create_app
from tests.kit import Toolkit


@pytest.fixture
def guard() -> Guard:
    return Guard()


@pytest.fixture
def base(toolkit: Toolkit, guard: Guard, tmp_path: Path) -> Iterator[str]:
    dist = tmp_path / "dist"
    (dist / "assets").mkdir(parents=True)
    (dist / "index.html").write_text("<!doctype html><html lang='en'><body>app</body></html>")
    (dist / "assets" / "app.js").write_text("export {}")
    (tmp_path / "secret.txt").write_text("outside")
    server = WebServer(create_app(toolkit.dispatcher, toolkit.services.events, guard, dist), guard)
    server.start()
    yield f"http://127.0.0.1:{server.port}"
    server.stop()


@pytest.fixture
def page(base: str, guard: Guard) -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    assert session.get(guard.link(), timeout=10).status_code == 200
    return session


def rpc(
    session: requests.Session, base: str, channel: str, payload: object, **headers: str
) -> requests.Response:
    return session.post(f"{base}/rpc/{channel}", json=payload, headers=headers, timeout=30)


def test_the_first_link_opens_the_door(page: requests.Session, base: str) -> None:
    assert rpc(page, base, "connection:list", {}).json() == {
        "ok": True,
        "data": {"connections": [], "problems": []},
    }


def test_without_the_cookie_nothing_is_answered(base: str) -> None:
    bare = requests.Session()
    bare.trust_env = False
    assert bare.get(base, timeout=10).status_code == 401
    assert bare.get(f"{base}/assets/app.js", timeout=10).status_code == 401
    assert bare.get(f"{base}/events", timeout=10).status_code == 401
    assert rpc(bare, base, "connection:list", {}).status_code == 401


def test_a_wrong_key_is_refused(base: str) -> None:
    for key in ("", "wrong", "é"):
        assert requests.get(f"{base}/open", params={"key": key}, timeout=10).status_code == 403


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "127.0.0.1", "[::1]:1", "127.0.0.1.evil.example"]
)
def test_a_foreign_host_name_is_refused(page: requests.Session, base: str, host: str) -> None:
    assert rpc(page, base, "connection:list", {}, Host=host).status_code == 403


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "https://127.0.0.1", "http://127.0.0.1:1"])
def test_a_foreign_origin_is_refused(page: requests.Session, base: str, origin: str) -> None:
    assert rpc(page, base, "connection:list", {}, Origin=origin).status_code == 403


def test_our_own_origin_is_welcome(page: requests.Session, base: str) -> None:
    assert rpc(page, base, "connection:list", {}, Origin=base).status_code == 200


def test_a_form_cannot_call_a_channel(page: requests.Session, base: str) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        answer = page.post(
            f"{base}/rpc/connection:list", data="{}", headers={"Content-Type": kind}, timeout=10
        )
        assert answer.status_code == 415


def test_what_is_not_json_is_refused(page: requests.Session, base: str) -> None:
    answer = page.post(
        f"{base}/rpc/connection:list", data=b"{\xff", headers={"Content-Type": "application/json"}, timeout=10
    )
    assert answer.status_code == 400 and answer.json()["error"]["code"] == "invalid_request"


@pytest.mark.parametrize(
    "path",
    ["../secret.txt", "..%2fsecret.txt", "assets/../../secret.txt", "%2e%2e/secret.txt", "//etc/passwd"],
)
def test_no_path_leads_out_of_the_front_end(page: requests.Session, base: str, path: str) -> None:
    request = requests.Request("GET", base).prepare()
    request.url = f"{base}/{path}"
    request.headers["Cookie"] = "; ".join(f"{c.name}={c.value}" for c in page.cookies)
    answer = page.send(request, timeout=10)
    assert "outside" not in answer.text and "root:" not in answer.text


def test_the_page_may_load_nothing_from_elsewhere(page: requests.Session, base: str) -> None:
    headers = page.get(base, timeout=10).headers
    policy = headers["Content-Security-Policy"]
    assert (
        "default-src 'self'" in policy
        and "script-src 'self';" in policy
        and "frame-ancestors 'none'" in policy
    )
    assert headers["X-Content-Type-Options"] == "nosniff" and headers["X-Frame-Options"] == "DENY"


def test_the_cookie_is_closed_to_scripts_and_other_sites(base: str, guard: Guard) -> None:
    answer = requests.get(guard.link(), allow_redirects=False, timeout=10)
    for cookie in answer.headers["Set-Cookie"].split(", dbtoolkit"):
        assert "HttpOnly" in cookie and "SameSite=Strict" in cookie


def test_a_route_of_the_page_gets_the_page(page: requests.Session, base: str) -> None:
    assert "app" in page.get(f"{base}/c/shop/migrations", timeout=10).text


def test_events_reach_the_page(page: requests.Session, base: str, toolkit: Toolkit) -> None:
    with page.get(f"{base}/events", stream=True, timeout=10) as stream:
        lines = stream.iter_lines(chunk_size=1)
        assert next(lines) == b": connected"
        toolkit.services.events.publish("migrations:changed", connection="shop")
        told = next(line for line in lines if line.startswith(b"data: "))
    assert json.loads(told[6:]) == {"event": "migrations:changed", "data": {"connection": "shop"}}
