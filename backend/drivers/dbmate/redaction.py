"""Takes secrets out of what dbmate prints. Pure.

dbmate redacts URLs itself, but leaks passwords that hold a space or `#`, and quotes pieces of a URL it cannot read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping
from urllib.parse import parse_qsl, quote, quote_plus, unquote

MASK = "***"

# What the URL encoders at work here leave as it is: none, RFC 3986, Go's userinfo, JavaScript.
_SAFE = ("", "!$&'()*+,;=", "$&+,;=", "!'()*~", "~")
_SHORT = 4
_USERINFO = re.compile(r"(\b[a-z][a-z0-9+.-]*://[^\s/:@?#]*):[^\s@/]+@", re.IGNORECASE)
_PARAMETER = re.compile(r"\b((?:password|passwd|pwd|sslpassword)\s*=\s*)('(?:[^'\\]|\\.)*'|[^\s&;,'\"]+)", re.IGNORECASE)
_SECRET_NAME = re.compile(r"passw|pwd|secret|token|credential|private|api_?key", re.IGNORECASE)
_ABOUT_URL = re.compile(r"parse |invalid port|userinfo|lookup |dial |URL escape|missing port|unknown driver", re.IGNORECASE)
_PIECES = re.compile(r"[/#?@%:\s\[\]&=\\]+")


def redact(text: str, secrets: Collection[str]) -> str:
    """The text with every secret as `***`: as it is, URL-encoded in any of the usual ways, quoted as Go or JSON does.

    Passwords in URLs and in `password=…` go too, known or not. A secret of fewer than four characters is only taken
    out where it stands by itself, or no word would be left whole.
    """
    if not text:
        return text
    forms = {form for secret in secrets if secret for form in _forms(secret)}
    for form in sorted(forms, key=len, reverse=True):
        if len(form) >= _SHORT:
            text = text.replace(form, MASK)
        else:
            text = re.sub(rf"(?<![\w*]){re.escape(form)}(?![\w*])", MASK, text)
    text = _PARAMETER.sub(rf"\1{MASK}", _USERINFO.sub(rf"\1:{MASK}@", text))
    pieces = {piece for secret in secrets for piece in _PIECES.split(secret) if len(piece) >= 3} - set(secrets)
    if pieces and _ABOUT_URL.search(text):
        lines = text.split("\n")
        text = "\n".join(_without(line, pieces) if _ABOUT_URL.search(line) else line for line in lines)
    return text


def secrets_in(env: Mapping[str, str]) -> list[str]:
    """The secrets an environment holds: passwords inside its URLs, and variables named like one."""
    found: list[str] = []
    for name, value in env.items():
        if "://" in value or name == "DATABASE_URL":
            found += _url_secrets(value)
        elif _SECRET_NAME.search(name):
            found.append(value)
    return [secret for secret in dict.fromkeys(found) if secret]


def _url_secrets(url: str) -> Iterable[str]:
    _, _, rest = url.partition("://")
    # A raw password may hold `/`, `?` and `#`, so the last `@` ends it; where that is wrong, too much is hidden.
    userinfo, at, tail = rest.rpartition("@")
    query = (tail if at else rest).partition("?")[2]
    secrets = [value for name, value in parse_qsl(query) if _SECRET_NAME.search(name)]
    password = userinfo.partition(":")[2]
    return [*secrets, unquote(password), password] if password else secrets


def _forms(secret: str) -> Iterable[str]:
    yield secret
    for safe in _SAFE:
        encoded = quote(secret, safe=safe)
        yield encoded
        yield re.sub(r"%[0-9A-F]{2}", lambda match: match[0].lower(), encoded)
    yield quote_plus(secret)
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
    yield json.dumps(secret)[1:-1]


def _without(line: str, pieces: Collection[str]) -> str:
    for piece in sorted(pieces, key=len, reverse=True):
        line = line.replace(piece, MASK)
    return line
