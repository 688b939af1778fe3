"""Reads what pg_restore prints of an archive's data: the COPY blocks, sequences' values and large objects. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from hashlib import blake2b

from backend.engine.rowsum import RowSum
from backend.engine.tableids import table_id
from backend.models.backup import TableContent

SEQUENCES, LARGE_OBJECTS = "(sequences)", "(large objects)"
"""What stands among the tables for what is no table; no table's id can look like that, for it has a schema."""
_NAME = re.compile(r'"((?:[^"]|"")*)"|([^\s.,()"]+)')
_COPY = re.compile(rb"COPY (.*) FROM stdin;\n", re.DOTALL)
_SETVAL = re.compile(
    rb"SELECT pg_catalog\.setval\((E?)'((?:[^']|'')*)', (-?\d+), (true|false)\);\n", re.DOTALL
)
_SETVAL_BEGINS, _COPY_BEGINS = b"SELECT pg_catalog.setval(", b"COPY "
_LARGE_OPEN = re.compile(rb"SELECT pg_catalog\.lo_open\('(\d+)', \d+\);\n")
_LARGE_WRITE = re.compile(rb"SELECT pg_catalog\.lowrite\(0, E?'\\+x([0-9a-f]*)'\);\n")
_LARGE_CLOSE = b"SELECT pg_catalog.lo_close(0);\n"
_END = b"\\.\n"


def names_in(text: str) -> list[str]:
    """The names in a dotted or comma-separated list, unquoted."""
    return [one[1].replace('""', '"') if one[1] is not None else one[2] for one in _NAME.finditer(text)]


def sequence_row(table: str, last_value: int, is_called: bool) -> bytes:
    return f"{table}\t{last_value}\t{'t' if is_called else 'f'}".encode()


def large_object_row(number: int, content: bytes) -> bytes:
    """`content` is the digest of all its bytes."""
    return b"%d\t%s" % (number, content)


def sorted_fields(columns: list[str]) -> list[int]:
    """The places of columns in the order of their names, for tables whose columns a restore may put in another order."""
    return sorted(range(len(columns)), key=lambda place: columns[place])


def reordered(row: bytes, places: list[int]) -> bytes:
    fields = row.split(b"\t")
    return b"\t".join([fields[place] for place in places])


class CopyReader:
    """Takes the text in pieces of any size; `tables()` when all of it was given."""

    def __init__(self, *, digest: bool, unordered: Collection[str] = ()) -> None:
        self._digest = digest
        self._unordered = frozenset(unordered)
        self._found: dict[str, RowSum] = {}
        self._rest: list[bytes] = []
        self._statement: list[bytes] = []
        self._table: RowSum | None = None
        self._places: list[int] | None = None
        self._large: tuple[int, blake2b] | None = None
        self.at = ""
        self.rows = 0

    def feed(self, piece: bytes) -> None:
        end = piece.rfind(b"\n") + 1
        if not end:
            self._rest.append(piece)
            return
        block = b"".join([*self._rest, piece[:end]])
        self._rest = [piece[end:]] if end < len(piece) else []
        place = 0
        while place < len(block):
            place = self._rows(block, place) if self._table is not None else self._line(block, place)

    def tables(self) -> list[TableContent]:
        """Raises ValueError where the text ended in the middle of something."""
        if self._table is not None or self._large is not None or self._statement or self._rest:
            raise ValueError("the text ends in the middle of a table")
        return [
            TableContent(table=name, rows=one.rows, digest=one.digest)
            for name, one in sorted(self._found.items())
        ]

    def _of(self, name: str) -> RowSum:
        if name not in self._found:
            self._found[name] = RowSum(digest=self._digest)
        return self._found[name]

    def _rows(self, block: bytes, place: int) -> int:
        assert self._table is not None
        if block.startswith(_END, place):
            self._table = None
            return place + len(_END)
        found = block.find(b"\n" + _END, place)
        end = len(block) if found < 0 else found + 1
        data = block[place:end]
        count = data.count(b"\n")
        self._table.add(self._split(data) if self._digest else (), count)
        self.rows += count
        return end

    def _split(self, data: bytes) -> Iterator[bytes] | list[bytes]:
        lines = data[:-1].split(b"\n")
        places = self._places
        return lines if places is None else (reordered(line, places) for line in lines)

    def _line(self, block: bytes, place: int) -> int:
        end = block.index(b"\n", place) + 1
        line = block[place:end]
        if self._statement or line.startswith((_COPY_BEGINS, _SETVAL_BEGINS)):
            self._statement.append(line)
            self._maybe_statement(b"".join(self._statement))
        elif line.startswith(b"SELECT pg_catalog.lo"):
            self._large_object(line)
        return end

    def _maybe_statement(self, text: bytes) -> None:
        copy, value = _COPY.fullmatch(text), _SETVAL.fullmatch(text)
        if copy is not None:
            names, columns = _after_name(copy[1].decode("utf-8", "surrogateescape"))
            self.at = table_id(*names)
            self._table = self._of(self.at)
            listed = names_in(columns)
            self._places = sorted_fields(listed) if self.at in self._unordered else None
        elif value is not None:
            name = value[2].decode("utf-8", "surrogateescape").replace("''", "'")
            schema, sequence = names_in(name.replace("\\\\", "\\") if value[1] else name)
            row = sequence_row(table_id(schema, sequence), int(value[3]), value[4] == b"true")
            self._of(SEQUENCES).add([row], 1)
        else:
            return
        self._statement = []

    def _large_object(self, line: bytes) -> None:
        opened, written = _LARGE_OPEN.fullmatch(line), _LARGE_WRITE.fullmatch(line)
        if opened is not None:
            self._large = int(opened[1]), blake2b(digest_size=16)
        elif written is not None and self._large is not None:
            if self._digest:
                self._large[1].update(bytes.fromhex(written[1].decode()))
        elif line == _LARGE_CLOSE and self._large is not None:
            number, content = self._large
            self._of(LARGE_OBJECTS).add([large_object_row(number, content.digest())], 1)
            self._large = None


def _after_name(text: str) -> tuple[tuple[str, str], str]:
    """`schema.table (columns)` as the two names and the columns."""
    first = _NAME.match(text)
    second = _NAME.match(text, first.end() + 1) if first else None
    if first is None or second is None:
        raise ValueError("a COPY names no table")
    schema, table = names_in(text[: second.end()])
    return (schema, table), text[second.end() :]
