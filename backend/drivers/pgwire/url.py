"""URLs of PostgreSQL's protocol, as dbmate (lib/pq), libpq and pg_dump can all use them. Pure.

The three disagree: lib/pq hands every parameter it does not know to the server as a setting, where libpq and pg_dump
refuse it; and it refuses some that only libpq knows, which hosting sites put into the URLs they show.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from backend.core.errors import InvalidUrl
from backend.engine.urls import (
    PLACEHOLDER,
    UrlParts,
    build,
    build_params,
    check_port,
    field_text,
    parse,
    parse_params,
)

SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
DEFAULT_SSL_MODE = "require"  # lib/pq's, and so dbmate's; libpq's own is prefer
DEFAULT_DATABASE = "postgres"

# Known to libpq, unknown to lib/pq (tried one by one): dbmate would send them to the server, which refuses.
_LIBPQ_ONLY = frozenset(
    [
        "channel_binding",
        "gssencmode",
        "gssdelegation",
        "gsslib",
        "keepalives",
        "keepalives_idle",
        "keepalives_interval",
        "keepalives_count",
        "replication",
        "require_auth",
        "requirepeer",
        "scram_client_key",
        "scram_server_key",
        "sslcertmode",
        "sslcompression",
        "sslcrl",
        "sslcrldir",
        "sslkeylogfile",
        "sslpassword",
    ]
)
# Other programs' parameters (Prisma, PgBouncer, Supabase, SQLAlchemy), no settings of the server.
_OTHER_PROGRAMS = frozenset(
    [
        "pgbouncer",
        "connection_limit",
        "pool_timeout",
        "pool_max_conns",
        "pool_mode",
        "prepared_statements",
        "prepareThreshold",
        "statement_cache_size",
        "sslidentity",
        "socket_timeout",
        "max_idle_connection_lifetime",
        "uselibpqcompat",
    ]
)
# Known to lib/pq and libpq alike, besides those in the URL's own places.
_CLIENT = frozenset(
    [
        "options",
        "application_name",
        "fallback_application_name",
        "connect_timeout",
        "sslmode",
        "sslcert",
        "sslkey",
        "sslrootcert",
        "sslsni",
        "sslnegotiation",
        "ssl_min_protocol_version",
        "ssl_max_protocol_version",
        "client_encoding",
        "krbsrvname",
        "passfile",
        "service",
        "target_session_attrs",
        "load_balance_hosts",
        "hostaddr",
        "min_protocol_version",
        "max_protocol_version",
        "tcp_user_timeout",
    ]
)
_PQ_ONLY = frozenset(["binary_parameters", "disable_prepared_binary_result", "sslinline", "krbspn"])
_PLACES = ("host", "port", "user", "password", "dbname", "socket")
_FIELDS = ("host", "port", "user", "password", "database", "sslmode", "search_path", "socket")


@dataclass(frozen=True, slots=True)
class PgUrl:
    """A usable URL. `socket` is the folder of a Unix socket; `host` is empty then. `notes` say what was mended."""

    parts: UrlParts
    socket: str = ""
    notes: tuple[str, ...] = ()
    keep_placeholders: bool = False

    @property
    def database(self) -> str:
        return self.parts.path

    @property
    def search_path(self) -> str:
        return self.parts.param("search_path") or ""

    @property
    def ssl_mode(self) -> str | None:
        return self.parts.param("sslmode")

    def text(self) -> str:
        """The URL as dbmate takes it, everything encoded."""
        params = self.parts.params
        if self.socket:
            params = (("socket", self.socket), *params)
            if self.parts.port:
                # Without a host there is no place for it in front.
                params = (params[0], ("port", self.parts.port), *params[1:])
        parts = replace(self.parts, params=params, port="" if self.socket else self.parts.port)
        return build(parts, literal_password=not self.keep_placeholders)

    def settings(self) -> dict[str, str]:
        """The parameters that are settings of the server: lib/pq sends them when it connects. `search_path` too."""
        skipped = _CLIENT | _PQ_ONLY
        return {name: value for name, value in self.parts.params if name not in skipped}

    def client_params(self) -> dict[str, str]:
        """The parameters that libpq takes under the same name, without `options` and `application_name`."""
        taken = _CLIENT - {"options", "application_name"}
        return {name: value for name, value in self.parts.params if name in taken}

    def with_database(self, database: str) -> PgUrl:
        return replace(self, parts=replace(self.parts, path=database))

    def without(self, *names: str) -> PgUrl:
        return replace(self, parts=replace(self.parts, params=self.parts.without(*names)))


def read(url: str, schemes: Sequence[str], *, needs_database: bool = True) -> PgUrl:
    """The URL, traps mended. Raises InvalidUrl where it cannot be mended."""
    parts = parse(url)
    if parts.scheme not in schemes:
        raise InvalidUrl(f"{parts.scheme!r} is not one of {', '.join(schemes)}.")
    notes: list[str] = []
    parts = _in_their_places(parts)
    parts, socket = _host(parts)
    parts = replace(parts, params=tuple(_mended_params(parts.params, notes)))
    path = parts.path.rstrip("/")
    if needs_database and not path:
        raise InvalidUrl(
            "The URL names no database.", hint="It stands after the host: postgres://host:5432/shop"
        )
    check_port(parts.port)
    return PgUrl(
        parts=replace(parts, path=path),
        socket=socket,
        notes=tuple(notes),
        keep_placeholders=bool(parts.password and PLACEHOLDER.search(parts.password) and "${" in url),
    )


def _in_their_places(parts: UrlParts) -> UrlParts:
    """User, password, port and database from parameters into the places where dbmate and pg_dump agree on them."""
    found = {
        name: value for name, value in parts.params if name in _PLACES and name not in ("host", "socket")
    }
    parts = replace(parts, params=parts.without("port", "user", "password", "dbname"))
    return replace(
        parts,
        user=found.get("user", parts.user),
        password=found.get("password", parts.password),
        port=found.get("port", parts.port),
        path=parts.path or found.get("dbname", ""),
    )


def _host(parts: UrlParts) -> tuple[UrlParts, str]:
    """The host, or the socket's folder, wherever it was written."""
    socket = parts.param("socket") or ""
    host = parts.param("host") or parts.host
    parts = replace(parts, params=parts.without("host", "socket"))
    if not socket and host.startswith(("/", "@")):
        socket = host
    if "," in host:
        raise InvalidUrl(
            "The URL names several hosts; dbmate connects to one.",
            hint="Name the primary's host, or the address of a proxy in front of them.",
        )
    return replace(parts, host="" if socket else host), socket


def _mended_params(params: Sequence[tuple[str, str]], notes: list[str]) -> list[tuple[str, str]]:
    mended: list[tuple[str, str]] = []
    for name, value in params:
        if name in _LIBPQ_ONLY or name in _OTHER_PROGRAMS:
            notes.append(
                f"Left out {name}: dbmate would send it to the server as a setting, which refuses it."
            )
        elif name == "schema":
            mended.append(("search_path", value))
            notes.append("Wrote schema as search_path, as dbmate reads it.")
        elif name == "ssl":
            on = value.lower() not in ("false", "0", "disable", "off")
            mended.append(("sslmode", "require" if on else "disable"))
        elif name == "sslmode":
            mended.append((name, _ssl_mode(value)))
        else:
            mended.append((name, value))
    return mended


def _ssl_mode(value: str) -> str:
    if value == "no-verify":
        return "require"
    if value not in SSL_MODES and not PLACEHOLDER.search(value):
        raise InvalidUrl(f"{value!r} is no sslmode.", hint=f"Known: {', '.join(SSL_MODES)}.")
    return value


def to_fields(url: PgUrl) -> dict[str, str]:
    """The connection form; empty fields are left out."""
    named = {
        "host": url.parts.host,
        "port": url.parts.port,
        "user": url.parts.user,
        "password": url.parts.password or "",
        "database": url.database,
        "sslmode": url.ssl_mode or "",
        "search_path": url.search_path,
        "socket": url.socket,
        "parameters": build_params(url.parts.without("sslmode", "search_path")),
    }
    return {name: value for name, value in named.items() if value}


def from_fields(
    fields: Mapping[str, str], scheme: str, schemes: Sequence[str], *, needs_database: bool = True
) -> PgUrl:
    """The URL of a filled-in form. Raises InvalidUrl."""
    params = [
        (name, field_text(fields, name)) for name in ("sslmode", "search_path") if field_text(fields, name)
    ]
    params += parse_params(field_text(fields, "parameters").lstrip("?"))
    socket = field_text(fields, "socket")
    parts = UrlParts(
        scheme=scheme,
        user=field_text(fields, "user"),
        password=fields.get("password") or None,
        host="" if socket else field_text(fields, "host"),
        port=check_port(field_text(fields, "port")),
        path=field_text(fields, "database"),
        params=tuple(params),
    )
    return read(PgUrl(parts=parts, socket=socket).text(), schemes, needs_database=needs_database)


def default_host() -> str:
    """Where dbmate looks when the URL has no host: the usual socket folder, or localhost on Windows."""
    system: str = sys.platform
    if system.startswith("linux"):
        return "/var/run/postgresql"
    return "localhost" if system == "win32" else "/tmp"
