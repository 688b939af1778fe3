"""Schemas as lists of objects with the engine's own canonical text. Equal text is equal, full stop; nothing else decides.

Pure data: frozen, hashable where it matters, ready for JSON by `dataclasses.asdict`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class SchemaObject:
    """One object. `sql` is the engine's own text of it, complete and runnable, and the only thing equality looks at."""

    id: str
    """`<kind> <name>`, unique in a snapshot and the same in every snapshot of the same engine: `table public.users`,
    `function public.total(integer)`, `index public.users_email`, `trigger public.users.audit`. Names as the server
    prints them, quoted where they need it."""
    kind: str
    """table, view, materialized view, index, constraint, trigger, function, sequence, type, collection, …"""
    name: str
    """The bare name, unquoted."""
    sql: str
    schema: str | None = None
    parent: str | None = None
    """The id of the object it belongs to and goes away with (a table's index, trigger, constraint, comment)."""
    needs: Sequence[str] = field(default=(), hash=False, compare=False)
    """Ids of the objects it cannot exist without, as far as the engine tells. Never compared: some are worked out when
    they are asked for."""
    compared: str | None = None
    """What equality looks at, where it is not `sql` itself: the same text with what has no order put in order (the
    columns of a PostgreSQL table: none can be moved)."""
    facts: Mapping[str, str] = field(default_factory=dict, hash=False, compare=False)
    """What the generator needs beside the text (relkind, owner, engine, row estimate). Never compared."""

    @property
    def text(self) -> str:
        """What equality looks at."""
        return self.sql if self.compared is None else self.compared


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A schema at one moment, without bookkeeping tables (the tools' and the app's own)."""

    engine: str
    objects: tuple[SchemaObject, ...]
    """In an order in which they can be created."""
    server_version: str = ""
    default_schema: str | None = None
    problems: tuple[str, ...] = ()
    """Objects that could not be read (no permission), in plain sentences: what they hide is unknown, not equal."""
    facts: Mapping[str, str] = field(default_factory=dict, hash=False, compare=False)

    def by_id(self) -> dict[str, SchemaObject]:
        return {one.id: one for one in self.objects}

    @property
    def sha256(self) -> str:
        """Of what is compared; the order of creation does not count."""
        digest = hashlib.sha256()
        for one in sorted(self.objects, key=lambda one: one.id):
            digest.update(f"{one.id}\0{one.text}\0".encode("utf-8", "surrogateescape"))
        return digest.hexdigest()


class ChangeKind(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    RENAMED = "renamed"


class HazardKind(StrEnum):
    DATA_LOSS = "data_loss"
    REWRITE = "rewrite"
    EXCLUSIVE_LOCK = "exclusive_lock"
    SHARE_LOCK = "share_lock"
    SHARE_ROW_EXCLUSIVE_LOCK = "share_row_exclusive_lock"
    INDEX_BUILD = "index_build"
    INDEX_DROPPED = "index_dropped"
    CORRECTNESS = "correctness"
    UNTRACKABLE = "untrackable"
    AUTHORITY = "authority"
    EXTENSION_VERSION = "extension_version"


@dataclass(frozen=True, slots=True)
class Hazard:
    kind: HazardKind
    message: str
    """One plain sentence naming the object."""


@dataclass(frozen=True, slots=True)
class Step:
    """One statement of a plan, without its closing `;` (MongoDB: one awaited call)."""

    sql: str
    objects: tuple[str, ...] = ()
    """Ids of the objects it makes, changes or removes."""
    hazards: tuple[Hazard, ...] = ()
    file: int = 0
    """Steps of one number stand in one migration file; numbers grow along the plan."""
    transaction: bool = True
    """False: it cannot run inside the tool's transaction; then its whole file is written with `transaction:false`."""
    note: str | None = None
    """A comment to stand above it."""


class Style(StrEnum):
    PLAIN = "plain"
    ONLINE = "online"


@dataclass(frozen=True, slots=True)
class PlanOptions:
    style: Style = Style.PLAIN
    include: frozenset[str] | None = None
    """Object ids to change; what they need comes along. None: everything."""
    one_file: bool = False
    """Everything must run in one go (a down half): what wants a file of its own is written another way."""
    renames: Mapping[str, str] = field(default_factory=dict)
    """Confirmed by the user: old id → new id, and `column <table id>.<name>` → the same with the new name."""

    def renamed(self, before: Container[str], after: Container[str]) -> dict[str, str]:
        """The renames of whole objects that hold: the old id is only in `before`, the new one only in `after`."""
        return {
            old: new
            for old, new in self.renames.items()
            if old in before and new in after and old not in after and new not in before
        }


@dataclass(frozen=True, slots=True)
class Plan:
    """The statements that take one schema to another, in order."""

    steps: tuple[Step, ...]
    objects: frozenset[str] = frozenset()
    """Ids of everything it makes like the new schema: what was chosen and what came along. The rest stays."""
    not_expressed: tuple[str, ...] = ()
    """What the plan leaves different, in plain sentences with the reason. Never silent."""


@dataclass(frozen=True, slots=True)
class RenameGuess:
    """Something that may have been renamed: same shape, similar name. Asked, never assumed."""

    old: str
    new: str
    likeness: float
    """0..1"""
    reason: str
