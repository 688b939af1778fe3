"""The SQLite engine: the port's promises, each kept by a module of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from backend.core.errors import AppError, InvalidUrl
from backend.engine import sqltext
from backend.engine.port import CAPABILITIES, Engine
from backend.engine.pulse import Pulse
from backend.engine.target import Activity, FailedBlock, OtherTable, Statement, Target, ToolSetup
from backend.models.connection import Applied, Capability, EngineName, ServerInfo, UrlField
from backend.models.schema import Catalog
from backend.models.schema_detail import SchemaDdl, SchemaDetail, SchemaOutline

from . import catalog, dump, errors, fingerprint, load, lock, sessions, truth, url, warnings
from . import describe as descriptions

_REASONS = {
    **(
        {}
        if sessions.IS_TOLD
        else {"activity": "SQLite has no server to ask, and this system does not list who locks a file."}
    ),
    "collections": "Collections are MongoDB's; SQLite has tables.",
}


class SqliteEngine(Engine):
    """Files. Safe for any number of threads: every call opens its own connection."""

    name = EngineName.SQLITE
    label = "SQLite"
    schemes = url.SCHEMES
    url_example = "sqlite:db/shop.db"
    dialect = "sqlite"

    def capabilities(self) -> dict[str, Capability]:
        return {
            key: Capability(supported=key not in _REASONS, reason=_REASONS.get(key)) for key in CAPABILITIES
        }

    # -- URLs ----------------------------------------------------------------------------------------------------

    def form_fields(self) -> list[UrlField]:
        return [
            UrlField(
                name="path", label="Database file", kind="path", required=True, placeholder="db/shop.db",
                help="A relative path starts in the project's folder.",
            ),
            UrlField(
                name="foreign_keys", label="Enforce foreign keys", kind="choice", choices=["", "on", "off"],
                advanced=True, help="SQLite's own default is off.",
            ),
            UrlField(
                name="options", label="More options", advanced=True, placeholder="_journal_mode=wal&_busy_timeout=5000",
            ),
        ]  # fmt: skip

    def split_url(self, url_text: str) -> dict[str, str]:
        return url.to_fields(url.parse(url_text))

    def build_url(self, fields: Mapping[str, str]) -> str:
        return url.from_fields(fields).text()

    def check_url(self, url_text: str) -> str:
        return url.parse(url_text).text()

    def redact_url(self, url_text: str) -> str:
        return url.redact(url_text)

    def password_of(self, url_text: str) -> str | None:
        return None

    def with_password(self, url_text: str, password: str) -> str:
        return url_text

    # -- the tool ------------------------------------------------------------------------------------------------

    def tool_setup(self, target: Target, run_tag: str) -> ToolSetup:
        """The URL by environment, absolute where it can be, with the time to wait for a locked file."""
        parsed = url.parse(target.url)
        try:
            absolute = url.from_fields({"path": parsed.file(target.working_dir).as_posix()})
        except InvalidUrl:
            # The project's own folder has a name dbmate would misread; the relative path is fine there.
            absolute = parsed
        parsed = url.SqliteUrl(absolute.path, parsed.options)
        if target.lock_timeout_s is not None:
            parsed = parsed.with_options(_busy_timeout=str(int(target.lock_timeout_s * 1000)))
        if target.read_only:
            parsed = parsed.with_options(_query_only="true")
        return ToolSetup(env={"DATABASE_URL": parsed.text()})

    # -- the file ------------------------------------------------------------------------------------------------

    def probe(self, target: Target) -> ServerInfo:
        return truth.probe(target)

    def create_database(self, target: Target) -> None:
        truth.create(target)

    def drop_database(self, target: Target) -> None:
        truth.drop(target)

    def applied(self, target: Target) -> list[Applied]:
        return truth.applied(target)

    def table_rows(self, target: Target, table: str) -> OtherTable | None:
        return truth.table_rows(target, table)

    def pulse(self, target: Target) -> Pulse:
        from .pulse import SqlitePulse

        return SqlitePulse(target)

    def catalog(self, target: Target) -> Catalog:
        return catalog.catalog(target)

    def outline(self, target: Target) -> SchemaOutline:
        return descriptions.outline(target)

    def describe(self, target: Target, tables: Sequence[str] | None = None) -> SchemaDetail:
        return descriptions.describe(target, tables)

    def table_ddl(self, target: Target, table: str) -> SchemaDdl:
        return descriptions.table_ddl(target, table)

    def fingerprint(self, target: Target) -> dict[str, str]:
        return fingerprint.fingerprint(target)

    def row_counts(self, target: Target, tables: Sequence[str]) -> dict[str, int]:
        return catalog.row_counts(target, tables)

    def dump_schema(self, target: Target) -> str:
        return dump.dump_schema(target)

    def load_schema(self, target: Target, sql: str, source: Path) -> None:
        load.load_schema(target, sql, source)

    def run_lock(self, target: Target, owner: Mapping[str, str]) -> AbstractContextManager[None]:
        return lock.run_lock(target, owner)

    def end_sessions(self, target: Target, run_tag: str, *, tool_pid: int | None = None) -> int:
        """There is no server: with the tool's end its lock is gone; what it left half done is rolled back here."""
        truth.settle(target)
        return 0

    def activity(self, target: Target, run_tag: str, *, tool_pid: int | None = None) -> list[Activity]:
        """Only where it waits: what it does otherwise nobody can ask."""
        return sessions.activity(target, tool_pid)

    # -- text ----------------------------------------------------------------------------------------------------

    def split_statements(self, sql: str) -> list[Statement]:
        return sqltext.split(sql, "sqlite")

    def explain_failure(self, failure: FailedBlock) -> AppError:
        return errors.explain(failure)

    def block_warnings(self, sql: str, *, transaction: bool) -> list[str]:
        return warnings.block_warnings(sql, transaction=transaction)
