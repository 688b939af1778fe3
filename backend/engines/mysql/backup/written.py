"""Our own dump, in mysqldump's layout, for machines without a dump tool: schema, rows of one moment, code, events."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from backend.engine import sqltext
from backend.engines.mysql.connect import quoted, rows
from backend.engines.mysql.writer import FOOT, HEAD, Writer

from . import rawrows
from .code import Piece, of, unqualified
from .sqlstream import COMPLETE, literal

if TYPE_CHECKING:
    from pymysql.connections import Connection

_STATEMENT_BYTES = 512 << 10


def dump(
    connection: Connection[Any], database: str, on_rows: Callable[[str, int], object]
) -> Iterator[bytes]:
    """The dump's bytes, piece by piece, in the snapshot that `connection` holds; `on_rows(table, rows so far)`."""
    writer = _Dump(connection, database)
    columns = rawrows.stored_columns(connection, database)
    tables, views, sequences = writer.kinds()
    triggers = writer.triggers()
    yield f"-- DB Toolkit dump\n--\n-- Database: {' '.join(database.split())}\n\n{HEAD}\n".encode()
    for name, value in rawrows.sequence_values(connection, sequences):
        yield f"{writer.sequence(name)}DO SETVAL({quoted(name)}, {value}, 0);\n\n".encode()
    for table in tables:
        yield f"{unqualified(writer.table(table), database)}\n".encode()
        yield from _rows(connection, table, columns.get(table, []), on_rows)
    for view in views:
        yield writer.placeholder(view).encode() + b"\n"
    # After all rows: they were fired when the rows came to be.
    for table in tables:
        for trigger in triggers.get(table, []):
            yield writer.trigger(trigger).encode() + b"\n"
    for part in writer.routines():
        yield part.encode() + b"\n"
    for event in writer.events():
        yield event.encode() + b"\n"
    for view in views:
        yield writer.view(view).encode() + b"\n"
    yield FOOT.encode() + b"\n" + COMPLETE + b"\n"


class _Dump(Writer):
    def events(self) -> Iterator[str]:
        query = "SELECT event_name FROM information_schema.events WHERE event_schema = %s ORDER BY event_name"
        for (name,) in rows(self.connection, query, (self.database,)):
            found = self.show("EVENT", name)
            zone = str(found["time_zone"]).replace("'", "''")
            yield (
                "/*!50106 SET @save_time_zone= @@TIME_ZONE */ ;\n"
                f"/*!50106 SET TIME_ZONE= '{zone}' */ ;\n"
                f"{self.with_settings(found['create event'], found)}"
                "/*!50106 SET TIME_ZONE= @save_time_zone */ ;\n"
            )


class Code:
    """The code of a database as statements that make it again."""

    def __init__(self, connection: Connection[Any], database: str) -> None:
        self._writer = _Dump(connection, database)

    def pieces(self) -> list[Piece]:
        _, views, _ = self._writer.kinds()
        texts = [self._writer.placeholder(view) for view in views]
        texts += [self._writer.trigger(name) for names in self._writer.triggers().values() for name in names]
        texts += [*self._writer.routines(), *self._writer.events(), *map(self._writer.view, views)]
        return [Piece(of(one.text), one.text) for text in texts for one in sqltext.split(text, "mysql")]


def _rows(
    connection: Connection[Any], table: str, columns: list[str], on_rows: Callable[[str, int], object]
) -> Iterator[bytes]:
    if not columns:
        return
    head = f"INSERT INTO {quoted(table)} ({', '.join(map(quoted, columns))}) VALUES ".encode()
    name, done = quoted(table).encode(), 0
    yield (
        b"SET @OLD_AUTOCOMMIT=@@AUTOCOMMIT, @@AUTOCOMMIT=0;\n/*!40000 ALTER TABLE "
        + name
        + b" DISABLE KEYS */;\n"
    )
    waiting: list[bytes] = []
    size = 0
    with rawrows.raw(connection, rawrows.select(table, columns)) as (kinds, batches):
        for batch in batches:
            for row in batch:
                line = b"(" + b",".join(map(_value, kinds, row)) + b")"
                waiting.append(line)
                size += len(line)
                if size >= _STATEMENT_BYTES:
                    yield head + b",\n".join(waiting) + b";\n"
                    waiting, size = [], 0
            done += len(batch)
            on_rows(table, done)
    if waiting:
        yield head + b",\n".join(waiting) + b";\n"
    yield b"/*!40000 ALTER TABLE " + name + b" ENABLE KEYS */;\nCOMMIT;\nSET AUTOCOMMIT=@OLD_AUTOCOMMIT;\n\n"


def _value(kind: str, value: bytes | None) -> bytes:
    if value is None:
        return b"NULL"
    if kind == "number":
        return value
    if kind == "hex":
        return b"0x" + value.hex().upper().encode() if value else b"''"
    return literal(value)
