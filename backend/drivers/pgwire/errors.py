"""What a PostgreSQL server, its driver or dbmate says, as the application's errors. No secret goes into a message."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from backend.core.catalogue import because
from backend.core.errors import (
    AppError,
    AuthenticationFailed,
    Conflict,
    ConnectionFailed,
    ConstraintViolation,
    DatabaseMissing,
    DiskFull,
    LockTimeout,
    PermissionDenied,
    ReadOnly,
    SqlFailed,
    SyntaxProblem,
    TimedOut,
)

from .hints import CAUSES, HINTS
from .reasons import reason_of, reason_of_connecting
from .url import PgUrl

if TYPE_CHECKING:
    import psycopg

_BY_STATE: dict[str, type[AppError]] = {
    "08": ConnectionFailed,
    "23": ConstraintViolation,
    "25006": ReadOnly,
    "28": AuthenticationFailed,
    "3D000": DatabaseMissing,
    "40001": LockTimeout,
    "40P01": LockTimeout,
    "42501": PermissionDenied,
    "42601": SyntaxProblem,
    "42P04": Conflict,
    "53100": DiskFull,
    "53300": ConnectionFailed,
    "55006": Conflict,
    "55P03": LockTimeout,
    "57014": TimedOut,
    "57P": ConnectionFailed,
}
_CONNECTING: tuple[tuple[str, type[AppError], str | None], ...] = (
    (r"password authentication failed|no password supplied|authentication (?:method|failed)|role .* does not exist"
     r"|peer authentication|28P01|28000", AuthenticationFailed, None),
    (r"no pg_hba\.conf entry|pg_hba\.conf rejects", AuthenticationFailed,
     "The server's pg_hba.conf does not let this user in from here, or not without TLS."),
    (r"database .* does not exist|3D000", DatabaseMissing, None),
    (r"permission denied for database", PermissionDenied, None),
    (r"does not support SSL|SSL is not enabled|server refused TLS|SSLRequest", ConnectionFailed,
     "The server has no TLS, which dbmate asks for unless the URL says sslmode=disable. "
     "Add that if the network is trusted."),
    (r"certificate|SSL error|tls:|x509", ConnectionFailed,
     "TLS failed. Check sslmode and sslrootcert; sslmode=require encrypts without checking the certificate."),
    (r"too many (?:clients|connections)|remaining connection slots", ConnectionFailed,
     "The server has no free connection. Close some sessions or raise max_connections."),
    (r"no such host|could not translate host name|Name or service not known|nodename nor servname"
     r"|Temporary failure in name resolution", ConnectionFailed,
     "No server has this name. Check the host for a typing error."),
    (r"connection refused", ConnectionFailed, "Check host and port, and that the server is running and listens there."),
    (r"timeout expired|timed out|i/o timeout|no route|unreachable", ConnectionFailed,
     "No answer came. Check host, port and firewall, and that the network (VPN) is up."),
    (r"No such file or directory", ConnectionFailed, "There is no socket in this folder. Check its path and the port."),
    (r"starting up|shutting down|recovery mode", ConnectionFailed,
     "The server is starting or stopping. Try again in a moment."),
)  # fmt: skip
# In use by the very transaction, not by others.
_OF_ITSELF = re.compile(r"pending trigger events|being used by active queries")


@contextmanager
def translated(url: PgUrl) -> Iterator[None]:
    """Turns psycopg's errors into the application's, and takes the URL's secrets out of what they say."""
    import psycopg

    try:
        yield
    except psycopg.Error as error:
        raise from_driver(error, url) from None
    except (OSError, UnicodeError) as error:
        raise ConnectionFailed(_clean(f"The server cannot be reached: {error}", url)) from None


def from_driver(error: psycopg.Error, url: PgUrl) -> AppError:
    """One of psycopg's errors. `details.sqlstate` where the server gave one, `details.position` from 1."""
    diagnosis = error.diag
    state = error.sqlstate or ""
    message = diagnosis.message_primary or str(error) or type(error).__name__
    if not state:
        return connecting(_clean(message, url))
    details: dict[str, Any] = {"sqlstate": state}
    if diagnosis.statement_position and diagnosis.statement_position.isdigit():
        details["position"] = int(diagnosis.statement_position)
    for name, value in (
        ("detail", diagnosis.message_detail),
        ("constraint", diagnosis.constraint_name),
        ("table", diagnosis.table_name),
        ("column_name", diagnosis.column_name),
        ("context", diagnosis.context),
    ):
        if value:
            details[name] = _clean(value, url)
    return by_state(state, _clean(message, url), hint=diagnosis.message_hint, **details)


def by_state(state: str, message: str, *, hint: str | None = None, **details: Any) -> AppError:
    """The error of an SQLSTATE, with the server's words and our hint."""
    return because(_by_state(state, message, hint, details), reason_of(state, message), "postgres")


def _by_state(state: str, message: str, hint: str | None, details: dict[str, Any]) -> AppError:
    known = next((_BY_STATE[key] for key in (state, state[:3], state[:2]) if key in _BY_STATE), SqlFailed)
    if state == "57014" and "timeout" not in message:
        return SqlFailed(
            f"The statement was cancelled: {message}",
            hint="Someone stopped it on the server.",
            sqlstate=state,
            **details,
        )
    if state == "55006" and _OF_ITSELF.search(message):
        known = SqlFailed
    for pattern, cause in CAUSES:
        if re.search(pattern, message):
            return known(_sentence(message), hint=cause, sqlstate=state, **_without_state(details))
    advice = hint or HINTS.get(state) or HINTS.get(state[:2])
    return known(_sentence(message), hint=advice, sqlstate=state, **_without_state(details))


def connecting(message: str) -> AppError:
    """A failure to connect, which comes without an SQLSTATE, by its words."""
    # Its lines are sentences: "Connection refused", "Is the server running …?"
    words = " ".join(re.sub(r"(?<![.:;?])\s*\n\s*", ". ", message.strip()).split())
    words = re.sub(r"^connection failed: ", "", words)
    # A name says nothing: a database may be called "a role of mine".
    nameless = re.sub(r'"[^"]*"', '""', words)
    reason = reason_of_connecting(nameless)
    for pattern, kind, hint in _CONNECTING:
        if re.search(pattern, nameless, re.IGNORECASE):
            return because(kind(_sentence(words), hint=hint), reason, "postgres")
    return because(ConnectionFailed(_sentence(words)), reason, "postgres")


def _without_state(details: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in details.items() if name != "sqlstate"}


def _sentence(message: str) -> str:
    text = message.strip()
    text = re.sub(r"^(?:FATAL|ERROR):\s+", "", text)
    return text[:1].upper() + text[1:]


def _clean(text: str, url: PgUrl) -> str:
    for secret in (url.parts.password, url.parts.param("sslpassword")):
        if secret and len(secret) > 2:
            text = text.replace(secret, "***")
    return text
