"""Runs pg_dump and pg_restore on archives in PostgreSQL's custom format. The secret goes by environment, never by argv."""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from backend.core.errors import AppError, BackupFailed, Cancelled, DiskFull, PermissionDenied, ToolMissing
from backend.engine.target import CancelToken

from . import process
from .pg_tls import door
from .pg_tools import DUMP_LOCK_WAIT_S, environment, failure_of
from .tools import postgres_tool

COMPRESSION = 1
"""gzip's quickest: every pg_restore reads it, it takes half the time of pg_dump's own 6 and some 8 % more space."""
OnObject = Callable[[str], object]
_AT = re.compile(r"pg_(?:dump|restore): ((?:dumping contents of|processing data for) table|creating) (.*)")
_PROGRESS = re.compile(
    r"pg_dump: (?:\w+ing |last built-in OID is )|pg_restore: (?:creating|processing|executing|connecting|finished|"
    r"entering|skipping|implied|launching|setting|dropping|large object|restoring|restored|reading|enabling|disabling|"
    r"allocating|worker)"
)
_SECURITY_POLICY = (
    "A table has row-level security that keeps rows from this user, so the backup would not be whole. Back up as the "
    "tables' owner, or as a role with BYPASSRLS."
)
_NEWER_ARCHIVE = "The backup was written by a newer pg_dump: use a pg_restore of that version or newer."


@functools.lru_cache(maxsize=8)
def _version(tool: Path) -> str:
    done = process.run(process.Command(argv=[tool, "--version"], timeout_s=30))
    found = re.search(r"\d+(?:\.\d+)+|\d+\w*", done.stdout)
    return found[0] if found else "?"


def dump_version() -> str:
    """The version of the pg_dump that would run. Raises ToolMissing."""
    return _version(postgres_tool("pg_dump"))


def dump_archive(
    parameters: Mapping[str, str],
    file: Path,
    *,
    cancel: CancelToken,
    on_table: OnObject,
    snapshot: str | None = None,
    role: str | None = None,
    lock_timeout_s: float | None = None,
) -> None:
    """Write the whole database into `file`, telling each table's `schema.name` as it comes to it.

    Raises Cancelled, ToolMissing, PermissionDenied, LockTimeout, DiskFull, ConnectionFailed or BackupFailed.
    """
    # pg_dump switches lock_timeout off in its session, so it is told itself.
    wait_ms = math.ceil(1000 * (DUMP_LOCK_WAIT_S if lock_timeout_s is None else lock_timeout_s))
    argv: list[str | Path] = [
        postgres_tool("pg_dump"), "--format=custom", f"--compress={COMPRESSION}", "--verbose", "--no-password",
        "--no-subscriptions", f"--lock-wait-timeout={max(1, wait_ms)}", f"--file={file}",
    ]  # fmt: skip
    argv += [f"--snapshot={snapshot}"] if snapshot else []
    argv += [f"--role={role}"] if role else []
    said = _Said(on_table)
    with door(parameters) as reachable:
        done = process.run(
            process.Command(argv=argv, env=_plain(reachable), cwd=file.parent),
            on_line=said.hear,
            cancel=cancel,
        )
    if done.cancelled or cancel.is_cancelled:
        raise Cancelled("The backup was cancelled.")
    if done.exit_code != 0:
        raise _dump_failed(said.words, parameters)


def print_archive(
    file: Path, *, cancel: CancelToken, on_chunk: Callable[[bytes], object], what: Sequence[str] = ()
) -> None:
    """The archive as SQL with COPY blocks, piece by piece. Raises BackupFailed (`reason="damaged"`) where it is not whole."""
    said = _Said(lambda _: None)
    done = process.run(
        process.Command(argv=[postgres_tool("pg_restore"), *what, "--file=-", file.name], cwd=file.parent),
        on_line=said.hear,
        on_chunk=on_chunk,
        cancel=cancel,
    )
    if done.cancelled or cancel.is_cancelled:
        raise Cancelled("Reading the backup was cancelled.")
    if done.exit_code != 0:
        raise damaged(file, said.words)


def damaged(file: Path, words: str) -> AppError:
    said = _one_line(words)
    if "unsupported version" in said:
        return ToolMissing(f"This pg_restore cannot read {file.name}: {said}.", hint=_NEWER_ARCHIVE)
    return BackupFailed(
        f"{file.name} is not a whole backup: {said or 'pg_restore gave no reason'}.",
        hint="Use another backup. Files that were copied badly may be whole where they came from.",
        reason="damaged",
        path=str(file),
    )


@dataclass(frozen=True, slots=True)
class Refused:
    """A statement of the archive that the server refused; the others went on."""

    said: str
    command: str


@dataclass(slots=True)
class Restored:
    """How pg_restore ended. `refused` has what the caller let pass, `fatal` what it did not."""

    refused: list[Refused] = field(default_factory=list)
    fatal: str | None = None


def restore_archive(
    parameters: Mapping[str, str],
    file: Path,
    *,
    cancel: CancelToken,
    on_object: OnObject,
    passes: Callable[[Refused], bool],
    flags: Sequence[str] = (),
) -> Restored:
    """Make everything in the archive in the database that `parameters` name, going on after what `passes` lets pass.

    It ends at the first failure that does not pass; that one's words are in `fatal`. Raises Cancelled.
    """
    stop = CancelToken()
    cancel.on_cancel(stop.cancel)
    said = _Errors(on_object, passes, stop)
    argv: list[str | Path] = [
        postgres_tool("pg_restore"), "--verbose", "--no-password", _database(parameters), *flags, file.name,
    ]  # fmt: skip
    with door(parameters) as reachable:
        done = process.run(
            process.Command(argv=argv, env=_plain(reachable), cwd=file.parent),
            on_line=said.hear,
            cancel=stop,
        )
    if cancel.is_cancelled:
        raise Cancelled("The restore was cancelled.")
    said.close()
    found = Restored(said.refused, said.fatal)
    if found.fatal is None and done.exit_code != 0 and not said.counted(len(said.refused)):
        found.fatal = _one_line(said.words) or f"pg_restore ended with code {done.exit_code}"
    return found


def run_script(
    parameters: Mapping[str, str], script: Iterable[bytes], *, cwd: Path, cancel: CancelToken
) -> str | None:
    """Run SQL with COPY blocks through psql in one transaction; what it said where it failed. Raises Cancelled."""
    argv: list[str | Path] = [
        postgres_tool("psql"), "--no-psqlrc", "--quiet", "--no-password", "--single-transaction",
        "--set=ON_ERROR_STOP=1", "--output", "/dev/null" if Path("/dev/null").exists() else "NUL",
    ]  # fmt: skip
    with door(parameters) as reachable:
        done = process.run(
            process.Command(argv=argv, env=_plain(reachable), cwd=cwd, stdin=script), cancel=cancel
        )
    if done.cancelled or cancel.is_cancelled:
        raise Cancelled("The restore was cancelled.")
    return None if done.exit_code == 0 else _one_line(done.stderr) or f"psql ended with code {done.exit_code}"


class _Said:
    """What a tool says: where it is, and of the rest the last words."""

    def __init__(self, on_object: OnObject) -> None:
        self._on_object = on_object
        self._lines: list[str] = []

    def hear(self, stream: process.Stream, line: str) -> None:
        at = _AT.match(line)
        if at is not None:
            self._on_object(at[2].strip().removeprefix('"').removesuffix('"'))
        if not _PROGRESS.match(line):
            self._lines = [*self._lines[-200:], line]

    @property
    def words(self) -> str:
        return "\n".join(self._lines)


class _Errors(_Said):
    """pg_restore's complaints, put together: an error's first line, and the statement after `Command was:`."""

    def __init__(self, on_object: OnObject, passes: Callable[[Refused], bool], stop: CancelToken) -> None:
        super().__init__(on_object)
        self._passes = passes
        self._stop = stop
        self._open: list[str] = []
        self.refused: list[Refused] = []
        self.fatal: str | None = None

    def hear(self, stream: process.Stream, line: str) -> None:
        super().hear(stream, line)
        if line.startswith("pg_restore: "):
            self.close()
            if line.startswith("pg_restore: error: "):
                self._open = [line.removeprefix("pg_restore: error: ")]
        elif self._open:
            self._open.append(line)

    def close(self) -> None:
        text, self._open = "\n".join(self._open), []
        if not text or self.fatal is not None:
            return
        said, has_command, command = text.partition("\nCommand was: ")
        one = Refused(
            said.removeprefix("could not execute query: ").removeprefix("ERROR:").strip(), command.strip()
        )
        if has_command and self._passes(one):
            self.refused.append(one)
        else:
            self.fatal = _one_line(one.said)
            self._stop.cancel()

    def counted(self, errors: int) -> bool:
        """Whether its own count of the errors it went on after is ours."""
        found = re.search(r"errors ignored on restore: (\d+)", self.words)
        return errors > 0 and found is not None and int(found[1]) == errors


def _dump_failed(words: str, parameters: Mapping[str, str]) -> AppError:
    if "row-level security" in words:
        return PermissionDenied(f"pg_dump: {_one_line(words)}", hint=_SECURITY_POLICY)
    if re.search(r"No space left on device|Disk quota exceeded", words):
        return DiskFull(
            f"pg_dump: {_one_line(words)}", hint="Free some space, or choose another folder for backups."
        )
    return failure_of(words, parameters, otherwise=BackupFailed, hint="Nothing was kept of this backup.")


def _plain(parameters: Mapping[str, str]) -> dict[str, str]:
    """The environment: the server's words in whatever language it has, the tools' own in English."""
    return {**environment(parameters), "LC_ALL": "C", "LC_MESSAGES": "C"}


def _database(parameters: Mapping[str, str]) -> str:
    """As a connection string, so that a name with `=` in it is a name."""
    name = parameters.get("dbname", "").replace("\\", "\\\\").replace("'", "\\'")
    return f"--dbname=dbname='{name}'"


def _one_line(words: str) -> str:
    lines = [
        re.sub(r"^(?:pg_dump|pg_restore|psql[^ ]*): (?:error: )?", "", line) for line in words.splitlines()
    ]
    return " ".join(" ".join(lines).split())[:1500].rstrip(".")
