"""Starts a server under its guard, waits until it answers, and stops it. Knows no engine."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from tests.servers.model import Server, ServerFailed
from tests.servers.recipe import Recipe

HOST = "127.0.0.1"
PORT_ATTEMPTS = 3
READY_POLL_S = 0.02
GUARD = Path(__file__).with_name("guard.py")


def new_run_dir() -> Path:
    """A short folder that a server running as another user can enter (a socket path holds 107 bytes)."""
    folder = Path(tempfile.mkdtemp(prefix="dbt-")).resolve()
    folder.chmod(0o755)
    return folder


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def create(recipe: Recipe, home: Path, *, owner_pid: int, run_dir: Path | None = None) -> Server:
    """Prepare a new server in `home` and start it. It ends with the process `owner_pid` at the latest.

    Raises ServerUnavailable or ServerFailed. Leaves nothing running when it raises.
    """
    recipe.require()
    home.mkdir(parents=True)
    home.chmod(0o755)
    recipe.prepare(home)
    for attempt in range(PORT_ATTEMPTS):
        try:
            return start(recipe, home, free_port(), owner_pid=owner_pid, run_dir=run_dir or home)
        except ServerFailed as failure:
            # Somebody else may have taken the port between our look and the server's start.
            if attempt == PORT_ATTEMPTS - 1 or "in use" not in str(failure).lower():
                raise
    raise AssertionError("unreachable")


def start(recipe: Recipe, home: Path, port: int, *, owner_pid: int, run_dir: Path) -> Server:
    """Start a prepared server on that port and wait for its first answer."""
    draft = Server(
        engine=recipe.engine,
        version="",
        host=HOST,
        port=port,
        socket=recipe.socket(home, port),
        user=recipe.user,
        password=recipe.password,
        admin_url="",
        kind=recipe.kind,
        home=home,
    )
    draft = draft.with_(admin_url=recipe.admin_url(draft))
    guard = _start_guard(recipe, home, port, owner_pid, run_dir)
    deadline = time.monotonic() + recipe.ready_timeout_s
    trouble: Exception | None = None
    while time.monotonic() < deadline and guard.poll() is None:
        try:
            return draft.with_(version=recipe.version(draft), guard_pid=guard.pid)
        except Exception as error:  # whatever the driver raises: not ready yet
            trouble = error
        time.sleep(READY_POLL_S)
    _end_guard(guard.pid)
    raise ServerFailed(f"{recipe.kind} did not start: {trouble}\n{tail(draft.log)}{tail(home / 'guard.log')}")


def stop(server: Server) -> None:
    """End the server; it may be ended already."""
    _end_guard(server.guard_pid)


def tail(log: Path, lines: int = 25) -> str:
    """The last lines of a log, or an empty text."""
    try:
        return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
    except FileNotFoundError:
        return ""


def server_processes(server: Server) -> list[psutil.Process]:
    """The server's own processes, first the main one; empty when it does not run."""
    try:
        return psutil.Process(server.guard_pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


@contextmanager
def running(recipe: Recipe) -> Iterator[Server]:
    """A server of one's own in a temporary folder, ended and removed on leaving."""
    run_dir = new_run_dir()
    home = run_dir / recipe.kind
    server = None
    try:
        server = create(recipe, home, owner_pid=os.getpid(), run_dir=run_dir)
        yield server
    finally:
        if server is not None:
            stop(server)
        recipe.remove(home)
        recipe.remove(run_dir)


def _start_guard(
    recipe: Recipe, home: Path, port: int, owner_pid: int, run_dir: Path
) -> subprocess.Popen[bytes]:
    pid_file = home / "server.pid"
    pid_file.unlink(missing_ok=True)
    spec = home / "guard.json"
    spec.write_text(
        json.dumps(
            {
                "owner_pid": owner_pid,
                "owner_created_at": psutil.Process(owner_pid).create_time(),
                "command": recipe.command(home, port),
                "account": recipe.account(),
                "stop_signal": int(recipe.stop_signal),
                "cwd": str(home),
                "log": str(home / "server.log"),
                "pid_file": str(pid_file),
                "remove_when_orphaned": [str(run_dir)],
            }
        )
    )
    return subprocess.Popen(
        [sys.executable, str(GUARD), str(spec)],
        env={**os.environ, **recipe.environment(home, port)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=(home / "guard.log").open("wb"),
        start_new_session=True,  # a Ctrl-C in the terminal is for pytest alone
    )


def _end_guard(pid: int) -> None:
    try:
        guard = psutil.Process(pid)
        guard.terminate()
        guard.wait(15)
    except psutil.NoSuchProcess:
        return
    except psutil.TimeoutExpired:
        for process in [*guard.children(recursive=True), guard]:
            process.kill()
