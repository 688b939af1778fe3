"""What SHOW CREATE TABLE prints, taken apart: columns, keys, constraints, options, partitions. Pure.

Every part keeps the server's own text; the rest is what the generator asks of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from .lexing import Token, tokens, unquoted

_AFTER_TYPE = frozenset("""
    CHARACTER COLLATE NOT NULL DEFAULT GENERATED AUTO_INCREMENT COMMENT ON CHECK INVISIBLE VISIBLE WITHOUT WITH AS
    STORAGE COLUMN_FORMAT REF_SYSTEM_ID UNIQUE PRIMARY COMPRESSED SRID
""".split())  # fmt: skip # noqa: SIM905
_TEXTUAL = ("char", "text", "enum", "set")
_OPTION = re.compile(
    r"\s*(?P<name>(?:DEFAULT )?[A-Z_]+(?: DIRECTORY)?|`[^`]+`)=(?P<value>'(?:[^'\\]|\\.|'')*'|\([^)]*\)|[^\s']+)"
)
_VERSIONED = re.compile(r"\s*WITH SYSTEM VERSIONING\b")
_PARTITION = re.compile(r"\s*(?:/\*!\d+ *)?PARTITION BY\b")


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    text: str
    """`` `age` int(11) NOT NULL DEFAULT 3 ``: as it stands in ADD and MODIFY COLUMN."""
    type: str
    charset: tuple[str | None, str | None] = (None, None)
    """Character set and collation in force, the table's where the column has none of its own; none for numbers."""
    not_null: bool = False
    generated: str = ""
    """Empty, VIRTUAL, STORED, or ROW for a system version's start and end."""
    has_default: bool = False
    auto_increment: bool = False

    @property
    def family(self) -> str:
        """The type's first word, in small letters."""
        return re.split(r"[\s(]", self.type, maxsplit=1)[0].lower()


@dataclass(frozen=True, slots=True)
class Key:
    name: str
    kind: str
    """PRIMARY, UNIQUE, KEY, FULLTEXT or SPATIAL."""
    text: str
    columns: tuple[str, ...]

    @property
    def shape(self) -> str:
        """The text without the name."""
        return (
            self.text if self.kind == "PRIMARY" else re.sub(r"KEY `(?:[^`]|``)*`", "KEY", self.text, count=1)
        )


@dataclass(frozen=True, slots=True)
class ForeignKey:
    name: str
    text: str
    columns: tuple[str, ...]
    parent: str
    """The table it refers to; `database.table` where that is another database's."""
    parent_columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Check:
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Table:
    name: str
    columns: tuple[Column, ...] = ()
    keys: tuple[Key, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    checks: tuple[Check, ...] = ()
    periods: tuple[str, ...] = ()
    options: dict[str, str] = field(default_factory=dict)
    """`ENGINE`, `CHARSET`, `COLLATE`, `COMMENT`, …, each with its value as written."""
    is_versioned: bool = False
    partition: str = ""
    other: str = ""
    """What of the text after the columns is not known here; compared, never written."""

    def column(self, name: str) -> Column | None:
        return next((one for one in self.columns if one.name.lower() == name.lower()), None)

    @property
    def engine(self) -> str:
        return self.options.get("ENGINE", "")


def parse(sql: str) -> Table:
    """A CREATE TABLE statement as SHOW CREATE prints it. Raises ValueError for anything else."""
    found = [token for token in tokens(sql) if token.kind not in ("space", "comment")]
    opening = next((place for place, token in enumerate(found) if token.text == "("), None)
    if opening is None or opening == 0:
        raise ValueError("not a table's text")
    table = Table(unquoted(found[opening - 1].text))
    elements, end = _elements(found, opening)
    table = _with_tail(table, sql[end:])
    charset = (table.options.get("CHARSET"), table.options.get("COLLATE"))
    columns: list[Column] = []
    keys: list[Key] = []
    foreign_keys: list[ForeignKey] = []
    checks: list[Check] = []
    periods: list[str] = []
    for element in elements:
        text = sql[element[0].start : element[-1].end]
        first = element[0].upper
        if element[0].kind == "name":
            columns.append(_column(element, text, charset))
        elif first == "PERIOD":
            periods.append(text)
        elif first == "CONSTRAINT" or first in ("CHECK", "FOREIGN"):
            constraint = _constraint(element, text)
            if isinstance(constraint, ForeignKey):
                foreign_keys.append(constraint)
            else:
                checks.append(constraint)
        else:
            keys.append(_key(element, text))
    return replace(
        table,
        columns=tuple(columns), keys=tuple(keys), foreign_keys=tuple(foreign_keys), checks=tuple(checks),
        periods=tuple(periods),
    )  # fmt: skip


def _elements(found: Sequence[Token], opening: int) -> tuple[list[list[Token]], int]:
    """The parts between the outer brackets, and where the closing one ends."""
    parts: list[list[Token]] = [[]]
    depth = 1
    for token in found[opening + 1 :]:
        if token.text == "(":
            depth += 1
        elif token.text == ")":
            depth -= 1
            if depth == 0:
                return [part for part in parts if part], token.end
        elif token.text == "," and depth == 1:
            parts.append([])
            continue
        parts[-1].append(token)
    raise ValueError("the table's text ends too early")


def _flat(element: Sequence[Token]) -> Iterator[tuple[int, Token]]:
    """(place, token) outside brackets."""
    depth = 0
    for place, token in enumerate(element):
        if token.text == "(":
            depth += 1
        elif token.text == ")":
            depth -= 1
        elif depth == 0:
            yield place, token


def _column(element: Sequence[Token], text: str, inherited: tuple[str | None, str | None]) -> Column:
    flat = [(place, token) for place, token in _flat(element)][1:]
    stop = next(
        (
            place
            for place, token in flat
            if token.upper in _AFTER_TYPE or token.kind in ("executable", "name")
        ),
        len(element),
    )
    type_ = text[element[1].start - element[0].start : element[stop - 1].end - element[0].start]
    words = [token.upper for _, token in flat if token.kind != "string" and token.kind != "name"]
    joined = f" {' '.join(words)} "
    charset: tuple[str | None, str | None] = (None, None)
    if any(word in type_.lower() for word in _TEXTUAL):
        named = _after(words, "SET") if " CHARACTER SET " in joined else None
        collation = _after(words, "COLLATE")
        charset = (named, collation) if named or collation else inherited
        charset = tuple(one.lower() if one else None for one in charset)  # type: ignore[assignment]
    generated = ""
    if " AS " in joined and " GENERATED ALWAYS " in joined:
        generated = (
            "ROW" if _after(words, "AS") == "ROW" else "VIRTUAL" if " VIRTUAL " in joined else "STORED"
        )
    return Column(
        name=unquoted(element[0].text), text=text, type=type_, charset=charset, not_null=" NOT NULL " in joined,
        generated=generated, has_default=" DEFAULT " in joined, auto_increment=" AUTO_INCREMENT " in joined,
    )  # fmt: skip


def _after(words: Sequence[str], word: str) -> str | None:
    return next((words[place + 1] for place, one in enumerate(words[:-1]) if one == word), None)


def _key(element: Sequence[Token], text: str) -> Key:
    first = element[0].upper
    kind = first if first in ("PRIMARY", "UNIQUE", "FULLTEXT", "SPATIAL") else "KEY"
    name = next((unquoted(token.text) for _, token in _flat(element) if token.kind == "name"), "PRIMARY")
    return Key("PRIMARY" if kind == "PRIMARY" else name, kind, text, tuple(_in_brackets(element, 0)))


def _constraint(element: Sequence[Token], text: str) -> ForeignKey | Check:
    words = [token.upper for _, token in _flat(element)]
    name = unquoted(element[1].text) if words[0] == "CONSTRAINT" else ""
    if "FOREIGN" not in words:
        return Check(name, text)
    place = next(place for place, token in enumerate(element) if token.upper == "REFERENCES")
    parent, after = unquoted(element[place + 1].text), place + 2
    if element[after].text == ".":
        parent, after = f"{parent}.{unquoted(element[after + 1].text)}", after + 2
    return ForeignKey(
        name, text, tuple(_in_brackets(element, 0)), parent, tuple(_in_brackets(element, after))
    )


def _in_brackets(element: Sequence[Token], start: int) -> Iterator[str]:
    """The quoted names in the first brackets from `start`."""
    depth = 0
    for token in element[start:]:
        if token.text == "(":
            depth += 1
        elif token.text == ")":
            depth -= 1
            if depth == 0:
                return
        elif depth and token.kind == "name":
            yield unquoted(token.text)


def _with_tail(table: Table, tail: str) -> Table:
    options: dict[str, str] = {}
    is_versioned, partition, other = False, "", ""
    position = 0
    while position < len(tail):
        if tail[position:].isspace():
            break
        if match := _PARTITION.match(tail, position):
            partition = tail[match.start() :].strip()
            break
        if match := _VERSIONED.match(tail, position):
            is_versioned = True
        elif match := _OPTION.match(tail, position):
            options[match["name"].removeprefix("DEFAULT ")] = match["value"]
        else:
            match = re.compile(r"\s*\S+").match(tail, position)
            if match is None:
                break
            other += match[0]
        position = match.end()
    return replace(
        table, options=options, is_versioned=is_versioned, partition=partition, other=other.strip()
    )
