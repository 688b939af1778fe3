"""A migrate-mongo project in a temporary folder with a real database: what the tests of runs are written with."""

from __future__ import annotations

import json
import os
import subprocess
import textwrap
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pymongo import MongoClient

from backend.core.errors import AppError
from backend.drivers import tools
from backend.drivers.migrate_mongo import TOOL
from backend.engine.target import CancelToken, FailedBlock, Target
from backend.engine.tool import ToolEvent, ToolOutcome, ToolRun
from backend.engines.mongodb import ENGINE
from backend.models.migration import Direction

TAG = "dbtoolkit-test-run"


def target_of(url: str, folder: Path, **changes: Any) -> Target:
    given = {
        "engine": "mongodb",
        "url": url,
        "working_dir": folder,
        "migrations_table": "changelog",
        "connect_timeout_s": 3.0,
    }
    return Target(**{**given, **changes})


@dataclass
class Project:
    folder: Path
    url: str = field(repr=False)
    events: list[ToolEvent] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.migrations.mkdir(parents=True, exist_ok=True)
        self.client: MongoClient[dict[str, Any]] = MongoClient(self.url, tz_aware=True)
        self.db = self.client.get_default_database()

    @property
    def migrations(self) -> Path:
        return self.folder / "migrations"

    @property
    def target(self) -> Target:
        return target_of(self.url, self.folder)

    def write(self, name: str, text: str, folder: Path | None = None) -> Path:
        """A migration file with this text."""
        path = (folder or self.migrations) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text).lstrip("\n"), "utf-8")
        return path

    def migration(self, name: str, up: str, down: str = "") -> Path:
        """A migration file with these bodies."""
        return self.write(name, TOOL.compose(textwrap.dedent(up), textwrap.dedent(down)))

    def config(self, **settings: Any) -> Path:
        """The project's configuration, with the tool's defaults."""
        content = {
            "mongodb": {"url": self.url},
            "migrationsDir": "migrations",
            "changelogCollectionName": "changelog",
            "migrationFileExtension": ".js",
            "lockTtl": 0,
            "useFileHash": False,
            **settings,
        }
        return self.write("migrate-mongo-config.js", f"module.exports = {json.dumps(content)};", self.folder)

    def request(self, direction: Direction, names: Sequence[str], **changes: Any) -> ToolRun:
        files = [path if isinstance(path, Path) else self.migrations / path for path in names]
        setup = ENGINE.tool_setup(self.target, TAG)
        return ToolRun(target=self.target, setup=setup, direction=direction, files=files, **changes)

    def up(self, *names: Any, cancel: CancelToken | None = None, **changes: Any) -> ToolOutcome:
        return TOOL.run(
            self.request(Direction.UP, names, **changes), self.events.append, cancel or CancelToken()
        )

    def down(self, *names: Any) -> ToolOutcome:
        return TOOL.run(self.request(Direction.DOWN, names), self.events.append, CancelToken())

    def record(self, *names: Any) -> ToolOutcome:
        return TOOL.record(self.request(Direction.UP, names))

    def forget(self, *names: Any) -> ToolOutcome:
        return TOOL.record(self.request(Direction.DOWN, names))

    def applied(self) -> list[str]:
        return [row.version for row in ENGINE.applied(self.target)]

    def changelog(self) -> list[dict[str, Any]]:
        return list(self.db.changelog.find({}, {"_id": 0}).sort("fileName"))

    def explain(self, outcome: ToolOutcome) -> AppError:
        return ENGINE.explain_failure(
            FailedBlock(tool_text=outcome.error_text, filename=outcome.failed_file or "")
        )

    def told(self, kind: str) -> list[str]:
        return [event.filename for event in self.events if event.kind == kind]

    def printed(self) -> str:
        return "\n".join(event.text for event in self.events if event.kind == "output")

    def bare(self, *arguments: str, timeout_s: float = 60) -> subprocess.CompletedProcess[str]:
        """The bare command line in this folder, as a user without DB Toolkit runs it."""
        script = tools.npm_modules_dir() / "migrate-mongo" / "bin" / "migrate-mongo.js"
        return subprocess.run(
            [tools.node_path(), script, *arguments],
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
            env={"PATH": os.environ["PATH"]},
        )

    def up_in_background(self, *names: Any, cancel: CancelToken) -> BackgroundRun:
        return BackgroundRun(self, names, cancel)


class BackgroundRun:
    """A run on a thread of its own; `result` waits for it."""

    def __init__(self, project: Project, names: Sequence[Any], cancel: CancelToken) -> None:
        self._outcome: list[ToolOutcome] = []
        self._thread = threading.Thread(
            target=lambda: self._outcome.append(project.up(*names, cancel=cancel)), daemon=True
        )
        self._thread.start()

    def result(self, timeout_s: float = 30) -> ToolOutcome:
        self._thread.join(timeout_s)
        assert not self._thread.is_alive(), "the run did not end"
        return self._outcome[0]


def moment() -> datetime:
    return datetime(2026, 1, 17, 12, 0, 0, tzinfo=UTC)
