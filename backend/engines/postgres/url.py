"""PostgreSQL's connection form and URLs. Pure."""

from __future__ import annotations

from backend.drivers.pgwire.url import SSL_MODES, PgUrl, read
from backend.models.connection import UrlField

SCHEMES = ("postgres", "postgresql", "redshift")
FORM_SCHEME = "postgres"


def parsed(url: str, *, needs_database: bool = True) -> PgUrl:
    """The URL, traps mended. Raises InvalidUrl."""
    return read(url, SCHEMES, needs_database=needs_database)


def fields() -> list[UrlField]:
    """The connection form."""
    return [
        UrlField(name="host", label="Host", default="localhost", placeholder="localhost"),
        UrlField(name="port", label="Port", kind="number", default="5432", placeholder="5432"),
        UrlField(name="user", label="User", placeholder="app"),
        UrlField(name="password", label="Password", kind="password"),
        UrlField(name="database", label="Database", required=True, placeholder="shop"),
        UrlField(
            name="sslmode",
            label="TLS",
            kind="choice",
            choices=["", *SSL_MODES],
            help="Empty means require, as dbmate takes it; a server on this machine often needs disable.",
        ),
        UrlField(
            name="search_path",
            label="Search path",
            advanced=True,
            placeholder="app,public",
            help="Schemas looked through, in order. The first one holds the migrations table.",
        ),
        UrlField(
            name="socket",
            label="Unix socket folder",
            kind="path",
            advanced=True,
            placeholder="/var/run/postgresql",
            help="Instead of a host: the folder with the server's socket.",
        ),
        UrlField(
            name="parameters",
            label="More parameters",
            advanced=True,
            placeholder="connect_timeout=5&statement_timeout=30s",
            help="name=value, joined with &. Names that are no connection parameters become settings of the server.",
        ),
    ]
