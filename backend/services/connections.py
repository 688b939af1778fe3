"""Connections: create, change, test, and resolve to a Target. No secret is written to connection.json or shown."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from unicodedata import category
from urllib.parse import unquote

from backend.core.errors import (
    AppError,
    AuthenticationFailed,
    ConfirmationRequired,
    InvalidRequest,
    InvalidUrl,
    PasswordNeeded,
)
from backend.core.events import EventBus
from backend.core.paths import given_path, storage_errors
from backend.core.redaction import learn_secret
from backend.engine.port import CAPABILITIES, Engine
from backend.engine.registry import engine_for_url, engine_named, engines
from backend.engine.target import Target
from backend.engine.tool import MigrationTool
from backend.models.connection import (
    Connection,
    ConnectionTest,
    EngineInfo,
    EngineName,
    EnvironmentKind,
    SecretPlace,
    ToolFound,
    ToolName,
)
from backend.store import env_file
from backend.store.connections import ConnectionStore, StoredConnection
from backend.store.drafts import DraftStore
from backend.store.secrets import Keychain
from backend.store.settings import SettingsStore

from .local_postgres import LocalPostgres
from .own_folder import PASSWORD, URL, write_own_files
from .placeholders import fill, names_in
from .project_config import CONFIG_URL, project_url
from .toolbox import tool_named
from .variables import Variables

KEPT_PASSWORD = "***"
_KEPT_PLACES = {SecretPlace.KEYCHAIN, SecretPlace.ENV_FILE, SecretPlace.ASK}


@dataclass(frozen=True)
class Resolved:
    """A connection ready to work with: what is stored, its engine, its tool and its folders."""

    stored: StoredConnection
    engine: Engine
    tool: MigrationTool
    folder: Path
    """The project's folder: where the tool runs."""
    migrations_dirs: tuple[Path, ...]
    schema_file: Path

    @property
    def id(self) -> str:
        return self.stored.id

    @property
    def name(self) -> str:
        return self.stored.name

    @property
    def is_production(self) -> bool:
        return self.stored.environment == EnvironmentKind.PRODUCTION


class Connections:
    def __init__(
        self,
        store: ConnectionStore,
        variables: Variables,
        keychain: Keychain,
        settings: SettingsStore,
        events: EventBus,
        drafts: DraftStore,
        local_postgres: LocalPostgres,
    ) -> None:
        self.store = store
        self._variables = variables
        self._keychain = keychain
        self._settings = settings
        self._events = events
        self._drafts = drafts
        self._local_postgres = local_postgres

    # -- lists ---------------------------------------------------------------------------------------------------

    def engines(self) -> list[EngineInfo]:
        return [_engine_info(engine) for engine in engines().values()]

    def all(self) -> tuple[list[Connection], list[str]]:
        """Every connection by name, and a sentence for each that cannot be read."""
        stored, problems = self.store.all()
        found = []
        for one in stored:
            try:
                found.append(self._model(one))
            except AppError as error:
                problems.append(f"{one.name}: {error.message}")
        return sorted(found, key=lambda one: one.name.lower()), problems

    def get(self, connection_id: str) -> Connection:
        return self._model(self.store.load(connection_id))

    # -- changes -------------------------------------------------------------------------------------------------

    def create(
        self,
        name: str,
        url: str,
        environment: str = "development",
        read_only: bool = False,
        migrations_dir: str | None = None,
        color: str | None = None,
        secret: str | None = None,
        migrations_table: str | None = None,
        sample: bool = False,
        options: Mapping[str, Any] | None = None,
    ) -> Connection:
        """Save a connection and make its folder. Raises InvalidUrl, InvalidRequest."""
        name = check_name(name)
        engine, checked = self._understand(url.strip())
        stored = StoredConnection(
            id=self.store.new_id(name),
            name=name,
            engine=str(engine.name),
            tool=str(engine.tool),
            url=checked,
            environment=str(environment),
            read_only=read_only,
            color=check_color(color),
            migrations_table=_check_table(migrations_table) or engine.default_migrations_table,
            sample=sample,
            options=dict(options or {}),
            schema_file="schema.json" if engine.tool == ToolName.MIGRATE_MONGO else "schema.sql",
        )
        if migrations_dir:
            stored.migrations_dirs = [str(_existing_folder(migrations_dir))]
        folder = self.store.create(stored)
        try:
            with storage_errors(folder, "create the migrations folder"):
                (folder / "migrations").mkdir(exist_ok=True)
            stored = self._keep_secret(stored, engine, checked, secret)
            self.store.save(stored)
            write_own_files(stored, folder, engine, self._variables)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        self._events.publish("connection:changed", connection=stored.id)
        return self._model(stored)

    def add(self, stored: StoredConnection) -> Connection:
        """Save a connection somebody else composed (an adopted project)."""
        self.store.create(stored)
        self._events.publish("connection:changed", connection=stored.id)
        return self._model(stored)

    def update(self, connection_id: str, changes: Mapping[str, Any], *, confirm: str | None) -> Connection:
        """Change what is given. Lowering the protection of production asks for the connection's name."""
        stored = self.store.load(connection_id)
        self._ask_to_lower(stored, changes, confirm)
        new = replace(stored)
        if changes.get("name") is not None:
            new.name = check_name(changes["name"])
        for key in ("environment", "read_only"):
            if changes.get(key) is not None:
                setattr(new, key, str(changes[key]) if key == "environment" else changes[key])
        if "color" in changes:
            new.color = check_color(changes["color"])
        if changes.get("migrations_table") is not None:
            new.migrations_table = _check_table(changes["migrations_table"]) or stored.migrations_table
        if changes.get("migrations_dir") is not None:
            new.migrations_dirs = [str(_existing_folder(changes["migrations_dir"]))]
        if changes.get("url") is not None or changes.get("secret") is not None:
            new = self._change_url(stored, new, changes.get("url"), changes.get("secret"))
        self.store.save(new)
        if not new.adopted:
            write_own_files(new, self.store.folder(new.id), engine_named(new.engine), self._variables)
        self._events.publish("connection:changed", connection=connection_id)
        return self._model(new)

    def delete(self, connection_id: str, *, delete_files: bool, confirm: str | None) -> None:
        stored = self.store.load(connection_id)
        if stored.environment == EnvironmentKind.PRODUCTION and confirm != stored.name:
            raise ConfirmationRequired(
                f"{stored.name} is a production connection.",
                confirm=stored.name,
                losses=["The connection leaves DB Toolkit; its database stays as it is."],
            )
        own = self.store.folder(connection_id) / "migrations"
        has_files = stored.adopted is None and own.is_dir() and any(own.iterdir())
        self.store.remove(connection_id, keep_files=has_files and not delete_files)
        # Only now: where the folder cannot be moved, the connection stays with all it had.
        for variable in {*stored.secret_variables, PASSWORD, URL}:
            self._keychain.delete(connection_id, variable)
        self._drafts.delete_all(connection_id)
        self._events.publish("connection:changed", connection=connection_id)

    def unlock(self, connection_id: str, password: str) -> ConnectionTest:
        """Try the password, and keep it until the app ends. A wrong one is forgotten."""
        stored = self.store.load(connection_id)
        if stored.secret != SecretPlace.ASK:
            raise InvalidRequest(f"{stored.name} does not ask for its password.")
        self._variables.remember_for_now(connection_id, PASSWORD, password)
        try:
            tested = self.test(connection=connection_id, url=None)
        except AuthenticationFailed:
            self._variables.forget_for_now(connection_id, PASSWORD)
            raise
        self._events.publish("connection:changed", connection=connection_id)
        return tested

    # -- use -----------------------------------------------------------------------------------------------------

    def resolve(self, connection_id: str) -> Resolved:
        """Engine, tool and folders; touches neither secret nor server."""
        stored = self.store.load(connection_id)
        folder = Path(stored.adopted) if stored.adopted else self.store.folder(connection_id)
        dirs = tuple(Path(one) if Path(one).is_absolute() else folder / one for one in stored.migrations_dirs)
        schema = Path(stored.schema_file)
        return Resolved(
            stored=stored,
            engine=engine_named(stored.engine),
            folder=folder,
            tool=tool_named(
                stored.tool, stored.options.get("extension"), stored.options.get("module_system", "commonjs")
            ),
            migrations_dirs=dirs,
            schema_file=schema if schema.is_absolute() else folder / schema,
        )

    def target(self, resolved: Resolved) -> Target:
        """The database with its secret. Raises InvalidUrl where a variable has no value."""
        stored = resolved.stored
        if stored.options.get("local_postgres"):
            self._local_postgres.server()
        safety = self._settings.current().safety
        url = resolved.engine.check_url(self.full_url(stored))
        learn_secret(resolved.engine.password_of(url))
        return Target(
            engine=stored.engine,
            url=url,
            working_dir=resolved.folder,
            migrations_table=stored.migrations_table,
            read_only=stored.read_only,
            connect_timeout_s=safety.connect_timeout_s,
            lock_timeout_s=safety.lock_timeout_s,
            env=self._variables.for_process(stored),
        )

    def full_url(self, stored: StoredConnection) -> str:
        def value_of(name: str) -> str | None:
            if name == CONFIG_URL:
                return project_url(stored, self._variables.for_process(stored))
            return self._variables.value(stored, name)

        try:
            url = fill(stored.url, value_of)
            if stored.url == f"${{{URL}}}" and not stored.adopted and names_in(url):
                # A URL that is secret as a whole may itself name variables.
                url = fill(url, value_of)
            return url
        except InvalidUrl as error:
            if error.details.get("variable") == PASSWORD and stored.secret == SecretPlace.ASK:
                raise PasswordNeeded(
                    f"{stored.name} asks for its password at each start.", unlock=True, connection=stored.id
                ) from None
            raise

    def test(self, *, connection: str | None, url: str | None) -> ConnectionTest:
        """Probe the server and run the tool's own version."""
        if (connection is None) == (url is None):
            raise InvalidRequest("Give a connection or a url to test.")
        if url is not None and connection is None:
            engine, checked = self._understand(url.strip())
            tool = tool_named(engine.tool)
            timeout = self._settings.current().safety.connect_timeout_s
            learn_secret(engine.password_of(checked))
            target = Target(
                engine=str(engine.name),
                url=checked,
                working_dir=Path.cwd(),
                migrations_table=engine.default_migrations_table,
                connect_timeout_s=timeout,
            )
        else:
            resolved = self.resolve(connection or "")
            engine, tool, target = resolved.engine, resolved.tool, self.target(resolved)
        problem = engine.problem()
        if problem:
            raise _driver_missing(problem)
        info = engine.probe(target)
        version, path, tool_problem = tool.found()
        found = ToolFound(
            name=str(tool.name), version=version, path=path, ok=tool_problem is None, problem=tool_problem
        )
        return ConnectionTest(**info.model_dump(), tools=[found])

    def split_url(self, url: str) -> tuple[EngineName, dict[str, str]]:
        engine = engine_for_url(url.strip())
        return engine.name, engine.split_url(url.strip())

    def build_url(self, name: str, fields: Mapping[str, str]) -> str:
        return engine_named(name).build_url(fields)

    # -- inside --------------------------------------------------------------------------------------------------

    def _understand(self, url: str) -> tuple[Engine, str]:
        """The engine of a URL as typed and its checked form, `${NAMES}` left in place."""
        if not url:
            raise InvalidUrl(
                "The URL is empty.", hint="For example postgres://user:password@localhost:5432/shop"
            )
        if (
            names_in(url)
            and "://" not in url.split("${", 1)[0]
            and not url.split("${", 1)[0].rstrip().endswith(":")
        ):
            import os

            filled = fill(url, os.environ.get)
            return engine_for_url(filled), url
        engine = engine_for_url(url)
        return engine, engine.check_url(url)

    def _keep_secret(
        self, stored: StoredConnection, engine: Engine, url: str, place: str | None
    ) -> StoredConnection:
        """Take every secret out of the URL and put it where it belongs; what was kept elsewhere is removed there."""
        password = engine.password_of(url)
        learn_secret(password)
        is_named = password is not None and bool(names_in(password))
        if place == SecretPlace.VARIABLE and password is not None and not is_named:
            raise InvalidRequest(
                "The URL holds the password itself, so it cannot be taken from a variable.",
                hint="Write the variable's name in the password's place, for example ${DB_PASS}.",
            )
        bare = engine.with_password(url, f"${{{PASSWORD}}}") if password is not None else url
        if place == SecretPlace.ASK:
            url, kind, password = engine.with_password(url, f"${{{PASSWORD}}}"), SecretPlace.ASK, None
        elif is_named:
            kind, password = SecretPlace.VARIABLE, None
        else:
            kind = SecretPlace.NONE
        to_keep: tuple[str, str] | None = None
        if _has_more_secrets(engine, bare):
            # Not only the password is secret (a key's passphrase, a token): the URL as a whole is.
            to_keep, template = (URL, url), f"${{{URL}}}"
        elif password is not None:
            to_keep, template = (PASSWORD, password), bare
        else:
            template = url
        names = [name for name in stored.secret_variables if name not in {PASSWORD, URL}]
        in_keychain = self._keep(stored, to_keep, place)
        if to_keep is not None:
            names.append(to_keep[0])
            if kind == SecretPlace.NONE:
                kind = SecretPlace.KEYCHAIN if in_keychain else SecretPlace.ENV_FILE
        return replace(stored, url=template, secret=str(kind), secret_variables=sorted(names))

    def _keep(self, stored: StoredConnection, secret: tuple[str, str] | None, place: str | None) -> bool:
        """Keep the one secret in the keychain or .env, and forget the others. Returns whether the keychain has it."""
        wants_keychain = place != SecretPlace.ENV_FILE and self._settings.current().keychain != "off"
        in_keychain = secret is not None and wants_keychain and self._keychain.set(stored.id, *secret)
        values: dict[str, str | None] = {PASSWORD: None, URL: None}
        if secret is not None and not in_keychain:
            values[secret[0]] = secret[1]
        env_file.change(self._variables.own_env(stored), values)
        for name in (PASSWORD, URL):
            if not (in_keychain and secret is not None and secret[0] == name):
                self._keychain.delete(stored.id, name)
        return in_keychain

    def _change_url(
        self, stored: StoredConnection, new: StoredConnection, url: str | None, place: str | None
    ) -> StoredConnection:
        engine = engine_named(stored.engine)
        if url is None:
            if stored.adopted and stored.secret == SecretPlace.VARIABLE:
                return new
            checked = self._with_own_secrets(stored)
        else:
            typed = url.strip()
            other, checked = self._understand(typed)
            if other.name != engine.name:
                raise InvalidRequest(
                    f"{stored.name} is a {engine.label} connection; this URL is of {other.label}.",
                    hint="Make a new connection for another engine.",
                )
            if engine.password_of(checked) == KEPT_PASSWORD and not _asks_before_and_after(stored, place):
                old = engine.password_of(self._with_own_secrets(stored))
                if old is not None:
                    checked = engine.with_password(checked, old)
            if KEPT_PASSWORD in checked:
                checked = _with_kept_parameters(checked, self._with_own_secrets(stored))
        return self._keep_secret(
            new, engine, checked, place or (stored.secret if stored.secret in _KEPT_PLACES else None)
        )

    def _with_own_secrets(self, stored: StoredConnection) -> str:
        """The URL with the secrets kept for it, the user's `${NAMES}` left in place. Raises InvalidUrl where one is gone."""
        if stored.adopted and stored.url in {f"${{{URL}}}", f"${{{CONFIG_URL}}}"}:
            return self.full_url(stored)

        def own(name: str) -> str:
            value = self._variables.value(stored, name)
            if value is None and stored.secret == SecretPlace.ASK:
                raise PasswordNeeded(
                    f"{stored.name} asks for its password at each start.", unlock=True, connection=stored.id
                )
            if value is None:
                raise InvalidUrl(
                    f"The stored password of {stored.name} is not there.",
                    hint="Type the URL with its password.",
                    variable=name,
                )
            return value

        if stored.url == f"${{{URL}}}":
            return own(URL)
        if PASSWORD in names_in(stored.url):
            return engine_named(stored.engine).with_password(stored.url, own(PASSWORD))
        return stored.url

    def _ask_to_lower(
        self, stored: StoredConnection, changes: Mapping[str, Any], confirm: str | None
    ) -> None:
        if stored.environment != EnvironmentKind.PRODUCTION or confirm == stored.name:
            return
        losses = []
        if changes.get("environment") not in {None, EnvironmentKind.PRODUCTION}:
            losses.append(f"{stored.name} would no longer be protected as production.")
        if stored.read_only and changes.get("read_only") is False:
            losses.append(f"{stored.name} could be written to.")
        if losses:
            raise ConfirmationRequired(
                f"{stored.name} is a production connection.", confirm=stored.name, losses=losses
            )

    def _model(self, stored: StoredConnection) -> Connection:
        folder = Path(stored.adopted) if stored.adopted else self.store.folder(stored.id)
        dirs = [str(Path(one) if Path(one).is_absolute() else folder / one) for one in stored.migrations_dirs]
        schema = Path(stored.schema_file)
        engine = engine_named(stored.engine)
        warnings = list(stored.warnings)
        shown, parts = stored.url, {}
        try:
            full = self.full_url(stored) if stored.adopted or stored.url == f"${{{URL}}}" else stored.url
            shown = engine.redact_url(_masked(full))
            parts = engine.split_url(full)
        except AppError as error:
            shown = engine.redact_url(stored.url)
            if stored.secret != SecretPlace.ASK:
                warnings.append(error.message)
        return Connection(
            id=stored.id,
            name=stored.name,
            engine=EngineName(stored.engine),
            tool=ToolName(stored.tool),
            url=shown,
            environment=EnvironmentKind(stored.environment),
            read_only=stored.read_only,
            color=stored.color,
            migrations_dir=dirs[0],
            migrations_dirs=dirs,
            schema_file=str(schema if schema.is_absolute() else folder / schema),
            migrations_table=stored.migrations_table,
            adopted=stored.adopted is not None,
            folder=str(folder),
            secret=SecretPlace(stored.secret),
            database=parts.get("database") or stored.database_name,
            host=parts.get("host"),
            warnings=warnings,
            sample=stored.sample,
        )


def _masked(url: str) -> str:
    """Our own password placeholder shows as a password, not as a variable of the user's."""
    return url.replace(f"${{{PASSWORD}}}", KEPT_PASSWORD)


def _asks_before_and_after(stored: StoredConnection, place: str | None) -> bool:
    return stored.secret == SecretPlace.ASK and place in {None, SecretPlace.ASK}


def _with_kept_parameters(url: str, old: str) -> str:
    """The URL with each `name=***` of its query as it stands in the old one."""
    head, mark, query = url.partition("?")
    known = dict(part.split("=", 1) for part in old.partition("?")[2].split("&") if "=" in part)
    parts = []
    for part in query.split("&"):
        name, _, value = part.partition("=")
        parts.append(f"{name}={known[name]}" if unquote(value) == KEPT_PASSWORD and name in known else part)
    return f"{head}{mark}{'&'.join(parts)}"


def _has_more_secrets(engine: Engine, url_without_password: str) -> bool:
    return engine.redact_url(url_without_password) != url_without_password


def _engine_info(engine: Engine) -> EngineInfo:
    problem = engine.problem()
    return EngineInfo(
        name=engine.name,
        label=engine.label,
        tool=engine.tool,
        schemes=list(engine.schemes),
        default_port=engine.default_port,
        url_example=engine.url_example,
        file_language="javascript" if engine.tool == ToolName.MIGRATE_MONGO else "sql",
        fields=engine.form_fields(),
        capabilities={key: engine.capabilities()[key] for key in CAPABILITIES},
        available=problem is None,
        problem=problem,
    )


def _driver_missing(problem: str) -> AppError:
    from backend.core.errors import ToolMissing

    return ToolMissing(problem)


def check_name(name: str) -> str:
    """The name with its blanks put in order. Raises InvalidRequest."""
    cleaned = " ".join(name.split())
    # It is shown, typed as consent and written into files: what nobody can see or type has no place in it.
    if not cleaned or len(cleaned) > 100 or any(category(char) in {"Cc", "Cs"} for char in cleaned):
        raise InvalidRequest("A connection needs a name of 1 to 100 characters, without control characters.")
    return cleaned


def check_color(color: str | None) -> str | None:
    import re

    if color is not None and not re.fullmatch(r"#[0-9a-fA-F]{6}", color):
        raise InvalidRequest(f"{color!r} is not a colour.", hint="Give it as #rrggbb.")
    return color


def _check_table(name: str | None) -> str | None:
    import re

    if name and not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_$]*(\.[A-Za-z_][A-Za-z0-9_$]*)?", name):
        raise InvalidRequest(
            f"{name!r} is not a table name.", hint="Letters, digits, _ and one dot for a schema."
        )
    return name or None


def _existing_folder(path: str) -> Path:
    folder = given_path(path)
    with storage_errors(folder, "use"):
        folder.mkdir(parents=True, exist_ok=True)
        next(iter(folder.iterdir()), None)
    return folder.resolve()
