"""Who holds a SQLite file while a run waits for it. There is no server to ask; Linux lists the locks of all processes.

SQLite locks single bytes far behind the file's end, or in the `-shm` beside it where it writes ahead; which byte is held
says what for. See https://www.sqlite.org/fileformat2.html and `os_unix.c`.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import psutil

from backend.engine.target import Activity, Blocker, Target

from .connect import database_file

IS_TOLD = sys.platform == "linux"
_LOCKS = Path("/proc/locks")
_PENDING = 0x40000000
_RESERVED = _PENDING + 1
_SHARED = range(_PENDING + 2, _PENDING + 2 + 510)
_WAL_WRITE = 120


@dataclass(frozen=True, slots=True)
class Held:
    """One lock of a process on the file or its `-shm`."""

    pid: int
    inode: int
    writes: bool
    first: int
    last: int

    def covers(self, byte: int) -> bool:
        return self.first <= byte <= self.last


def activity(target: Target, tool_pid: int | None) -> list[Activity]:
    """One entry where the tool waits for another process; empty where it works, or where that cannot be told."""
    if not IS_TOLD or tool_pid is None:
        return []
    path = database_file(target)
    try:
        text = _LOCKS.read_text()
    except OSError:
        return []
    tools = {tool_pid, *_children(tool_pid)}
    holders = in_the_way(read_locks(text), tools, _inode(path), _inode(Path(f"{path}-shm")))
    if not holders:
        return []
    return [
        Activity(
            session_id=f"process {tool_pid}",
            state=f"Waiting until {path.name} is free",
            waiting=True,
            blockers=tuple(_blocker(pid, path, writes) for pid, writes in holders.items()),
            object=path.name,
        )
    ]


def read_locks(text: str) -> list[Held]:
    """`1: POSIX  ADVISORY  WRITE 4711 08:01:131 1073741825 1073741825`; those that only wait are passed over."""
    found = []
    for line in text.splitlines():
        words = line.split()
        if len(words) != 8 or words[1] not in ("POSIX", "OFDLCK"):
            continue
        try:
            last = sys.maxsize if words[7] == "EOF" else int(words[7])
            inode = int(words[5].rsplit(":", 1)[-1])
            found.append(Held(int(words[4]), inode, words[3] == "WRITE", int(words[6]), last))
        except ValueError:
            continue
    return found


def in_the_way(
    locks: Iterable[Held], tools: set[int], database: int | None, shared_memory: int | None
) -> dict[int, bool]:
    """The processes that keep the tool from writing, each with whether it writes itself.

    A writer keeps every other one out. A reader keeps out only the writer that is at its end and wants the file alone.
    """
    writers: dict[int, bool] = {}
    readers: dict[int, bool] = {}
    tool_writes = False
    for lock in locks:
        is_writer = lock.writes and (
            (lock.inode == database and any(map(lock.covers, (_PENDING, _RESERVED, _SHARED[0]))))
            or (lock.inode == shared_memory and lock.covers(_WAL_WRITE))
        )
        if lock.pid in tools:
            tool_writes = tool_writes or (is_writer and lock.inode == database and lock.covers(_PENDING))
        elif is_writer:
            writers[lock.pid] = True
        elif lock.inode == database and not lock.writes and lock.covers(_SHARED[0]):
            readers[lock.pid] = False
    return writers or (readers if tool_writes else {})


def _blocker(pid: int, path: Path, writes: bool) -> Blocker:
    doing = "writes to the file" if writes else "reads the file"
    user = name = command = None
    since_s = None
    try:
        process = psutil.Process(pid)
        with process.oneshot():
            name, user = process.name(), process.username()
            since_s = max(0.0, time.time() - process.create_time())
            command = " ".join(
                Path(part).name if i == 0 else part for i, part in enumerate(process.cmdline())
            )
    except (psutil.Error, OSError):
        pass  # it ended meanwhile, or belongs to somebody else and is not shown
    if pid == os.getpid():
        name, command = "DB Toolkit", None
    started = f", and was started {_ago(since_s)}" if since_s is not None else ""
    return Blocker(
        session_id=f"process {pid}",
        user=user,
        application=name,
        query=command,
        object=path.name,
        state=f"{doing}{started}",
        end_statement=f"kill {pid}" if pid > 0 else None,
    )


def _ago(seconds: float) -> str:
    for size, unit in ((86_400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            count = int(seconds // size)
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "less than a minute ago"


def _children(pid: int) -> list[int]:
    try:
        return [child.pid for child in psutil.Process(pid).children(recursive=True)]
    except psutil.Error:
        return []


def _inode(path: Path) -> int | None:
    try:
        return path.stat().st_ino
    except OSError:
        return None
