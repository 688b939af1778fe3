"""MySQL URLs as dbmate and its driver (go-sql-driver) read them. Pure text.

dbmate decodes user and password and hands them on in another notation, so a `:` in a user or a `/`, `?`, `%` in a
database name cannot be said at all. Parameters its driver does not know become session variables.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qsl, quote, unquote

from backend.core.errors import InvalidUrl

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

_PLACEHOLDER = re.compile(r"\$\{\w+\}")
_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
_HOST = r"(?:\[[^\]/?#@]*\]|[^\s/:@?#\[\]]*)"
_PORT = r"(?::(?:\d+|\$\{\w+\})?)?"
_TAIL = rf"(?P<host>{_HOST})(?P<port>{_PORT})(?:/(?P<database>[^/?#]*))?(?:\?(?P<query>[^#]*))?"
_STANDARD = re.compile(rf"(?:(?P<login>[^/?#]*)@)?{_TAIL}")
# The password may hold / ? # and @ as they are, where what follows the last @ can only be host and database.
_RAW = re.compile(rf"(?P<login>.*)@{_TAIL}", re.DOTALL)
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")


@dataclass(frozen=True, slots=True)
class MysqlUrl:
    """A URL in parts, decoded. `password` is None where there is none; `params` in their order, without socket and tls."""

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
        login = _encoded(self.user)
        if self.password is not None:
            login += ":" + encoded_password(self.password)
        pairs = [("socket", self.socket)] if self.socket else []
        pairs += [("tls", self.tls)] if self.tls else []
        pairs += self.params
        query = "&".join(f"{name}={_encoded(value)}" for name, value in pairs)
        port = f":{self.port}" if self.port and not self.socket else ""
        host = "" if self.socket else self.host
        at = "@" if login else ""
        return f"mysql://{login}{at}{host}{port}/{_encoded(self.database)}" + (f"?{query}" if query else "")

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
    """The URL's parts. Raises InvalidUrl, naming what to encode, without ever repeating the URL."""
    scheme, separator, rest = url.strip().partition("://")
    if not separator or scheme.lower() not in SCHEMES:
        raise InvalidUrl(
            "A MySQL URL starts with mysql://", hint="For example mysql://user:password@localhost:3306/shop"
        )
    found = _STANDARD.fullmatch(rest) or _RAW.fullmatch(rest)
    if found is None:
        raise InvalidUrl(
            "The URL cannot be read: it should be mysql://user:password@host:port/database?options",
            hint="Encode special characters in user and password: / is %2F, ? is %3F, # is %23, @ is %40, % is %25.",
        )
    user, has_password, password = (found["login"] or "").partition(":")
    pairs = parse_qsl(found["query"] or "", keep_blank_values=True)
    named = dict(pairs)
    return _checked(
        MysqlUrl(
            host=found["host"],
            port=found["port"].lstrip(":"),
            user=_decoded(user),
            password=_decoded(password) if has_password else None,
            database=_decoded(found["database"] or ""),
            socket=named.get("socket", ""),
            tls=named.get("tls", ""),
            params=tuple(pair for pair in pairs if pair[0] not in ("socket", "tls")),
        )
    )


def from_fields(fields: Mapping[str, str]) -> MysqlUrl:
    """A form's fields as a URL. Raises InvalidUrl."""
    options = tuple(parse_qsl(fields.get("options", ""), keep_blank_values=True))
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
        "options": "&".join(f"{name}={_encoded(value)}" for name, value in url.params),
    }
    return {name: value for name, value in fields.items() if value}


def redact(url: str) -> str:
    """The URL with its password as `***`; never raises, and hides too much rather than too little."""
    try:
        parsed = parse(url)
    except InvalidUrl:
        return _redact_anything(url)
    if parsed.password is None or _PLACEHOLDER.fullmatch(parsed.password):
        return parsed.text()
    return replace(parsed, password="***").text().replace(":%2A%2A%2A@", ":***@", 1)


def _redact_anything(url: str) -> str:
    scheme, separator, rest = url.strip().partition("://")
    if not separator:
        return "***" if "@" in url or ":" in url else url
    login, at, tail = rest.rpartition("@")
    if at:
        user = re.split(r"[:/?#]", login, maxsplit=1)[0]
        return f"{scheme}://{user}:***@{tail}" if user != login else f"{scheme}://{user}@{tail}"
    return f"{scheme}://{re.sub(r':.*', ':***', rest, flags=re.DOTALL)}"


def encoded_password(password: str) -> str:
    """Literally, every special character encoded; a whole `${NAME}` stays as written."""
    return password if _PLACEHOLDER.fullmatch(password) else quote(password, safe="")


def _encoded(text: str) -> str:
    """Encoded, with `${NAME}` anywhere in it kept."""
    parts = re.split(r"(\$\{\w+\})", text)
    return "".join(part if index % 2 else quote(part, safe="") for index, part in enumerate(parts))


def _decoded(text: str) -> str:
    # A lone % was meant as it stands: url.Parse of dbmate would refuse it, so nobody has it encoded already.
    return unquote(text) if "%" not in _ESCAPE.sub("", text) else text


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
    if url.port and not url.port.startswith("${") and not (url.port.isdigit() and 0 < int(url.port) < 65536):
        raise InvalidUrl("The port must be a number from 1 to 65535.")
    if not re.fullmatch(rf"{_HOST}|\$\{{\w+\}}", url.host):
        raise InvalidUrl(
            "The host name holds characters no host has.", hint="Write an IPv6 address in [brackets]."
        )
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
