"""MySQL URLs as dbmate and its driver (go-sql-driver) read them. Pure text.

dbmate decodes user and password and hands them on in another notation, so a `:` in a user or a `/`, `?`, `%` in a
database name cannot be said at all. Parameters its driver does not know become session variables.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from backend.core.errors import InvalidUrl
from backend.engine import urls

SCHEMES = ("mysql", "mariadb")
DEFAULT_PORT = 3306
TLS_CHOICES = ("false", "true", "skip-verify", "preferred")
_DRIVER = (
    "allowAllFiles allowCleartextPasswords allowFallbackToPlaintext allowNativePasswords allowOldPasswords charset "
    "checkConnLiveness clientFoundRows collation columnsWithAlias compress connectionAttributes interpolateParams loc "
    "maxAllowedPacket multiStatements parseTime readTimeout rejectReadOnly serverPubKey timeTruncate timeout tls "
    "writeTimeout socket"
)
DRIVER_OPTIONS = frozenset(_DRIVER.split())
"""Parameters of dbmate and its driver; every other one is a session variable."""
_FOREIGN_TLS = frozenset("ssl sslmode ssl-mode usessl ssl_mode requiressl ssl-ca ssl_ca sslca".split())  # noqa: SIM905

_HOST = re.compile(r"(?:[\w.\-]|\$\{\w+\})+|[0-9A-Fa-f:.%]+")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")


@dataclass(frozen=True, slots=True)
class MysqlUrl:
    """A URL in parts, decoded. `password` None: there is none. `params` in their order, without socket and tls."""

    host: str = ""
    port: str = ""
    user: str = ""
    password: str | None = field(default=None, repr=False)
    database: str = ""
    socket: str = ""
    tls: str = ""
    params: tuple[tuple[str, str], ...] = ()

    def text(self) -> str:
        """The URL as dbmate takes it."""
        pairs = [("socket", self.socket)] if self.socket else []
        pairs += [("tls", self.tls)] if self.tls else []
        return urls.build(
            urls.UrlParts(
                scheme="mysql",
                user=self.user,
                password=self.password,
                host=self.host,
                port=self.port,
                path=self.database,
                params=(*pairs, *self.params),
            )
        )

    def with_params(self, **values: str) -> MysqlUrl:
        kept = tuple(pair for pair in self.params if pair[0] not in values)
        return replace(self, params=kept + tuple(values.items()))

    def param(self, name: str) -> str | None:
        return next((value for key, value in self.params if key == name), None)

    @property
    def session_variables(self) -> dict[str, str]:
        """What dbmate's driver would SET after connecting."""
        return {name: value for name, value in self.params if name not in DRIVER_OPTIONS}


def parse(url: str) -> MysqlUrl:
    """The URL's parts. Raises InvalidUrl, naming what to encode, without ever repeating a password."""
    if url.strip().partition("://")[0].lower() not in SCHEMES:
        raise InvalidUrl(
            "A MySQL URL starts with mysql://", hint="For example mysql://user:password@localhost:3306/shop"
        )
    parts = urls.parse(url)
    return _checked(
        MysqlUrl(
            host=parts.host,
            port=parts.port,
            user=parts.user,
            password=parts.password,
            database=parts.path,
            socket=parts.param("socket") or "",
            tls=parts.param("tls") or "",
            params=parts.without("socket", "tls"),
        )
    )


def from_fields(fields: Mapping[str, str]) -> MysqlUrl:
    """A form's fields as a URL. Raises InvalidUrl."""
    options = tuple(urls.parse_params(fields.get("options", "")))
    socket = fields.get("socket", "")
    return _checked(
        MysqlUrl(
            host="" if socket else fields.get("host", ""),
            port="" if socket else fields.get("port", ""),
            user=fields.get("user", ""),
            password=fields["password"] if fields.get("password") else None,
            database=fields.get("database", ""),
            socket=socket,
            tls=fields.get("tls", ""),
            params=options,
        )
    )


def to_fields(url: MysqlUrl) -> dict[str, str]:
    """The inverse of `from_fields`; empty fields are left out."""
    fields = {
        "host": url.host,
        "port": url.port,
        "user": url.user,
        "password": url.password or "",
        "database": url.database,
        "socket": url.socket,
        "tls": url.tls,
        "options": urls.build_params(url.params),
    }
    return {name: value for name, value in fields.items() if value}


def _checked(url: MysqlUrl) -> MysqlUrl:
    for part, name in ((url.user, "user"), (url.password or "", "password"), (url.database, "database name")):
        if any(ord(letter) < 32 or ord(letter) == 127 for letter in part):
            raise InvalidUrl(f"The {name} holds a control character.", hint="Check for a pasted line break.")
    if ":" in url.user:
        raise InvalidUrl(
            "A user name with a colon cannot be used: dbmate would take what follows for the password.",
            hint="Use another database user.",
        )
    if not url.database:
        raise InvalidUrl(
            "The URL names no database.", hint="Add it at the end: mysql://user:password@host:3306/shop"
        )
    odd = next((letter for letter in "/?%" if letter in url.database), None)
    if odd:
        raise InvalidUrl(
            f"A database name with {odd} cannot be used: dbmate would open another one, or none.",
            hint="Rename the database.",
        )
    urls.check_port(url.port)
    if url.host and not _HOST.fullmatch(url.host):
        raise InvalidUrl("The host name holds characters no host has, or there are several hosts.")
    _check_params(url)
    if url.socket:
        return replace(url, host="", port="")
    # Without a host dbmate goes to 127.0.0.1, but its dump tool goes to a socket: say which is meant.
    return url if url.host else replace(url, host="127.0.0.1")


def _check_params(url: MysqlUrl) -> None:
    if url.socket and not url.socket.startswith(("/", "${")):
        raise InvalidUrl(
            "The socket must be a full path.", hint="For example ?socket=/run/mysqld/mysqld.sock"
        )
    if re.search(r"[@()]", url.socket):
        raise InvalidUrl("A socket path with @ or parentheses cannot be used: dbmate misreads it.")
    if url.tls and url.tls.lower() not in TLS_CHOICES and not url.tls.startswith("${"):
        raise InvalidUrl(
            f"tls={url.tls} is not known to dbmate.",
            hint=f"Use tls={' or tls='.join(TLS_CHOICES)}. A certificate authority of your own must be in the "
            "system's trust store.",
        )
    for name, _ in url.params:
        if name.lower() in _FOREIGN_TLS:
            raise InvalidUrl(
                f"dbmate does not know {name}; it would set a server variable of that name and fail.",
                hint="Use tls=true, tls=skip-verify or tls=preferred.",
            )
        if not _VARIABLE.fullmatch(name):
            raise InvalidUrl(
                f"{name!r} is neither an option nor a session variable.",
                hint="For example ?lock_wait_timeout=3",
            )
