"""What several MySQL tests need: a session of somebody else, and a tool running in the background."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pymysql
from pymysql.connections import Connection

from backend.engines.mysql import ENGINE, url
from tests.engines.sqlite.project import Project


@contextmanager
def session(shop: Project, **changes: Any) -> Iterator[Connection[Any]]:
    """Somebody else's connection to the project's database."""
    parsed = url.parse(shop.url)
    arguments = {
        "host": parsed.host,
        "port": int(parsed.port),
        "user": parsed.user,
        "password": parsed.password,
        "database": parsed.database,
        "autocommit": True,
        **changes,
    }
    connection = pymysql.connect(**arguments)
    try:
        yield connection
    finally:
        connection.close()


def run(shop: Project, *statements: str) -> list[tuple[Any, ...]]:
    """The rows of the last statement."""
    with session(shop) as connection, connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
        return list(cursor.fetchall())


@contextmanager
def tool_running(
    shop: Project, tag: str, *, marked: bool = True, **changes: Any
) -> Iterator[subprocess.Popen[str]]:
    """`dbmate up` in the background, started as the application starts it; killed at the end."""
    target = shop.with_(**changes).target
    env = ENGINE.tool_setup(target, tag).env["DATABASE_URL"] if marked else shop.url
    with subprocess.Popen(
        shop.command("--no-dump-schema", "up"),
        cwd=shop.folder,
        env=shop.environment(env),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def eventually(ask: Callable[[], Any], timeout_s: float = 10.0) -> Any:
    """The first answer that is true; fails after a while with the last one."""
    deadline = time.monotonic() + timeout_s
    while not (answer := ask()):
        assert time.monotonic() < deadline, f"still {answer!r}"
        time.sleep(0.05)
    return answer
