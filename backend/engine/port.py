"""The port: what every database engine does for the services. One folder under `backend/engines/` an engine.

An engine translates its driver's errors into `backend.core.errors` (ConnectionFailed, AuthenticationFailed,
PermissionDenied, DatabaseMissing, LockTimeout, TimedOut, …), never lets a secret into a message, opens short-lived
connections, and opens the session read-only where `target.read_only` and the server can. What an engine cannot do is
a `Capability(supported=False, reason=…)` and a `NotSupported` with the same reason.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import ClassVar

from backend.core.errors import AppError, NotSupported
from backend.models.connection import Applied, Capability, EngineName, ServerInfo, ToolName, UrlField
from backend.models.schema import Catalog
from backend.models.schema_detail import SchemaDdl, SchemaDetail, SchemaOutline

from .browse import detail_of, outline_of
from .pulse import Pulse, TablePulse
from .target import (
    Activity,
    CancelToken,
    FailedBlock,
    InvalidIndex,
    OtherTable,
    ServerSession,
    Statement,
    Target,
    ToolSetup,
)

CAPABILITIES: dict[str, str] = {
    "transactional_ddl": "A failed migration leaves nothing behind",
    "create_database": "Create the database",
    "drop_database": "Drop the database",
    "dump_schema": "Write schema.sql",
    "load_schema": "Load schema.sql",
    "read_only_session": "Open the session read-only",
    "database_lock": "One run at a time across machines",
    "lock_timeout": "Stop waiting for a lock after a while",
    "end_session": "Cancel ends the server's session too",
    "activity": "Show what the server is doing and who blocks",
    "change_detection": "Name what a failed migration left behind",
    "catalog": "List tables and columns",
    "backup": "Back up and restore the database",
    "collections": "Create collections, indexes and validators",
}
"""Every capability an engine states, with the words the UI uses. `Engine.capabilities()` answers all of them."""


class Engine(ABC):
    """A kind of database. Stateless and thread-safe: everything about one database is in the `Target`."""

    name: ClassVar[EngineName]
    label: ClassVar[str]
    tool: ClassVar[ToolName] = ToolName.DBMATE
    schemes: ClassVar[tuple[str, ...]]
    default_port: ClassVar[int | None] = None
    default_migrations_table: ClassVar[str] = "schema_migrations"
    url_example: ClassVar[str]
    dialect: ClassVar[str | None]
    """sqlglot's name of the SQL dialect; None for MongoDB."""

    # -- what it can do ------------------------------------------------------------------------------------------

    @abstractmethod
    def capabilities(self) -> dict[str, Capability]:
        """One entry for every key of CAPABILITIES."""

    def require(self, capability: str) -> None:
        """Raise NotSupported with the capability's reason where it is missing."""
        found = self.capabilities()[capability]
        if not found.supported:
            raise NotSupported(found.reason or f"{self.label} cannot do this.", capability=capability)

    def problem(self) -> str | None:
        """Why this engine cannot be used here (driver not installed), or None. Cheap; imports nothing heavy."""
        return None

    # -- URLs ----------------------------------------------------------------------------------------------------

    @abstractmethod
    def form_fields(self) -> list[UrlField]:
        """The connection form, in order; names are the keys of `split_url` and `build_url`."""

    @abstractmethod
    def split_url(self, url: str) -> dict[str, str]:
        """A URL's parts by form field, decoded. Accepts raw special characters where it is unambiguous. Raises InvalidUrl."""

    @abstractmethod
    def build_url(self, fields: Mapping[str, str]) -> str:
        """A URL the tool accepts, everything percent-encoded as this engine's tool needs. Raises InvalidUrl."""

    @abstractmethod
    def check_url(self, url: str) -> str:
        """The URL as it should be used, traps mended or refused (`sqlite://t.db`, `?` in a filename). Raises InvalidUrl."""

    @abstractmethod
    def redact_url(self, url: str) -> str:
        """The URL with the password, and any secret parameter, as `***`; works on malformed URLs too, erring to hide."""

    @abstractmethod
    def password_of(self, url: str) -> str | None:
        """The decoded password, or None."""

    @abstractmethod
    def with_password(self, url: str, password: str) -> str:
        """The URL with its password replaced; `password` is taken literally and encoded, except a whole `${NAME}`."""

    # -- the tool ------------------------------------------------------------------------------------------------

    @abstractmethod
    def tool_setup(self, target: Target, run_tag: str) -> ToolSetup:
        """Environment and flags for the tool: URL by environment, lock timeout, application name = `run_tag`."""

    # -- the server ----------------------------------------------------------------------------------------------

    @abstractmethod
    def probe(self, target: Target) -> ServerInfo:
        """Reach the server. A missing database is `database_exists=False`, not an error. Creates nothing."""

    @abstractmethod
    def create_database(self, target: Target) -> None:
        """Create the database (no migrations table). Raises Conflict where it exists."""

    @abstractmethod
    def drop_database(self, target: Target) -> None:
        """Drop the database; nothing happens where it does not exist."""

    @abstractmethod
    def applied(self, target: Target) -> list[Applied]:
        """The migrations table as it is, in version order. Empty where table or database is missing; creates nothing."""

    def table_rows(self, target: Target, table: str) -> OtherTable | None:
        """A small table of another tool, its columns' names in lower case and its values as text.

        None where there is no such table (or no database). Reads only."""
        raise NotSupported(f"{self.label}: the tables of other tools are not read.")

    def pulse(self, target: Target) -> Pulse:
        """A cheap look at whether somebody else changed the migrations table; opens nothing before the first look."""
        return TablePulse(self, target)

    @abstractmethod
    def catalog(self, target: Target) -> Catalog:
        """Tables, views, columns, indexes, types in a few set-wise queries; without the migrations table."""

    def outline(self, target: Target) -> SchemaOutline:
        """Every table by name, kind and estimated rows, and the foreign keys between them; without their insides."""
        return outline_of(self.describe(target))

    def describe(self, target: Target, tables: Sequence[str] | None = None) -> SchemaDetail:
        """Everything the engine knows of all tables, or of those with these ids (and then without other objects), in a
        few set-wise queries. What may not be read is named in `problems`. Never used to decide equality."""
        return detail_of(self.name.value, self.catalog(target), tables)

    def table_ddl(self, target: Target, table: str) -> SchemaDdl:
        """The statements that make the table with this id, as the engine or its dump tool prints them.

        Raises NotFound where there is no such table."""
        raise NotSupported(f"{self.label} does not print the statements of a table.")

    @abstractmethod
    def fingerprint(self, target: Target) -> dict[str, str]:
        """Every schema object by readable key (`table users`, `index users_email`, `column users.email`) with a text
        that changes whenever the object does. For naming what a failed run left behind. Without the migrations table."""

    def row_counts(self, target: Target, tables: Sequence[str]) -> dict[str, int]:
        """Exact row counts of the named tables; tables that are missing are left out."""
        raise NotSupported(f"{self.label} row counts are not available.", capability="change_detection")

    def invalid_indexes(self, target: Target) -> list[InvalidIndex]:
        """Indexes that are there and not valid, but for those that are being built now."""
        return []

    # -- schema file ---------------------------------------------------------------------------------------------

    def dump_schema(self, target: Target) -> str:
        """schema.sql as dbmate would write it, the applied versions at the end included."""
        self.require("dump_schema")
        raise NotSupported(f"{self.label} has no schema file.")

    def load_schema(self, target: Target, sql: str, source: Path) -> None:
        """Run a schema file into the (existing) database. Raises SqlFailed with the position in `source`."""
        self.require("load_schema")
        raise NotSupported(f"{self.label} cannot load a schema file.")

    # -- while it runs -------------------------------------------------------------------------------------------

    @abstractmethod
    def run_lock(self, target: Target, owner: Mapping[str, str]) -> AbstractContextManager[None]:
        """Hold the database's run lock (advisory lock, GET_LOCK, lock file, lease) across machines.

        `owner` {host, user, pid, app} is stored where the engine can, for the message of the one who finds it taken.
        Raises Busy at once (`details.holder`). A crashed holder never needs a human: the lock ends with its session,
        its file lock, or its lease. Must work where the database does not exist yet (then it locks nothing).
        """

    def sessions(self, target: Target, run_tag: str) -> list[ServerSession]:
        """The server's sessions of the run that was started with `run_tag`."""
        return []

    def end_sessions(self, target: Target, run_tag: str, *, tool_pid: int | None = None) -> int:
        """End the run's sessions on the server and wait until they are gone (a few seconds at most). Returns how many."""
        return 0

    def activity(self, target: Target, run_tag: str, *, tool_pid: int | None = None) -> list[Activity]:
        """What the server is doing for this run, and who blocks it."""
        return []

    # -- text ----------------------------------------------------------------------------------------------------

    def split_statements(self, sql: str) -> list[Statement]:
        """The block's statements, by this dialect's quoting rules."""
        raise NotSupported(f"{self.label} has no SQL statements.")

    @abstractmethod
    def explain_failure(self, failure: FailedBlock) -> AppError:
        """The tool's error text as an AppError (`SqlFailed` family), with `line`/`column` in the block where known."""

    def block_warnings(self, sql: str, *, transaction: bool) -> list[str]:
        """What this engine will trip over in a block, in plain sentences (PRAGMA inside a transaction, …)."""
        return []

    # -- MongoDB -------------------------------------------------------------------------------------------------

    def create_collection(self, target: Target, name: str, options: Mapping[str, object]) -> None:
        self.require("collections")

    def create_index(
        self,
        target: Target,
        collection: str,
        keys: Sequence[tuple[str, object]],
        options: Mapping[str, object],
    ) -> str:
        """Returns the index's name."""
        self.require("collections")
        return ""

    def set_validator(
        self, target: Target, collection: str, validator: Mapping[str, object], level: str, action: str
    ) -> None:
        """collMod the validator; the collection is created where it is missing."""
        self.require("collections")

    def count_invalid(self, target: Target, collection: str, validator: Mapping[str, object]) -> int:
        """How many documents the validator would refuse."""
        self.require("collections")
        return 0


__all__ = ["CAPABILITIES", "CancelToken", "Engine"]
