"""A relay before a MongoDB server that keeps every message it passes on: what the server really received."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from bson import decode

_OP_MSG = 2013


class Relay:
    def __init__(self, host: str, port: int) -> None:
        self._to = (host, port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.received: list[dict[str, Any]] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(self._to)
            threading.Thread(target=self._pump, args=(client, server, True), daemon=True).start()
            threading.Thread(target=self._pump, args=(server, client, False), daemon=True).start()

    def _pump(self, source: socket.socket, to: socket.socket, keep: bool) -> None:
        rest = b""
        try:
            while data := source.recv(65536):
                rest += data
                while keep and len(rest) >= 16 and len(rest) >= (size := struct.unpack("<i", rest[:4])[0]):
                    self._keep(rest[:size])
                    rest = rest[size:]
                to.sendall(data)
        except OSError:
            pass
        for one in (source, to):
            with suppress(OSError):
                # Not close alone: the other thread still reads from it.
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _keep(self, message: bytes) -> None:
        if struct.unpack("<i", message[12:16])[0] != _OP_MSG:
            return
        at = 20
        found: dict[str, Any] = {}
        while at < len(message):
            kind, at = message[at], at + 1
            size = struct.unpack("<i", message[at : at + 4])[0]
            if kind == 0:
                found = {**decode(message[at : at + size]), **found}
            else:
                name, _, rest = message[at + 4 : at + size].partition(b"\0")
                documents = []
                while rest:
                    length = struct.unpack("<i", rest[:4])[0]
                    documents.append(decode(rest[:length]))
                    rest = rest[length:]
                found[name.decode()] = documents
            at += size
        self.received.append(found)


@contextmanager
def relay(host: str, port: int) -> Iterator[Relay]:
    made = Relay(host, port)
    try:
        yield made
    finally:
        made.close()
