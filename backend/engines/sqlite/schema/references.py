"""Around rebuilds and dropped tables: foreign keys off, one transaction, and a check that no reference was broken."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from backend.engine.schema.model import Step

from .memory import Understood
from .rebuild import literal
from .snapshot import fold


def framed(steps: Sequence[Step], old: Understood, new: Understood) -> Iterator[Step]:
    """Foreign keys can be switched off outside a transaction only, so the steps bring their own."""
    for sql in ("PRAGMA foreign_keys = OFF", "PRAGMA legacy_alter_table = ON", "BEGIN"):
        yield Step(sql, transaction=False)
    counting = _counting(old, new)
    if counting is not None:
        before, after = counting
        yield Step(
            f"CREATE TEMP TABLE broken_before AS SELECT count(*) AS number FROM {before}", transaction=False
        )
    for step in steps:
        yield Step(step.sql, step.objects, step.hazards, step.file, False, step.note)
    if counting is not None:
        closing = (
            "CREATE TEMP TABLE broken_references (number INTEGER CHECK (number <= 0))",
            f"INSERT INTO broken_references SELECT count(*) - (SELECT number FROM broken_before) FROM {after}",
            "DROP TABLE temp.broken_references",
            "DROP TABLE temp.broken_before",
        )
        for number, sql in enumerate(closing):
            note = None if number else "Fails, and so undoes everything, where a row lost what it refers to."
            yield Step(sql, transaction=False, note=note)
    yield Step("COMMIT", transaction=False)
    yield Step("PRAGMA legacy_alter_table = OFF", transaction=False)


def _counting(old: Understood, new: Understood) -> tuple[str, str] | None:
    """What to count before and after: broken references of the keys that both sides have, to tables that are there.

    A new foreign key is not among them: SQLite lets rows be that break it, and so does this.
    """
    if not old.references_can_be_checked or not new.references_can_be_checked:
        return None
    before, after = _keys(old), _keys(new)
    shared = before.keys() & after.keys()
    if not shared:
        return None
    return (
        _violations([before[one] for one in sorted(shared)], everything=len(shared) == _count(old)),
        _violations([after[one] for one in sorted(shared)], everything=len(shared) == _count(new)),
    )


def _count(side: Understood) -> int:
    return sum(len(table.foreign_keys) for table in side.tables.values())


_Key = tuple[str, tuple[str, ...], str, tuple[str, ...], int]


def _keys(side: Understood) -> dict[_Key, tuple[str, int]]:
    """(table, columns, table referred to, its columns, how many alike came before) → what `foreign_key_check` calls it.

    Keys to tables that are not there are left out: every row breaks them, whatever is done.
    """
    there = {fold(table.name) for table in side.tables.values()}
    found: dict[_Key, tuple[str, int]] = {}
    for table in side.tables.values():
        for key in table.foreign_keys:
            if key.table in there:
                times = 0
                while (place := (fold(table.name), *key.meaning, times)) in found:
                    times += 1
                found[place] = (table.name, key.number)
    return found


def _violations(keys: Sequence[tuple[str, int]], *, everything: bool) -> str:
    if everything:
        return "pragma_foreign_key_check"
    listed = ", ".join(f"({literal(table)}, {number})" for table, number in keys)
    return f'pragma_foreign_key_check WHERE ("table", fkid) IN (VALUES {listed})'
