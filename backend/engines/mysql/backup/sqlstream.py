"""Reads a dump of mysqldump's layout piece by piece: SQL as text, and the INSERTs with their rows. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

_NAME = rb"`((?:[^`]|``)+)`"
_INSERT = re.compile(
    rb"INSERT INTO " + _NAME + rb" (?:\(((?:`(?:[^`]|``)+`(?:, ?)?)*)\) )?VALUES\s*", re.DOTALL
)
_COLUMN = re.compile(_NAME)
_ROW = re.compile(rb"\(((?:[^'()]++|'(?:[^'\\]++|\\.|'')*+')*+)\)", re.DOTALL)
_BETWEEN = re.compile(rb",\s*|\s*;\s*\Z|\s*\Z")
_VALUE = re.compile(rb"(?:_\w+ )?'((?:[^'\\]++|\\.|'')*+)'|0x([0-9A-Fa-f]+)|([^,']+)", re.DOTALL)
_ESCAPE = re.compile(rb"\\(.)|''", re.DOTALL)
_UNESCAPED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"0": b"\0", b"Z": b"\x1a", b"b": b"\b"}
_DELIMITER = re.compile(rb"delimiter\s+(\S+)", re.IGNORECASE)
_CREATE = re.compile(
    rb"^CREATE TABLE (?:IF NOT EXISTS )?" + _NAME + rb" \(\n(.*?)^\)", re.DOTALL | re.MULTILINE
)
_LITERAL = re.compile(rb"'(?:[^'\\]|\\.|'')*'")
_GENERATED = re.compile(rb" (?:GENERATED ALWAYS )?AS (?:\(|ROW (?:START|END))")
_SETVAL = re.compile(rb"^(?:DO|SELECT) SETVAL\(" + _NAME + rb", (-?\d+), 0\);", re.MULTILINE)
_BODIES = re.compile(rb"^DELIMITER (?!;\n).*?^DELIMITER ;$", re.DOTALL | re.MULTILINE)
COMPLETE = b"-- Dump completed"
_LONGEST_HEAD = 200


class NotWhole(ValueError):
    """The dump ends too early, or something in it is not what a dump tool writes."""


@dataclass(frozen=True, slots=True)
class Text:
    """Statements that are no INSERT, with comments and DELIMITER lines."""

    sql: bytes


@dataclass(frozen=True, slots=True)
class Insert:
    """One INSERT with some rows of a table."""

    table: bytes
    columns: tuple[bytes, ...]
    """Empty where it does not name them."""
    sql: bytes
    """The whole statement, its semicolon included."""
    body: int
    """Where the rows begin in `sql`."""

    def rows(self) -> list[bytes]:
        """What is between each row's parentheses. Raises NotWhole."""
        found = []
        place = self.body
        while place < len(self.sql):
            row = _ROW.match(self.sql, place)
            after = _BETWEEN.match(self.sql, row.end()) if row else None
            if row is None or after is None:
                raise NotWhole(f"rows of {self.table.decode('utf-8', 'replace')} cannot be read")
            found.append(row[1])
            place = max(after.end(), row.end() + 1)
        return found


def parts(pieces: Iterable[bytes]) -> Iterator[Text | Insert]:
    """The dump in its order. Raises NotWhole where its end is missing."""
    reader = _Reader()
    for line in _lines(pieces):
        yield from reader.line(line)
    yield from reader.end()


def _lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    rest: list[bytes] = []
    for piece in pieces:
        lines = (
            piece.splitlines(keepends=True)
            if b"\r" not in piece and b"\x0b" not in piece
            else _by_newline(piece)
        )
        if not lines:
            continue
        if rest:
            lines[0] = b"".join([*rest, lines[0]])
        rest = [] if lines[-1].endswith(b"\n") else [lines.pop()]
        yield from lines
    if rest:
        yield b"".join(rest)


def _by_newline(piece: bytes) -> list[bytes]:
    lines = [line + b"\n" for line in piece.split(b"\n")]
    lines[-1] = lines[-1][:-1]
    return lines if lines[-1] else lines[:-1]


class _Reader:
    def __init__(self) -> None:
        self._text: list[bytes] = []
        self._insert: list[bytes] = []
        self._has_own_delimiter = False
        self._between = True
        self._complete = False

    def line(self, line: bytes) -> Iterator[Text | Insert]:
        if self._insert:
            self._insert.append(line)
            if line.endswith((b";\n", b";")):
                yield from self._close_insert()
            return
        if self._between and not self._has_own_delimiter and line.startswith(b"INSERT INTO `"):
            yield from self._close_text()
            self._insert = [line]
            if line.endswith((b";\n", b";")):
                yield from self._close_insert()
            return
        self._text.append(line)
        bare = line.strip()
        changed = _DELIMITER.fullmatch(bare)
        if changed is not None:
            self._has_own_delimiter = changed[1] != b";"
            self._between = True
        elif bare and not bare.startswith(b"--"):
            self._between = bare.endswith(b";")
        self._complete = bare.startswith(COMPLETE) or (self._complete and not bare)

    def end(self) -> Iterator[Text | Insert]:
        if self._insert or not self._complete:
            raise NotWhole("its end is missing")
        yield from self._close_text()

    def _close_text(self) -> Iterator[Text]:
        if self._text:
            yield Text(b"".join(self._text))
        self._text = []

    def _close_insert(self) -> Iterator[Insert]:
        sql = b"".join(self._insert)
        head = _INSERT.match(sql)
        if head is None:
            if len(self._insert) < _LONGEST_HEAD:
                # A table's or column's name with a semicolon and a line break in it.
                return
            raise NotWhole("an INSERT cannot be read")
        columns = tuple(plain(name) for name in _COLUMN.findall(head[2] or b""))
        self._insert = []
        self._complete = False
        yield Insert(plain(head[1]), columns, sql.rstrip(), head.end())


def plain(name: bytes) -> bytes:
    return name.replace(b"``", b"`")


def tables_in(sql: bytes) -> dict[bytes, frozenset[bytes]]:
    """The tables that a text makes, each with the names of its generated columns."""
    found = {}
    # What stands in the body of a routine is made when that runs.
    for made in _CREATE.finditer(_BODIES.sub(b"", sql)):
        generated = set()
        for line in made[2].split(b"\n"):
            column = _COLUMN.match(line.lstrip())
            if column is not None and _GENERATED.search(_LITERAL.sub(b"''", line)):
                generated.add(plain(column[1]))
        found[plain(made[1])] = frozenset(generated)
    return found


def sequences_in(sql: bytes) -> list[tuple[bytes, int]]:
    """The sequences that a text sets, each with its next value."""
    return [(plain(one[1]), int(one[2])) for one in _SETVAL.finditer(_BODIES.sub(b"", sql))]


def values(row: bytes) -> list[bytes | None]:
    """A row's values as the server sends them: text as bytes, numbers as they are written, NULL as None."""
    return [
        _unescaped(text)
        if not hexed and not bare
        else bytes.fromhex(hexed.decode())
        if hexed
        else None
        if bare == b"NULL"
        else bare
        for text, hexed, bare in _VALUE.findall(row)
    ]


def _unescaped(text: bytes) -> bytes:
    if b"\\" not in text and b"''" not in text:
        return text
    return _ESCAPE.sub(lambda found: b"'" if found[1] is None else _UNESCAPED.get(found[1], found[1]), text)


def canonical(found: Sequence[bytes | None]) -> bytes:
    """One form for a row, wherever its values come from; two rows never have the same."""
    return b"".join([b"N;" if value is None else b"%d:%b;" % (len(value), value) for value in found])


def literal(value: bytes) -> bytes:
    """A text as mysqldump writes it: on one line."""
    for plain_, escaped in ((b"\\", b"\\\\"), (b"'", b"\\'"), (b'"', b'\\"'), (b"\0", b"\\0"), (b"\n", b"\\n"),
                            (b"\r", b"\\r"), (b"\x1a", b"\\Z")):  # fmt: skip
        if plain_ in value:
            value = value.replace(plain_, escaped)
    return b"'" + value + b"'"
