"""A project with a SQLite database, and dbmate over it: through the tool under test and bare."""

from __future__ import annotations

import os
import sqlite3
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from backend.drivers.dbmate import DbmateTool
from backend.drivers.tools import dbmate_path
from backend.engine.target import CancelToken, Target, ToolSetup
from backend.engine.tool import ToolEvent, ToolOutcome, ToolRun
from backend.models.migration import Direction


@dataclass
class Project:
    """Files go into `folder`; what runs is told by name, in the order given."""

    root: Path
    url: str
    engine: str = "sqlite"
    table: str = "schema_migrations"
    tool: DbmateTool = field(default_factory=DbmateTool)
    events: list[ToolEvent] = field(default_factory=list)
    env: dict[str, str] = field(default_factory=dict)
    setup: ToolSetup = field(default_factory=ToolSetup)

    @property
    def folder(self) -> Path:
        return self.root / "migrations"

    def write(self, name: str, up: str, down: str = "", folder: str = "migrations") -> Path:
        path = self.root / folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(self.tool.compose(up, down).encode())
        return path

    def request(
        self, direction: Direction, names: tuple[str, ...], timeout_s: float | None = None
    ) -> ToolRun:
        target = Target(
            engine=self.engine, url=self.url, working_dir=self.root, migrations_table=self.table, env=self.env
        )
        files = [Path(name) if "/" in name else self.folder / name for name in names]
        return ToolRun(target=target, setup=self.setup, direction=direction, files=files, timeout_s=timeout_s)

    def up(
        self, *names: str, cancel: CancelToken | None = None, timeout_s: float | None = None
    ) -> ToolOutcome:
        request = self.request(Direction.UP, names, timeout_s)
        return self.tool.run(request, self.events.append, cancel or CancelToken())

    def down(self, *names: str) -> ToolOutcome:
        return self.tool.run(self.request(Direction.DOWN, names), self.events.append, CancelToken())

    def record(self, direction: Direction, *names: str) -> ToolOutcome:
        return self.tool.record(self.request(direction, names))

    def progress(self) -> list[tuple[str, str]]:
        return [(event.kind, event.filename) for event in self.events if event.kind != "output"]

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        with sqlite3.connect(self.url.removeprefix("sqlite:")) as connection:
            return connection.execute(sql).fetchall()

    def tables(self) -> set[object]:
        rows = self.rows(f"SELECT name FROM sqlite_master WHERE type = 'table' AND name <> '{self.table}'")
        return {row[0] for row in rows}

    def applied(self) -> list[object]:
        return [row[0] for row in self.rows(f'SELECT version FROM "{self.table}" ORDER BY 1')]


@pytest.fixture
def shop(tmp_path: Path) -> Project:
    """A project on an empty SQLite database."""
    (tmp_path / "migrations").mkdir()
    return Project(root=tmp_path, url=f"sqlite:{tmp_path / 'shop.db'}")


def bare(
    *arguments: str, url: str, cwd: Path, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """The bare dbmate, as a user calls it."""
    return subprocess.run(
        [dbmate_path(), *arguments],
        cwd=cwd,
        env={"PATH": os.environ["PATH"], "DATABASE_URL": url, **(env or {})},
        capture_output=True,
        text=True,
        timeout=60,
    )
