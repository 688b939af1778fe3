"""The grammar of .env as dbmate reads it (its library is godotenv), and values written so that it reads them back. Pure.

Of the readers of .env each has rules of its own; what counts is what the tool would see. Two dialects:
`dbmate` expands `$NAME` and `${NAME}` (upper case) outside single quotes and ends a bare value at the last ` #`;
`node` (npm's dotenv, Node's own --env-file) expands nothing and ends a bare value at the first `#`.
A line that is no assignment, or a quote that never ends, makes dbmate refuse the whole file; here it is passed over and
the rest is still read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

Dialect = Literal["dbmate", "node"]

# Blanks as godotenv knows them: no line break among them, except that a lone CR is a blank and ends a bare value too.
_BLANKS = "\t\v\f\r \x85\xa0"
_SPACE = re.compile(r"[\s\x85\xa0]*")
_KEY = re.compile(rf"(?:export[{_BLANKS}]+)?([A-Za-z0-9_.]+)[{_BLANKS}]*[=:][{_BLANKS}]*")
_REFERENCE = re.compile(r"(\\)?\$\(?\{?([A-Z0-9_]+)?\}?")
_PLAIN = re.compile(r"[A-Za-z0-9_./:@%+,\-]+")
# A reference to what is never set: it keeps a quote or a blank from being the first or last character.
_NOTHING = "${DB_TOOLKIT_NOTHING}"


def parse(text: str, dialect: Dialect = "dbmate") -> dict[str, str]:
    """The variables in order; a later one of the same name wins. References see the file's own variables only."""
    text = text.replace("---\n", "\n").replace("\r\n", "\n")
    found: dict[str, str] = {}
    at = 0
    while True:
        space = _SPACE.match(text, at)
        at = space.end() if space else at
        if at >= len(text):
            return found
        key = None if text[at] == "#" else _KEY.match(text, at)
        if key is None:
            at = _line_end(text, at)
            continue
        read = _quoted if text[key.end() : key.end() + 1] in ("'", '"') else _bare
        value = read(text, key.end(), found, dialect)
        if value is None:
            at = _line_end(text, at)
            continue
        found[key[1]], at = value


def _quoted(text: str, start: int, known: Mapping[str, str], dialect: Dialect) -> tuple[str, int] | None:
    """(value, where it ends), or None where nothing ends the quote."""
    quote = text[start]
    end = start + 1
    while True:
        end = text.find(quote, end)
        if end == -1:
            return None
        if text[end - 1] != "\\":
            break
        end += 1
    value = text[start:end].strip(quote)
    if quote == '"':
        value = _expand(_unescape(value), known) if dialect == "dbmate" else _line_breaks(value)
    return value, end + 1


def _bare(text: str, start: int, known: Mapping[str, str], dialect: Dialect) -> tuple[str, int]:
    end = _line_end(text, start)
    lone = text.find("\r", start, end)
    end = end if lone == -1 else lone
    value = text[start:end]
    if dialect == "node":
        return value.partition("#")[0].strip(_BLANKS), end
    comments = [i for i in range(1, len(value)) if value[i] == "#" and value[i - 1] in _BLANKS]
    value = value[: comments[-1]] if comments else value
    return _expand(value.strip(_BLANKS), known), end


def _line_end(text: str, start: int) -> int:
    end = text.find("\n", start)
    return len(text) if end == -1 else end


def _line_breaks(value: str) -> str:
    return value.replace("\\n", "\n").replace("\\r", "\r")


def _unescape(value: str) -> str:
    breaks = {"\\n": "\n", "\\r": "\r"}
    value = re.sub(r"\\.", lambda match: breaks.get(match[0], match[0]), value)
    return re.sub(r"\\([^$])", r"\1", value)


def _expand(value: str, known: Mapping[str, str]) -> str:
    def one(match: re.Match[str]) -> str:
        if match[1]:
            return match[0][1:]
        return known.get(match[2], "") if match[2] else match[0]

    return _REFERENCE.sub(one, value)


def quote(value: str) -> str | None:
    """The value as it stands after `NAME=`: read back alike by dbmate and, where a form for both exists, by Node.

    None where dbmate's grammar has no form for it (several lines that end in a backslash, a NUL).
    """
    if "\0" in value:
        return None
    forms = [f"'{value}'", _double(value), _escaped(value)]
    if re.search(r"[\n\r]", value):
        forms = [_double(value)]
    elif _PLAIN.fullmatch(value):
        # Only what a shell that sources the file would leave alone too.
        forms = [value]
    for dialects in (("dbmate", "node"), ("dbmate",)):
        for form in forms:
            if all(parse(f"X={form}\n", dialect) == {"X": value} for dialect in dialects):
                return form
    return None


def _double(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$")
    escaped = escaped.replace("\n", "\\n").replace("\r", "\\r")
    return f'"{escaped}{_NOTHING}"' if value.endswith('"') else f'"{escaped}"'


def _escaped(value: str) -> str:
    """Bare, with what would end it or be expanded kept from it."""
    bare = re.sub(rf"(?<=[{_BLANKS}])#", lambda match: f"{_NOTHING}#", value.replace("$", "\\$"))
    before = _NOTHING if value[:1] in {"'", '"', *_BLANKS} else ""
    return f"{before}{bare}{_NOTHING if value[-1:] in {*_BLANKS} else ''}"
