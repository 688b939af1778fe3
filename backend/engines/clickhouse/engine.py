"""The ClickHouse engine: the port's promises, each kept by a module of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from backend.core.errors import AppError
from backend.engine import sqltext
from backend.engine.port import CAPABILITIES, Engine
from backend.engine.pulse import Pulse
from backend.engine.target import Activity, FailedBlock, ServerSession, Statement, Target, ToolSetup
from backend.models.connection import Applied, Capability, EngineName, ServerInfo, UrlField
from backend.models.schema import Catalog
from backend.models.schema_detail import SchemaDdl, SchemaDetail

from . import catalog, dump, errors, fingerprint, load, lock, sessions, truth, url, warnings
from . import describe as descriptions

_REASONS = {
    "transactional_ddl": "ClickHouse has no transactions for schema changes: what ran before a failure stays.",
    "collections": "Collections are MongoDB's; ClickHouse has tables.",
}


class ClickHouseEngine(Engine):
    """Servers and clusters. Safe for any number of threads: every call opens its own connection."""

    name = EngineName.CLICKHOUSE
    label = "ClickHouse"
    schemes = url.SCHEMES
    default_port = 9000
    url_example = url.EXAMPLE
    dialect = "clickhouse"

    def capabilities(self) -> dict[str, Capability]:
        return {
            key: Capability(supported=key not in _REASONS, reason=_REASONS.get(key)) for key in CAPABILITIES
        }

    # -- URLs ----------------------------------------------------------------------------------------------------

    def form_fields(self) -> list[UrlField]:
        return [
            UrlField(
                name="protocol", label="Protocol", kind="choice", choices=list(url.PROTOCOLS), default="native",
                help="native is port 9000 (9440 with TLS), http 8123, https 8443.",
            ),
            UrlField(name="host", label="Host", required=True, default="localhost"),
            UrlField(name="port", label="Port", kind="number", placeholder="9000"),
            UrlField(name="user", label="User", placeholder="default"),
            UrlField(name="password", label="Password", kind="password"),
            UrlField(name="database", label="Database", placeholder="default"),
            UrlField(
                name="secure", label="TLS", kind="choice", choices=["", "true", "false"], advanced=True,
                help="For the native protocol; https always has it.",
            ),
            UrlField(
                name="skip_verify", label="Accept any certificate", kind="choice", choices=["", "true", "false"],
                advanced=True,
            ),
            UrlField(
                name="on_cluster", label="On cluster", kind="choice", choices=["", "true", "false"], advanced=True,
                help="Makes the database and the migrations table on every server of the cluster.",
            ),
            UrlField(name="cluster_macro", label="Cluster", placeholder="{cluster}", advanced=True),
            UrlField(name="replica_macro", label="Replica", placeholder="{replica}", advanced=True),
            UrlField(
                name="zoo_path", label="Keeper path", placeholder="/clickhouse/tables/{cluster}/{table}", advanced=True
            ),
            UrlField(
                name="options", label="More options", advanced=True, placeholder="dial_timeout=5s&mutations_sync=1",
                help="Settings of the driver, or of every query.",
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
        return url.parse(url_text).password

    def with_password(self, url_text: str, password: str) -> str:
        return url.with_password(url.parse(url_text), password).text()

    # -- the tool ------------------------------------------------------------------------------------------------

    def tool_setup(self, target: Target, run_tag: str) -> ToolSetup:
        """The URL by environment, with the run's mark and the time to wait for a table's lock (whole seconds)."""
        parsed = sessions.tagged(url.parse(target.url), run_tag)
        if target.lock_timeout_s is not None:
            parsed = parsed.with_options(lock_acquire_timeout=str(max(1, round(target.lock_timeout_s))))
        return ToolSetup(env={"DATABASE_URL": parsed.text()})

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
        from .pulse import ClickHousePulse

        return ClickHousePulse(target)

    def catalog(self, target: Target) -> Catalog:
        return catalog.catalog(target)

    def describe(self, target: Target, tables: Sequence[str] | None = None) -> SchemaDetail:
        return descriptions.describe(target, tables)

    def table_ddl(self, target: Target, table: str) -> SchemaDdl:
        return descriptions.table_ddl(target, table)

    def fingerprint(self, target: Target) -> dict[str, str]:
        return fingerprint.fingerprint(target)

    def row_counts(self, target: Target, tables: Sequence[str]) -> dict[str, int]:
        return truth.row_counts(target, tables)

    def dump_schema(self, target: Target) -> str:
        return dump.dump_schema(target)

    def load_schema(self, target: Target, sql: str, source: Path) -> None:
        load.load_schema(target, sql, source)

    # -- while it runs -------------------------------------------------------------------------------------------

    def run_lock(self, target: Target, owner: Mapping[str, str]) -> AbstractContextManager[None]:
        return lock.run_lock(target, owner)

    def sessions(self, target: Target, run_tag: str) -> list[ServerSession]:
        return sessions.sessions(target, run_tag)

    def end_sessions(self, target: Target, run_tag: str, *, tool_pid: int | None = None) -> int:
        return sessions.end_sessions(target, run_tag)

    def activity(self, target: Target, run_tag: str, *, tool_pid: int | None = None) -> list[Activity]:
        return sessions.activity(target, run_tag)

    # -- text ----------------------------------------------------------------------------------------------------

    def split_statements(self, sql: str) -> list[Statement]:
        return sqltext.split(sql, "clickhouse")

    def explain_failure(self, failure: FailedBlock) -> AppError:
        return errors.explain(failure)

    def block_warnings(self, sql: str, *, transaction: bool) -> list[str]:
        return warnings.block_warnings(sql)
