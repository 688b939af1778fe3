"""`${NAMES}` in a URL, filled in. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import quote

from backend.core.errors import InvalidUrl

PLACEHOLDER = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_USERINFO = re.compile(r"^([a-zA-Z][a-zA-Z0-9+.\-]*://)([^/?#]*)(@)")


def names_in(url: str) -> list[str]:
    return PLACEHOLDER.findall(url)


def fill(url: str, value_of: Callable[[str], str | None]) -> str:
    """The URL with each `${NAME}` replaced. Within user:password@ the value is percent-encoded; a URL that is one
    whole placeholder takes the value as it is. Raises InvalidUrl naming a variable that has no value."""

    def lookup(name: str) -> str:
        value = value_of(name)
        if value is None:
            raise InvalidUrl(
                f"The URL needs the variable {name}, which has no value.",
                hint=f"Set {name} under the connection's variables, in its .env, or in the environment.",
                variable=name,
            )
        return value

    if PLACEHOLDER.fullmatch(url):
        return lookup(url[2:-1])
    userinfo = _USERINFO.match(url)
    start = 0
    if userinfo:
        start = userinfo.end()
        head = PLACEHOLDER.sub(lambda match: quote(lookup(match[1]), safe=""), userinfo[2])
        return userinfo[1] + head + userinfo[3] + PLACEHOLDER.sub(lambda match: lookup(match[1]), url[start:])
    return PLACEHOLDER.sub(lambda match: lookup(match[1]), url)
