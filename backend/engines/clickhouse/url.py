"""ClickHouse URLs as dbmate's driver (clickhouse-go) reads them; mended where the meaning is clear. Pure text.

dbmate is strict about TLS: `clickhouse+https://` is refused without `secure=true`, `clickhouse+http://` with it, and
`clickhouse://…?secure=true` still goes to port 9000. User, password and database may stand in parameters, which win.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qsl, quote, unquote

from backend.core.errors import InvalidUrl

SCHEMES = ("clickhouse", "clickhouse+http", "clickhouse+https")
PROTOCOLS = {"native": "clickhouse", "http": "clickhouse+http", "https": "clickhouse+https"}
PORTS = {"clickhouse": 9000, "clickhouse+http": 8123, "clickhouse+https": 8443}
SECURE_NATIVE_PORT = 9440
CLUSTER = ("on_cluster", "cluster_macro", "replica_macro", "zoo_path")
# What clickhouse-go keeps to itself; every other parameter becomes a setting of each query.
DRIVER_OPTIONS = frozenset(
    {
        "secure",
        "skip_verify",
        "dial_timeout",
        "read_timeout",
        "compress",
        "compress_level",
        "block_buffer_size",
        "max_compression_buffer",
        "connection_open_strategy",
        "debug",
        "http_proxy",
        "http_path",
        "client_info_product",
        "max_open_conns",
        "max_idle_conns",
        "conn_max_lifetime",
        "username",
        "password",
        "database",
    }
)
EXAMPLE = "clickhouse://user:password@localhost:9000/shop"

_NAME = r"\$\{\w+\}"
_HOST = rf"(?:\[[0-9A-Fa-f:.%]+\]|(?:[A-Za-z0-9._-]|{_NAME})+)(?::(?:\d+|{_NAME}))?"
_TAIL = rf"(?P<hosts>{_HOST}(?:,{_HOST})*)(?:/(?P<database>[^?#@]*))?(?:\?(?P<query>[^#]*))?"
_STRICT = re.compile(rf"(?:(?P<user>[^:@/?#]*)(?::(?P<password>[^@/?#]*))?@)?{_TAIL}", re.DOTALL)
_RAW = re.compile(rf"(?P<user>[^:@/]*):(?P<password>.*)@{_TAIL}", re.DOTALL)
_PIECES = re.compile(rf"({_NAME})|(%[0-9A-Fa-f]{{2}})")
_WHOLE_NAME = re.compile(_NAME)
_TRUE = frozenset({"1", "t", "T", "true", "TRUE", "True"})


@dataclass(frozen=True, slots=True)
class ClickHouseUrl:
    """A URL in parts, still percent-encoded (so that `${NAME}` and an encoded `$` stay apart); see the properties."""

    scheme: str
    raw_hosts: str
    raw_user: str = ""
    raw_password: str | None = field(default=None, repr=False)
    raw_database: str = ""
    options: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    """Decoded, in their order."""

    def text(self) -> str:
        """The URL as dbmate takes it."""
        login = ""
        if self.raw_user or self.raw_password is not None:
            login = self.raw_user + (f":{self.raw_password}" if self.raw_password is not None else "") + "@"
        query = "&".join(f"{name}={encoded(value)}" for name, value in self.options)
        path = f"/{self.raw_database}" if self.raw_database else ""
        return f"{self.scheme}://{login}{self.raw_hosts}{path}" + (f"?{query}" if query else "")

    def option(self, name: str) -> str:
        return next((value for key, value in self.options if key == name), "")

    def with_options(self, **values: str) -> ClickHouseUrl:
        """The same with these parameters in place of those of the same names; an empty value removes one."""
        kept = tuple(pair for pair in self.options if pair[0] not in values)
        return replace(self, options=kept + tuple((name, value) for name, value in values.items() if value))

    @property
    def user(self) -> str:
        return self.option("username") or unquote(self.raw_user)

    @property
    def password(self) -> str | None:
        in_query = self.option("password")
        return in_query or (None if self.raw_password is None else unquote(self.raw_password))

    @property
    def database(self) -> str:
        """As dbmate takes it: `default` where the URL names none."""
        return self.option("database") or unquote(self.raw_database) or "default"

    @property
    def is_http(self) -> bool:
        return self.scheme != "clickhouse"

    @property
    def is_secure(self) -> bool:
        return self.scheme == "clickhouse+https" or self.option("secure") in _TRUE

    @property
    def skips_verification(self) -> bool:
        return self.option("skip_verify") in _TRUE

    @property
    def addresses(self) -> list[tuple[str, int]]:
        """Every (host, port), in the order in which they are tried."""
        found = []
        for one in self.raw_hosts.split(","):
            host, _, port = one.rpartition(":") if re.search(r":\d+$", one) else (one, "", "")
            found.append((host.strip("[]"), int(port) if port else PORTS[self.scheme]))
        return found

    @property
    def settings(self) -> dict[str, str]:
        """The parameters that are settings of every query."""
        return {n: v for n, v in self.options if n not in DRIVER_OPTIONS and n not in CLUSTER}

    @property
    def on_cluster(self) -> str | None:
        """What stands after ON CLUSTER, or None."""
        if not any(name == "on_cluster" and value in ("", "true") for name, value in self.options):
            return None
        return self.option("cluster_macro") or "{cluster}"


def parse(url: str) -> ClickHouseUrl:
    """The URL's parts, mended. Raises InvalidUrl, with the right spelling, where dbmate would refuse or misread it."""
    scheme, colon, rest = url.strip().partition("://")
    scheme = scheme.lower()
    if not colon or scheme not in SCHEMES:
        raise InvalidUrl(
            "A ClickHouse URL starts with clickhouse://, clickhouse+http:// or clickhouse+https://.",
            hint=f"For example {EXAMPLE}",
        )
    match = _STRICT.fullmatch(rest) or _RAW.fullmatch(rest)
    if match is None:
        raise InvalidUrl(
            f"The ClickHouse URL cannot be read: it should be {scheme}://user:password@host:port/database.",
            hint="Write special characters of the password percent-encoded: @ as %40, / as %2F, # as %23, ? as %3F, "
            "% as %25, space as %20.",
        )
    query = match["query"] or ""
    return _mended(
        ClickHouseUrl(
            scheme=scheme,
            raw_hosts=match["hosts"],
            raw_user=requoted(match["user"] or ""),
            raw_password=None if match["password"] is None else requoted(match["password"]),
            raw_database=requoted((match["database"] or "").strip("/")),
            options=tuple(parse_qsl(query, keep_blank_values=True)),
        )
    )


def _mended(url: ClickHouseUrl) -> ClickHouseUrl:
    if "/" in unquote(url.raw_database):
        raise InvalidUrl(
            "The URL names more than one database.", hint=f"One name follows the host, as in {EXAMPLE}"
        )
    if url.scheme == "clickhouse+https" and url.option("secure") not in _TRUE:
        return url.with_options(secure="true")
    if url.scheme == "clickhouse+http" and url.option("secure"):
        if url.option("secure") in _TRUE:
            raise InvalidUrl(
                "clickhouse+http:// cannot have secure=true.", hint="Write clickhouse+https:// for TLS."
            )
        return url.with_options(secure="")
    if url.scheme == "clickhouse" and url.is_secure:
        hosts = [
            one if re.search(rf":(?:\d+|{_NAME})$", one) else f"{one}:{SECURE_NATIVE_PORT}"
            for one in url.raw_hosts.split(",")
        ]
        return replace(url, raw_hosts=",".join(hosts))
    return url


def from_fields(fields: Mapping[str, str]) -> ClickHouseUrl:
    """A form's fields as a URL. Raises InvalidUrl."""
    protocol = fields.get("protocol") or "native"
    if protocol not in PROTOCOLS:
        raise InvalidUrl(f"No protocol named {protocol!r}. Known: {', '.join(PROTOCOLS)}.")
    host = (fields.get("host") or "").strip() or "localhost"
    hosts = f"[{host}]" if host.count(":") > 1 and not host.startswith("[") else host
    if fields.get("port"):
        hosts = f"{hosts}:{fields['port']}"
    if not re.fullmatch(rf"{_HOST}(?:,{_HOST})*", hosts):
        raise InvalidUrl(
            "Host or port is not valid.", hint="A host is a name or an address, a port a number."
        )
    options: list[tuple[str, str]] = []
    if fields.get("secure") and protocol != "http":
        options.append(("secure", fields["secure"]))
    options += [(name, fields[name]) for name in ("skip_verify", *CLUSTER) if fields.get(name)]
    options += parse_qsl(fields.get("options") or "", keep_blank_values=True)
    password = fields.get("password")
    return _mended(
        ClickHouseUrl(
            scheme=PROTOCOLS[protocol],
            raw_hosts=hosts,
            raw_user=encoded(fields.get("user") or ""),
            raw_password=encoded_password(password) if password else None,
            raw_database=encoded(fields.get("database") or ""),
            options=tuple(options),
        )
    )


def to_fields(url: ClickHouseUrl) -> dict[str, str]:
    """The inverse of `from_fields`; empty fields are left out."""
    host, port = url.raw_hosts, ""
    if "," not in host and (found := re.search(rf":(\d+|{_NAME})$", host)):
        host, port = host[: found.start()], found[1]
    named = ("secure", "skip_verify", *CLUSTER)
    secure = "" if url.scheme == "clickhouse+https" else url.option("secure")
    rest = [
        f"{name}={encoded(value)}"
        for name, value in url.options
        if name not in named and name not in ("username", "password", "database")
    ]
    on_cluster = "true" if url.on_cluster is not None else url.option("on_cluster")
    fields = {
        "protocol": next(name for name, scheme in PROTOCOLS.items() if scheme == url.scheme),
        "host": host.strip("[]"),
        "port": port,
        "user": url.user,
        "password": url.password or "",
        "database": url.option("database") or unquote(url.raw_database),
        "secure": secure,
        "skip_verify": url.option("skip_verify"),
        "on_cluster": on_cluster,
        **{name: url.option(name) for name in CLUSTER[1:]},
        "options": "&".join(rest),
    }
    return {name: value for name, value in fields.items() if value}


def with_password(url: ClickHouseUrl, password: str) -> ClickHouseUrl:
    """The same with another password, wherever the old one stands."""
    if url.option("password"):
        options = tuple((n, password if n == "password" else v) for n, v in url.options)
        return replace(url, options=options)
    return replace(url, raw_password=encoded_password(password))


def encoded(text: str) -> str:
    """Percent-encoded for any place in a URL; each `${NAME}` stays."""
    return "".join(
        piece if _WHOLE_NAME.fullmatch(piece) else quote(piece, safe="")
        for piece in re.split(rf"({_NAME})", text)
    )


def encoded_password(password: str) -> str:
    """Percent-encoded, taken literally, except where the whole is one `${NAME}`."""
    return password if _WHOLE_NAME.fullmatch(password) else quote(password, safe="")


def requoted(raw: str) -> str:
    """Text of a URL with what must be encoded encoded; escapes and `${NAME}` that are there stay."""
    parts, position = [], 0
    for match in _PIECES.finditer(raw):
        parts += [quote(raw[position : match.start()], safe=""), match.group()]
        position = match.end()
    return "".join(parts) + quote(raw[position:], safe="")


def redact(url: str) -> str:
    """The URL with its password as `***`; works on malformed ones too and errs to hide."""
    url = re.sub(rf"(?i)([?&]password=)(?!{_NAME}(?:&|$))[^&]*", r"\1***", url)
    scheme, colon, rest = url.partition("://")
    if not colon:
        return url if "@" not in url else "***@" + url.rpartition("@")[2]
    match = _STRICT.fullmatch(rest) or _RAW.fullmatch(rest)
    password = match["password"] if match else None
    if match and password:
        shown = password if _WHOLE_NAME.fullmatch(password) else "***"
        start, end = match.span("password")
        return f"{scheme}://{rest[:start]}{shown}{rest[end:]}"
    if match:
        return url
    head, at, tail = rest.rpartition("@")
    if not at:
        return url
    user, separator, _ = head.partition(":")
    return f"{scheme}://{user if separator else '***'}{':***' if separator else ''}@{tail}"
