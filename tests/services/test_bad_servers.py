"""Servers that cannot be reached, passwords that are wrong, databases that are not there: each said plainly."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from urllib.parse import urlsplit, urlunsplit

import pytest

from tests.kit import ChannelFailed, Shop, Toolkit

SERVERS = ["postgres_url", "mysql_url", "mongodb_url"]
_UP = {
    "mongodb_url": "    await db.createCollection('users');",
    "postgres_url": "CREATE TABLE users (id INTEGER);",
    "mysql_url": "CREATE TABLE users (id INTEGER);",
}


@pytest.fixture(params=SERVERS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def url(kind: str, request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue(kind))


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port that takes connections and never answers."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        yield listener.getsockname()[1]


def _changed(
    url: str, *, password: str | None = None, port: int | None = None, database: str | None = None
) -> str:
    parts = urlsplit(url)
    user = parts.username
    secret = password if password is not None else parts.password
    netloc = (
        f"{user}:{secret}@{parts.hostname}:{port or parts.port}"
        if user
        else f"{parts.hostname}:{port or parts.port}"
    )
    query = parts.query if port is None else "sslmode=disable" if parts.scheme == "postgres" else ""
    return urlunsplit((parts.scheme, netloc, f"/{database}" if database else parts.path, query, ""))


def test_nobody_listens(toolkit: Toolkit, kind: str, url: str) -> None:
    dead = _changed(url, port=1)
    toolkit.call("settings:update", changes={"safety": {"connect_timeout_s": 0.3}})
    with pytest.raises(ChannelFailed) as failure:
        toolkit.call("connection:test", url=dead)
    assert failure.value.code == "connection_failed" and failure.value.hint
    shop = toolkit.connect(dead)
    shop.new("users", _UP[kind], "")
    report = shop.status()
    assert report["reachable"] is False and report["problem"]["code"] == "connection_failed"
    assert report["total"] == 1 and report["database_exists"] is False
    for channel in ("migration:up", "migration:down", "schema:dump", "schema:catalog", "database:create"):
        with pytest.raises(ChannelFailed) as failure:
            shop.call(channel)
        assert failure.value.code == "connection_failed", channel
    with pytest.raises(ChannelFailed) as failure:
        shop.call("database:wait", timeout_s=0.3)
    assert failure.value.code == "timeout" and failure.value.details["cause"] == "connection_failed"


def test_a_server_that_never_answers_is_given_up(
    toolkit: Toolkit, kind: str, url: str, silent_port: int
) -> None:
    toolkit.call("settings:update", changes={"safety": {"connect_timeout_s": 1}})
    with pytest.raises(ChannelFailed) as failure:
        toolkit.call("connection:test", url=_changed(url, port=silent_port))
    assert failure.value.code in {"connection_failed", "timeout"} and failure.value.hint


def test_a_wrong_password_is_named_and_never_shown(toolkit: Toolkit, kind: str, url: str) -> None:
    if urlsplit(url).username is None:
        pytest.skip("this server takes everyone")
    wrong = _changed(url, password="Wr0ng-pass-word")
    answer = toolkit.envelope("connection:test", url=wrong)
    assert answer["error"]["code"] == "authentication_failed" and answer["error"]["hint"]
    assert "Wr0ng" not in str(answer)
    shop = toolkit.connect(wrong)
    shop.new("users", _UP[kind], "")
    assert shop.status()["problem"]["code"] == "authentication_failed"
    for channel in ("migration:up", "database:wait"):
        error = toolkit.envelope(channel, connection=shop.id)["error"]
        assert error["code"] == "authentication_failed" and "Wr0ng" not in str(error)
    right = shop.call("connection:update", url=url)
    assert "Wr0ng" not in str(right) and shop.up()["ok"], "correcting the password is all it takes"


def test_a_missing_database_is_pending_and_up_creates_it(toolkit: Toolkit, kind: str, url: str) -> None:
    shop = toolkit.connect(_changed(url, database="not_there_yet"))
    shop.new("users", _UP[kind], "")
    try:
        report = shop.status()
        assert report["database_exists"] is False and report["pending"] == 1 and report["reachable"]
        assert shop.call("connection:test")["database_exists"] is False
        assert shop.up()["ok"]
        assert shop.status()["database_exists"] is True and "users" in shop.tables()
    finally:
        shop.agree("database:drop")


def test_a_missing_sqlite_file_is_pending_and_nothing_makes_it_but_up(
    sqlite_shop: Shop, sqlite_url: str
) -> None:
    from pathlib import Path

    path = Path(sqlite_url.removeprefix("sqlite:"))
    sqlite_shop.new("users", _UP["postgres_url"], "DROP TABLE users;")
    assert sqlite_shop.status()["database_exists"] is False
    assert sqlite_shop.call("connection:test")["database_exists"] is False
    sqlite_shop.call("migration:plan")
    assert not path.exists(), "looking creates nothing"
    assert sqlite_shop.up()["ok"] and path.exists()


def test_a_sqlite_file_that_is_none_is_named_and_left_alone(toolkit: Toolkit, tmp_path: object) -> None:
    path = toolkit.home / "notes.db"
    path.write_text("not a database, but somebody's text " * 50)
    shop = toolkit.connect(f"sqlite:{path}")
    shop.new("users", _UP["postgres_url"], "DROP TABLE users;")
    before = path.read_bytes()
    assert shop.status()["problem"]["code"] != "internal_error"
    with pytest.raises(ChannelFailed) as failure:
        shop.up()
    assert failure.value.code not in {"internal_error"} and failure.value.message
    assert path.read_bytes() == before


def test_a_sqlite_file_in_a_folder_that_is_not_there(toolkit: Toolkit) -> None:
    shop = toolkit.connect(f"sqlite:{toolkit.home}/a-file/x.db")
    (toolkit.home / "a-file").write_text("in the way")
    shop.new("users", _UP["postgres_url"], "DROP TABLE users;")
    with pytest.raises(ChannelFailed) as failure:
        shop.up()
    assert failure.value.code != "internal_error" and "cannot be opened" in failure.value.message
    assert failure.value.hint and (toolkit.home / "a-file").read_text() == "in the way"


@pytest.mark.parametrize(
    ("engine", "url"),
    [
        ("postgres", "postgres://a:b@127.0.0.1/x"),
        ("mysql", "mysql://a:b@127.0.0.1/x"),
        ("mongodb", "mongodb://127.0.0.1/x"),
    ],
)
def test_a_missing_driver_is_named(
    toolkit: Toolkit, engine: str, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from backend.engine.registry import engine_named

    monkeypatch.setattr(type(engine_named(engine)), "problem", lambda self: "The package x is not installed.")
    (listed,) = [one for one in toolkit.call("connection:engines")["engines"] if one["name"] == engine]
    assert listed["available"] is False and listed["problem"]
    with pytest.raises(ChannelFailed) as failure:
        toolkit.call("connection:test", url=url)
    assert (
        failure.value.code == "tool_missing"
        and "not installed" in failure.value.message
        and failure.value.hint
    )


def test_a_missing_dbmate_is_named_and_nothing_runs(
    sqlite_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pathlib import Path

    from backend.drivers import tools

    sqlite_shop.new("users", _UP["postgres_url"], "DROP TABLE users;")
    monkeypatch.setattr(tools, "dbmate_path", lambda: Path("/nonexistent/dbmate"))
    (tool,) = sqlite_shop.call("connection:test")["tools"]
    assert tool["ok"] is False and tool["problem"]
    with pytest.raises(ChannelFailed) as failure:
        sqlite_shop.up()
    assert failure.value.code == "tool_missing" and failure.value.hint
    assert sqlite_shop.status()["pending"] == 1
