"""A table made anew with its rows: SQLite's own recipe (https://www.sqlite.org/lang_altertable.html#otheralter), with the
old table renamed away instead of the new one renamed in, so that the new text stays as it was written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from backend.engine.schema.model import Hazard, HazardKind, SchemaObject, Step
from backend.engines.sqlite.connect import quoted

from .definitions import definitions
from .fillers import filler
from .memory import Column, Table, free_name
from .snapshot import fold


def kept_columns(
    renames: Mapping[str, str], old_id: str, new_id: str, old: Table, new: Table
) -> dict[str, str]:
    """Folded old name → new name, of the columns that stay."""
    confirmed = {
        fold(source.removeprefix(f"column {old_id}.")): target.removeprefix(f"column {new_id}.")
        for source, target in renames.items()
        if source.startswith(f"column {old_id}.") and target.startswith(f"column {new_id}.")
    }
    found: dict[str, str] = {}
    for one in old.columns:
        stays = new.column(confirmed.get(fold(one.name), one.name))
        if stays is not None and stays.name not in found.values():
            found[fold(one.name)] = stays.name
    return found


def keeps_rows(new: Table, names: Mapping[str, str]) -> bool:
    """Whether some column that holds values stays; without one there is nothing to tell the rows by."""
    return new.holds_rows and any(
        (column := new.column(name)) is not None and not column.is_generated for name in names.values()
    )


def steps(
    source: SchemaObject,
    wanted: SchemaObject,
    old: Table,
    new: Table,
    names: Mapping[str, str],
    taken: set[str],
) -> Iterator[Step]:
    """Old table away, new table, its rows, old table gone. Names given to old tables are added to `taken`."""
    ids = (source.id, wanted.id)
    old_name = source.name
    if fold(source.name) == fold(wanted.name):
        old_name = free_name(f"{source.name}__old", taken)
        taken.add(fold(old_name))
        rename = f"ALTER TABLE {quoted(source.name)} RENAME TO {quoted(old_name)}"
        yield Step(
            rename, ids, note=f"{_one_line(source.name)} is made anew: SQLite cannot change it in place."
        )
    copied = list(_copies(old, new, names, dict(definitions(wanted.sql))))
    yield Step(wanted.sql, ids, tuple(_hazards(wanted.name, old, new, names, dict(copied))))
    if copied and old.holds_rows and keeps_rows(new, names):
        if old.rowid is not None and new.rowid is not None:
            # Full-text indexes and whoever kept a rowid still find their rows.
            copied.insert(0, (new.rowid, old.rowid))
        into = ", ".join(name for name, _ in copied)
        values = ", ".join(value for _, value in copied)
        yield Step(f"INSERT INTO {quoted(wanted.name)} ({into}) SELECT {values} FROM {quoted(old_name)}", ids)
    if old.autoincrement and new.autoincrement:
        named, kept = literal(wanted.name), literal(old_name)
        yield Step(f"DELETE FROM sqlite_sequence WHERE name = {named}", ids)
        yield Step(f"UPDATE sqlite_sequence SET name = {named} WHERE name = {kept}", ids)
    yield Step(f"DROP TABLE {quoted(old_name)}", ids)


def literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _one_line(name: str) -> str:
    return " ".join(name.split())


def _copies(
    old: Table, new: Table, names: Mapping[str, str], texts: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """(column of the new table, expression over the old one), both as SQL."""
    by_target = {fold(target): source for source, target in names.items()}
    for column in new.columns:
        if column.is_generated:
            continue
        source = by_target.get(fold(column.name))
        found = old.column(source) if source is not None else None
        if found is not None:
            yield quoted(column.name), _converted(found, column, new)
        elif source is None:
            given = filler(column, new, texts.get(fold(column.name), ""), _row_number(old))
            if given is not None:
                yield quoted(column.name), given


def _row_number(table: Table) -> str | None:
    if table.virtual or table.without_rowid:
        return None
    return next((one for one in ("rowid", "_rowid_", "oid") if table.column(one) is None), None)


def _converted(old: Column, new: Column, table: Table) -> str:
    value = quoted(old.name)
    was, becomes = old.type.upper(), new.type.upper()
    if table.strict and becomes in ("BLOB", "TEXT") and was != becomes and becomes != "ANY":
        # A strict table converts numbers to text itself, but never between text and bytes.
        value = f"CAST({value} AS {becomes})" if "BLOB" in (was, becomes) or not was else value
    if new.not_null and not old.not_null and (given := _instead_of_null(new, table)) is not None:
        value = f"coalesce({value}, {given})"
    return value


def _instead_of_null(column: Column, table: Table) -> str | None:
    """What NULLs become where none may be any more; None where anything would be a lie: keys and references."""
    if (given := _constant(column.default)) is not None:
        return given
    refers = any(fold(column.name) in key.columns for key in table.foreign_keys)
    return None if refers or column.is_unique or column.key else filler(column, table)


def _constant(default: str | None) -> str | None:
    """A default as an expression that means the same among columns; None where there is none, or none but NULL.

    SQLite takes `"text"` and a bare word for a string there, where a query would look for such a column.
    """
    if default is None or default.upper() == "NULL":
        return None
    if default.startswith(('"', "`", "[")):
        return literal(default[1:-1])
    is_word = default.replace("_", "").isalnum() and not default[0].isdigit()
    known = {"TRUE", "FALSE", "CURRENT_TIMESTAMP", "CURRENT_DATE", "CURRENT_TIME"}
    return literal(default) if is_word and default.upper() not in known else default


def _hazards(
    table: str, old: Table, new: Table, names: Mapping[str, str], copied: Mapping[str, str]
) -> Iterator[Hazard]:
    yield Hazard(
        HazardKind.REWRITE, f"Every row of {table} is written anew; nobody else can write meanwhile."
    )
    if not old.holds_rows and not new.holds_rows:
        return
    if not keeps_rows(new, names):
        yield Hazard(HazardKind.DATA_LOSS, f"The rows of {table} are lost: no column stays.")
        return
    for one in old.columns:
        if fold(one.name) not in names and not one.is_generated:
            yield Hazard(HazardKind.DATA_LOSS, f"What the column {table}.{one.name} holds is lost.")
    came_from = {fold(name) for name in names.values()}
    for column in new.columns:
        if fold(column.name) not in came_from and filler(column, new) is not None:
            message = (
                f"Rows that are there get {filler(column, new)} as {table}.{column.name}: it takes no NULL."
            )
            yield Hazard(HazardKind.CORRECTNESS, message)
    for source, target in names.items():
        before, after = old.column(source), new.column(target)
        if before is not None and after is not None and not after.is_generated:
            yield from _column_hazards(table, before, after, new)
    new_keys = {one.meaning for one in new.foreign_keys} - {one.meaning for one in old.foreign_keys}
    for columns, other, _ in sorted(new_keys):
        message = (
            f"Rows of {table} whose {', '.join(columns)} refers to nothing in {other} stay: SQLite does not look at"
            " rows that are there. PRAGMA foreign_key_check lists them."
        )
        yield Hazard(HazardKind.CORRECTNESS, message)


def _column_hazards(table: str, before: Column, after: Column, new: Table) -> Iterator[Hazard]:
    if before.is_generated:
        return
    if after.not_null and not before.not_null:
        if (given := _instead_of_null(after, new)) is not None:
            message = f"Rows with NULL in {table}.{after.name} get {given}."
        else:
            message = f"It fails where {table}.{after.name} holds NULL."
        yield Hazard(HazardKind.CORRECTNESS, message)
    if before.type.upper() != after.type.upper():
        message = (
            f"{table}.{after.name} becomes {after.type or 'untyped'}: values that look like it are converted."
        )
        if new.strict:
            message += " It fails where one cannot be: the table is STRICT."
        yield Hazard(HazardKind.CORRECTNESS, message)
