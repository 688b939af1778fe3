"""What a statement would leave in the schema, by the fingerprint's keys: where to look for it. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from backend.engine.lint import ops
from backend.engine.lint.ops import Name, Op

Effect = Literal["made", "gone", "changed"]
_PARTS: dict[str, tuple[str, ...]] = {
    "foreign_key": ("foreign key", "constraint"),
    "check": ("check", "constraint"),
    "unique": ("index", "constraint"),
}
_KINDS: dict[str, tuple[str, ...]] = {
    "materialized_view": ("materialized view",),
    "foreign_table": ("foreign table",),
    "function": ("function", "aggregate"),
    "type": ("type", "domain"),
    "collection": ("collection",),
}


@dataclass(frozen=True, slots=True)
class Trace:
    """An object and what becomes of it. `kinds` are the words its key may begin with."""

    effect: Effect
    kinds: tuple[str, ...]
    name: Name
    table: Name | None = None

    def finds(self, key: str) -> bool:
        """Is this the object's key? A schema stands before a name only where it is not the current one."""
        kind = next((one for one in self.kinds if key.startswith(f"{one} ")), None)
        if kind is None:
            return False
        found = key[len(kind) + 1 :].casefold()
        if "function" in self.kinds or "procedure" in self.kinds:
            found = found.partition("(")[0]
        return any(found == one or (found.endswith(f".{one}") and "." in one) for one in self._names()) or (
            # `other.users` is not the current schema's, unless the statement does not say which it means.
            self.table is None and self.name.schema is None and found == self.name.key
        )

    def _names(self) -> list[str]:
        own = self.name.key
        if self.table is not None:
            parts = [f"{self.table.key}.{own}"]
            if self.table.schema:
                parts.append(f"{self.table.schema.casefold()}.{self.table.key}.{own}")
            # PostgreSQL and SQLite name an index without its table.
            return [*parts, own] if "index" in self.kinds else parts
        if self.name.schema:
            return [own, f"{self.name.schema.casefold()}.{own}"]
        return [own]

    def is_seen(self, before: str | None, now: str | None) -> bool:
        if self.effect == "made":
            return before is None and now is not None
        if self.effect == "gone":
            return before is not None and now is None
        return before != now and now is not None

    def could_be_seen(self, before: str | None) -> bool:
        """Whether it would have changed anything, the object being as it was before."""
        return (before is None) == (self.effect == "made")


def traces_of(op: Op) -> Iterator[Trace]:
    """Where an operation shows. Nothing for one that shows nowhere, or under a name that the server makes up."""
    match op:
        case ops.CreateTable(temporary=False):
            yield Trace("made", ("table", "foreign table"), op.name)
        case ops.CreateIndex() if op.name:
            yield Trace("made", ("index",), Name(op.name), op.table)
        case ops.CreateObject(temporary=False) if op.name.name and op.kind in _LISTED:
            yield Trace("made", _kinds(op.kind), op.name, op.table if op.kind in _OF_TABLE else None)
        case ops.Drop() if op.name.name and op.kind in _LISTED:
            of_table = op.table if op.kind in _OF_TABLE else None
            yield Trace("gone", _kinds(op.kind), op.name, of_table)
        case ops.AddColumn():
            yield Trace("made", ("column",), Name(op.column.name), op.table)
        case ops.DropColumn():
            yield Trace("gone", ("column",), Name(op.column), op.table)
        case ops.AlterColumnType() | ops.SetNotNull() | ops.DropNotNull() | ops.SetDefault():
            yield Trace("changed", ("column",), Name(op.column), op.table)
        case ops.AddConstraint() if op.constraint.name and op.constraint.kind in _PARTS:
            kinds = _PARTS[op.constraint.kind]
            yield Trace("made", kinds, Name(op.constraint.name), op.table)
        case ops.DropConstraint() if op.name and op.kind != "primary_key":
            kinds = _PARTS.get(op.kind, ("constraint", "foreign key", "check", "index"))
            yield Trace("gone", kinds, Name(op.name), op.table)
        case ops.Rename():
            yield from _renamed(op)
        case ops.AlterTable():
            yield Trace("changed", ("table",), op.table)


# What every fingerprint that can hold them lists, under its own name.
_LISTED = frozenset(
    {
        "table", "view", "materialized_view", "foreign_table", "index", "trigger", "function", "procedure", "sequence",
        "type", "domain", "dictionary", "event", "policy", "rule", "extension",
    }
)  # fmt: skip
_OF_TABLE = frozenset({"index", "rule", "policy"})


def _renamed(op: ops.Rename) -> Iterator[Trace]:
    kinds = _kinds(op.kind)
    yield Trace("gone", kinds, op.old, op.table)
    yield Trace("made", kinds, Name(op.new, op.old.schema), op.table)


def _kinds(kind: str) -> tuple[str, ...]:
    return _KINDS.get(kind, (kind.replace("_", " "),))
