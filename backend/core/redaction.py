"""Secrets out of text. Every secret the app learns is registered here; logs, errors and the ledger pass through `redact`."""

from __future__ import annotations

import re
import threading
from urllib.parse import quote, quote_plus

MASK = "***"
_URL_PASSWORD = re.compile(r"(\b[a-zA-Z][a-zA-Z0-9+.\-]{1,30}://[^\s:/@'\"]*:)([^\s'\"]+)(@)")
_SECRET_PARAMETER = re.compile(
    r"((?:password|passwd|pwd|secret|token|apikey|api_key|access_key|sslpassword)\s*[=:]\s*)([^\s&;,'\"]+)",
    re.I,
)
_MIN_LENGTH = 3

_lock = threading.Lock()
_known: dict[str, None] = {}
_pattern: re.Pattern[str] | None = None


def learn_secret(secret: str | None) -> None:
    """From now on this text, raw or percent-encoded, is masked wherever `redact` runs."""
    global _pattern
    if not secret or len(secret) < _MIN_LENGTH:
        return
    with _lock:
        if secret in _known:
            return
        for form in (
            secret,
            quote(secret, safe=""),
            quote_plus(secret, safe=""),
            quote(secret),
            repr(secret)[1:-1],
        ):
            _known[form] = None
        longest_first = sorted(_known, key=len, reverse=True)
        _pattern = re.compile("|".join(map(re.escape, longest_first)))


def redact(text: str) -> str:
    """The text with known secrets, passwords in URLs and secret-looking parameters masked."""
    if not text:
        return text
    if _pattern is not None:
        text = _pattern.sub(MASK, text)
    if "://" in text:
        text = _URL_PASSWORD.sub(_mask_url, text)
    return _SECRET_PARAMETER.sub(lambda match: match[1] + MASK, text) if "=" in text or ":" in text else text


def _mask_url(match: re.Match[str]) -> str:
    secret = match[2]
    is_shown = secret == "password" or re.fullmatch(r"\$\{[A-Za-z_][A-Za-z0-9_]*\}", secret)
    # An example in a hint, or a variable's name; a real password of that spelling was learned and is masked by then.
    return match[0] if is_shown else match[1] + MASK + match[3]


# What a caller sends back or saves as it is. A password that is also the connection's name, a part of a version or a
# table in a file would turn these into something that fits nothing, or into a damaged file.
_IDENTITIES = frozenset(
    {
        "confirm", "connection", "content", "filename", "name", "path", "run_id", "version", "sha256",
        "expected_sha256", "actual_sha256", "started_at", "finished_at", "status", "direction", "code", "variable",
    }
)  # fmt: skip


def redact_value(value: object) -> object:
    """`redact` through lists and dicts, for error details. Names, versions and a file's own text stay as they are."""
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, dict):
        return {
            key: item if key in _IDENTITIES and isinstance(item, str) else redact_value(item)
            for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [redact_value(item) for item in value]
    return value
