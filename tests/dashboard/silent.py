"""A server that takes the call and says nothing, until it hangs up: what a database behind a dead link looks like."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class SilentServer:
    port: int
    _listener: socket.socket
    _callers: list[socket.socket] = field(default_factory=list)

    def hang_up(self) -> None:
        """Ends every call and takes no other."""
        self._listener.close()
        for caller in self._callers:
            caller.close()


@contextmanager
def silent_server() -> Iterator[SilentServer]:
    listener = socket.create_server(("127.0.0.1", 0))
    server = SilentServer(listener.getsockname()[1], listener)

    def take_calls() -> None:
        while True:
            try:
                caller, _ = listener.accept()
            except OSError:
                return
            server._callers.append(caller)

    threading.Thread(target=take_calls, daemon=True).start()
    try:
        yield server
    finally:
        server.hang_up()
