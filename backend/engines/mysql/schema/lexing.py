"""MySQL text as tokens: strings, quoted names, comments, words. Pure; every character lies in exactly one token."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""
    (?P<space>\s+)
  | (?P<string>'(?:[^'\\]|\\.|'')*+'?|"(?:[^"\\]|\\.|"")*+"?)
  | (?P<name>`(?:[^`]|``)*+`?)
  | (?P<comment>/\*(?!M?!)(?:[^*]|\*(?!/))*+(?:\*/)?|--(?=\s|\Z)[^\n]*|\#[^\n]*)
  | (?P<executable>/\*M?!\d*|\*/)
  | (?P<word>[\w$]+)
  | (?P<mark>.)
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Token:
    """`kind` is space, string, name, comment, executable, word or mark."""

    kind: str
    text: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)

    @property
    def upper(self) -> str:
        """A word in capitals; anything else as it stands, so that a string is never taken for a word."""
        return self.text.upper() if self.kind == "word" else self.text


def tokens(text: str) -> Iterator[Token]:
    for match in _TOKEN.finditer(text):
        yield Token(match.lastgroup or "mark", match[0], match.start())


def unquoted(name: str) -> str:
    """A name without its backticks."""
    return name[1:-1].replace("``", "`") if name.startswith("`") else name


def string_value(text: str) -> str:
    """A string without its quotes; escapes are left as they are, which is enough to compare."""
    return text[1:-1]


def replaced_names(text: str, names: dict[str, str]) -> str:
    """Quoted names of `text` exchanged, strings and comments left alone."""
    if not names:
        return text
    return "".join(
        "`" + names[unquoted(token.text)].replace("`", "``") + "`"
        if token.kind == "name" and unquoted(token.text) in names
        else token.text
        for token in tokens(text)
    )


# Before a two-part name that names an object, not a column of an alias.
_OBJECT_FOLLOWS = frozenset("""
    TABLE TABLES EXISTS INTO FROM JOIN REFERENCES VIEW PROCEDURE FUNCTION TRIGGER EVENT SEQUENCE UPDATE CALL LIKE
    TRUNCATE FOLLOWS PRECEDES IGNORE
""".split())  # fmt: skip # noqa: SIM905


def without_databases(text: str, databases: Collection[str], tables: Collection[str] = ()) -> str:
    """`text` without `database.` before names of these databases, outside strings and comments.

    Where a database is called like one of `tables`, `users.id` may be a column: then only what stands after a word such
    as FROM or REFERENCES, or has three parts, is taken for a database's name.
    """
    if not databases:
        return text
    wanted = {name.lower() for name in databases}
    doubtful = {name.lower() for name in tables} & wanted
    found = list(tokens(text))
    solid = [number for number, token in enumerate(found) if token.kind not in ("space", "comment")]
    gone: set[int] = set()
    for place, number in enumerate(solid[:-2]):
        token = found[number]
        if token.kind not in ("name", "word") or unquoted(token.text).lower() not in wanted:
            continue
        dot, after = solid[place + 1], solid[place + 2]
        if found[dot].text != "." or found[after].kind not in ("name", "word"):
            continue
        before = found[solid[place - 1]] if place else None
        if before is not None and before.text in (".", "@"):
            continue
        is_three_part = place + 3 < len(solid) and found[solid[place + 3]].text == "."
        is_object = before is not None and before.upper in _OBJECT_FOLLOWS
        if unquoted(token.text).lower() in doubtful and not (is_three_part or is_object):
            continue
        gone.update(range(number, after))
    return "".join(token.text for number, token in enumerate(found) if number not in gone)
