"""A connection: a database, its migrations folder and how careful to be with it."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from .backup import BackupOverrides
from .base import Model, Moment


class EngineName(StrEnum):
    POSTGRES = "postgres"
    MYSQL = "mysql"
    SQLITE = "sqlite"
    CLICKHOUSE = "clickhouse"
    BIGQUERY = "bigquery"
    SPANNER = "spanner"
    MONGODB = "mongodb"


class ToolName(StrEnum):
    DBMATE = "dbmate"
    MIGRATE_MONGO = "migrate-mongo"


class EnvironmentKind(StrEnum):
    DEVELOPMENT = "development"
    TEST = "test"
    STAGING = "staging"
    PRODUCTION = "production"


class SecretPlace(StrEnum):
    """Where the URL's password is kept."""

    NONE = "none"
    KEYCHAIN = "keychain"
    ENV_FILE = "env_file"
    VARIABLE = "variable"
    """The URL names a `${VARIABLE}`; the user provides it."""
    ASK = "ask"
    """Asked at each start, kept in memory only."""


class Connection(Model):
    id: str
    """Slug of the name; also the folder's name."""
    name: str
    engine: EngineName
    tool: ToolName
    url: str
    """Redacted: the password is `***`; `${NAMES}` stay as written."""
    environment: EnvironmentKind = EnvironmentKind.DEVELOPMENT
    read_only: bool = False
    color: str | None = None
    """A colour the user chose, as `#rrggbb`, or null."""
    migrations_dir: str
    """Absolute path of the (first) migrations folder."""
    migrations_dirs: list[str] = Field(default_factory=list)
    """All folders, where the project has several."""
    schema_file: str
    migrations_table: str
    """dbmate's table or migrate-mongo's changelog collection."""
    adopted: bool = False
    """True where the folder is the user's own project, used in place."""
    folder: str
    """Where .env, schema.sql and comments.json live: the app's own folder, or the adopted project's."""
    secret: SecretPlace = SecretPlace.NONE
    database: str | None = None
    host: str | None = None
    warnings: list[str] = Field(default_factory=list)
    """What is odd about this connection, in plain sentences (no .env found, module missing…)."""
    sample: bool = False
    disabled_rules: list[str] = Field(default_factory=list)
    """Codes of risk rules that are switched off for this connection."""
    require_rehearsal: bool = False
    """A run refuses pending files whose very text has no passed rehearsal on the schema as it is."""
    backups: BackupOverrides = Field(default_factory=BackupOverrides)
    """This connection's own settings of backups; what is null is the app's."""


class ServerInfo(Model):
    """What a probe of the server found."""

    product: str
    """As the server names itself: PostgreSQL, MariaDB, MySQL, SQLite…"""
    version: str
    database_exists: bool
    latency_ms: float
    read_only: bool = False
    """True where the server itself refuses writes (a replica, read-only file)."""
    notes: list[str] = Field(default_factory=list)


class ToolFound(Model):
    name: str
    version: str | None = None
    path: str | None = None
    ok: bool
    problem: str | None = None


class ConnectionTest(Model):
    product: str
    version: str
    latency_ms: float
    database_exists: bool
    read_only: bool = False
    notes: list[str] = Field(default_factory=list)
    tools: list[ToolFound] = Field(default_factory=list)


class Variable(Model):
    """An environment variable of a connection. `value` is null for a secret."""

    name: str
    value: str | None
    secret: bool
    source: str
    """`connection` (the app's own), `project` (.env of an adopted folder), `process` (the environment)."""


class Capability(Model):
    """Whether the engine can do one thing; where it cannot, `reason` is what the UI shows."""

    supported: bool
    reason: str | None = None


class EngineInfo(Model):
    name: EngineName
    label: str
    tool: ToolName
    schemes: list[str]
    default_port: int | None = None
    url_example: str
    file_language: str
    """`sql` or `javascript`."""
    fields: list[UrlField] = Field(default_factory=list)
    """The connection form, in order."""
    capabilities: dict[str, Capability] = Field(default_factory=dict)
    available: bool = True
    """False where the driver or tool is missing; `problem` says which."""
    problem: str | None = None


class UrlField(Model):
    """One field of the connection form; `build_url` of the engine takes `{name: value}` of these."""

    name: str
    label: str
    kind: str = "text"
    """text, password, number, path, choice, switch."""
    required: bool = False
    default: str | None = None
    placeholder: str | None = None
    choices: list[str] = Field(default_factory=list)
    help: str | None = None
    advanced: bool = False


class Applied(Model):
    """One row of the migrations table or changelog."""

    version: str
    """As recorded: dbmate's version, migrate-mongo's fileName."""
    applied_at: Moment | None = None
    """Only where the tool records it."""
    block: int | None = None
