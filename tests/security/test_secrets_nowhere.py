"""One story an engine with a password like no other text: made, tested, run, failed, looked at, exported. Then every place
is searched for it, in every spelling: the home with its ledger, logs and exports, other processes, answers and events."""

from __future__ import annotations

import base64
import json
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from secrets import token_hex
from typing import Any
from urllib.parse import quote, quote_plus
from uuid import uuid4

import psutil
import psycopg
import pymysql
import pytest
from pymongo import MongoClient

from tests.kit import Shop, Toolkit
from tests.servers import Server

PASSWORD = "Zq9\"x\\v /#%?ü'$Kw7"
USER = f"sec_{uuid4().hex[:8]}"
PLAIN = "Zq9xvKw7-sec-story"


@cache
def spellings(secret: str) -> tuple[bytes, ...]:
    texts = {
        secret,
        quote(secret, safe=""),
        quote(secret),
        quote_plus(secret),
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        repr(secret)[1:-1],
        secret.replace("'", "''"),
        secret.replace("\\", "\\\\"),
    }
    raw = secret.encode()
    # Base64 of it with whatever stands before: three ways to be cut into threes.
    found = {base64.b64encode(b"x" * pad + raw)[4 if pad else 0 : -4] for pad in (0, 1, 2)}
    return (*(text.encode() for text in texts), raw.hex().encode(), secret.encode("utf-16-le"), *found)


def found_in(data: bytes, secret: str) -> bool:
    return any(one in data for one in spellings(secret))


@contextmanager
def postgres_user(server: Server, secret: str) -> Iterator[str]:
    database = server.new_database()
    with psycopg.connect(server.admin_url, autocommit=True) as admin:
        admin.execute(f"DROP ROLE IF EXISTS {USER}")
        admin.execute(
            psycopg.sql.SQL("CREATE ROLE {} LOGIN SUPERUSER PASSWORD {}").format(
                psycopg.sql.Identifier(USER), psycopg.sql.Literal(secret)
            )
        )
    yield f"postgres://{USER}:{quote(secret, safe='')}@{server.host}:{server.port}/{database.name}?sslmode=disable"
    server.drop_database(database.name)
    with psycopg.connect(server.admin_url, autocommit=True) as admin:
        admin.execute(f"DROP ROLE {USER}")


@contextmanager
def mysql_user(server: Server, secret: str) -> Iterator[str]:
    database = server.new_database()

    def run(*statements: tuple[str, tuple[str, ...]]) -> None:
        connection = pymysql.connect(
            host=server.host, port=server.port, user=server.user, password=server.password, autocommit=True
        )
        with connection, connection.cursor() as cursor:
            for text, values in statements:
                cursor.execute(text, values)

    run(
        (f"CREATE OR REPLACE USER {USER}@'%%' IDENTIFIED BY %s", (secret,)),
        (f"GRANT ALL ON *.* TO {USER}@'%%'", ()),
    )
    yield f"mysql://{USER}:{quote(secret, safe='')}@{server.host}:{server.port}/{database.name}"
    server.drop_database(database.name)
    run((f"DROP USER {USER}@'%%'", ()))


@contextmanager
def mongodb_user(server: Server, secret: str) -> Iterator[str]:
    database = server.new_database()
    with MongoClient[dict[str, Any]](server.admin_url) as client:
        client.admin.command("createUser", USER, pwd=secret, roles=["root"])
        yield (
            f"mongodb://{USER}:{quote(secret, safe='')}@{server.host}:{server.port}/{database.name}?authSource=admin"
        )
        client.admin.command("dropUser", USER)
    server.drop_database(database.name)


STORIES: dict[str, tuple[str, Callable[[Server, str], Any], str, str, str]] = {
    "postgres": (
        "postgres_server",
        postgres_user,
        "CREATE TABLE users (id INTEGER);\nSELECT pg_sleep(1);",
        "DROP TABLE users;",
        "SELECT no_such_thing FROM users;",
    ),
    "mysql": (
        "mariadb_server",
        mysql_user,
        "CREATE TABLE users (id INTEGER);\nDO SLEEP(1);",
        "DROP TABLE users;",
        "SELECT no_such_thing FROM users;",
    ),
    "mongodb": (
        "mongodb_server",
        mongodb_user,
        "    await db.createCollection('users');\n    await new Promise((done) => setTimeout(done, 1000));",
        "    await db.collection('users').drop();",
        "    throw new Error(`cannot reach ${client.options?.credentials?.password ?? process.env.DATABASE_URL}`);",
    ),
}


class Watch:
    """Looks into argv and environment of every process while a run goes on."""

    def __init__(self, secret: str) -> None:
        self.secret = secret
        self.found: set[str] = set()
        self.looks = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(0.1):
            self.looks += 1
            for process in psutil.process_iter():
                for what in ("cmdline", "environ"):
                    try:
                        data = Path(f"/proc/{process.pid}/{what}").read_bytes()
                    except OSError:
                        continue
                    if found_in(data, self.secret) and not (what == "environ" and _is_ours(process)):
                        self.found.add(f"{what} of {process.pid}: {data[:80]!r}")


def _is_ours(process: psutil.Process) -> bool:
    """The tool itself is told by its environment, which its own user alone can read."""
    try:
        return any(parent.pid == os.getpid() for parent in process.parents())
    except psutil.Error:
        # Over already: only a tool is so short.
        return True


@pytest.mark.parametrize(
    ("engine", "secret"), [*((engine, PASSWORD) for engine in STORIES), ("postgres", PLAIN)]
)
def test_the_password_is_in_its_one_place_and_nowhere_else(
    toolkit: Toolkit, engine: str, secret: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    # Its own: the same test may run beside this one on another engine, and the tools of that are not ours.
    secret += token_hex(4)
    fixture, user, up, down, failing = STORIES[engine]
    server: Server = request.getfixturevalue(fixture)
    answers: list[Any] = []
    heard: list[Any] = []
    subscription = toolkit.services.events.subscribe()
    exports = tmp_path / "exports"
    exports.mkdir()
    with user(server, secret) as url, Watch(secret) as watch:
        shop = toolkit.connect(url)
        _live_through(toolkit, shop, url, (up, down, failing), exports, answers)
    while (event := subscription.next(0.05)) is not None:
        heard.append(event)
    subscription.close()
    assert watch.looks > 5 and watch.found == set()
    assert len(answers) > 25 and heard, "or this test tests nothing"
    for name, answer in answers:
        assert not found_in(json.dumps(answer, ensure_ascii=False).encode(), secret), (name, answer)
        assert not found_in(json.dumps(answer).encode(), secret), (name, answer)
    assert not found_in(json.dumps(heard, default=str, ensure_ascii=False).encode(), secret)
    env = toolkit.home / "connections" / "shop" / ".env"
    holders = [
        path
        for folder in (toolkit.home, exports)
        for path in folder.rglob("*")
        if path.is_file() and found_in(path.read_bytes(), secret)
    ]
    assert holders == [env], "the permitted place has it, and no other"
    assert env.stat().st_mode & 0o777 == 0o600


def _live_through(
    toolkit: Toolkit,
    shop: Shop,
    url: str,
    texts: tuple[str, str, str],
    exports: Path,
    answers: list[Any],
) -> None:
    up, down, failing = texts

    def call(channel: str, **more: Any) -> Any:
        answer = toolkit.envelope(channel, **more)
        answers.append((channel, answer))
        return answer

    of = {"connection": shop.id}
    shop.new("users", up, down)
    call("connection:get", **of)
    call("connection:list")
    call("connection:test", **of)
    call("connection:variables", **of)
    call("connection:test", url=url.replace(f":{url.rpartition(':')[2].partition('/')[0]}/", ":1/"))
    call("connection:test", url=url.replace(USER, "nobody"))
    call("connection:split-url", url=url)["data"] = None
    call("migration:plan", **of)
    ran = call("migration:up", **of, confirm="shop")
    assert ran["ok"], ran
    shop.new("failing", failing, down)
    assert not call("migration:up", **of, confirm="shop")["ok"]
    for channel in (
        "migration:status", "migration:list", "migration:validate", "schema:catalog", "schema:dump", "schema:describe",
        "schema:diagram", "dashboard:show", "job:list", "draft:list", "timeline:show", "failure:list", "schema:outline",
        "schema:drift",
    ):  # fmt: skip
        call(channel, **of)
    call("history:list")
    for kind in ("json", "csv", "html", "markdown"):
        call("history:export", format=kind, path=str(exports / f"history.{kind}"))
        call("schema:docs", **of, format=kind, path=str(exports / f"schema.{kind}"))
        call("analytics:report", format=kind, path=str(exports / f"report.{kind}"))
    call("migration:down", **of, confirm="shop")
    call("preview:rehearse", **of)
    call("backup:create", **of)
    call("connection:update", **of, url=url + "#x y")
    call("app:info")
