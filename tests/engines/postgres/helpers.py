"""What several PostgreSQL tests need: a session of somebody else, and a tool running in the background."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from backend.drivers.tools import postgres_tool
from backend.engines.postgres import ENGINE
from tests.engines.sqlite.project import Project


def run(shop: Project, *statements: str, url: str | None = None) -> list[tuple[Any, ...]]:
    """The rows of the last statement, each run on its own by somebody else."""
    with psycopg.connect(url or shop.url, autocommit=True) as connection:
        for statement in statements:
            cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def environment(shop: Project, tag: str, **changes: Any) -> dict[str, str]:
    """The environment the application starts the tool with."""
    return {**shop.environment(), **ENGINE.tool_setup(shop.with_(**changes).target, tag).env}


@contextmanager
def tool_running(
    shop: Project, tag: str, *, env: dict[str, str] | None = None, **changes: Any
) -> Iterator[subprocess.Popen[str]]:
    """`dbmate up` in the background, started as the application starts it; killed at the end."""
    with subprocess.Popen(
        shop.command("--no-dump-schema", "up"),
        cwd=shop.folder,
        env=env or environment(shop, tag, **changes),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def until(ask: Callable[[], Any], seconds: float = 10) -> Any:
    """The first true answer, or the last one."""
    deadline = time.monotonic() + seconds
    while not (answer := ask()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return answer


def dbmate_dump(shop: Project, *flags: str, url: str | None = None) -> str:
    """What the real dbmate writes with the bundled pg_dump."""
    file = shop.folder / "by_dbmate.sql"
    file.unlink(missing_ok=True)
    path = f"{postgres_tool('pg_dump').parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [*shop.command("-s", str(file), *flags), "dump"],
        cwd=shop.folder,
        env={**shop.environment(url), "PATH": path},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return file.read_text("utf-8")
