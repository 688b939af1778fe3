"""MongoDB behind the engine port: each room of this package, put together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, ClassVar

from backend.core.errors import AppError
from backend.engine.port import CAPABILITIES, Engine
from backend.engine.pulse import Pulse
from backend.engine.target import Activity, FailedBlock, ServerSession, Target, ToolSetup
from backend.models.connection import Applied, Capability, EngineName, ServerInfo, ToolName, UrlField
from backend.models.schema import Catalog
from backend.models.schema_detail import SchemaDdl, SchemaDetail, SchemaOutline

from . import collections, dump, form, lock, sessions, truth
from . import url as urls
from .connect import SERVER_SELECTION_TIMEOUT_MS

_MISSING = {
    "transactional_ddl": "MongoDB does not undo what a failed migration wrote, unless the migration itself uses a "
    "transaction.",
    "read_only_session": "MongoDB has no read-only sessions. DB Toolkit refuses changes on a read-only connection itself; "
    "a user with the role read makes the server refuse them too.",
    "lock_timeout": "In MongoDB the time to wait for a lock is a setting of the server, not of a connection.",
}


class MongoEngine(Engine):
    """MongoDB 4.2 and newer, by pymongo; migrations run through migrate-mongo."""

    name: ClassVar[EngineName] = EngineName.MONGODB
    label: ClassVar[str] = "MongoDB"
    tool: ClassVar[ToolName] = ToolName.MIGRATE_MONGO
    schemes: ClassVar[tuple[str, ...]] = urls.SCHEMES
    default_port: ClassVar[int | None] = urls.DEFAULT_PORT
    default_migrations_table: ClassVar[str] = "changelog"
    url_example: ClassVar[str] = urls.EXAMPLE
    dialect: ClassVar[str | None] = None

    def capabilities(self) -> dict[str, Capability]:
        return {
            name: Capability(supported=name not in _MISSING, reason=_MISSING.get(name))
            for name in CAPABILITIES
        }

    def problem(self) -> str | None:
        from importlib.util import find_spec

        return None if find_spec("pymongo") else "The Python package pymongo is not installed."

    # -- URLs ----------------------------------------------------------------------------------------------------

    def form_fields(self) -> list[UrlField]:
        return form.fields()

    def split_url(self, url: str) -> dict[str, str]:
        return form.split(url)

    def build_url(self, fields: Mapping[str, str]) -> str:
        return form.build(fields)

    def check_url(self, url: str) -> str:
        return urls.check(url)

    def redact_url(self, url: str) -> str:
        return urls.redact(url)

    def password_of(self, url: str) -> str | None:
        return urls.password_of(url)

    def with_password(self, url: str, password: str) -> str:
        return urls.with_password(url, password)

    # -- the tool ------------------------------------------------------------------------------------------------

    def tool_setup(self, target: Target, run_tag: str) -> ToolSetup:
        """The runner gets the URL on its standard input, so neither environment nor flags hold it."""
        timeout_ms = min(int(target.connect_timeout_s * 1000), SERVER_SELECTION_TIMEOUT_MS)
        return ToolSetup(
            options={
                "databaseName": urls.database_of(target.url),
                "changelogCollectionName": target.migrations_table,
                "clientOptions": {"appName": run_tag[:128], "serverSelectionTimeoutMS": timeout_ms},
            }
        )

    # -- the server ----------------------------------------------------------------------------------------------

    def probe(self, target: Target) -> ServerInfo:
        return truth.probe(target)

    def create_database(self, target: Target) -> None:
        truth.create_database(target)

    def drop_database(self, target: Target) -> None:
        truth.drop_database(target)

    def applied(self, target: Target) -> list[Applied]:
        return truth.applied(target)

    def pulse(self, target: Target) -> Pulse:
        from .pulse import MongoPulse

        return MongoPulse(target)

    def catalog(self, target: Target) -> Catalog:
        from .catalog import read_catalog

        return read_catalog(target)

    def outline(self, target: Target) -> SchemaOutline:
        from .describe import outline

        return outline(target)

    def describe(self, target: Target, tables: Sequence[str] | None = None) -> SchemaDetail:
        from .describe import describe

        return describe(target, tables)

    def table_ddl(self, target: Target, table: str) -> SchemaDdl:
        from .describe import table_ddl

        return table_ddl(target, table)

    def fingerprint(self, target: Target) -> dict[str, str]:
        from .fingerprint import read_fingerprint

        return read_fingerprint(target)

    def row_counts(self, target: Target, tables: Sequence[str]) -> dict[str, int]:
        return truth.row_counts(target, list(tables))

    # -- schema file ---------------------------------------------------------------------------------------------

    def dump_schema(self, target: Target) -> str:
        """Collections, rules, indexes, views and applied files as extended JSON."""
        return dump.dump_schema(target)

    def load_schema(self, target: Target, sql: str, source: Path) -> None:
        dump.load_schema(target, sql, source)

    # -- while it runs -------------------------------------------------------------------------------------------

    def run_lock(self, target: Target, owner: Mapping[str, str]) -> AbstractContextManager[None]:
        return lock.run_lock(target, owner)

    def sessions(self, target: Target, run_tag: str) -> list[ServerSession]:
        return sessions.list_sessions(target, run_tag)

    def end_sessions(self, target: Target, run_tag: str, *, tool_pid: int | None = None) -> int:
        return sessions.end(target, run_tag)

    def activity(self, target: Target, run_tag: str, *, tool_pid: int | None = None) -> list[Activity]:
        return sessions.activity(target, run_tag)

    # -- text ----------------------------------------------------------------------------------------------------

    def explain_failure(self, failure: FailedBlock) -> AppError:
        from .failure import explain

        return explain(failure)

    # -- MongoDB -------------------------------------------------------------------------------------------------

    def create_collection(self, target: Target, name: str, options: Mapping[str, Any]) -> None:
        collections.create_collection(target, name, options)

    def create_index(
        self, target: Target, collection: str, keys: Sequence[tuple[str, Any]], options: Mapping[str, Any]
    ) -> str:
        return collections.create_index(target, collection, keys, options)

    def set_validator(
        self, target: Target, collection: str, validator: Mapping[str, Any], level: str, action: str
    ) -> None:
        collections.set_validator(target, collection, validator, level, action)

    def count_invalid(self, target: Target, collection: str, validator: Mapping[str, Any]) -> int:
        return collections.count_invalid(target, collection, validator)
