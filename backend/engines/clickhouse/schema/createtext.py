"""A CREATE TABLE as the server writes it, in parts: its items, its clauses. Pure text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

TOKEN = re.compile(
    r"'(?:[^'\\]|\\.|'')*'|`(?:[^`\\]|\\.)*`|\"(?:[^\"\\]|\\.)*\"|[A-Za-z_][A-Za-z_0-9]*|\d[\w.]*|\s+|.",
    re.DOTALL,
)
_CLAUSES = ("ENGINE", "PARTITION BY", "PRIMARY KEY", "ORDER BY", "SAMPLE BY", "TTL", "SETTINGS", "COMMENT")
_ITEMS = {"INDEX", "PROJECTION", "CONSTRAINT"}
_PROPERTIES = (
    "DEFAULT",
    "MATERIALIZED",
    "ALIAS",
    "EPHEMERAL",
    "COMMENT",
    "CODEC",
    "STATISTICS",
    "TTL",
    "SETTINGS",
    "COLLATE",
)
DEFAULTS = ("DEFAULT", "MATERIALIZED", "ALIAS", "EPHEMERAL")


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    text: str
    """Name and all, as it is written."""
    type: str
    properties: tuple[tuple[str, str], ...]
    """(DEFAULT, its expression), (CODEC, …) … each as it is written, without its keyword."""

    def get(self, name: str) -> str | None:
        return dict(self.properties).get(name)

    @property
    def default_kind(self) -> str | None:
        return next((name for name, _ in self.properties if name in DEFAULTS), None)


@dataclass(frozen=True, slots=True)
class Table:
    head: str
    """Up to the name, the name among it."""
    columns: tuple[Column, ...]
    items: dict[tuple[str, str], str]
    """(INDEX, name), (PROJECTION, name), (CONSTRAINT, name) → the item as it is written."""
    clauses: dict[str, str]
    """ENGINE, ORDER BY … without their keywords."""

    @property
    def settings(self) -> dict[str, str]:
        return dict(_pair(one) for one in split(self.clauses.get("SETTINGS", "")))

    @property
    def engine(self) -> str:
        return re.split(r"[\s(]", self.clauses.get("ENGINE", "").removeprefix("=").strip(), maxsplit=1)[0]


def _pair(setting: str) -> tuple[str, str]:
    name, _, value = setting.partition("=")
    return name.strip(), value.strip()


def parse(sql: str) -> Table:
    """Raises ValueError where the text is no CREATE TABLE with items in brackets."""
    opening = _top_level(sql, "(")
    if opening is None:
        raise ValueError("no column list")
    closing = _closing(sql, opening)
    columns: list[Column] = []
    items: dict[tuple[str, str], str] = {}
    for text in split(sql[opening + 1 : closing]):
        words = [one for one in TOKEN.findall(text) if not one.isspace()]
        if words[0] in _ITEMS and len(words) > 2 and not words[0].startswith("`"):
            items[(words[0], words[1])] = text
        elif words[0] == "PRIMARY" and words[1] == "KEY":
            continue
        else:
            columns.append(_column(text, words[0]))
    return Table(sql[:opening].strip(), tuple(columns), items, _parted(sql[closing + 1 :], _CLAUSES))


def _column(text: str, name: str) -> Column:
    parts = _parted(text[len(name) :], _PROPERTIES)
    return Column(name, text, parts.pop("", "").strip(), tuple(parts.items()))


def _parted(text: str, keywords: tuple[str, ...]) -> dict[str, str]:
    """The text cut at keywords that stand outside brackets and strings; what comes first is under ''."""
    found: dict[str, str] = {}
    keyword, start, depth = "", 0, 0
    wanted = {one.split()[0]: one for one in keywords}
    for match in TOKEN.finditer(text):
        token = match.group()
        depth += (token in "([{") - (token in ")]}") if len(token) == 1 else 0
        whole = wanted.get(token) if depth == 0 else None
        here = re.match(whole.replace(" ", r"\s+") + r"(?!\w)", text[match.start() :]) if whole else None
        if whole is None or here is None or whole in found or whole == keyword:
            continue
        found[keyword] = text[start : match.start()].strip()
        keyword, start = whole, match.start() + here.end()
    found[keyword] = text[start:].strip()
    if "" in found and not found[""]:
        del found[""]
    return found


def split(text: str) -> list[str]:
    """What stands between the commas outside brackets."""
    parts, depth, start = [], 0, 0
    for match in TOKEN.finditer(text):
        token = match.group()
        if token in ("(", "[", "{"):
            depth += 1
        elif token in (")", "]", "}"):
            depth -= 1
        elif token == "," and depth == 0:
            parts.append(text[start : match.start()].strip())
            start = match.end()
    parts.append(text[start:].strip())
    return [one for one in parts if one]


def _top_level(sql: str, wanted: str) -> int | None:
    return next((match.start() for match in TOKEN.finditer(sql) if match.group() == wanted), None)


def _closing(sql: str, opening: int) -> int:
    depth = 0
    for match in TOKEN.finditer(sql, opening):
        depth += (match.group() == "(") - (match.group() == ")")
        if depth == 0:
            return match.start()
    raise ValueError("an open bracket")


def query_of(sql: str) -> tuple[str, str]:
    """(what stands before AS, the query) of a view's text."""
    depth = 0
    for match in TOKEN.finditer(sql):
        token = match.group()
        depth += (token == "(") - (token == ")")
        if token == "AS" and depth == 0:
            return sql[: match.start()].strip(), sql[match.end() :].strip()
    return sql, ""


def names_in(sql: str) -> Iterator[str]:
    """Names, unquoted, and strings of a text."""
    for token in TOKEN.findall(sql):
        if token[0] in "`\"'" and len(token) > 1:
            yield re.sub(r"\\(.)", r"\1", token[1:-1])
        elif token[0].isalpha() or token[0] == "_":
            yield token
