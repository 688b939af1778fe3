"""Whether what was restored is what was backed up: schema by fingerprint, rows by count, content by digest. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from backend.models.backup import RestoreCheck, TableContent

_NAMED = 50


def checks(
    before: Mapping[str, str],
    after: Mapping[str, str],
    saved: Sequence[TableContent],
    restored: Sequence[TableContent],
) -> list[RestoreCheck]:
    return [_schema(before, after), _rows(saved, restored), _content(saved, restored)]


def _schema(before: Mapping[str, str], after: Mapping[str, str]) -> RestoreCheck:
    found = [f"- {key}" for key in before if key not in after]
    found += [f"+ {key}" for key in after if key not in before]
    found += [f"~ {key}" for key in before if key in after and before[key] != after[key]]
    return RestoreCheck(what="schema", equal=not found, differences=found[:_NAMED])


def _rows(saved: Sequence[TableContent], restored: Sequence[TableContent]) -> RestoreCheck:
    here, there = {one.table: one.rows for one in restored}, {one.table: one.rows for one in saved}
    found = [
        f"{table}: {there.get(table, 'no such table')} in the backup, {here.get(table, 'no such table')} now"
        for table in sorted(here.keys() | there.keys())
        if here.get(table) != there.get(table)
    ]
    return RestoreCheck(what="rows", equal=not found, differences=found[:_NAMED])


def _content(saved: Sequence[TableContent], restored: Sequence[TableContent]) -> RestoreCheck:
    here = {one.table: one.digest for one in restored}
    found = [
        f"{one.table}: its rows are not those of the backup"
        for one in saved
        if one.table in here and one.digest is not None and here[one.table] != one.digest
    ]
    return RestoreCheck(what="content", equal=not found, differences=found[:_NAMED])
