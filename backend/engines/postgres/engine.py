"""The PostgreSQL engine: the port's promises, each kept by a module of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from importlib.util import find_spec
from pathlib import Path

from backend.core.errors import AppError
from backend.drivers.pgwire import failure, versions
from backend.drivers.pgwire.url import from_fields, to_fields
from backend.engine import sqltext, urls
from backend.engine.port import CAPABILITIES, Engine
from backend.engine.pulse import Pulse
from backend.engine.target import (
    Activity,
    FailedBlock,
    InvalidIndex,
    OtherTable,
    ServerSession,
    Statement,
    Target,
    ToolSetup,
)
from backend.models.connection import Applied, Capability, EngineName, ServerInfo, UrlField
from backend.models.schema import Catalog
from backend.models.schema_detail import SchemaDdl, SchemaDetail, SchemaOutline

from . import activity, catalog, dump, fingerprint, invalid, load, lock, sessions, tool, truth, url, warnings
from . import describe as descriptions

_REASONS = {"collections": "Collections are MongoDB's; PostgreSQL has tables."}


class PostgresEngine(Engine):
    """PostgreSQL, and what speaks as it does. Safe for any number of threads: every call opens its own session."""

    name = EngineName.POSTGRES
    label = "PostgreSQL"
    schemes = url.SCHEMES
    default_port = 5432
    url_example = "postgres://user:password@localhost:5432/shop?sslmode=disable"
    dialect = "postgres"

    def capabilities(self) -> dict[str, Capability]:
        return {
            key: Capability(supported=key not in _REASONS, reason=_REASONS.get(key)) for key in CAPABILITIES
        }

    def problem(self) -> str | None:
        return None if find_spec("psycopg") else "The Python package psycopg is not installed."

    # -- URLs ----------------------------------------------------------------------------------------------------

    def form_fields(self) -> list[UrlField]:
        return url.fields()

    def split_url(self, url_text: str) -> dict[str, str]:
        return to_fields(url.parsed(url_text, needs_database=False))

    def build_url(self, fields: Mapping[str, str]) -> str:
        return from_fields(fields, url.FORM_SCHEME, url.SCHEMES).text()

    def check_url(self, url_text: str) -> str:
        return url.parsed(url_text).text()

    def redact_url(self, url_text: str) -> str:
        return urls.redact(url_text)

    def password_of(self, url_text: str) -> str | None:
        return urls.password_of(url_text)

    def with_password(self, url_text: str, password: str) -> str:
        return urls.with_password(url_text, password)

    # -- the tool ------------------------------------------------------------------------------------------------

    def tool_setup(self, target: Target, run_tag: str) -> ToolSetup:
        return tool.tool_setup(target, url.parsed(target.url), run_tag)

    # -- the server ----------------------------------------------------------------------------------------------

    def probe(self, target: Target) -> ServerInfo:
        return truth.probe(target, url.parsed(target.url))

    def create_database(self, target: Target) -> None:
        truth.create(target, url.parsed(target.url))

    def drop_database(self, target: Target) -> None:
        truth.drop(target, url.parsed(target.url))

    def applied(self, target: Target) -> list[Applied]:
        return versions.applied(target, url.parsed(target.url))

    def table_rows(self, target: Target, table: str) -> OtherTable | None:
        return truth.table_rows(target, url.parsed(target.url), table)

    def pulse(self, target: Target) -> Pulse:
        from .pulse import PostgresPulse

        return PostgresPulse(target, url.parsed(target.url))

    def catalog(self, target: Target) -> Catalog:
        return catalog.catalog(target, url.parsed(target.url))

    def outline(self, target: Target) -> SchemaOutline:
        return descriptions.outline(target, url.parsed(target.url))

    def describe(self, target: Target, tables: Sequence[str] | None = None) -> SchemaDetail:
        return descriptions.describe(target, url.parsed(target.url), tables)

    def table_ddl(self, target: Target, table: str) -> SchemaDdl:
        return descriptions.table_ddl(target, url.parsed(target.url), table)

    def fingerprint(self, target: Target) -> dict[str, str]:
        return fingerprint.fingerprint(target, url.parsed(target.url))

    def invalid_indexes(self, target: Target) -> list[InvalidIndex]:
        return invalid.invalid_indexes(target, url.parsed(target.url))

    def row_counts(self, target: Target, tables: Sequence[str]) -> dict[str, int]:
        return catalog.row_counts(target, url.parsed(target.url), tables)

    # -- schema file ---------------------------------------------------------------------------------------------

    def dump_schema(self, target: Target) -> str:
        return dump.dump_schema(target, url.parsed(target.url))

    def load_schema(self, target: Target, sql: str, source: Path) -> None:
        load.load_schema(target, url.parsed(target.url), sql, source)

    # -- while it runs -------------------------------------------------------------------------------------------

    def run_lock(self, target: Target, owner: Mapping[str, str]) -> AbstractContextManager[None]:
        return lock.run_lock(target, url.parsed(target.url), owner)

    def sessions(self, target: Target, run_tag: str) -> list[ServerSession]:
        return sessions.sessions(target, url.parsed(target.url), run_tag)

    def end_sessions(self, target: Target, run_tag: str, *, tool_pid: int | None = None) -> int:
        return sessions.end_sessions(target, url.parsed(target.url), run_tag)

    def activity(self, target: Target, run_tag: str, *, tool_pid: int | None = None) -> list[Activity]:
        return activity.activity(target, url.parsed(target.url), run_tag)

    # -- text ----------------------------------------------------------------------------------------------------

    def split_statements(self, sql: str) -> list[Statement]:
        return sqltext.split(sql, "postgres")

    def explain_failure(self, failed: FailedBlock) -> AppError:
        return failure.explain(failed)

    def block_warnings(self, sql: str, *, transaction: bool) -> list[str]:
        return warnings.block_warnings(sql, transaction=transaction)
