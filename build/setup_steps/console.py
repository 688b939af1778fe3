"""What the user sees while things are set up: one line a step with its time, and the tail of what failed."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from .places import IS_WINDOWS, ROOT

# Of a failed command's output: npm names the cause first and prints its usage after, pip names it last.
HEAD_LINES, TAIL_LINES = 15, 30


class SetupFailed(Exception):
    """A step that cannot go on. The message says what happened, `hint` what to type."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


def say(line: str) -> None:
    """Print one progress line to standard error, so a command's own output stays clean."""
    print(f"[set-up] {line}", file=sys.stderr, flush=True)


@contextlib.contextmanager
def step(title: str) -> Iterator[None]:
    """Announce a step, and say how long it took."""
    say(f"{title} ...")
    started = time.monotonic()
    yield
    say(f"{title}: done in {time.monotonic() - started:.1f} s")


def run_quietly(
    command: Sequence[str | Path],
    *,
    what: str,
    cwd: Path = ROOT,
    env: Mapping[str, str] | None = None,
    stdin: str | None = None,
    hint: str = "",
) -> str:
    """Run a command and return what it printed. Raises SetupFailed with the last lines where it fails."""
    try:
        done = subprocess.run(
            [str(part) for part in command],
            cwd=cwd,
            env={**os.environ, **(env or {})},
            # No terminal: nothing may stop to ask.
            **({"input": stdin} if stdin is not None else {"stdin": subprocess.DEVNULL}),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
    except OSError as problem:
        raise SetupFailed(f"{what}: {command[0]} cannot be started ({problem.strerror})", hint) from problem
    if done.returncode != 0:
        raise SetupFailed(f"{what} failed (exit {done.returncode}):\n{_shortened(done.stdout)}", hint)
    return done.stdout


def _shortened(output: str) -> str:
    lines = output.rstrip().splitlines()
    if len(lines) <= HEAD_LINES + TAIL_LINES:
        return "\n".join(lines)
    left_out = f"... {len(lines) - HEAD_LINES - TAIL_LINES} lines ..."
    return "\n".join([*lines[:HEAD_LINES], left_out, *lines[-TAIL_LINES:]])


@contextlib.contextmanager
def one_setup_at_a_time() -> Iterator[None]:
    """Wait while another set-up works in this folder. The system drops the lock when a process dies."""
    with (ROOT / ".setup.lock").open("a+") as lock:
        if IS_WINDOWS:
            import msvcrt

            lock.seek(0)
            msvcrt.locking(lock.fileno(), msvcrt.LK_LOCK, 1)  # type: ignore[attr-defined,unused-ignore]
        else:
            import fcntl

            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                say("waiting for another set-up in this folder to finish")
                fcntl.flock(lock, fcntl.LOCK_EX)
        yield
