"""A private door to a server that wants TLS, for PostgreSQL's own programs: the bundled ones are built without it.

The program connects, unencrypted, to a socket in a folder only this user can enter (on Windows: to a loopback port);
each connection is carried on to the server in TLS, checked as `sslmode` says. Of the bytes only the server's offer of
ways to log in is touched: a way bound to the TLS channel is taken out, for the program has no channel to bind to.
"""

from __future__ import annotations

import logging
import socket
import ssl
import struct
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from backend.core.errors import AppError, ConnectionFailed

_log = logging.getLogger(__name__)

_SSL_REQUEST = struct.pack("!ii", 8, 80877103)
_SASL = struct.pack("!i", 10)
_CHUNK = 1 << 16
_HANDSHAKE_TIMEOUT_S = 30.0
_LOOK_UP_EVERY_S = 0.1
_PARAMETERS = ("sslmode", "sslcert", "sslkey", "sslrootcert", "sslsni", "sslnegotiation",
               "ssl_min_protocol_version", "ssl_max_protocol_version", "hostaddr")  # fmt: skip


@contextmanager
def door(parameters: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """libpq's parameters as a program without TLS can use them, valid inside the block.

    Sockets and `sslmode=disable` go there directly. Otherwise they lead to the door; the first connection is tried at
    once, so a server without TLS or a certificate that fails raises ConnectionFailed here, in plain words.
    """
    without = {name: value for name, value in parameters.items() if name not in _PARAMETERS}
    without["sslmode"] = "disable"
    host = parameters.get("host", "")
    if host.startswith(("/", "@")) or parameters.get("sslmode") == "disable":
        if "hostaddr" in parameters:
            without["hostaddr"] = parameters["hostaddr"]
        yield without
        return
    far = _FarSide(parameters)
    far.connect().close()
    with tempfile.TemporaryDirectory(prefix="dbt-tls-") as folder, _listener(Path(folder)) as (near, address):
        done = threading.Event()
        thread = threading.Thread(target=_serve, args=(near, far, done), name="pg-tls", daemon=True)
        thread.start()
        try:
            yield {**without, **address}
        finally:
            done.set()
            thread.join(timeout=2)


@contextmanager
def _listener(folder: Path) -> Iterator[tuple[socket.socket, dict[str, str]]]:
    if sys.platform == "win32":
        near = socket.create_server(("127.0.0.1", 0))
        address = {"host": "127.0.0.1", "port": str(near.getsockname()[1])}
    else:
        near = socket.socket(socket.AF_UNIX)
        # The folder is 0700, made for this.
        near.bind(str(folder / ".s.PGSQL.5432"))
        near.listen()
        address = {"host": str(folder), "port": "5432"}
    with near:
        yield near, address


class _FarSide:
    """How to reach the server in TLS."""

    def __init__(self, parameters: Mapping[str, str]) -> None:
        self._host = parameters.get("host") or "localhost"
        self._address = (parameters.get("hostaddr") or self._host, int(parameters.get("port") or 5432))
        self._mode = parameters.get("sslmode") or "prefer"
        self._direct = parameters.get("sslnegotiation") == "direct"
        self._sni = parameters.get("sslsni", "1") != "0"
        self._timeout_s = float(parameters.get("connect_timeout") or _HANDSHAKE_TIMEOUT_S)
        try:
            self._context = _context(self._mode, parameters)
        except (OSError, ssl.SSLError) as error:
            raise ConnectionFailed(
                f"A certificate file cannot be used: {error}", hint="Check sslrootcert, sslcert and sslkey."
            ) from None

    def connect(self) -> socket.socket:
        """A new connection, encrypted unless sslmode lets it go without. Raises ConnectionFailed."""
        try:
            plain = socket.create_connection(self._address, timeout=self._timeout_s)
        except OSError as error:
            raise ConnectionFailed(f"The server {self._host} cannot be reached: {error}") from None
        try:
            secured = self._secure(plain)
        except (OSError, ssl.SSLError) as error:
            plain.close()
            raise ConnectionFailed(
                f"TLS with {self._host} failed: {error}",
                hint="Check sslmode and sslrootcert; sslmode=require encrypts without checking the certificate.",
            ) from None
        except AppError:
            plain.close()
            raise
        secured.settimeout(None)
        return secured

    def _secure(self, plain: socket.socket) -> socket.socket:
        if not self._direct:
            plain.sendall(_SSL_REQUEST)
            answer = plain.recv(1)
            if answer != b"S":
                if self._mode in ("prefer", "allow"):
                    return plain
                raise ConnectionFailed(
                    f"The server {self._host} has no TLS, which sslmode={self._mode} asks for.",
                    hint="Add sslmode=disable to the URL if the network is trusted.",
                )
        name = self._host if self._sni or self._context.check_hostname else None
        return self._context.wrap_socket(plain, server_hostname=name)


def _context(mode: str, parameters: Mapping[str, str]) -> ssl.SSLContext:
    """libpq's reading of sslmode: require checks the chain only where a root certificate is at hand."""
    root = parameters.get("sslrootcert") or str(Path("~/.postgresql/root.crt").expanduser())
    from_system = root == "system"
    has_root = from_system or Path(root).is_file()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.set_alpn_protocols(["postgresql"])
    context.check_hostname = mode == "verify-full" or from_system
    if mode in ("verify-ca", "verify-full") or (mode == "require" and has_root):
        context.verify_mode = ssl.CERT_REQUIRED
        if from_system:
            context.load_default_certs()
        else:
            context.load_verify_locations(root)
    else:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    certificate = parameters.get("sslcert") or str(Path("~/.postgresql/postgresql.crt").expanduser())
    key = parameters.get("sslkey") or str(Path("~/.postgresql/postgresql.key").expanduser())
    if parameters.get("sslcert") or (Path(certificate).is_file() and Path(key).is_file()):
        # A password would be asked for on the terminal; without one a locked key fails instead.
        context.load_cert_chain(certificate, key, password=lambda: "")
    return context


def _serve(near: socket.socket, far: _FarSide, done: threading.Event) -> None:
    # Not every system wakes the one who waits on a listener when it is closed.
    near.settimeout(_LOOK_UP_EVERY_S)
    while not done.is_set():
        try:
            client, _ = near.accept()
        except TimeoutError:
            continue
        except OSError:
            return
        client.settimeout(None)
        threading.Thread(target=_carry, args=(client, far), name="pg-tls-link", daemon=True).start()


def _carry(client: socket.socket, far: _FarSide) -> None:
    with client:
        try:
            server = far.connect()
        except AppError:
            _log.warning("A further connection for a PostgreSQL tool could not be made", exc_info=True)
            return
        with server:
            back = threading.Thread(target=_pump_back, args=(server, client), name="pg-tls-back", daemon=True)
            back.start()
            _pump(client, server)
            back.join()


def _pump_back(server: socket.socket, client: socket.socket) -> None:
    with suppress(OSError):
        _log_in(server, client)
    _pump(server, client)


def _log_in(server: socket.socket, client: socket.socket) -> None:
    """Hand on the server's messages up to its first word on logging in, without SCRAM-SHA-256-PLUS in it."""
    while True:
        head = _exactly(server, 5)
        if len(head) < 5:
            client.sendall(head)
            return
        kind, length = struct.unpack("!ci", head)
        body = _exactly(server, length - 4)
        if kind == b"R" and body[:4] == _SASL:
            names = [name for name in body[4:].split(b"\0") if name and not name.endswith(b"-PLUS")]
            body = _SASL + b"".join(name + b"\0" for name in names) + b"\0"
        client.sendall(struct.pack("!ci", kind, len(body) + 4) + body)
        if kind in (b"R", b"E"):
            return


def _exactly(source: socket.socket, size: int) -> bytes:
    """That many bytes; fewer where the connection ends."""
    found = b""
    while len(found) < size and (chunk := source.recv(size - len(found))):
        found += chunk
    return found


def _pump(source: socket.socket, sink: socket.socket) -> None:
    """All bytes from one to the other; at the end both are told."""
    try:
        while chunk := source.recv(_CHUNK):
            sink.sendall(chunk)
    except OSError:
        pass
    for end in (sink, source):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
