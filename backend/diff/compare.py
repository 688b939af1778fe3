"""What differs between two snapshots, by object. Equal text is equal; nothing here knows SQL. Pure."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from backend.engine.schema.model import ChangeKind, SchemaObject, Snapshot


@dataclass(frozen=True, slots=True)
class Change:
    """One object that differs. `before` and `after` are the engine's texts; None where it is not there."""

    id: str
    kind: str
    name: str
    change: ChangeKind
    schema: str | None = None
    parent: str | None = None
    old_id: str | None = None
    """What it was called, for a renamed object."""
    before: str | None = None
    after: str | None = None

    @property
    def lines(self) -> tuple[int, int]:
        """(lines added, lines removed)"""
        if self.before is None or self.after is None:
            return len((self.after or "").splitlines()), len((self.before or "").splitlines())
        added = removed = 0
        matcher = difflib.SequenceMatcher(None, self.before.splitlines(), self.after.splitlines(), False)
        for tag, from_, until, new_from, new_until in matcher.get_opcodes():
            if tag != "equal":
                removed += until - from_
                added += new_until - new_from
        return added, removed


def compare(old: Snapshot, new: Snapshot, renames: Mapping[str, str] | None = None) -> list[Change]:
    """Changes in the new schema's order, removed objects after the ones that stay. `renames`: confirmed, old id → new."""
    before, after = old.by_id(), new.by_id()
    renamed = {
        becomes: was
        for was, becomes in (renames or {}).items()
        if was in before and becomes in after and was not in after and becomes not in before
    }
    found: list[Change] = []
    for one in new.objects:
        if one.id in renamed:
            found.append(_change(one, ChangeKind.RENAMED, before[renamed[one.id]], one))
        elif one.id not in before:
            found.append(_change(one, ChangeKind.ADDED, None, one))
        elif before[one.id].text != one.text:
            found.append(_change(one, ChangeKind.CHANGED, before[one.id], one))
    gone = set(renamed.values())
    for one in old.objects:
        if one.id not in after and one.id not in gone:
            found.append(_change(one, ChangeKind.REMOVED, one, None))
    return found


def _change(
    one: SchemaObject, change: ChangeKind, before: SchemaObject | None, after: SchemaObject | None
) -> Change:
    return Change(
        id=one.id,
        kind=one.kind,
        name=one.name,
        change=change,
        schema=one.schema,
        parent=one.parent,
        old_id=before.id if before is not None and before.id != one.id else None,
        before=before.sql if before else None,
        after=after.sql if after else None,
    )


def counts(changes: Iterable[Change]) -> dict[str, dict[str, int]]:
    """By kind of object, how many of each kind of change."""
    found: dict[str, Counter[str]] = {}
    for one in changes:
        found.setdefault(one.kind, Counter())[str(one.change)] += 1
    return {kind: dict(counter) for kind, counter in found.items()}


def expected(old: Snapshot, new: Snapshot, objects: frozenset[str]) -> Snapshot:
    """The schema a plan over `objects` should leave: those as in `new`, the others as in `old`."""
    after, before = new.by_id(), old.by_id()
    kept = [one for one in new.objects if one.id in objects or one.id in before]
    chosen = [after[one.id] if one.id in objects else before[one.id] for one in kept]
    here = {one.id for one in chosen}
    chosen += [one for one in old.objects if one.id not in here and one.id not in objects]
    return Snapshot(
        engine=new.engine,
        objects=tuple(chosen),
        server_version=new.server_version,
        default_schema=new.default_schema,
        problems=new.problems,
        facts=new.facts,
    )


def suggested_name(changes: Iterable[Change]) -> str:
    """A migration's name for what it does: `create_users`, `change_users_and_orders`, `change_12_objects`."""
    words = {
        ChangeKind.ADDED: "create",
        ChangeKind.REMOVED: "drop",
        ChangeKind.CHANGED: "change",
        ChangeKind.RENAMED: "rename",
    }
    listed = list(changes)
    touched = _tops(listed)
    verbs = {words[one.change] for one in listed if _top(one) in touched and one.parent is None} or {"change"}
    verb = verbs.pop() if len(verbs) == 1 else "change"
    if not touched:
        return "nothing_to_change"
    if len(touched) > 3:
        return f"{verb}_{len(touched)}_objects"
    return f"{verb}_" + "_and_".join(touched)


def _top(one: Change) -> str:
    owner = one.parent or one.id
    return owner.partition(" ")[2].rpartition(".")[2] if one.parent else one.name


def _tops(changes: list[Change]) -> list[str]:
    return list(dict.fromkeys(_top(one) for one in changes))
