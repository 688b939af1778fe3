"""What an engine does so that its schemas can be compared, changed and proven. One `schema/` package an engine.

`backend/engines/<name>/schema/__init__.py` has a module-level `SCHEMA` that implements this; `schema_tools` finds it.
All methods are stateless and thread-safe and raise the catalogue's errors, as the engine port does.
"""

from __future__ import annotations

import importlib
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cache
from typing import ClassVar

from backend.core.errors import NotSupported
from backend.engine.target import Target

from .model import Plan, PlanOptions, RenameGuess, Snapshot, Step


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of a schema text that was run into a scratch database."""

    statements: int
    skipped: tuple[str, ...] = ()
    """Statements left out or refused, each with the reason (an extension or role that is not there, a psql command)."""
    notes: tuple[str, ...] = ()
    """What is there, but not as it would be elsewhere (a stand-in for an extension). Nothing is missing for it."""


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of a plan that was run on a scratch database."""

    ok: bool
    done: int
    """How many steps ran."""
    error: str | None = None
    step: int | None = None
    """The step that failed."""
    order: tuple[int, ...] = ()
    """The order in which the steps worked, where it is not the given one."""


@dataclass(frozen=True, slots=True)
class Seeded:
    """Rows put into a scratch database before a proof."""

    tables: Mapping[str, int] = field(default_factory=dict)
    """By table id, how many rows."""
    skipped: tuple[str, ...] = ()
    """Tables that could not be filled, with the reason."""


class SchemaTools(ABC):
    """Snapshots, plans and scratch databases of one engine."""

    scratch_on_same_server: ClassVar[bool] = True
    """False where a scratch database needs no server at all (SQLite: a temporary file)."""

    reads_side_by_side: ClassVar[bool] = False
    """Whether two databases may be made and read at the same time."""

    def printed_as(self, version: str) -> str:
        """What of a server's version decides how it prints a schema: snapshots of one such text can be compared."""
        return version

    @abstractmethod
    def snapshot(self, target: Target) -> Snapshot:
        """The schema as the server prints it, in a few set-wise queries or one dump. Raises DatabaseMissing."""

    @abstractmethod
    def scratch(self, server: Target, purpose: str) -> AbstractContextManager[Target]:
        """A fresh, empty database on the server of `server` (SQLite: in a temporary folder), dropped at the end.

        Its name begins with `dbtoolkit_scratch_` and carries the process, so that `sweep` finds what a crash left.
        Raises ReadOnly for a read-only target, PermissionDenied where databases may not be created.
        """

    @abstractmethod
    def sweep(self, server: Target) -> list[str]:
        """Drop the scratch databases that ended processes of this machine left; returns their names."""

    @abstractmethod
    def load(self, scratch: Target, text: str, source: str) -> Loaded:
        """Run a schema text (schema.sql, a dump with psql commands or DELIMITER lines) into a scratch database.

        What only a missing role, owner, extension or setting refuses is skipped and named; anything else raises
        SqlFailed with the line in `source`.
        """

    def restore(self, scratch: Target, snapshot: Snapshot) -> Loaded:
        """Make the snapshot's objects in an empty scratch database, from their own texts in their order."""
        return self.load(
            scratch, "\n".join(f"{one.sql.rstrip().rstrip(';')};" for one in snapshot.objects), ""
        )

    @abstractmethod
    def plan(self, old: Snapshot, new: Snapshot, options: PlanOptions) -> Plan:
        """The statements from `old` to `new`. Reaches no server."""

    def guess_renames(self, old: Snapshot, new: Snapshot) -> Sequence[RenameGuess]:
        """What may have been renamed rather than dropped and made anew."""
        return ()

    @abstractmethod
    def apply(self, scratch: Target, steps: Sequence[Step], *, retry: bool = False) -> Applied:
        """Run steps on a scratch database. `retry`: those that fail are tried again after the others until nothing
        changes, and the order that worked is answered."""

    def repair(self, target: Target, steps: Sequence[Step]) -> Applied:
        """Run steps on a real database, with its own settings, the target's lock timeout and nothing recorded; in one
        transaction where the engine has one for them. What failed is answered; nothing is tried twice. Raises ReadOnly."""
        raise NotSupported("Statements cannot be run here outside of the tool.")

    @abstractmethod
    def seed(self, scratch: Target, rows: int = 3) -> Seeded:
        """Put rows into every table that can take them, parents first."""

    @abstractmethod
    def row_digest(self, scratch: Target) -> Mapping[str, Mapping[str, str]]:
        """By table id and column name, a digest of the column's values, order of rows not counting; `*` is the number
        of rows. `survivors` says what of it a plan must keep."""

    @abstractmethod
    def survivors(
        self, old: Snapshot, new: Snapshot, options: PlanOptions
    ) -> Mapping[tuple[str, str], tuple[str, str]]:
        """(table id, column) of `old` → the same of `new`, for every column whose values a plan must leave as they are;
        column `*` where the rows themselves must stay."""

    def write(self, steps: Sequence[Step]) -> str:
        """The steps as the body of a migration's half."""
        parts = []
        for step in steps:
            note = "".join(f"-- {line}\n" for line in (step.note or "").splitlines())
            parts.append(f"{note}{step.sql.rstrip().rstrip(';')};")
        return "\n\n".join(parts) + ("\n" if parts else "")


@cache
def schema_tools(engine: str) -> SchemaTools:
    """An engine's schema tools. Raises NotSupported where it has none."""
    try:
        module = importlib.import_module(f"backend.engines.{engine}.schema")
    except ModuleNotFoundError as error:
        if error.name != f"backend.engines.{engine}.schema":
            raise
        raise NotSupported(f"Schemas of {engine} cannot be compared yet.", capability="schema_diff") from None
    tools: SchemaTools = module.SCHEMA
    return tools
