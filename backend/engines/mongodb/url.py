"""MongoDB's URLs: reading, mending and hiding them. Pure; no driver here. The form's fields are in `form.py`.

`mongodb://user:password@host:27017,host2/database?option=value`, or `mongodb+srv://…` for one name that DNS resolves.
A `${NAME}` may stand anywhere and is carried through as it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote

from backend.core.errors import InvalidUrl

SCHEMES = ("mongodb", "mongodb+srv")
DEFAULT_PORT = 27017
EXAMPLE = "mongodb://user:password@localhost:27017/shop"

_PLACEHOLDER = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_]*\}")
_HOST = r"(?:\[[0-9A-Fa-f:.%]+\]|[^\s/@:,?#\[\]]+)(?::[^\s/@:,?#]*)?"
_HOSTS = re.compile(rf"{_HOST}(?:,{_HOST})*")
# MongoDB refuses these in database names; on Windows servers a few more.
_BAD_IN_DATABASE = set('/\\. "$*<>:|?\0')
_SECRET_OPTIONS = {"tlscertificatekeyfilepassword", "sslpemkeypassword", "proxypassword", "password"}


@dataclass(frozen=True, slots=True)
class Parts:
    """A URL cut into its pieces, every piece still as written."""

    scheme: str
    user: str | None
    password: str | None
    hosts: str
    database: str
    query: str
    raw: bool
    """True where special characters stood unencoded, so that user and password are taken literally."""

    @property
    def options(self) -> list[tuple[str, str]]:
        """The query as decoded (name, value) pairs, in order."""
        pairs = [item.partition("=") for item in re.split(r"[&;]", self.query) if item]
        return [(decode(name), decode(value)) for name, _, value in pairs]


def is_placeholder(text: str) -> bool:
    """Is the whole text one `${NAME}`?"""
    return _PLACEHOLDER.fullmatch(text) is not None


def encode(text: str) -> str:
    """Percent-encode everything but letters, digits, `_.-~` and whole `${NAME}` placeholders."""
    found = _PLACEHOLDER.findall(text)
    pieces = _PLACEHOLDER.split(text)
    return "".join(
        quote(piece, safe="") + (found[i] if i < len(found) else "") for i, piece in enumerate(pieces)
    )


def encode_secret(text: str) -> str:
    """Encode a password literally, except where it is exactly one `${NAME}`."""
    return text if is_placeholder(text) else quote(text, safe="")


def decode(text: str) -> str:
    """Percent-decode; a `%` that starts no code stands for itself."""
    return unquote(text, errors="replace")


def parse(url: str) -> Parts:
    """Cut a URL into pieces. Raises InvalidUrl, never repeating the URL (it may hold a secret)."""
    scheme, separator, rest = url.strip().partition("://")
    scheme = scheme.lower()
    if scheme not in SCHEMES or not separator:
        raise InvalidUrl(
            "A MongoDB URL starts with mongodb:// or mongodb+srv://.", hint=f"For example {EXAMPLE}"
        )
    if not rest:
        raise InvalidUrl("The URL names no server.", hint=f"For example {EXAMPLE}")
    return _parse_strictly(scheme, rest) or _parse_raw(scheme, rest)


def _parse_strictly(scheme: str, rest: str) -> Parts | None:
    """Read by the rules, where everything special is encoded; None where that makes no sense."""
    end = min(
        (found for found in (_find_outside(rest, mark) for mark in "/?#") if found >= 0), default=len(rest)
    )
    authority, tail = rest[:end], rest[end:]
    login, at, hosts = authority.rpartition("@")
    path, _, query = tail.partition("?")
    database = path.removeprefix("/")
    sensible = (
        is_hosts(hosts)
        and "#" not in tail
        and "@" not in path
        and "/" not in database
        and not re.search(r"[@\s]", login)
        # `u:p?x@host/db`: the question mark was the password's; a query is a list of name=value.
        and not ("@" in query and not all("=" in item for item in query.split("&")))
        # `u:p@x?a=b@host/db`: a host and a database after the last @ say the same.
        and not re.search("@[^@]*/", query)
    )
    if not sensible:
        return None
    if at:
        _refuse_half_encoded(login)
    user, colon, password = login.partition(":")
    return Parts(
        scheme,
        user if at else None,
        password if colon else None,
        hosts,
        database,
        query,
        raw=bool(at) and _has_stray_percent(login),
    )


def _parse_raw(scheme: str, rest: str) -> Parts:
    """Read a URL pasted with special characters in its password: the login ends at the last `@` before a host."""
    for at in reversed([match.start() for match in re.finditer("@", rest)]):
        match = re.fullmatch(r"([^/?#]+)(?:/([^/?#\s]*))?(?:\?([^#\s]*))?", rest[at + 1 :])
        if not match or not is_hosts(match[1]):
            continue
        login = rest[:at]
        if re.search(r"%[0-9A-Fa-f]{2}", _PLACEHOLDER.sub("", login)):
            raise InvalidUrl(
                "The password mixes percent-encoded and plain special characters, so it can be read in two ways.",
                hint=_ENCODE_HINT,
            )
        user, colon, password = login.partition(":")
        return Parts(
            scheme, user, password if colon else None, match[1], match[2] or "", match[3] or "", raw=True
        )
    raise InvalidUrl("The server's name in the URL cannot be read.", hint=_ENCODE_HINT)


_ENCODE_HINT = (
    "Write special characters of user and password percent-encoded: @ is %40, : is %3A, / is %2F, ? is %3F, "
    "# is %23, % is %25, a space is %20. Or use the form's fields, which do it for you."
)


def _find_outside(text: str, mark: str) -> int:
    """Where `mark` first stands outside `${…}`."""
    return _PLACEHOLDER.sub(lambda found: "x" * len(found[0]), text).find(mark)


def is_hosts(text: str) -> bool:
    """One host or several, each with a port of digits (or a placeholder)."""
    if not _HOSTS.fullmatch(_PLACEHOLDER.sub("x", text)):
        return False
    for host in text.split(","):
        _, port = split_host(host)
        if port and not is_placeholder(port) and not (port.isdecimal() and 0 < int(port) < 65536):
            return False
    return True


def split_host(host: str) -> tuple[str, str]:
    """`host:port` as (host, port); the port may be missing; `[::1]:27017` keeps its brackets."""
    if host.startswith("["):
        name, _, port = host.partition("]")
        return name + "]", port.removeprefix(":")
    name, _, port = host.partition(":")
    return name, port


def _has_stray_percent(text: str) -> bool:
    return re.search(r"%(?![0-9A-Fa-f]{2})", _PLACEHOLDER.sub("", text)) is not None


def _refuse_half_encoded(login: str) -> None:
    if _has_stray_percent(login) and re.search(r"%[0-9A-Fa-f]{2}", login):
        raise InvalidUrl(
            "The password holds both percent-codes and a % that is none, so it can be read in two ways.",
            hint=_ENCODE_HINT,
        )


def check_database(name: str) -> None:
    """Raise InvalidUrl where the name cannot be a MongoDB database's."""
    if not name:
        raise InvalidUrl(
            "The URL names no database.",
            hint="Add it after the host: mongodb://localhost:27017/shop. Without it the driver would use one named test.",
            field="database",
        )
    plain = _PLACEHOLDER.sub("x", name)
    bad = sorted(set(plain) & _BAD_IN_DATABASE)
    if bad:
        shown = " ".join("a space" if mark == " " else mark for mark in bad)
        raise InvalidUrl(f"MongoDB does not allow {shown} in a database's name.", field="database")
    if len(plain.encode()) > 63:
        raise InvalidUrl("MongoDB allows at most 63 bytes in a database's name.", field="database")


def check(url: str) -> str:
    """The URL as driver and tool should get it: everything encoded once, the database named. Raises InvalidUrl."""
    if is_placeholder(url.strip()):
        return url.strip()
    parts = parse(url)
    check_database(decode(parts.database))
    mend = encode if parts.raw else _encode_the_rest
    login = ""
    if parts.user is not None:
        login = mend(parts.user)
        if parts.password is not None:
            login += ":" + mend(parts.password)
        login += "@"
    if parts.scheme == "mongodb+srv" and ("," in parts.hosts or split_host(parts.hosts)[1]):
        raise InvalidUrl("A mongodb+srv address is one name without a port: DNS names the servers.")
    database = encode(decode(parts.database))
    return f"{parts.scheme}://{login}{parts.hosts}/{database}" + (f"?{parts.query}" if parts.query else "")


def _encode_the_rest(text: str) -> str:
    """Encode what is special still, keeping percent-codes: an encoded `${X}` must not become a placeholder."""
    return encode(text).replace("%25", "%")


def redact(url: str) -> str:
    """The URL with password and secret options as `***`; on a malformed one everything up to the last `@` is hidden."""
    try:
        parts = parse(url)
    except InvalidUrl:
        return _redact_blindly(url)
    secret = parts.password
    shown = secret if secret is None or secret == "" or is_placeholder(secret) else "***"
    login = "" if parts.user is None else parts.user + ("" if shown is None else f":{shown}") + "@"
    slash = "/" if parts.database or parts.query or url.rstrip().endswith("/") else ""
    query = "&".join(_redact_option(item) for item in parts.query.split("&")) if parts.query else ""
    return f"{parts.scheme}://{login}{parts.hosts}{slash}{parts.database}" + (f"?{query}" if query else "")


def _redact_option(item: str) -> str:
    name, equals, value = item.partition("=")
    if name.lower() in _SECRET_OPTIONS and not is_placeholder(value):
        return f"{name}{equals}***"
    if name.lower() == "authmechanismproperties":
        return name + equals + re.sub(r"(?i)(AWS_SESSION_TOKEN(?::|%3A))[^,&]*", r"\1***", value)
    return item


def _redact_blindly(url: str) -> str:
    scheme, separator, rest = url.partition("://")
    if not separator:
        return "***" if "@" in url else url
    login, at, tail = rest.rpartition("@")
    if not at:
        return url
    user, colon, _ = login.partition(":")
    return f"{scheme}://{user if colon else '***'}{':***' if colon else ''}@{tail}"


def password_of(url: str) -> str | None:
    """The decoded password, or None."""
    parts = parse(url)
    if parts.password is None:
        return None
    return parts.password if parts.raw else decode(parts.password)


def with_password(url: str, password: str) -> str:
    """The URL with its password replaced; everything else stays as written. Raises InvalidUrl where it names no user."""
    parts = parse(url)
    if not parts.user:
        raise InvalidUrl("The URL names no user, so it takes no password.", hint=f"For example {EXAMPLE}")
    user = encode(parts.user) if parts.raw else parts.user
    tail = f"/{parts.database}" if parts.database or parts.query else ""
    return f"{parts.scheme}://{user}:{encode_secret(password)}@{parts.hosts}{tail}" + (
        f"?{parts.query}" if parts.query else ""
    )


def database_of(url: str) -> str:
    """The database's name, decoded. Raises InvalidUrl where there is none."""
    name = decode(parse(url).database)
    check_database(name)
    return name


_URL_IN_TEXT = re.compile(r"mongodb(?:\+srv)?://\S+")


def scrub(text: str) -> str:
    """Text (an error message, say) with every MongoDB URL in it redacted."""
    return _URL_IN_TEXT.sub(lambda found: redact(found[0]), text)
