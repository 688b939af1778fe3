"""What an engine does so that its databases can be backed up and restored. One `backup/` package an engine.

`backend/engines/<name>/backup/__init__.py` has a module-level `BACKUP` that implements this; `backup_tools` finds it.
All methods are stateless and thread-safe, stop soon when `cancel` is set (raising Cancelled), leave no secret in a
file, an argument list or a message, and raise the catalogue's errors. They are given folders; naming, verifying by
sha256, renaming, retention and the manifest are the service's.
"""

from __future__ import annotations

import importlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from backend.core.errors import NotSupported
from backend.engine.target import CancelToken, Target
from backend.models.backup import TableContent

Progress = Callable[[int, int | None, str], None]
"""(bytes or rows done, of how many where known, what it is at now)."""


@dataclass(frozen=True, slots=True)
class SourceSize:
    """What there is to back up, as the catalog tells."""

    tables: int
    rows: int | None = None
    """An estimate."""
    bytes: int | None = None
    needed_bytes: int | None = None
    """An upper estimate of the backup's own size, from which the disk is checked; None: unknown."""


@dataclass(frozen=True, slots=True)
class Written:
    """What was put into the folder."""

    tool: str
    format: str
    objects: Mapping[str, str] = field(default_factory=dict)
    """The engine's fingerprint of the schema, in the backup's own moment where the engine can, else right before."""
    notes: Sequence[str] = ()
    tables: Sequence[TableContent] | None = None
    """Where writing already knows the rows; None: `read_back` counts them."""


class BackupTools(ABC):
    stages_inside = False
    """Does `restore` build inside the target's own database, so that `sweep` has something to do?"""

    @abstractmethod
    def how(self, target: Target) -> str:
        """The tool that would write it, with its version. Raises ToolMissing or NotSupported with the way out."""

    @abstractmethod
    def size(self, target: Target) -> SourceSize:
        """Without reading the tables. Raises DatabaseMissing and what connecting raises."""

    @abstractmethod
    def write(self, target: Target, folder: Path, progress: Progress, cancel: CancelToken) -> Written:
        """Write the whole database, the migrations table included, as of one moment where the engine can, compressed,
        streaming, into the empty `folder`. Takes no lock that stops others from reading or writing rows longer than
        the engine must. Raises BackupFailed, DiskFull, PermissionDenied, LockTimeout, …"""

    @abstractmethod
    def read_back(
        self, folder: Path, progress: Progress, cancel: CancelToken, *, digest: bool = False
    ) -> list[TableContent]:
        """Read every byte of the backup as restoring would, and count the rows in it; with `digest`, also what
        `contents` would say of them. Reaches no server. Raises BackupFailed (`reason="damaged"`) where it is not whole."""

    @abstractmethod
    def restore(
        self, folder: Path, target: Target, progress: Progress, cancel: CancelToken, *, replace: bool
    ) -> list[str]:
        """Make the target's database hold exactly what the backup holds; answers what was left out and why.

        Without `replace` the database must not exist or be empty (else Conflict) and is created. With it, what is
        there goes: by building the new one beside it and swapping where the engine can, so that a failure leaves the
        old one as it was; else in one transaction; else in place. BackupFailed's `details.state` is `untouched`,
        `incomplete` (the database holds neither) or `unknown`.
        """

    @abstractmethod
    def contents(
        self, target: Target, progress: Progress, cancel: CancelToken, *, digest: bool = True
    ) -> list[TableContent]:
        """The rows of every table of a live database, exactly, with digests that equal those of `read_back`."""

    def sweep(self, target: Target) -> list[str]:
        """Remove what a restore that was killed built inside the database and never used; its names. What holds what was
        there before stays."""
        return []

    @abstractmethod
    def elsewhere(self, target: Target, database: str) -> Target:
        """The same server and user with another database (SQLite: another file beside it). Raises InvalidRequest."""

    @abstractmethod
    def by_hand(self, folder: Path, database: str) -> str:
        """The shell commands that restore it with the engine's bare tools, with `$URL` or `HOST` where secrets go."""


@cache
def backup_tools(engine: str) -> BackupTools:
    """The engine's tools. Raises NotSupported where it has none."""
    try:
        module = importlib.import_module(f"backend.engines.{engine}.backup")
    except ModuleNotFoundError as error:
        if error.name != f"backend.engines.{engine}.backup":
            raise
        raise NotSupported(
            f"Backups are not made for {engine}.",
            hint="Use the service's own snapshots or exports.",
            capability="backup",
        ) from None
    found: BackupTools = module.BACKUP
    return found


__all__ = ["BackupTools", "Progress", "SourceSize", "Written", "backup_tools"]
