"""mariadb-dump and mysqldump: found on the system (they cannot be bundled), run without a secret in their arguments."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from backend.core.errors import BackupFailed, Cancelled, ToolMissing
from backend.engine.target import CancelToken

from . import process

_TIMEOUT_S = 600.0
_VERSION = re.compile(r"(?:Ver \d+\.\d+ Distrib |Ver |from )(\d+\.\d+)")

# mysqldump's own number where it has one (10.19), else the server's that it came with.
_WHOLE_VERSION = re.compile(r"(?:Distrib |from |Ver )(\d+\.\d+(?:\.\d+)?)(?!.*(?:Distrib |from )\d)")


@dataclass(frozen=True, slots=True)
class DumpTool:
    """A dump program. `mariadb` tells whose it is, whatever its name."""

    path: Path
    mariadb: bool
    version: float
    full_version: str = ""
    """With its patch level where it names one."""

    def tls_flags(self, tls: str) -> list[str]:
        """dbmate's flags for the URL's `tls`."""
        mode = tls.lower()
        by_mode = not self.mariadb and self.version >= 8.0
        if mode in ("", "false"):
            return ["--ssl-mode=DISABLED" if by_mode else "--ssl=false"]
        if mode == "skip-verify":
            return ["--ssl-mode=PREFERRED" if by_mode else "--ssl-verify-server-cert=false"]
        return ["--ssl-mode=REQUIRED"] if mode == "true" and by_mode else []


def find_dump_tool() -> DumpTool:
    """As dbmate chooses: mariadb-dump, else mysqldump. Raises ToolMissing."""
    for name in ("mariadb-dump", "mysqldump"):
        found = shutil.which(name)
        if found:
            return _identified(found)
    raise ToolMissing(
        "Neither mariadb-dump nor mysqldump is installed.",
        hint="Install the MariaDB or MySQL client tools, and see that they are on the PATH.",
        tool="mysqldump",
    )


@lru_cache(maxsize=8)
def _identified(path: str) -> DumpTool:
    done = process.run(process.Command([path, "--version"], timeout_s=20))
    number = _VERSION.search(done.stdout)
    is_mariadb = "MariaDB" in done.stdout or Path(path).name.startswith("mariadb")
    whole = _WHOLE_VERSION.search(done.stdout)
    return DumpTool(Path(path), is_mariadb, float(number[1]) if number else 5.0, whole[1] if whole else "")


def dump(
    tool: DumpTool,
    *,
    connection: Sequence[str],
    options: Sequence[str],
    password: str | None,
    database: str,
    stdout_to: Path | None = None,
    on_chunk: Callable[[bytes], object] | None = None,
    timeout_s: float | None = _TIMEOUT_S,
    env: Mapping[str, str] | None = None,
    cancel: CancelToken | None = None,
) -> str:
    """Run the tool over one database and return what it printed (or fill `stdout_to`, or feed `on_chunk`). Raises
    BackupFailed, and Cancelled where it was cancelled.

    `connection` are its flags for host, port, socket, user; the password travels by MYSQL_PWD. No option files are
    read, so nothing of this machine's settings gets into the dump.
    """
    variables = {**(env or {}), **({"MYSQL_PWD": password} if password else {})}
    argv = [str(tool.path), "--no-defaults", *options, *connection, database]
    done = process.run(
        process.Command(argv, env=variables, timeout_s=timeout_s, stdout_to=stdout_to),
        on_chunk=on_chunk,
        cancel=cancel,
    )
    if done.cancelled:
        raise Cancelled("The dump was cancelled.")
    if done.exit_code != 0:
        said = done.stderr.strip() or f"exit code {done.exit_code}"
        if password:
            said = said.replace(password, "***")
        raise BackupFailed(f"{tool.path.name} failed: {said[-1000:]}", tool=tool.path.name)
    return done.stdout
