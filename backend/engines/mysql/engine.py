"""The MySQL and MariaDB engine: the port's promises, each kept by a module of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

from backend.core.errors import AppError
from backend.engine import sqltext, urls
from backend.engine.port import CAPABILITIES, Engine
from backend.engine.pulse import Pulse
from backend.engine.target import (
    Activity,
    FailedBlock,
    OtherTable,
    ServerSession,
    Statement,
    Target,
    ToolSetup,
)
from backend.models.connection import Applied, Capability, EngineName, ServerInfo, UrlField
from backend.models.schema import Catalog
from backend.models.schema_detail import SchemaDdl, SchemaDetail, SchemaOutline

from . import (
    activity,
    catalog,
    connect,
    dump,
    errors,
    fingerprint,
    load,
    lock,
    sessions,
    truth,
    url,
    warnings,
)
from . import describe as descriptions

_REASONS = {
    "transactional_ddl": "MySQL and MariaDB commit every change to the schema at once. After a failure the statements "
    "before it stay, and the file is not recorded.",
    "collections": "Collections are MongoDB's; MySQL has tables.",
}


class MysqlEngine(Engine):
    """MySQL and MariaDB. Safe for any number of threads: every call opens its own connection."""

    name = EngineName.MYSQL
    label = "MySQL / MariaDB"
    schemes = url.SCHEMES
    default_port = url.DEFAULT_PORT
    url_example = "mysql://user:password@localhost:3306/shop"
    dialect = "mysql"

    def capabilities(self) -> dict[str, Capability]:
        return {
            key: Capability(supported=key not in _REASONS, reason=_REASONS.get(key)) for key in CAPABILITIES
        }

    def problem(self) -> str | None:
        return None if find_spec("pymysql") else "The Python package PyMySQL is not installed."

    # -- URLs ----------------------------------------------------------------------------------------------------

    def form_fields(self) -> list[UrlField]:
        return [
            UrlField(name="host", label="Host", default="localhost", placeholder="localhost"),
            UrlField(name="port", label="Port", kind="number", default="3306", placeholder="3306"),
            UrlField(name="user", label="User", placeholder="app"),
            UrlField(name="password", label="Password", kind="password"),
            UrlField(name="database", label="Database", required=True, placeholder="shop"),
            UrlField(
                name="tls", label="TLS", kind="choice", choices=["", *url.TLS_CHOICES],
                help="true checks the certificate, skip-verify encrypts unchecked, preferred takes what there is.",
            ),
            UrlField(
                name="socket", label="Unix socket", kind="path", advanced=True,
                placeholder="/run/mysqld/mysqld.sock", help="Instead of host and port.",
            ),
            UrlField(
                name="options", label="Session variables", advanced=True, placeholder="lock_wait_timeout=3",
                help="name=value, joined with &; each is set on the server after connecting.",
            ),
        ]  # fmt: skip

    def split_url(self, url_text: str) -> dict[str, str]:
        return url.to_fields(url.parse(url_text))

    def build_url(self, fields: Mapping[str, str]) -> str:
        return url.from_fields(fields).text()

    def check_url(self, url_text: str) -> str:
        return url.parse(url_text).text()

    def redact_url(self, url_text: str) -> str:
        return urls.redact(url_text)

    def password_of(self, url_text: str) -> str | None:
        return url.parse(url_text).password

    def with_password(self, url_text: str, password: str) -> str:
        return replace(url.parse(url_text), password=password).text()

    # -- the tool ------------------------------------------------------------------------------------------------

    def tool_setup(self, target: Target, run_tag: str) -> ToolSetup:
        """The URL by environment, as `mysql://`, with the lock timeout and with a mark on the run's sessions."""
        parsed = url.parse(target.url)
        if target.lock_timeout_s is not None:
            seconds = str(connect.lock_wait(target.lock_timeout_s))
            parsed = parsed.with_params(lock_wait_timeout=seconds, innodb_lock_wait_timeout=seconds)
        return ToolSetup(env={"DATABASE_URL": sessions.marked(target, parsed, run_tag).text()})

    # -- the server ----------------------------------------------------------------------------------------------

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
        from .pulse import MysqlPulse

        return MysqlPulse(target)

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

    # -- while it runs -------------------------------------------------------------------------------------------

    def run_lock(self, target: Target, owner: Mapping[str, str]) -> AbstractContextManager[None]:
        return lock.run_lock(target, owner)

    def sessions(self, target: Target, run_tag: str) -> list[ServerSession]:
        return sessions.sessions(target, run_tag)

    def end_sessions(self, target: Target, run_tag: str, *, tool_pid: int | None = None) -> int:
        return sessions.end_sessions(target, run_tag, tool_pid)

    def activity(self, target: Target, run_tag: str, *, tool_pid: int | None = None) -> list[Activity]:
        return activity.activity(target, run_tag, tool_pid)

    # -- text ----------------------------------------------------------------------------------------------------

    def split_statements(self, sql: str) -> list[Statement]:
        return sqltext.split(sql, "mysql")

    def explain_failure(self, failure: FailedBlock) -> AppError:
        return errors.explain(failure)

    def block_warnings(self, sql: str, *, transaction: bool) -> list[str]:
        return warnings.block_warnings(sql, transaction=transaction)
