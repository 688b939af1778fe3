"""dbmate's command line and environment. Secrets go by environment; a project's `.env` has no say here."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from backend.core.errors import ToolMissing
from backend.drivers import process
from backend.engine.tool import ToolRun

_VERSION = re.compile(r"\b([0-9]+\.[0-9]+(?:\.[0-9]+)?)\b")
_FLAG = re.compile(r"^\s+(--[a-z-]+)( value)?(?:,| |$)", re.MULTILINE)
_ASK_TIMEOUT_S = 20.0


@dataclass(frozen=True, slots=True)
class Dbmate:
    """The program: its version and the global flags it knows, each with whether it takes a value."""

    path: Path
    version: str
    flags: Mapping[str, bool]

    def known(self, flags: Sequence[str]) -> list[str]:
        """The flags without those this version does not know (and their values): it would refuse to run at all."""
        kept: list[str] = []
        words = iter(flags)
        for word in words:
            name, equals, _ = word.partition("=")
            if not name.startswith("--"):
                kept.append(word)
                continue
            value = (
                next(words, None)
                if _TAKES_VALUE.get(name, self.flags.get(name, False)) and not equals
                else None
            )
            if name in self.flags:
                kept += [word] if value is None else [word, value]
        return kept


# Of flags that an older version may not know, so that its help does not tell.
_TAKES_VALUE = {
    "--driver": True,
    "--migration-lock": False,
    "--migration-lock-timeout": True,
    "--wait-interval": True,
}


def inspect(path: Path) -> Dbmate:
    """Ask dbmate for its version and flags; once for each state of the file. Raises ToolMissing."""
    try:
        stat = path.stat()
    except OSError as error:
        raise ToolMissing(f"dbmate is not at {path}.", tool="dbmate", path=str(path)) from error
    return _inspect(path, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=8)
def _inspect(path: Path, _mtime_ns: int, _size: int) -> Dbmate:
    # `--help` prints both; asked beside the program, where no project's `.env` can stop it.
    asked = process.run(process.Command([path, "--help"], cwd=path.parent, timeout_s=_ASK_TIMEOUT_S))
    after = asked.stdout.partition("VERSION:")[2]
    match = _VERSION.search(after)
    if asked.exit_code != 0 or not match:
        raise ToolMissing(f"{path} does not answer like dbmate.", tool="dbmate", path=str(path))
    options = after.partition("GLOBAL OPTIONS:")[2]
    return Dbmate(path, match[1], {name: bool(value) for name, value in _FLAG.findall(options)})


def build(
    tool: Dbmate, request: ToolRun, folder: Path, verb: str, timeout_s: float | None
) -> process.Command:
    """The command that runs `verb` (up, rollback) over what is in `folder`, and nothing else."""
    argv: list[str | os.PathLike[str]] = [tool.path, "--no-dump-schema"]
    # Two words: dbmate does not take `--env-file=X`. Without it `.env` of the working folder could set anything.
    argv += tool.known(["--env-file", os.devnull])
    argv += ["--migrations-dir", folder, "--migrations-table", request.target.migrations_table]
    argv += [*tool.known(request.setup.flags), verb]
    return process.Command(
        argv, env=environment(request), cwd=request.target.working_dir, timeout_s=timeout_s
    )


def environment(request: ToolRun) -> dict[str, str]:
    """The connection's variables without dbmate's own (DBMATE_STRICT would change what runs), then the engine's."""
    env = {
        name: value for name, value in request.target.env.items() if not name.upper().startswith("DBMATE_")
    }
    return {**env, "DATABASE_URL": request.target.url, **request.setup.env}
