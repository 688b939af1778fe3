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


def without_databases(text: str, databases: Collection[str], doubtful: Collection[str] = ()) -> str:
    """`text` without `database.` before names of these databases, outside strings and comments.

    In `doubtful` are those whose name may also be a table's or an alias: there `users.id` may be a column, and only what
    stands where an object must stand (after FROM, before a bracket), or has three parts, is taken for a database's name.
    """
    wanted = {name.lower() for name in databases}
    unsure = {name.lower() for name in doubtful}
    found = list(tokens(text))
    solid = [number for number, token in enumerate(found) if token.kind not in ("space", "comment")]
    code = [found[number] for number in solid]
    gone: set[int] = set()
    for place in range(len(code) - 2):
        name = unquoted(code[place].text).lower()
        if code[place].kind not in ("name", "word") or name not in wanted:
            continue
        if code[place + 1].text != "." or code[place + 2].kind not in ("name", "word"):
            continue
        if place and code[place - 1].text in (".", "@"):
            continue
        if name in unsure and not _is_an_object(code, place):
            continue
        gone.update(range(solid[place], solid[place + 2]))
    return "".join(token.text for number, token in enumerate(found) if number not in gone)


def _is_an_object(code: list[Token], place: int) -> bool:
    """Whether `a.b` at `place` must be a table or routine of a database, not a column of an alias."""
    before = code[place - 1].upper if place else ""
    following = code[place + 3].text if place + 3 < len(code) else ""
    fires_on = before == "ON" and place > 1 and code[place - 2].upper in ("INSERT", "UPDATE", "DELETE")
    return before in _OBJECT_FOLLOWS or following in (".", "(") or fires_on
