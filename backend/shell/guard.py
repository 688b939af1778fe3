"""Who may talk to the local server: loopback, our own Host and Origin, and the cookie that the first link gave."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, field

KEY_PARAMETER = "key"

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
        "font-src 'self' data:; worker-src 'self' blob:; connect-src 'self'; object-src 'none'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@dataclass
class Guard:
    """The per-start secrets and the checks. `port` is set once the server is bound."""

    port: int = 0
    extra_ports: frozenset[int] = frozenset()
    """A development server that proxies to us."""
    key: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    cookie: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)

    @property
    def cookie_name(self) -> str:
        """With the port in it: browsers share cookies between the ports of a host, and two apps may run."""
        return f"dbtoolkit_{self.port}"

    @property
    def shell_cookie_name(self) -> str:
        return f"dbtoolkit_shell_{self.port}"

    def link(self, *, seen_in: str = "browser") -> str:
        suffix = "&shell=window" if seen_in == "window" else ""
        return f"http://127.0.0.1:{self.port}/open?{KEY_PARAMETER}={self.key}{suffix}"

    def is_own_host(self, host: str | None) -> bool:
        """Is the Host header one of ours? A name that only resolves here (DNS rebinding) is not."""
        return host in self._hosts()

    def is_own_origin(self, origin: str | None) -> bool:
        """True for our own origin, and where the browser sends none (same-origin GET)."""
        return origin is None or origin in {f"http://{host}" for host in self._hosts()}

    def is_key(self, given: str | None) -> bool:
        return given is not None and hmac.compare_digest(given.encode(), self.key.encode())

    def is_cookie(self, given: str | None) -> bool:
        return given is not None and hmac.compare_digest(given.encode(), self.cookie.encode())

    def _hosts(self) -> set[str]:
        ports = {self.port, *self.extra_ports}
        return {f"{name}:{port}" for name in ("127.0.0.1", "localhost") for port in ports}
