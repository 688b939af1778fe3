"""Runs a tool and streams what it says: the only general use of subprocess.

An argument list (never a shell), a minimal environment, no secret in the arguments. The whole process tree ends on
cancel, on timeout, and when this application dies.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO, Any, Literal

from backend.core.errors import StorageFailed, ToolMissing
from backend.engine.target import CancelToken

from .process_channel import EventChannel, Events
from .process_env import minimal_env
from .process_guard import guard
from .process_tree import ProcessTree

__all__ = ["Command", "Events", "Finished", "OnEvent", "OnLine", "Stream", "minimal_env", "run"]

_log = logging.getLogger(__name__)

KILL_AFTER_S = 2.0
_LEFTOVER_S = 1.0
_LONGEST_LINE = 1 << 20
_LONGEST_EVENT = 64 << 20
_KEPT_CHARS = 8 << 20
_CREATE_NO_WINDOW = 0x08000000

Stream = Literal["stdout", "stderr"]
OnLine = Callable[[Stream, str], object]
OnEvent = Callable[[dict[str, Any]], object]
OnChunk = Callable[[bytes], object]
_CHUNK = 1 << 18
_WITHOUT_END_S = 7 * 86_400.0


@dataclass(frozen=True, slots=True)
class Command:
    """What to run. `env` is added to the minimal environment; secrets travel there or in `stdin`, never in `argv`.

    `stdin`: text, a file's path, or pieces of bytes that are asked for as it reads them; by default there is none.
    `stdout_to`, `stderr_to`: a file that takes the stream
    instead of `on_line` and `Finished`, so that a talkative tool wakes nobody. `events` gives the process a channel for
    JSON objects, one a line, told in DB_TOOLKIT_EVENTS: `fd:N` is a descriptor to write them to; after `stderr:` comes
    a token to put before each on a line of standard error (on Windows, where a descriptor cannot be handed down; not
    with `stderr_to`). `auto` picks. Keep the writes synchronous.
    """

    argv: Sequence[str | os.PathLike[str]]
    env: Mapping[str, str] = field(default_factory=dict, repr=False)
    cwd: Path | None = None
    stdin: str | Path | Iterable[bytes] | None = field(default=None, repr=False)
    stdout_to: Path | None = None
    stderr_to: Path | None = None
    timeout_s: float | None = None
    events: Events | None = None


@dataclass(frozen=True, slots=True)
class Finished:
    """How it ended. `exit_code` is minus the signal's number where one ended it; -1 where it was never started.

    `stdout` and `stderr` hold what was printed (each at most its first 8 million characters).
    """

    exit_code: int
    pid: int = 0
    duration_ms: float = 0.0
    cancelled: bool = False
    timed_out: bool = False
    stdout: str = field(default="", repr=False)
    stderr: str = field(default="", repr=False)


def run(
    command: Command,
    *,
    on_line: OnLine | None = None,
    on_event: OnEvent | None = None,
    on_chunk: OnChunk | None = None,
    on_start: Callable[[int], object] | None = None,
    cancel: CancelToken | None = None,
) -> Finished:
    """Run it to its end, calling back line by line as it speaks; `on_start` gets its process id.

    Callbacks come from other threads, never two at a time, and all before this returns; one that fails is logged and
    does not disturb the run. Lines arrive without their newline, as UTF-8 with replacement; a last line without a
    newline arrives at the end, one of more than a megabyte in pieces. On cancel and after `timeout_s` the process
    tree is terminated, and killed 2 s later. `on_chunk` takes standard output as bytes, in pieces as they come, instead
    of `on_line` and `Finished`; where it, or what `stdin` is made of, raises, the process is ended and that error is
    raised here. Raises ToolMissing where it cannot be started, StorageFailed where `cwd`
    or a file cannot be used.
    """
    if cancel is not None and cancel.is_cancelled:
        return Finished(exit_code=-1, cancelled=True)
    return _Run(command, on_line, on_event, on_chunk).go(on_start, cancel)


class _Run:
    """One process, from start to end."""

    def __init__(
        self,
        command: Command,
        on_line: OnLine | None,
        on_event: OnEvent | None,
        on_chunk: OnChunk | None = None,
    ) -> None:
        self._command = command
        self._on_line = on_line
        self._on_event = on_event
        self._on_chunk = on_chunk
        self._broken: Exception | None = None
        self._calling = threading.Lock()
        self._kept: dict[Stream, list[str]] = {"stdout": [], "stderr": []}
        self._stopping = threading.Lock()
        self._ended = False
        self._cancelled = False
        self._timed_out = False
        self._started = time.perf_counter()
        self._channel = EventChannel(command.events)
        self._process = self._start()
        guard().add(self._process.pid)
        self._tree = ProcessTree(self._process.pid)

    def go(self, on_start: Callable[[int], object] | None, cancel: CancelToken | None) -> Finished:
        timer = _timer(self._command.timeout_s, self._time_out) if self._command.timeout_s else None
        try:
            readers = self._start_readers()
            self._call(on_start, self._process.pid)
            if cancel is not None:
                cancel.on_cancel(self._cancel)
            self._wait(readers)
        except BaseException:
            # Ctrl-C in a terminal, say: leave nothing running behind.
            self._end_tree(kill=True)
            self._reap()
            raise
        finally:
            if timer is not None:
                timer.cancel()
        if self._broken is not None:
            raise self._broken
        return Finished(
            exit_code=self._process.returncode,
            pid=self._process.pid,
            duration_ms=(time.perf_counter() - self._started) * 1000,
            cancelled=self._cancelled,
            timed_out=self._timed_out,
            stdout="".join(self._kept["stdout"]),
            stderr="".join(self._kept["stderr"]),
        )

    # -- starting ------------------------------------------------------------------------------------------------

    def _start(self) -> subprocess.Popen[bytes]:
        command = self._command
        if command.cwd is not None and not command.cwd.is_dir():
            self._channel.close()
            raise StorageFailed(f"The folder {command.cwd} does not exist.", path=str(command.cwd))
        stdin: int | IO[bytes] = subprocess.DEVNULL if command.stdin is None else subprocess.PIPE
        stdout: int | IO[bytes] = subprocess.PIPE
        stderr: int | IO[bytes] = subprocess.PIPE
        files: list[IO[bytes]] = []
        try:
            if isinstance(command.stdin, Path):
                files.append(stdin := _open(command.stdin, "rb"))
            if command.stdout_to is not None:
                files.append(stdout := _open(command.stdout_to, "wb"))
            if command.stderr_to is not None:
                files.append(stderr := _open(command.stderr_to, "wb"))
            process = self._popen([os.fspath(part) for part in command.argv], stdin, stdout, stderr)
        except BaseException:
            self._channel.close()
            raise
        finally:
            for file in files:
                file.close()
        self._channel.close_child_end()
        return process

    def _popen(
        self,
        argv: list[str],
        stdin: int | IO[bytes],
        stdout: int | IO[bytes],
        stderr: int | IO[bytes],
    ) -> subprocess.Popen[bytes]:
        platform: dict[str, Any] = (
            {"creationflags": _CREATE_NO_WINDOW}
            if sys.platform == "win32"
            else {"start_new_session": True, "pass_fds": self._channel.child_fds}
        )
        env = minimal_env({**self._command.env, **self._channel.env})
        try:
            return subprocess.Popen(
                argv,
                stdin=stdin,
                stdout=stdout,
                stderr=stderr,
                cwd=self._command.cwd,
                env=env,
                **platform,
            )
        except (OSError, ValueError) as error:
            # Not `from error`: a ValueError may quote the environment, and there are secrets in it.
            why = error.strerror if isinstance(error, OSError) else "an argument or variable holds a NUL byte"
            name = Path(argv[0]).name
            raise ToolMissing(f"{name} could not be started: {why}.", tool=name, path=argv[0]) from None

    def _start_readers(self) -> list[threading.Thread]:
        process = self._process
        readers: list[threading.Thread] = []
        if process.stderr is not None:
            readers.append(threading.Thread(target=self._read, args=("stderr", process.stderr), daemon=True))
        if process.stdout is not None and self._on_chunk is not None:
            args = (process.stdout, self._on_chunk)
            readers.append(threading.Thread(target=self._hand_on, args=args, daemon=True))
        elif process.stdout is not None:
            readers.append(threading.Thread(target=self._read, args=("stdout", process.stdout), daemon=True))
        if self._channel.read_end is not None:
            readers.append(
                threading.Thread(target=self._read_events, args=(self._channel.read_end,), daemon=True)
            )
        if process.stdin is not None:
            feed = (process.stdin, self._command.stdin)
            threading.Thread(target=self._feed, args=feed, daemon=True).start()
        for thread in readers:
            thread.start()
        return readers

    # -- reading -------------------------------------------------------------------------------------------------

    def _read(self, stream: Stream, pipe: IO[bytes]) -> None:
        left = _KEPT_CHARS
        for line in _lines(pipe, _LONGEST_LINE):
            if stream == "stderr" and self._channel.token:
                text, marker, event = line.partition(self._channel.token)
                if marker:
                    self._event(event)
                    line = text + "\n" if text else ""
            if not line:
                continue
            if left > 0:
                self._kept[stream].append(line)
                left -= len(line)
            self._call(self._on_line, stream, line.rstrip("\r\n"))

    def _hand_on(self, pipe: IO[bytes], on_chunk: OnChunk) -> None:
        with pipe:
            # What it prints after a failure is read too, so that it never waits for us.
            while chunk := os.read(pipe.fileno(), _CHUNK):
                if self._broken is None:
                    with self._calling:
                        self._unless_broken(partial(on_chunk, chunk))

    def _feed(self, pipe: IO[bytes], source: str | Iterable[bytes]) -> None:
        pieces = iter([source.encode("utf-8")] if isinstance(source, str) else source)
        try:
            with pipe:
                while (piece := self._unless_broken(lambda: next(pieces, None))) is not None:
                    pipe.write(piece)
        except OSError:
            # It ended without reading all of it; its exit code tells.
            pass

    def _unless_broken(self, work: Callable[[], Any]) -> Any:
        """What `work()` answers; where it raises, the process is stopped and the error kept."""
        try:
            return work()
        except Exception as error:
            self._broken = self._broken or error
            self._stop()
            return None

    def _read_events(self, pipe: IO[bytes]) -> None:
        for line in _lines(pipe, _LONGEST_EVENT):
            self._event(line)

    def _event(self, line: str) -> None:
        try:
            event = json.loads(line)
        except ValueError:
            event = None
        if isinstance(event, dict):
            self._call(self._on_event, event)
        else:
            _log.warning("A tool wrote something else than a JSON object to its event channel")

    def _call(self, callback: Callable[..., object] | None, *arguments: object) -> None:
        if callback is None:
            return
        with self._calling:
            try:
                callback(*arguments)
            except Exception:
                # The run is worth more than the one who watches it.
                _log.exception("A listener to a tool's output failed")

    # -- ending --------------------------------------------------------------------------------------------------

    def _wait(self, readers: list[threading.Thread]) -> None:
        """Until it has ended and its output is read. It is reaped last, so that until then its id is surely its own."""
        if hasattr(os, "waitid"):
            os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOWAIT)
        else:
            self._process.wait()
        if self._cancelled or self._timed_out:
            # Whoever outlived the leader was asked already.
            self._end_tree(kill=True)
        elif not _join(readers, _LEFTOVER_S):
            # Something it started stayed behind and holds its pipes: it belongs to the run and ends with it.
            self._end_tree(kill=True)
        # Whoever takes the bytes gets all of them, however slowly: nobody holds the pipe any more.
        _join(readers, _LEFTOVER_S if self._on_chunk is None else _WITHOUT_END_S)
        self._reap()

    def _reap(self) -> None:
        guard().drop(self._process.pid)
        with self._stopping:
            self._ended = True
            self._process.wait()

    def _cancel(self) -> None:
        with self._stopping:
            self._cancelled = self._cancelled or not self._ended
        self._stop()

    def _time_out(self) -> None:
        with self._stopping:
            self._timed_out = self._timed_out or not self._ended
        self._stop()

    def _stop(self) -> None:
        self._end_tree(kill=False)
        _timer(KILL_AFTER_S, lambda: self._end_tree(kill=True))

    def _end_tree(self, *, kill: bool) -> None:
        with self._stopping:
            if not self._ended:
                self._tree.end(kill=kill)


def _timer(seconds: float, action: Callable[[], object]) -> threading.Timer:
    timer = threading.Timer(seconds, action)
    timer.daemon = True
    timer.start()
    return timer


def _join(threads: list[threading.Thread], seconds: float) -> bool:
    """Wait for all of them together; are they done?"""
    deadline = time.monotonic() + seconds
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    return not any(thread.is_alive() for thread in threads)


def _lines(pipe: IO[bytes], longest: int) -> Iterator[str]:
    with pipe:
        while raw := pipe.readline(longest):
            yield raw.decode("utf-8", "replace")


def _open(path: Path, mode: Literal["rb", "wb"]) -> IO[bytes]:
    try:
        return path.open(mode)
    except OSError as error:
        raise StorageFailed(f"{path} cannot be opened: {error.strerror}.", path=str(path)) from error
