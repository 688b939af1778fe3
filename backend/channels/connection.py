"""connection:* – databases and how they are reached."""

from __future__ import annotations

from pydantic import Field

from backend.models.backup import BackupOverrides
from backend.models.base import Model
from backend.models.connection import (
    Connection,
    ConnectionTest,
    EngineInfo,
    EngineName,
    EnvironmentKind,
    SecretPlace,
    Variable,
)
from backend.models.requests import Done, Nothing, OfConnection
from backend.rpc.registry import channel
from backend.services import Services


class ConnectionList(Model):
    connections: list[Connection]
    problems: list[str] = Field(default_factory=list)
    """Connection folders that cannot be read, with the reason."""


class CreateRequest(Model):
    name: str
    url: str
    environment: EnvironmentKind = EnvironmentKind.DEVELOPMENT
    read_only: bool = False
    migrations_dir: str | None = None
    """A folder of the user's; absent: the connection's own folder."""
    color: str | None = None
    secret: SecretPlace | None = None
    """Where to keep the password; absent: keychain where there is one, else .env."""
    migrations_table: str | None = None


class CreateLocalRequest(Model):
    name: str
    environment: EnvironmentKind = EnvironmentKind.DEVELOPMENT
    read_only: bool = False
    migrations_dir: str | None = None
    """A folder of the user's; absent: the connection's own folder."""
    color: str | None = None
    secret: SecretPlace | None = None
    """Where to keep the server's password; absent: keychain where there is one, else .env."""
    job_id: str | None = None


class UpdateRequest(Model):
    connection: str
    name: str | None = None
    url: str | None = None
    """`***` as the password keeps the stored one."""
    environment: EnvironmentKind | None = None
    read_only: bool | None = None
    migrations_dir: str | None = None
    color: str | None = None
    secret: SecretPlace | None = None
    migrations_table: str | None = None
    disabled_rules: list[str] | None = None
    """Codes of risk rules that are switched off for this connection; all of them, each time."""
    require_rehearsal: bool | None = None
    """Refuse pending files whose very text has no passed rehearsal on the schema as it is."""
    backups: BackupOverrides | None = None
    """This connection's own settings of backups; all of them, each time."""
    confirm: str | None = None


class DeleteRequest(Model):
    connection: str
    delete_files: bool = False
    """Also remove the connection's own folder (to the app's trash); an adopted project is never touched."""
    confirm: str | None = None


class TestRequest(Model):
    connection: str | None = None
    url: str | None = None
    """A URL not saved yet, instead of a connection."""


class AdoptRequest(Model):
    path: str
    name: str | None = None
    url: str | None = None
    """Only where the project's .env or config has none."""
    environment: EnvironmentKind = EnvironmentKind.DEVELOPMENT
    read_only: bool = False
    color: str | None = None


class InspectRequest(Model):
    path: str


class FolderReport(Model):
    """What a folder holds, before it is adopted."""

    path: str
    tool: str | None
    engine: EngineName | None
    migrations_dirs: list[str]
    files: int
    url: str | None
    """Redacted, as found in .env or config."""
    url_source: str | None
    program: str | None = None
    """The configuration that is a program: looked at, it ran sealed; once the folder is adopted it runs freely."""
    suggested_name: str
    warnings: list[str] = Field(default_factory=list)
    other_tool: str | None = None
    """Another tool (Flyway, goose, …) whose migrations are here: `convert:inspect` looks through them."""
    other_folder: str | None = None
    """Where they are."""


class UrlRequest(Model):
    url: str


class UrlParts(Model):
    engine: EngineName
    fields: dict[str, str]


class BuildRequest(Model):
    engine: EngineName
    fields: dict[str, str]


class Url(Model):
    url: str


class EngineList(Model):
    engines: list[EngineInfo]


class VariableList(Model):
    variables: list[Variable]


class SetVariableRequest(Model):
    connection: str
    name: str
    value: str
    secret: bool = False


class RemoveVariableRequest(Model):
    connection: str
    name: str


class UnlockRequest(Model):
    connection: str
    password: str


class SampleRequest(Model):
    engine: EngineName = EngineName.SQLITE
    """sqlite, or postgres on the bundled local server."""
    job_id: str | None = None


@channel("connection:create")
def create(services: Services, request: CreateRequest) -> Connection:
    """Save a new connection; its folder, .env and (MongoDB) config are made so that the bare tool works there."""
    return services.connections.create(**request.model_dump())


@channel("connection:list")
def list_(services: Services, request: Nothing) -> ConnectionList:
    """Every connection."""
    connections, problems = services.connections.all()
    return ConnectionList(connections=connections, problems=problems)


@channel("connection:get")
def get(services: Services, request: OfConnection) -> Connection:
    """One connection."""
    return services.connections.get(request.connection)


@channel("connection:update")
def update(services: Services, request: UpdateRequest) -> Connection:
    """Change what is given, keep the rest."""
    changes = request.model_dump(exclude={"connection", "confirm"}, exclude_unset=True)
    return services.connections.update(request.connection, changes, confirm=request.confirm)


@channel("connection:delete")
def delete(services: Services, request: DeleteRequest) -> Done:
    """Forget a connection. The database is not touched."""
    services.connections.delete(
        request.connection, delete_files=request.delete_files, confirm=request.confirm
    )
    return Done()


@channel("connection:test")
def test(services: Services, request: TestRequest) -> ConnectionTest:
    """Reach the server: version, latency, whether the database exists, the tools found."""
    return services.connections.test(connection=request.connection, url=request.url)


@channel("connection:adopt")
def adopt(services: Services, request: AdoptRequest) -> Connection:
    """Use an existing dbmate or migrate-mongo project in place; nothing is moved."""
    return services.adoption.adopt(**request.model_dump())


@channel("connection:inspect-folder")
def inspect_folder(services: Services, request: InspectRequest) -> FolderReport:
    """What `connection:adopt` would find in a folder."""
    found = FolderReport(**services.adoption.inspect(request.path))
    if other := services.conversions.other_tool(request.path):
        found.other_tool, found.other_folder = other[0].label, other[1]
    return found


@channel("connection:engines")
def engines(services: Services, request: Nothing) -> EngineList:
    """The engines, their URL forms and what each can and cannot do."""
    return EngineList(engines=services.connections.engines())


@channel("connection:split-url")
def split_url(services: Services, request: UrlRequest) -> UrlParts:
    """A pasted URL as form fields."""
    engine, fields = services.connections.split_url(request.url)
    return UrlParts(engine=engine, fields=fields)


@channel("connection:build-url")
def build_url(services: Services, request: BuildRequest) -> Url:
    """Form fields as a URL, encoded as the tool needs it."""
    return Url(url=services.connections.build_url(request.engine, request.fields))


@channel("connection:variables")
def variables(services: Services, request: OfConnection) -> VariableList:
    """The environment variables of a connection; secret values are null."""
    return VariableList(variables=services.variables.list(request.connection))


@channel("connection:set-variable")
def set_variable(services: Services, request: SetVariableRequest) -> VariableList:
    """Set a variable for the URL's `${NAMES}` and for migrations."""
    services.variables.set(request.connection, request.name, request.value, secret=request.secret)
    return VariableList(variables=services.variables.list(request.connection))


@channel("connection:remove-variable")
def remove_variable(services: Services, request: RemoveVariableRequest) -> VariableList:
    """Remove a variable."""
    services.variables.remove(request.connection, request.name)
    return VariableList(variables=services.variables.list(request.connection))


@channel("connection:unlock")
def unlock(services: Services, request: UnlockRequest) -> ConnectionTest:
    """Give the password of a connection that asks for it; kept in memory until the app ends."""
    return services.connections.unlock(request.connection, request.password)


@channel("connection:sample", job=True)
def sample(services: Services, request: SampleRequest) -> Connection:
    """Make the sample shop: eight migrations with data, six applied, two pending."""
    return services.sample.create(request.engine)


@channel("connection:create-local", job=True)
def create_local(services: Services, request: CreateLocalRequest) -> Connection:
    """Start the PostgreSQL that comes with the app and save a connection to a new, empty database on it."""
    return services.local_databases.create(
        request.name,
        request.environment,
        request.read_only,
        request.migrations_dir,
        request.color,
        request.secret,
    )
