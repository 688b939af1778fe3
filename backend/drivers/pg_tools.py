"""Runs PostgreSQL's pg_dump for a schema file. The secret goes by environment, the text by a file, never by argv."""

from __future__ import annotations

import functools
import math
import re
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from backend.core.errors import (
    AppError,
    LockTimeout,
    NotSupported,
    PermissionDenied,
    StorageFailed,
    TimedOut,
    ToolMissing,
)

from . import process
from .pg_tls import door
from .tools import postgres_tool

DUMP_TIMEOUT_S = 600.0
DUMP_LOCK_WAIT_S = 30.0
_BY_WORDS: tuple[tuple[str, type[AppError], str | None], ...] = (
    (
        r"server version mismatch",
        ToolMissing,
        "This pg_dump is older than the server; name a newer one in the settings.",
    ),
    (
        r"permission denied",
        PermissionDenied,
        "pg_dump reads every table's definition: it needs the owner's or a reader's rights.",
    ),
    (
        r"lock timeout|could not obtain lock|statement timeout .*LOCK TABLE",
        LockTimeout,
        "Another session holds a table. Try again when it has finished.",
    ),
    (r"no matching schemas were found", NotSupported, "A schema of search_path does not exist yet."),
)
_PROGRESS = re.compile(r"pg_dump: (?:\w+ing |last built-in OID is )")
# libpq's parameters and the variables that carry them.
_VARIABLES = {
    "host": "PGHOST", "hostaddr": "PGHOSTADDR", "port": "PGPORT", "dbname": "PGDATABASE", "user": "PGUSER",
    "password": "PGPASSWORD", "sslmode": "PGSSLMODE", "sslcert": "PGSSLCERT", "sslkey": "PGSSLKEY",
    "sslrootcert": "PGSSLROOTCERT", "sslsni": "PGSSLSNI", "sslnegotiation": "PGSSLNEGOTIATION",
    "ssl_min_protocol_version": "PGSSLMINPROTOCOLVERSION", "ssl_max_protocol_version": "PGSSLMAXPROTOCOLVERSION",
    "connect_timeout": "PGCONNECT_TIMEOUT", "client_encoding": "PGCLIENTENCODING", "krbsrvname": "PGKRBSRVNAME",
    "passfile": "PGPASSFILE", "service": "PGSERVICE", "target_session_attrs": "PGTARGETSESSIONATTRS",
    "load_balance_hosts": "PGLOADBALANCEHOSTS", "application_name": "PGAPPNAME", "options": "PGOPTIONS",
}  # fmt: skip


def environment(parameters: Mapping[str, str]) -> dict[str, str]:
    """libpq's connection parameters as environment variables; one that has no variable is left out."""
    return {_VARIABLES[name]: value for name, value in parameters.items() if name in _VARIABLES and value}


def dump_schema(
    parameters: Mapping[str, str], schemas: Sequence[str], *, cwd: Path, lock_timeout_s: float | None = None
) -> str:
    """pg_dump's plain text, with the arguments dbmate gives it and a limit to waiting for locks.

    Raises ToolMissing where pg_dump cannot read the server, PermissionDenied, LockTimeout, NotSupported, TimedOut or
    StorageFailed, with pg_dump's own words; ConnectionFailed where TLS fails.
    """
    tool = postgres_tool("pg_dump")
    arguments = ["--format=plain", "--encoding=UTF8", "--schema-only", "--no-privileges", "--no-owner"]
    if _knows_restrict_key(tool):
        # Without it each dump would carry a random key, and two dumps of one schema would differ.
        arguments.append("--restrict-key=dbmate")
    arguments += [part for schema in schemas for part in ("--schema", schema)]
    return _dumped(tool, arguments, parameters, cwd, lock_timeout_s)


def _dumped(
    tool: Path,
    arguments: list[str],
    parameters: Mapping[str, str],
    cwd: Path,
    lock_timeout_s: float | None,
) -> str:
    # pg_dump switches lock_timeout off in its session, so PGOPTIONS cannot set it: it would wait for ever.
    wait_ms = math.ceil(1000 * (DUMP_LOCK_WAIT_S if lock_timeout_s is None else lock_timeout_s))
    arguments = [*arguments, f"--lock-wait-timeout={max(1, wait_ms)}"]
    with tempfile.TemporaryDirectory(prefix="db-toolkit-dump-") as folder, door(parameters) as reachable:
        file, said = Path(folder) / "schema.sql", Path(folder) / "said.txt"
        done = process.run(
            process.Command(
                argv=[tool, *arguments],
                env=environment(reachable),
                cwd=cwd if cwd.is_dir() else None,
                stdout_to=file,
                stderr_to=said,
                timeout_s=DUMP_TIMEOUT_S,
            )
        )
        if done.timed_out:
            raise TimedOut(f"pg_dump did not finish within {DUMP_TIMEOUT_S:.0f} s.")
        if done.exit_code != 0:
            raise failure_of(_last_words(said), parameters)
        return file.read_text("utf-8")


def dump_objects(parameters: Mapping[str, str], *, cwd: Path, lock_timeout_s: float | None = None) -> str:
    """The schema with an entry's class, OID and name before each object, grants included, owners left out.

    Raises as `dump_schema` does.
    """
    tool = postgres_tool("pg_dump")
    arguments = ["--schema-only", "--verbose", "--encoding=UTF8", "--no-owner", "--no-tablespaces"]
    arguments += ["--no-table-access-method", "--no-security-labels", "--no-subscriptions"]
    if _knows_restrict_key(tool):
        arguments.append("--restrict-key=dbtoolkit")
    return _dumped(tool, arguments, parameters, cwd, lock_timeout_s)


def dump_table(
    parameters: Mapping[str, str], pattern: str, *, cwd: Path, lock_timeout_s: float | None = None
) -> str:
    """One table with its indexes, constraints, triggers and grants; `pattern` is its quoted name with the schema's.

    Raises as `dump_schema` does.
    """
    tool = postgres_tool("pg_dump")
    arguments = ["--schema-only", "--encoding=UTF8", "--no-owner", f"--table={pattern}"]
    if _knows_restrict_key(tool):
        arguments.append("--restrict-key=dbtoolkit")
    return _dumped(tool, arguments, parameters, cwd, lock_timeout_s)


def _last_words(said: Path) -> str:
    """What it wrote to standard error but its progress: --verbose tells of every object it reads."""
    lines = said.read_text("utf-8", "replace").splitlines()
    return "\n".join(line for line in lines if not _PROGRESS.match(line))


def failure_of(
    stderr: str,
    parameters: Mapping[str, str],
    *,
    otherwise: type[AppError] = StorageFailed,
    hint: str = "The schema file was not written.",
) -> AppError:
    """What pg_dump said, as an error of ours; `otherwise` where its words are not known."""
    words = " ".join(stderr.split()) or "it gave no reason"
    password = parameters.get("password")
    if password and len(password) > 2:
        words = words.replace(password, "***")
    for pattern, kind, advice in _BY_WORDS:
        if re.search(pattern, words):
            return kind(f"pg_dump: {words.removeprefix('pg_dump: ')}", hint=advice)
    return otherwise(f"pg_dump failed: {words.removeprefix('pg_dump: ')}", hint=hint)


@functools.lru_cache(maxsize=8)
def _knows_restrict_key(tool: Path) -> bool:
    """pg_dump has --restrict-key since 15.14, 16.10 and 17.6."""
    done = process.run(process.Command(argv=[tool, "--version"], timeout_s=30))
    found = re.search(r"(\d+)\.(\d+)", done.stdout)
    if found is None:
        return False
    major, minor = int(found[1]), int(found[2])
    return major > 17 or minor >= {17: 6, 16: 10, 15: 14}.get(major, 1000)
