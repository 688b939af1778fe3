"""The line between the app and its server: it can be cut, and it can be slow."""

from __future__ import annotations

import random
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Line:
    """Passes bytes both ways. `delay_s` holds each piece back; `cut` resets every connection and takes no new one."""

    def __init__(self, host: str, port: int) -> None:
        self._to = (host, port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.delay_s = 0.0
        self.is_cut = False
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> int:
        """Returns how many connections there were."""
        with self._lock:
            self.is_cut = True
            gone, self._open = self._open, set()
        for one in gone:
            _reset(one)
        return len(gone) // 2

    def mend(self) -> None:
        self.is_cut = False

    def close(self) -> None:
        # A thread that waits in accept would keep the listener: wake it first.
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if self.is_cut:
                _reset(client)
                continue
            try:
                server = socket.create_connection(self._to)
            except OSError:
                _reset(client)
                continue
            with self._lock:
                self._open |= {client, server}
            for source, to in ((client, server), (server, client)):
                threading.Thread(target=self._pump, args=(source, to), daemon=True).start()

    def _pump(self, source: socket.socket, to: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                if self.delay_s:
                    time.sleep(random.uniform(0, 2 * self.delay_s))
                to.sendall(data)
        with self._lock:
            self._open -= {source, to}
        for one in (source, to):
            with suppress(OSError):
                # Not close alone: the other thread still reads from it.
                one.shutdown(socket.SHUT_RDWR)
            one.close()


def _reset(one: socket.socket) -> None:
    with suppress(OSError):
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()


@contextmanager
def line_to(host: str, port: int) -> Iterator[Line]:
    made = Line(host, port)
    try:
        yield made
    finally:
        made.close()
