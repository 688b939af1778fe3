"""Schemas of an engine that can be read and compared, while nothing is written: there is no scratch database to prove on.

A migration nobody could run once is no migration; what is not written is said, with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import NoReturn

from backend.core.errors import NotSupported
from backend.engine.target import Target

from .model import Plan, PlanOptions, SchemaObject, Snapshot, Step
from .port import Applied, Loaded, SchemaTools, Seeded

_KINDS = ("materialized view", "external table")
_PARTS = {"column", "constraint", "index"}


class ComparedOnly(SchemaTools):
    """`read` gives every object by a readable key (`table users`, `column users.email`) with the server's own words for
    it, without the name of the database; `reason` is one sentence, why nothing is written."""

    def __init__(self, engine: str, reason: str, read: Callable[[Target], Mapping[str, str]]) -> None:
        self._engine, self._reason, self._read = engine, reason, read

    def snapshot(self, target: Target) -> Snapshot:
        texts = self._read(target)
        objects = [_object(key, text, texts) for key, text in sorted(texts.items())]
        objects.sort(key=lambda one: one.parent is not None)
        return Snapshot(self._engine, tuple(objects))

    def scratch(self, server: Target, purpose: str) -> AbstractContextManager[Target]:
        self._refuse()

    def sweep(self, server: Target) -> list[str]:
        return []

    def load(self, scratch: Target, text: str, source: str) -> Loaded:
        self._refuse()

    def plan(self, old: Snapshot, new: Snapshot, options: PlanOptions) -> Plan:
        self._refuse()

    def apply(self, scratch: Target, steps: Sequence[Step], *, retry: bool = False) -> Applied:
        self._refuse()

    def seed(self, scratch: Target, rows: int = 3) -> Seeded:
        self._refuse()

    def row_digest(self, scratch: Target) -> Mapping[str, Mapping[str, str]]:
        self._refuse()

    def survivors(
        self, old: Snapshot, new: Snapshot, options: PlanOptions
    ) -> Mapping[tuple[str, str], tuple[str, str]]:
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise NotSupported(
            self._reason,
            hint="Two live databases can be compared; write the migration by what the comparison shows.",
            capability="schema_diff",
        )


def _object(key: str, text: str, texts: Mapping[str, str]) -> SchemaObject:
    kind = next((one for one in _KINDS if key.startswith(f"{one} ")), key.partition(" ")[0])
    name = key[len(kind) + 1 :]
    table = name.rpartition(".")[0]
    parent = next((one for one in (f"table {table}", f"view {table}") if one in texts), None)
    is_part = kind in _PARTS and parent is not None
    bare = name.rpartition(".")[2] if is_part else name
    return SchemaObject(key, kind, bare, text, parent=parent if is_part else None)
