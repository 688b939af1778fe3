"""What a change to a table may cost: rows, time, locks. Pure; measured nowhere, so it speaks of what the server may do."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend.engine.schema.model import Hazard, HazardKind

from .server import Server
from .tabletext import Column, Table

_INTEGERS = {"tinyint": 1, "smallint": 2, "mediumint": 3, "int": 4, "bigint": 8}
_TEXTS = {"tinytext": 255, "text": 65535, "mediumtext": 1 << 24, "longtext": 1 << 32}
_BYTES = {"utf8mb4": 4, "utf8mb3": 3, "utf8": 3, "ucs2": 2, "utf16": 4, "utf32": 4}


def of_table(old: Table, new: Table, remade: frozenset[str], server: Server) -> Iterator[Hazard]:
    for one in old.columns:
        becomes = new.column(one.name)
        if one.generated:
            continue
        if becomes is None:
            yield Hazard(HazardKind.DATA_LOSS, f"What the column {new.name}.{one.name} holds is lost.")
        elif one.name.lower() in remade:
            message = f"{new.name}.{one.name} is dropped and made anew: the server cannot turn {one.type} into {becomes.type}."
            yield Hazard(HazardKind.DATA_LOSS, message)
        else:
            yield from _of_column(new.name, one, becomes)
    for column in new.columns:
        if old.column(column.name) is None:
            yield from _of_new_column(new.name, column)
    yield from _of_keys(old, new)
    if old.is_versioned and not new.is_versioned:
        yield Hazard(HazardKind.DATA_LOSS, f"The history of {new.name}'s rows is lost.")
    if old.partition and new.partition and old.partition != new.partition:
        yield Hazard(HazardKind.CORRECTNESS, f"It fails where a row of {new.name} finds no partition.")
    if not is_online(old, new, remade):
        yield Hazard(
            HazardKind.REWRITE, f"The server may copy {new.name} row by row; nobody writes it meanwhile."
        )


def _of_column(table: str, old: Column, new: Column) -> Iterator[Hazard]:
    if new.generated:
        return
    if new.not_null and not old.not_null:
        yield Hazard(HazardKind.CORRECTNESS, f"It fails where {table}.{new.name} holds NULL.")
    if not holds(old, new):
        message = f"{table}.{new.name} becomes {new.type}: what {old.type} held may not fit."
        yield Hazard(HazardKind.CORRECTNESS, message)
    elif old.charset != new.charset and new.charset[0] not in (old.charset[0], "utf8mb4"):
        yield Hazard(
            HazardKind.CORRECTNESS, f"Letters of {table}.{new.name} that {new.charset[0]} lacks are refused."
        )


def _of_new_column(table: str, column: Column) -> Iterator[Hazard]:
    if column.not_null and not (column.has_default or column.auto_increment or column.generated):
        message = f"Rows that are there get the type's own zero or empty text as {table}.{column.name}: it takes no NULL."
        yield Hazard(HazardKind.CORRECTNESS, message)


def _of_keys(old: Table, new: Table) -> Iterator[Hazard]:
    had, has = {one.text for one in old.keys}, {one.text for one in new.keys}
    shapes = {one.shape for one in old.keys}
    for one in old.keys:
        if one.text not in has and all(one.shape != other.shape for other in new.keys):
            yield Hazard(
                HazardKind.INDEX_DROPPED, f"Queries of {new.name} that used {one.name} read whole tables."
            )
    for one in new.keys:
        if one.text in had or one.shape in shapes:
            continue
        yield Hazard(HazardKind.INDEX_BUILD, f"{one.name} is built from all rows of {new.name}.")
        counted = any(
            (column := new.column(name)) is not None and column.auto_increment for name in one.columns
        )
        if one.kind in ("UNIQUE", "PRIMARY") and not counted:
            columns = ", ".join(one.columns)
            yield Hazard(
                HazardKind.CORRECTNESS, f"It fails where two rows of {new.name} have the same {columns}."
            )


def holds(old: Column, new: Column) -> bool:
    """Whether every value of the old type is one of the new type, unchanged."""
    if old.type.lower() == new.type.lower():
        return True
    was, becomes = old.type.lower(), new.type.lower()
    if old.family in _INTEGERS and new.family in _INTEGERS:
        if ("unsigned" in was) != ("unsigned" in becomes):
            return "unsigned" in was and _INTEGERS[new.family] > _INTEGERS[old.family]
        return ("zerofill" in was) == ("zerofill" in becomes) and _INTEGERS[new.family] >= _INTEGERS[
            old.family
        ]
    if old.family == "decimal" and new.family == "decimal":
        return False
    if old.family == new.family and old.family in ("varchar", "varbinary"):
        return _length(becomes) >= _length(was)
    if old.family == "varchar" and new.family in _TEXTS:
        return _TEXTS[new.family] >= _length(was) * _BYTES.get(new.charset[0] or "", 1)
    if old.family in _TEXTS and new.family in _TEXTS:
        return _TEXTS[new.family] >= _TEXTS[old.family]
    if old.family == new.family and old.family in ("enum", "set"):
        return becomes.rstrip(")").startswith(was.rstrip(")"))
    return False


def _length(type_: str) -> int:
    match = re.search(r"\((\d+)", type_)
    return int(match[1]) if match else 1


def is_online(old: Table, new: Table, remade: frozenset[str]) -> bool:
    """Whether InnoDB is known to do all of it in place while others read and write."""
    if {old.engine, new.engine} != {"InnoDB"} or remade:
        return False
    if old.is_versioned or new.is_versioned or old.partition != new.partition or old.periods != new.periods:
        return False
    quiet = {"COMMENT", "STATS_PERSISTENT", "STATS_AUTO_RECALC", "STATS_SAMPLE_PAGES"}
    if any(old.options.get(name) != new.options.get(name) for name in {*old.options, *new.options} - quiet):
        return False
    if any(one.kind in ("FULLTEXT", "SPATIAL") for one in (*old.keys, *new.keys)):
        return False
    if [one.text for one in old.checks] != [one.text for one in new.checks]:
        return False
    if any("CHECK" in one.text.upper() for one in (*old.columns, *new.columns)):
        return False
    if [one.text for one in old.keys if one.kind == "PRIMARY"] != [
        one.text for one in new.keys if one.kind == "PRIMARY"
    ]:
        return False
    if any(one.generated for one in (*old.columns, *new.columns)):
        return False
    for one in new.columns:
        was = old.column(one.name)
        if was is None:
            if one.auto_increment:
                return False
        elif was.text != one.text and not _is_quiet(was, one):
            return False
    return True


def _is_quiet(old: Column, new: Column) -> bool:
    if (old.not_null, old.auto_increment, old.charset) != (new.not_null, new.auto_increment, new.charset):
        return False
    if old.type == new.type:
        return True
    if old.family == new.family == "varchar":
        size = _BYTES.get(new.charset[0] or "", 1)
        was, becomes = _length(old.type) * size, _length(new.type) * size
        return becomes >= was and (was > 255 or becomes <= 255)
    return False
