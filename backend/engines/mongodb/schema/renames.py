"""Collections that may have been renamed: the same options and indexes under a similar name. Pure."""

from __future__ import annotations

from backend.engine.schema.model import RenameGuess, Snapshot
from backend.engine.schema.renames import ColumnShape, TableShape, names_alike
from backend.engine.schema.renames import guess as guess_by_shape

from .snapshot import spec_of

# A collection has little shape of its own: two plain ones are alike whatever they are called.
_NAMES_ALIKE = 0.5


def guess(old: Snapshot, new: Snapshot) -> list[RenameGuess]:
    """See SchemaTools.guess_renames."""
    before, after = _shapes(old), _shapes(new)
    return [
        RenameGuess(one.old, one.new, one.likeness, "options and indexes are alike")
        for one in guess_by_shape(before, after)
        if one.old in before and names_alike(before[one.old].name, after[one.new].name) >= _NAMES_ALIKE
    ]


def _shapes(snapshot: Snapshot) -> dict[str, TableShape]:
    parts: dict[str, list[ColumnShape]] = {}
    names: dict[str, str] = {}
    for one in snapshot.objects:
        spec = spec_of(one)
        if one.kind == "collection":
            names[one.id] = one.name
            options = {name: value for name, value in spec.items() if name != "create"}
            parts.setdefault(one.id, []).append(ColumnShape("options", repr(options)))
        elif one.kind == "index" and one.parent is not None:
            keys = {name: value for name, value in spec.items() if name != "createIndex"}
            parts.setdefault(one.parent, []).append(ColumnShape(one.name, repr(keys)))
    return {one: TableShape(name, tuple(parts[one])) for one, name in names.items()}
