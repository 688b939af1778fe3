"""Takes secrets out of what dbmate prints. Pure.

dbmate redacts URLs itself, but leaks passwords that hold a space or `#`, and quotes pieces of a URL it cannot read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from urllib.parse import parse_qsl, unquote

MASK = "***"

_SHORT = 4
_USERINFO = re.compile(r"(\b[a-z][a-z0-9+.-]*://[^\s/:@?#]*):[^\s@/]+@", re.IGNORECASE)
_PARAMETER = re.compile(
    r"\b((?:password|passwd|pwd|sslpassword)\s*=\s*)('(?:[^'\\]|\\.)*'|[^\s&;,'\"]+)", re.IGNORECASE
)
_SECRET_NAME = re.compile(r"passw|pwd|secret|token|credential|private|api_?key", re.IGNORECASE)
_ABOUT_URL = re.compile(r"parse |invalid port|userinfo|lookup |dial |URL escape|missing port", re.IGNORECASE)
_PIECES = re.compile(r"[/#?@%:\s\[\]&=\\]+")


def redact(text: str, secrets: Collection[str]) -> str:
    """The text with every secret as `***`: as it is, URL-encoded in whatever way, quoted as Go or JSON does.

    Passwords in URLs and in `password=…` go too, known or not. A secret of fewer than four characters is only taken
    out where it stands by itself, or no word would be left whole.
    """
    if not text:
        return text
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = _pattern(secret).sub(MASK, text)
    text = _PARAMETER.sub(rf"\1{MASK}", _USERINFO.sub(rf"\1:{MASK}@", text))
    pieces = {piece for secret in secrets for piece in _PIECES.split(secret) if len(piece) >= 3} - set(
        secrets
    )
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


@lru_cache(maxsize=64)
def _pattern(secret: str) -> re.Pattern[str]:
    """The secret with each character as it is, percent-encoded, or escaped as in a quoted string."""
    body = "".join(_any_form(char) for char in secret)
    return re.compile(body if len(secret) >= _SHORT else rf"(?<![\w*]){body}(?![\w*])")


def _any_form(char: str) -> str:
    encoded = "".join(f"%{byte:02x}" for byte in char.encode("utf-8", "surrogatepass"))
    forms = [re.escape(char), f"(?i:{encoded})"]
    if not char.isalnum() or not char.isascii():
        forms += [re.escape(json.dumps(char, ensure_ascii=ascii_only)[1:-1]) for ascii_only in (True, False)]
    if char == " ":
        forms.append(r"\+")
    # The longest first: a quoted `\\` is two characters that stand for one.
    return f"(?:{'|'.join(sorted(set(forms), key=len, reverse=True))})"


def _without(line: str, pieces: Collection[str]) -> str:
    for piece in sorted(pieces, key=len, reverse=True):
        line = line.replace(piece, MASK)
    return line
