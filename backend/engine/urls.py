"""Database URLs of the shape `scheme://user:password@host:port/path?params`, read tolerantly and written strictly. Pure.

People paste URLs with raw `@`, `/`, `#`, `?` or `%` in the password. Those are understood where only one reading
makes sense; what is written is always percent-encoded. `${NAME}` placeholders may stand anywhere and stay as they
are. Nothing here puts a password into a message.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import quote as _percent
from urllib.parse import unquote, unquote_plus

from backend.core.errors import InvalidUrl

HIDDEN = "***"
ENCODE_HINT = (
    "Special characters of a user name or password are written encoded in a URL: "
    "@ as %40, / as %2F, : as %3A, # as %23, ? as %3F, % as %25, a space as %20."
)

PLACEHOLDER = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_]*\}")
_SCHEME = re.compile(r"\s*([A-Za-z][A-Za-z0-9+.\-]*):(//)?")
_NAME = r"\$\{[A-Za-z_][A-Za-z0-9_]*\}"
_HOST = rf"(?:\[[^\]@/\s]*\]|(?:[\w.\-~]|%[0-9A-Fa-f]{{2}}|{_NAME})*)"
_PORT = rf"(?::(?:\d*|{_NAME}))?"
_AFTER_CREDENTIALS = re.compile(
    rf"(?P<hosts>{_HOST}{_PORT}(?:,{_HOST}{_PORT})*)(?P<path>/[^?#@]*)?(?:\?(?P<query>.*))?"
)
_LIKE_CREDENTIALS = re.compile(r":[^@]*@")
_PARAM = re.compile(r"[\w.\-%\[\]]+=[^&]*", re.DOTALL)
_SECRET_PARAM = re.compile(
    r"pass(?:word|wd|phrase|file)?$|pwd$|secret|token|api_?key|access_?key|private_?key|credential|^auth$|signature",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class UrlParts:
    """A URL's parts, percent-decoded. `path` has no leading slash; `host` holds the whole list where there are several
    (`a:1,b:2`, `port` is empty then) and an IPv6 address without brackets."""

    scheme: str
    user: str = ""
    password: str | None = field(default=None, repr=False)
    host: str = ""
    port: str = ""
    path: str = ""
    params: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    def param(self, name: str) -> str | None:
        """The first value of a parameter, or None."""
        return next((value for key, value in self.params if key == name), None)

    def without(self, *names: str) -> tuple[tuple[str, str], ...]:
        """The parameters except those of these names."""
        return tuple((key, value) for key, value in self.params if key not in names)


@dataclass(frozen=True, slots=True)
class _Raw:
    """Where the parts stand in the text, still encoded."""

    scheme: str
    credentials: tuple[int, int] | None
    hosts: str
    path: str | None
    query: tuple[int, int] | None


def parse(url: str) -> UrlParts:
    """The parts of `url`. Raises InvalidUrl, saying what to encode, where it cannot be read or reads in two ways."""
    text = url.strip()
    raw = _read(text)
    user, password = "", None
    if raw.credentials:
        name, colon, secret = text[slice(*raw.credentials)].partition(":")
        user, password = unquote(name), unquote(secret) if colon else None
    host, port = _host_and_port(raw.hosts)
    return UrlParts(
        scheme=raw.scheme.lower(),
        user=user,
        password=password,
        host=host,
        port=port,
        path=unquote(raw.path[1:]) if raw.path else "",
        params=tuple(parse_params(text[slice(*raw.query)])) if raw.query else (),
    )


def build(parts: UrlParts, *, path_safe: str = "", literal_password: bool = True) -> str:
    """The URL of `parts`, everything percent-encoded except placeholders. `path_safe` may let `/` stand in the path.

    A password is taken literally unless it is one whole `${NAME}`, or `literal_password` is off.
    """
    credentials = ""
    if parts.user or parts.password is not None:
        credentials = encode(parts.user)
        credentials += (
            "" if parts.password is None else ":" + _written_password(parts.password, literal_password)
        )
        credentials += "@"
    port = f":{parts.port}" if parts.port else ""
    query = f"?{build_params(parts.params)}" if parts.params else ""
    path = encode(parts.path, safe=path_safe)
    return f"{parts.scheme}://{credentials}{_written_host(parts.host)}{port}/{path}{query}"


def encode(text: str, *, safe: str = "") -> str:
    """Percent-encoded, `${NAME}` placeholders left as they are."""
    pieces: list[str] = []
    position = 0
    for match in PLACEHOLDER.finditer(text):
        pieces += [_percent(text[position : match.start()], safe=safe), match[0]]
        position = match.end()
    return "".join([*pieces, _percent(text[position:], safe=safe)])


def encode_password(password: str) -> str:
    """Percent-encoded and taken literally, except where the whole password is one `${NAME}`."""
    return password if is_placeholder(password) else _percent(password, safe="")


def _written_password(password: str, literal: bool) -> str:
    return encode_password(password) if literal else encode(password)


def is_placeholder(text: str) -> bool:
    """The text is exactly one `${NAME}`."""
    return PLACEHOLDER.fullmatch(text) is not None


def parse_params(query: str) -> Iterator[tuple[str, str]]:
    """`a=b&c=d` as pairs, decoded as Go's net/url does (`+` is a space)."""
    for piece in query.split("&"):
        if piece:
            key, _, value = piece.partition("=")
            yield unquote_plus(key), unquote_plus(value)


def build_params(params: tuple[tuple[str, str], ...] | list[tuple[str, str]]) -> str:
    return "&".join(f"{encode(key, safe='[]')}={encode(value, safe=',')}" for key, value in params)


def is_secret_param(name: str) -> bool:
    """Whether a parameter of this name holds something to hide: password, sslpassword, passfile, token, …"""
    return _SECRET_PARAM.search(name) is not None


def redact(url: str) -> str:
    """The URL with password and secret parameters as `***`; everything else stays as typed. Works on malformed URLs
    too, where more is hidden rather than less. A `${NAME}` is no secret and stays."""
    text = url.strip()
    if is_placeholder(text):
        return text
    try:
        raw = _read(text)
    except InvalidUrl:
        return _redact_malformed(text)
    if raw.credentials is None and raw.query and _LIKE_CREDENTIALS.search(text, raw.query[0]):
        # A password that holds a `?` reads as parameters.
        return _redact_malformed(text)
    if raw.query:
        start, end = raw.query
        text = text[:start] + _redact_query(text[start:end]) + text[end:]
    if raw.credentials:
        start, end = raw.credentials
        user, colon, password = text[start:end].partition(":")
        if colon and password and not is_placeholder(password):
            text = f"{text[:start]}{user}:{HIDDEN}{text[end:]}"
    return text


def password_of(url: str) -> str | None:
    """The decoded password; None where there is none or the URL cannot be read."""
    try:
        return parse(url).password
    except InvalidUrl:
        return None


def with_password(url: str, password: str) -> str:
    """The URL with its password replaced, everything else as typed. Raises InvalidUrl."""
    text = url.strip()
    raw = _read(text)
    if raw.credentials:
        start, end = raw.credentials
        user = text[start:end].partition(":")[0]
        return f"{text[:start]}{user}:{encode_password(password)}{text[end:]}"
    start = text.index("//") + 2
    return f"{text[:start]}:{encode_password(password)}@{text[start:]}"


def without_password(url: str) -> str:
    """The URL with no password at all. Raises InvalidUrl."""
    parts = parse(url)
    return build(replace(parts, password=None), path_safe="/")


def field_text(fields: Mapping[str, str], name: str) -> str:
    """A form field without the blanks around it; passwords are not to be read with this."""
    return (fields.get(name) or "").strip()


def check_port(port: str) -> str:
    """The port as given. Raises InvalidUrl where it is neither a placeholder nor 1 to 65535."""
    if (
        port
        and not is_placeholder(port)
        and not (port.isascii() and port.isdigit() and 0 < int(port) < 65536)
    ):
        raise InvalidUrl(f"{port!r} is not a port.", hint="A port is a number from 1 to 65535.")
    return port


# -- reading ---------------------------------------------------------------------------------------------------------


def _read(text: str) -> _Raw:
    if any(ord(character) < 32 or character == "\x7f" for character in text):
        raise InvalidUrl(
            "The URL holds a line break or another control character.", hint="Paste it as one line."
        )
    scheme = _SCHEME.match(text)
    if scheme is None:
        raise InvalidUrl("The URL has no scheme.", hint="It begins like postgres:// or mysql://.")
    if scheme[2] is None:
        raise InvalidUrl(
            f"After {scheme[1]}: the URL needs two slashes.", hint=f"For example {scheme[1]}://host/name"
        )
    start = scheme.end()
    ends = [position for position in (text.find(mark, start) for mark in "/?#") if position >= 0]
    at = text.rfind("@", start, min(ends, default=len(text)))
    strict = _reading(text, scheme[1], start, at if at >= 0 else None)
    if strict is not None:
        return strict
    readings = [
        reading
        for mark in (match.start() for match in re.finditer("@", text[start:]))
        if (reading := _reading(text, scheme[1], start, start + mark)) is not None
        and ":" in text[start : start + mark]
    ]
    if len(readings) == 1:
        return readings[0]
    if readings:
        raise InvalidUrl(
            "The URL can be read in more than one way: it is unclear where the password ends.",
            hint=ENCODE_HINT,
        )
    raise InvalidUrl("The URL cannot be read.", hint=ENCODE_HINT)


def _reading(text: str, scheme: str, start: int, at: int | None) -> _Raw | None:
    """The URL read with its credentials ending at the `@` at `at`; None where the rest would make no sense."""
    rest = start if at is None else at + 1
    match = _AFTER_CREDENTIALS.fullmatch(text, rest)
    if match is None:
        return None
    query = match["query"]
    if query and not all(_PARAM.fullmatch(piece) for piece in query.split("&") if piece):
        return None
    return _Raw(
        scheme=scheme,
        credentials=None if at is None else (start, at),
        hosts=match["hosts"],
        path=match["path"],
        query=match.span("query") if query else None,
    )


def _host_and_port(hosts: str) -> tuple[str, str]:
    if "," in hosts:
        return hosts, ""
    if hosts.startswith("["):
        host, _, port = hosts[1:].partition("]")
        return unquote(host), port.removeprefix(":")
    host, _, port = hosts.partition(":")
    return unquote(host), port


def _written_host(host: str) -> str:
    if "," in host:
        return host
    return f"[{encode(host, safe=':')}]" if ":" in host else encode(host)


def _redact_query(query: str) -> str:
    pieces = []
    for piece in query.split("&"):
        key, equals, value = piece.partition("=")
        hide = equals and value and is_secret_param(unquote_plus(key)) and not is_placeholder(value)
        pieces.append(f"{key}={HIDDEN}" if hide else piece)
    return "&".join(pieces)


def _redact_malformed(text: str) -> str:
    scheme = _SCHEME.match(text)
    if scheme is None:
        return HIDDEN
    start = text[: scheme.end()].lstrip()
    rest = text[scheme.end() :]
    at = rest.rfind("@")
    if at < 0:
        return f"{start}{HIDDEN}"
    user, colon, _ = rest[:at].partition(":")
    tail, mark, query = rest[at + 1 :].partition("?")
    shown = user if colon and re.fullmatch(r"[\w.\-%]*", user) else HIDDEN
    return f"{start}{shown}:{HIDDEN}@{tail}{mark}{_redact_query(query)}"
