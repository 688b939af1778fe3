"""What altering an object in place takes. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from backend.engine.schema.model import Step


@dataclass(slots=True)
class Altered:
    """Statements for one object, and what they cannot do."""

    loosened: list[Step] = field(default_factory=list)
    """Ahead of every drop."""
    before: list[Step] = field(default_factory=list)
    """While what depends on it is out of the way, ahead of everything that is made."""
    steps: list[Step] = field(default_factory=list)
    after: list[Step] = field(default_factory=list)
    """At the end: what the alteration leaves behind."""
    early: list[Step] = field(default_factory=list)
    """In a file of their own, before everything (enum values)."""
    columns: frozenset[str] = frozenset()
    """Columns that lose or change their type: what uses them stands in the way."""
    converted: frozenset[str] = frozenset()
    """Of these, the ones that foreign keys cannot follow."""
    persistence: bool = False
    """Whether a table becomes logged or unlogged: foreign keys on both sides allow neither order."""
    recreated: frozenset[str] = frozenset()
    """Columns that are dropped and added again, as written."""
    readded: frozenset[str] = frozenset()
    """The same by the old, bare names: whatever uses them went as well."""
    comments: frozenset[str] = frozenset()
    """Beginnings of comments that went with a column or constraint that is dropped and added again."""
    cannot: list[str] = field(default_factory=list)
