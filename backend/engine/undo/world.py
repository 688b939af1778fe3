"""Follows things through an up: what is made, renamed, dropped, and what each is called at any moment. Pure."""

from __future__ import annotations

from backend.engine.lint.ops import Name

from .dialect import Dialect
from .model import Ref, Renaming, Thing

Key = tuple[str, int, str, str]


class World:
    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._things: dict[Key, Thing] = {}
        self._vacated: set[Key] = set()
        """Names that things of before have left in this up."""
        self.live_things_renamed: list[Thing] = []

    def _key(self, kind: str, name: Name, parent: Thing | None) -> Key:
        space = self._dialect.spaces.get(kind, kind)
        schema = (name.schema or self._dialect.default_schema or "") if parent is None else ""
        parts = (schema, name.name)
        if not self._dialect.is_case_sensitive:
            parts = (schema.casefold(), name.name.casefold())
        return space, id(parent) if parent else 0, *parts

    def find(self, ref: Ref) -> Thing:
        """The thing a statement speaks of; one nobody made here was there before."""
        parent = self.find(ref.parent) if ref.parent else None
        key = self._key(ref.kind, ref.name, parent)
        thing = self._things.get(key)
        if thing is None:
            origin = None if parent is not None and parent.is_made_here else ref.name
            thing = Thing(ref.kind, ref.name, parent, origin=origin)
            self._things[key] = thing
        return thing

    def known(self, ref: Ref) -> Thing | None:
        parent = self.known(ref.parent) if ref.parent else None
        if ref.parent is not None and parent is None:
            return None
        return self._things.get(self._key(ref.kind, ref.name, parent))

    def is_vacated(self, ref: Ref) -> bool:
        parent = self.known(ref.parent) if ref.parent else None
        return self._key(ref.kind, ref.name, parent) in self._vacated

    def make(self, ref: Ref, at: int) -> Thing:
        parent = self.find(ref.parent) if ref.parent else None
        thing = Thing(ref.kind, ref.name, parent, made_at=at)
        self._things[self._key(ref.kind, ref.name, parent)] = thing
        return thing

    def drop(self, thing: Thing, at: int) -> None:
        thing.dropped_at = at
        self._leave(thing)

    def rename(self, thing: Thing, new: Name, at: int) -> None:
        # What is made here needs its old name again only where it took one that somebody else gets back.
        taken = self._key(thing.kind, new, thing.parent)
        kept = not thing.is_made_here or taken in self._vacated
        self._leave(thing)
        thing.renames.append(Renaming(at, thing.name, new, kept))
        thing.name = new
        self._things[taken] = thing
        if not thing.is_made_here:
            self.live_things_renamed.append(thing)

    def _leave(self, thing: Thing) -> None:
        key = self._key(thing.kind, thing.name, thing.parent)
        if self._things.get(key) is thing:
            del self._things[key]
        if not thing.is_made_here:
            self._vacated.add(key)

    def name_at(self, thing: Thing, at: int) -> Name:
        """What the thing is called when the change number `at` is undone, everything after it undone already."""
        if thing.moved_to is not None:
            return thing.moved_to
        if thing.dropped_at is not None and thing.origin is not None:
            return thing.origin
        name = thing.name
        for one in reversed(thing.renames):
            if one.at > at and one.is_kept:
                name = one.old
        return name

    def holder(self, thing: Thing, at: int) -> Thing | None:
        """Who has the name that a dropped thing gets back when change `at` is undone."""
        key = self._key(thing.kind, thing.before, thing.parent)
        for other in self._things.values():
            if other is thing or other.made_at is None or other.made_at > at or other.moved_to is not None:
                continue
            if self._key(other.kind, self.name_at(other, at), other.parent) == key:
                return other
        return None

    def are_names_back(self, at: int) -> bool:
        """Has everything its name of before when change `at` is undone?"""
        return not any(
            thing.dropped_at is None and any(one.at < at for one in thing.renames)
            for thing in self.live_things_renamed
        )
