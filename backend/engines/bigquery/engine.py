"""The BigQuery engine: the port's promises, each kept by a module of its own."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from backend.core.errors import AppError
from backend.engine import sqltext
from backend.engine.port import CAPABILITIES, Engine
from backend.engine.pulse import Pulse
from backend.engine.target import FailedBlock, Statement, Target, ToolSetup
from backend.models.connection import Applied, Capability, EngineName, ServerInfo, UrlField
from backend.models.schema import Catalog

from . import catalog, dump, errors, lock, truth, url, warnings

_REASONS = {
    "transactional_ddl": "BigQuery cannot change a schema inside a transaction: what ran before a failure stays.",
    "read_only_session": "BigQuery has no read-only sessions; what may be written is decided by the credentials' roles. "
    "DB Toolkit itself sends nothing that writes over a read-only connection.",
    "lock_timeout": "BigQuery has no locks to wait for: a job that meets another's change fails at once or is queued.",
    "end_session": "dbmate's BigQuery jobs carry no mark by which they could be told from others: after a cancel, a job "
    "that already runs goes on to its end. It can be cancelled in the Google Cloud console.",
    "activity": "dbmate's BigQuery jobs carry no mark by which they could be told from others.",
    "backup": "BigQuery keeps seven days of every table itself (time travel): restore a table from there.",
    "collections": "Collections are MongoDB's; BigQuery has tables.",
}
# Where Google's libraries look for credentials; the tool's own environment is otherwise minimal.
_CREDENTIAL_VARIABLES = (
    "GOOGLE_APPLICATION_CREDENTIALS",
    "CLOUDSDK_CONFIG",
    "GOOGLE_CLOUD_QUOTA_PROJECT",
    "HOME",
    "APPDATA",
)


class BigQueryEngine(Engine):
    """Datasets. Safe for any number of threads: every call opens its own connection."""

    name = EngineName.BIGQUERY
    label = "BigQuery"
    schemes = url.SCHEMES
    url_example = url.EXAMPLE
    dialect = "bigquery"

    def capabilities(self) -> dict[str, Capability]:
        return {
            key: Capability(supported=key not in _REASONS, reason=_REASONS.get(key)) for key in CAPABILITIES
        }

    # -- URLs ----------------------------------------------------------------------------------------------------

    def form_fields(self) -> list[UrlField]:
        return [
            UrlField(name="project", label="Project", required=True, placeholder="my-project"),
            UrlField(
                name="location", label="Location", placeholder="eu",
                help="Where the dataset lies: us, eu, europe-west3, …",
            ),
            UrlField(name="dataset", label="Dataset", required=True, placeholder="shop"),
            UrlField(
                name="endpoint", label="Endpoint", advanced=True, placeholder="http://localhost:9050/bigquery/v2/",
                help="The address of an emulator, or of a private endpoint.",
            ),
            UrlField(
                name="disable_auth", label="Without credentials", kind="choice", choices=["", "true"], advanced=True,
                help="For emulators.",
            ),
            UrlField(name="options", label="More options", advanced=True),
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
        """The URL and the way to the credentials, by environment."""
        found = {**os.environ, **target.env}
        env = {name: found[name] for name in _CREDENTIAL_VARIABLES if found.get(name)}
        return ToolSetup(env={**env, "DATABASE_URL": url.parse(target.url).text()})

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
        from .pulse import BigQueryPulse

        return BigQueryPulse(target)

    def catalog(self, target: Target) -> Catalog:
        return catalog.catalog(target)

    def fingerprint(self, target: Target) -> dict[str, str]:
        return catalog.fingerprint(target)

    def row_counts(self, target: Target, tables: Sequence[str]) -> dict[str, int]:
        return truth.row_counts(target, tables)

    def dump_schema(self, target: Target) -> str:
        return dump.dump_schema(target)

    def load_schema(self, target: Target, sql: str, source: Path) -> None:
        dump.load_schema(target, sql, source)

    # -- while it runs -------------------------------------------------------------------------------------------

    def run_lock(self, target: Target, owner: Mapping[str, str]) -> AbstractContextManager[None]:
        return lock.run_lock(target, owner)

    # -- text ----------------------------------------------------------------------------------------------------

    def split_statements(self, sql: str) -> list[Statement]:
        return sqltext.split(sql, "bigquery")

    def explain_failure(self, failure: FailedBlock) -> AppError:
        return errors.explain(failure)

    def block_warnings(self, sql: str, *, transaction: bool) -> list[str]:
        return warnings.block_warnings(sql)
