"""Google Cloud Spanner with its PostgreSQL dialect, reached as dbmate reaches it: through PGAdapter.

PGAdapter is Google's proxy that speaks PostgreSQL's protocol; it holds the credentials and runs beside the user. What
is done here goes through plain queries, since much of pg_catalog is missing behind it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from importlib.util import find_spec

from backend.core.errors import AppError, DatabaseMissing
from backend.drivers.pgwire import failure, versions
from backend.drivers.pgwire.connect import rows, session
from backend.drivers.pgwire.url import PgUrl, from_fields, read, to_fields
from backend.engine import sqltext, urls
from backend.engine.port import CAPABILITIES, Engine
from backend.engine.target import FailedBlock, Statement, Target, ToolSetup
from backend.models.connection import Applied, Capability, EngineName, ServerInfo, UrlField
from backend.models.schema import Catalog

from . import catalog, warnings

SCHEME = "spanner-postgres"
_SCHEMES = (SCHEME,)

_REASONS = {
    "transactional_ddl": "Spanner changes its schema outside of transactions: files with DDL say "
    "`-- migrate:up transaction:false`, and what ran before a failure stays.",
    "create_database": "Databases of Spanner are created in an instance, with Google's own tools: "
    "gcloud spanner databases create NAME --instance=INSTANCE --database-dialect=POSTGRESQL",
    "drop_database": "Databases of Spanner are dropped with Google's own tools: gcloud spanner databases delete NAME "
    "--instance=INSTANCE",
    "dump_schema": "There is no schema file: pg_dump cannot read Spanner. "
    "gcloud spanner databases ddl describe NAME prints the schema.",
    "load_schema": "There is no schema file for Spanner to load.",
    "read_only_session": "PGAdapter has no setting that keeps a whole session from writing; DB Toolkit itself "
    "refuses to write on a read-only connection.",
    "database_lock": "Spanner has no advisory locks; only runs of this computer are kept apart.",
    "lock_timeout": "Spanner has no lock timeout: it ends transactions that wait for each other by itself.",
    "end_session": "PGAdapter does not show sessions by name, so cancelling ends the tool, while a schema change that "
    "Spanner has accepted goes on.",
    "activity": "PGAdapter does not show what other sessions do.",
    "backup": "Spanner makes its own backups on the service: `gcloud spanner backups create`.",
    "collections": "Collections are MongoDB's; Spanner has tables.",
}


class SpannerEngine(Engine):
    """Spanner behind PGAdapter. Safe for any number of threads: every call opens its own session."""

    name = EngineName.SPANNER
    label = "Spanner (PostgreSQL dialect)"
    schemes = _SCHEMES
    default_port = 5432
    url_example = "spanner-postgres://localhost:5432/shop?sslmode=disable"
    dialect = "postgres"

    def capabilities(self) -> dict[str, Capability]:
        return {
            key: Capability(supported=key not in _REASONS, reason=_REASONS.get(key)) for key in CAPABILITIES
        }

    def problem(self) -> str | None:
        return None if find_spec("psycopg") else "The Python package psycopg is not installed."

    # -- URLs ----------------------------------------------------------------------------------------------------

    def form_fields(self) -> list[UrlField]:
        return [
            UrlField(
                name="host", label="PGAdapter host", default="localhost", placeholder="localhost",
                help="Where PGAdapter runs. Start it with your project, instance and credentials.",
            ),
            UrlField(name="port", label="Port", kind="number", default="5432", placeholder="5432"),
            UrlField(
                name="database", label="Database", required=True, placeholder="shop",
                help="The database's name, or projects/P/instances/I/databases/D.",
            ),
            UrlField(
                name="sslmode", label="TLS", kind="choice", choices=["disable", "require"], default="disable",
                help="PGAdapter runs beside you and usually has no TLS.",
            ),
            UrlField(name="user", label="User", advanced=True, help="Only where PGAdapter asks for it."),
            UrlField(name="password", label="Password", kind="password", advanced=True),
            UrlField(name="search_path", label="Schema", advanced=True, placeholder="public"),
            UrlField(name="parameters", label="More parameters", advanced=True),
        ]  # fmt: skip

    def split_url(self, url: str) -> dict[str, str]:
        return to_fields(read(url, _SCHEMES, needs_database=False))

    def build_url(self, fields: Mapping[str, str]) -> str:
        return from_fields(fields, SCHEME, _SCHEMES).text()

    def check_url(self, url: str) -> str:
        return self._parsed(url).text()

    def redact_url(self, url: str) -> str:
        return urls.redact(url)

    def password_of(self, url: str) -> str | None:
        return urls.password_of(url)

    def with_password(self, url: str, password: str) -> str:
        return urls.with_password(url, password)

    @staticmethod
    def _parsed(url: str) -> PgUrl:
        return read(url, _SCHEMES)

    # -- the tool ------------------------------------------------------------------------------------------------

    def tool_setup(self, target: Target, run_tag: str) -> ToolSetup:
        """No PGOPTIONS: PGAdapter reads its own settings from them and refuses others."""
        return ToolSetup(env={"DATABASE_URL": self._parsed(target.url).text(), "PGAPPNAME": run_tag})

    # -- the server ----------------------------------------------------------------------------------------------

    def probe(self, target: Target) -> ServerInfo:
        url = self._parsed(target.url)
        started = time.perf_counter()
        try:
            with session(target, url, plain=True) as connection:
                version = str(rows(connection, "SHOW server_version")[0][0])
        except DatabaseMissing:
            return ServerInfo(
                product="Spanner", version="unknown", database_exists=False,
                latency_ms=(time.perf_counter() - started) * 1000, notes=[*url.notes, _REASONS["create_database"]],
            )  # fmt: skip
        return ServerInfo(
            product="Spanner",
            version=version,
            database_exists=True,
            latency_ms=(time.perf_counter() - started) * 1000,
            notes=[*url.notes, "The version is the one PGAdapter gives itself as a PostgreSQL server."],
        )

    def create_database(self, target: Target) -> None:
        self.require("create_database")

    def drop_database(self, target: Target) -> None:
        self.require("drop_database")

    def applied(self, target: Target) -> list[Applied]:
        return versions.applied(target, self._parsed(target.url), plain=True)

    def catalog(self, target: Target) -> Catalog:
        return catalog.catalog(target, self._parsed(target.url))

    def fingerprint(self, target: Target) -> dict[str, str]:
        return catalog.fingerprint(target, self._parsed(target.url))

    # -- while it runs -------------------------------------------------------------------------------------------

    def run_lock(self, target: Target, owner: Mapping[str, str]) -> AbstractContextManager[None]:
        return _no_lock()

    # -- text ----------------------------------------------------------------------------------------------------

    def split_statements(self, sql: str) -> list[Statement]:
        return sqltext.split(sql, "spanner")

    def explain_failure(self, failed: FailedBlock) -> AppError:
        return failure.explain(failed)

    def block_warnings(self, sql: str, *, transaction: bool) -> list[str]:
        return warnings.block_warnings(sql, transaction=transaction)


@contextmanager
def _no_lock() -> Iterator[None]:
    """Spanner has none to take; the capability says so."""
    yield
