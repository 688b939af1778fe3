"""Rows for a proof: put into every table that takes them, and told apart by digests."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from backend.core.context import stop_if_cancelled
from backend.engine.schema.port import Seeded
from backend.engine.target import Target
from backend.engines.mysql import url as urls
from backend.engines.mysql.connect import quoted, reading, rows, run, writing

from .references import parents_first
from .snapshot import is_bookkeeping, without_counter
from .tabletext import Table, parse

if TYPE_CHECKING:
    from pymysql.connections import Connection

_FLAVOURS = 5
_COLUMNS = """
    SELECT table_name, column_name, data_type, column_type, character_maximum_length, is_nullable, extra,
           coalesce(generation_expression, ''), numeric_precision, numeric_scale
    FROM information_schema.columns WHERE table_schema = %s ORDER BY table_name, ordinal_position
"""
_BINARY = frozenset("""
    binary varbinary blob tinyblob mediumblob longblob bit point linestring polygon geometry multipoint
    multilinestring multipolygon geometrycollection geomcollection
""".split())  # fmt: skip # noqa: SIM905
_SHAPES = {
    "point": "POINT({n} 1)", "geometry": "POINT({n} 1)", "linestring": "LINESTRING(0 0,{n} 1)",
    "polygon": "POLYGON((0 0,{n} 0,{n} {n},0 0))", "multipoint": "MULTIPOINT({n} 1)",
    "multilinestring": "MULTILINESTRING((0 0,{n} 1))", "multipolygon": "MULTIPOLYGON(((0 0,{n} 0,{n} {n},0 0)))",
    "geometrycollection": "GEOMETRYCOLLECTION(POINT({n} 1))", "geomcollection": "GEOMETRYCOLLECTION(POINT({n} 1))",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    data_type: str
    column_type: str
    length: int | None
    is_nullable: bool
    is_generated: bool
    precision: int | None
    scale: int | None


def seed(target: Target, number: int) -> Seeded:
    """The same keys everywhere and parents first, so that references hold; checks stay on."""
    filled: dict[str, int] = {}
    skipped: list[str] = []
    with writing(target) as connection:
        columns = _columns(connection, target)
        texts = _texts(connection, list(columns))
        ordered, circular = parents_first(list(columns), texts)
        in_a_circle = {name for name, _ in circular}
        run(connection, "BEGIN")
        for name in ordered:
            stop_if_cancelled()
            usable = [one for one in columns[name] if not one.is_generated]
            if name in in_a_circle:
                run(connection, "SET SESSION foreign_key_checks = 0")
            done = _fill(connection, name, usable, number)
            if name in in_a_circle:
                run(connection, "SET SESSION foreign_key_checks = 1")
            if done:
                filled[f"table {name}"] = done
            else:
                skipped.append(f"{name}: its rules refuse every row tried")
        run(connection, "COMMIT")
    return Seeded(filled, tuple(skipped))


def row_digest(target: Target) -> Mapping[str, Mapping[str, str]]:
    """Per column a sum of hashes of the values' text, so that order does not count."""
    found: dict[str, dict[str, str]] = {}
    with reading(target) as connection:
        for name, columns in _columns(connection, target).items():
            parts = "".join(f", {_digest(one)}" for one in columns)
            row = rows(connection, f"SELECT count(*){parts} FROM {quoted(name)}")[0]
            values = dict(zip((one.name for one in columns), map(str, row[1:]), strict=True))
            found[f"table {name}"] = {"*": str(row[0]), **values}
    return found


def _digest(column: _Column) -> str:
    name = quoted(column.name)
    text = f"hex({name})" if column.data_type in _BINARY else f"convert({name} using utf8mb4)"
    hashed = f"conv(left(md5(coalesce({text}, '~null~')), 15), 16, 10)"
    return f"sum(cast({hashed} AS decimal(20)))"


def _columns(connection: Connection[Any], target: Target) -> dict[str, list[_Column]]:
    database = urls.parse(target.url).database
    listed = rows(
        connection,
        "SELECT table_name FROM information_schema.tables WHERE table_schema = %s "
        "AND table_type IN ('BASE TABLE', 'SYSTEM VERSIONED') ORDER BY table_name",
        (database,),
    )
    found: dict[str, list[_Column]] = {
        name: [] for (name,) in listed if not is_bookkeeping(name, target.migrations_table)
    }
    for table, name, kind, full, length, nullable, extra, made, precision, scale in rows(
        connection, _COLUMNS, (database,)
    ):
        if table not in found:
            continue
        is_generated = bool(_text(made)) or "GENERATED" in _text(extra).upper().replace(
            "DEFAULT_GENERATED", ""
        )
        found[table].append(
            _Column(
                name, _text(kind).lower(), _text(full), length, nullable == "YES", is_generated, precision, scale
            )
        )  # fmt: skip
    return found


def _texts(connection: Connection[Any], names: Sequence[str]) -> dict[str, Table]:
    return {
        name: parse(without_counter(str(rows(connection, f"SHOW CREATE TABLE {quoted(name)}")[0][1])))
        for name in names
    }


def _fill(connection: Connection[Any], table: str, columns: Sequence[_Column], number: int) -> int:
    import pymysql

    names = ", ".join(quoted(one.name) for one in columns)
    into = f"INSERT INTO {quoted(table)} ({names}) VALUES "

    def row(one: int, flavour: int) -> str:
        return f"({', '.join(_value(column, one, flavour) for column in columns)})"

    try:
        connection.query(into + ", ".join(row(one, 0) for one in range(1, number + 1)))
        return number
    except pymysql.err.MySQLError:
        pass
    done = 0
    for one in range(1, number + 1):
        for flavour in range(_FLAVOURS):
            try:
                connection.query(into + row(one, flavour))
                done += 1
                break
            except pymysql.err.MySQLError:
                continue
    return done


def _value(column: _Column, number: int, flavour: int) -> str:
    """SQL for one value. Flavours: the number, its neighbours, an address, NULL where it may be, the default."""
    kind = column.data_type
    if flavour == 4:
        return "DEFAULT"
    if flavour == 3 and column.is_nullable:
        return "NULL"
    if kind in ("enum", "set"):
        labels = re.findall(r"'((?:[^']|'')*)'", column.column_type)
        return f"'{labels[(number - 1) % len(labels)]}'" if labels else "''"
    if kind in _SHAPES:
        return f"ST_GeomFromText('{_SHAPES[kind].format(n=number)}')"
    if kind.endswith("int") or kind == "year":
        return str((number if kind != "year" else 2000 + number, number % 2, 1, number * 10)[flavour])
    if kind in ("decimal", "float", "double"):
        digits = (column.precision or 10) - (column.scale or 0)
        return str(min(number, 10**digits - 1) if digits > 0 else 0)
    if kind == "bit":
        return f"b'{number % 2}'"
    if kind in ("date", "datetime", "timestamp"):
        return f"'2026-01-{number:02d}{'' if kind == 'date' else ' 10:00:00'}'"
    if kind == "time":
        return f"'{number:02d}:00:00'"
    if kind == "json":
        return f"""'{{"n": {number}}}'"""
    if kind == "uuid":
        return f"'00000000-0000-0000-0000-{number:012d}'"
    if kind in ("inet4", "inet6"):
        return f"'10.0.0.{number}'" if kind == "inet4" else f"'::{number}'"
    texts = (str(number), f"row {number}", f'{{"n": {number}}}', str(number))
    return f"'{texts[flavour][: column.length] if column.length else texts[flavour]}'"


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value or "")
