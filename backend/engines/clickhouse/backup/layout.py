"""The folder of a backup: `tables.sql`, `views.sql`, `tables.json` and one file of rows a table. Reaches no server."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from backend.core.errors import BackupFailed
from backend.engines.clickhouse.text import identifier, literal

INDEX, TABLES, VIEWS, ROWS = "tables.json", "tables.sql", "views.sql", "rows"
_VERSION = 1
_CHUNK = 1 << 20
_FLOAT = re.compile(r"(?:Nullable\()?(Float(32|64))\)?")


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    type: str
    materialized: bool = False

    @property
    def as_written(self) -> str:
        """The type its text is in: moments in UTC, where no hour comes twice; floats as their bits or their texts."""
        if found := _FLOAT.fullmatch(self.type):
            return self.type.replace(found[1], f"UInt{found[2]}")
        return in_text(self.type)

    @property
    def selected(self) -> str:
        name = identifier(self.name)
        if found := _FLOAT.fullmatch(self.type):
            return f"reinterpretAsUInt{found[2]}({name})"
        return name if self.as_written == self.type else f"CAST({name}, {literal(self.as_written)})"

    @property
    def inserted(self) -> str:
        """The value again, out of what was selected."""
        name = identifier(self.name)
        if found := _FLOAT.fullmatch(self.type):
            return f"reinterpretAsFloat{found[2]}({name})"
        return name if self.as_written == self.type else f"CAST({name}, {literal(self.type)})"


@dataclass(frozen=True, slots=True)
class Stored:
    """One object: a table, a dictionary, a view."""

    name: str
    kind: str
    engine: str
    sql: str
    file: str | None = None
    """Its rows, below the backup's folder; None where it keeps none."""
    columns: tuple[Column, ...] = ()

    @property
    def selected(self) -> str:
        return ", ".join(one.selected for one in self.columns)

    def insert(self) -> str:
        """The INSERT that takes the file's text."""
        names = ", ".join(identifier(one.name) for one in self.columns)
        into = f"INSERT INTO {identifier(self.name)} ({names})"
        if all(one.as_written == one.type for one in self.columns):
            return f"{into} FORMAT TabSeparated"
        shape = ", ".join(f"{identifier(one.name)} {one.as_written}" for one in self.columns)
        read = ", ".join(one.inserted for one in self.columns)
        return f"{into} SELECT {read} FROM input({literal(shape)}) FORMAT TabSeparated"


@dataclass(slots=True)
class Digest:
    """How many rows, and a sum over a hash of each line, so that their order does not count."""

    rows: int = 0
    hashed: bool = True
    _total: int = field(default=0, repr=False)

    def add(self, lines: list[bytes]) -> None:
        self.rows += len(lines)
        if self.hashed:
            sha256, number = hashlib.sha256, int.from_bytes
            self._total += sum(number(sha256(line).digest()[:16], "big") for line in lines)

    @property
    def text(self) -> str | None:
        return f"{self._total % 2**128:032x}" if self.hashed else None


_REWRITTEN = re.compile(
    r"'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`|\b(?:AggregateFunction|SimpleAggregateFunction|JSON|Variant|Object)\("
    r"|\b(?:Float32|Float64)\b|\bDateTime(64)?\b(?:\(([^()]*)\))?"
)


def in_text(type_: str) -> str:
    """The type with every DateTime in UTC and every float as its text.

    Reading TabSeparated, the server is off by a last bit in some floats; turning a String into one it can be told to be
    precise (`precise_float_parsing`). What
    has a text of its own (an aggregate's state, JSON) stays as it is.
    """
    made, at = "", 0
    while found := _REWRITTEN.search(type_, at):
        made += type_[at : found.start()]
        at = found.end()
        if found[0].endswith("(") and found[0][0] not in "'`":
            at = _closing(type_, found.end())
            if found[0].startswith("Simple"):
                made += in_text(type_[found.end() : at - 1].split(",", 1)[1].strip())
            else:
                made += type_[found.start() : at]
        elif found[0][0] in "'`":
            made += found[0]
        elif found[0].startswith("Float"):
            made += "String"
        elif found[1]:
            precision = (found[2] or "3").split(",")[0].strip()
            made += f"DateTime64({precision}, 'UTC')"
        else:
            made += "DateTime('UTC')"
    return made + type_[at:]


def _closing(text: str, at: int) -> int:
    depth = 1
    while depth and at < len(text):
        if text[at] == "'":
            at = text.index("'", at + 1)
        depth += {"(": 1, ")": -1}.get(text[at], 0)
        at += 1
    return at


def file_of(number: int, name: str) -> str:
    """Numbered, so that no two names meet on a disk that does not tell upper from lower case."""
    return f"{ROWS}/{number:04d}-{quote(name, safe='')[:100]}.tsv.gz"


def write_index(folder: Path, database: str, objects: list[Stored]) -> None:
    def text(kinds: set[str]) -> str:
        return "".join(f"{one.sql};\n\n" for one in objects if (one.kind == "table") == ("table" in kinds))

    (folder / TABLES).write_text(text({"table"}), encoding="utf-8", newline="\n")
    (folder / VIEWS).write_text(text({"view"}), encoding="utf-8", newline="\n")
    index = {"version": _VERSION, "database": database, "objects": [asdict(one) for one in objects]}
    (folder / INDEX).write_text(json.dumps(index, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def damaged(what: str) -> BackupFailed:
    return BackupFailed(
        f"The backup is damaged: {what}.", hint="Use another backup of this database.", reason="damaged"
    )


def read_index(folder: Path) -> tuple[str, list[Stored]]:
    """The database it was made of, and its objects in the order in which they can be made. Raises BackupFailed."""
    try:
        found: dict[str, Any] = json.loads((folder / INDEX).read_text(encoding="utf-8"))
        objects = [
            Stored(**{**one, "columns": tuple(Column(**column) for column in one["columns"])})
            for one in found["objects"]
        ]
        database = str(found["database"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise damaged(f"{INDEX} is missing or cannot be read") from error
    for one in objects:
        if one.file is not None and not _inside(folder, one.file).is_file():
            raise damaged(f"the rows of {one.name} are missing")
    for name in (TABLES, VIEWS):
        if not (folder / name).is_file():
            raise damaged(f"{name} is missing")
    return database, objects


def _inside(folder: Path, file: str) -> Path:
    path = folder / file
    if not path.resolve().is_relative_to(folder.resolve()):
        raise damaged("it names a file outside its folder")
    return path


def pieces(folder: Path, file: str) -> Iterator[bytes]:
    """The text of a table's rows in pieces of whole lines, to the end and its checksum. Raises BackupFailed."""
    rest = b""
    try:
        with gzip.open(_inside(folder, file), "rb") as opened:
            while chunk := opened.read(_CHUNK):
                whole, newline, after = chunk.rpartition(b"\n")
                if not newline:
                    rest += chunk
                    continue
                yield rest + whole + b"\n"
                rest = after
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise damaged(f"{file} ends early or was changed") from error
    if rest:
        raise damaged(f"{file} ends inside a row")


def lines(piece: bytes) -> list[bytes]:
    """The rows of a piece. A row's own newlines are written as a backslash and n, so each is one line."""
    return piece.split(b"\n")[:-1]
