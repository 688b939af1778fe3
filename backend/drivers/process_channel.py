"""The channel on which a child tells us JSON lines, apart from what it prints. Part of the process runner.

A descriptor of its own where one can be handed down; elsewhere standard error, each line led by a secret token, so
that nothing a migration prints can pass for one of ours.
"""

from __future__ import annotations

import os
import secrets
import sys
from typing import IO, Literal

EVENTS_VARIABLE = "DB_TOOLKIT_EVENTS"

Events = Literal["auto", "fd", "stderr"]


class EventChannel:
    """`env` tells the child (`fd:N` or `stderr:TOKEN`), `child_fds` are handed down, `read_end` is ours to read."""

    def __init__(self, kind: Events | None) -> None:
        if kind == "auto":
            kind = "stderr" if sys.platform == "win32" else "fd"
        self.env: dict[str, str] = {}
        self.token = ""
        self.child_fds: tuple[int, ...] = ()
        self.read_end: IO[bytes] | None = None
        if kind == "stderr":
            self.token = f"\x1e{secrets.token_hex(12)} "
            self.env[EVENTS_VARIABLE] = f"stderr:{self.token}"
        elif kind == "fd":
            read_fd, write_fd = os.pipe()
            self.read_end, self.child_fds = os.fdopen(read_fd, "rb"), (write_fd,)
            self.env[EVENTS_VARIABLE] = f"fd:{write_fd}"

    def close_child_end(self) -> None:
        """Ours of the child's end: while it is open, the reader never sees the end."""
        for fd in self.child_fds:
            os.close(fd)
        self.child_fds = ()

    def close(self) -> None:
        self.close_child_end()
        if self.read_end is not None:
            self.read_end.close()
