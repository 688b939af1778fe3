"""Connections: create, change, test, and resolve to a Target. No secret is written to connection.json or shown."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from backend.core.errors import (
    AppError,
    AuthenticationFailed,
    ConfirmationRequired,
    InvalidRequest,
)
from backend.core.events import EventBus
from backend.core.paths import storage_errors
from backend.core.redaction import learn_secret
from backend.engine.port import CAPABILITIES, Engine
from backend.engine.registry import engine_for_url, engine_named, engines
from backend.engine.target import Target
from backend.engine.tool import MigrationTool
from backend.models.backup import BackupSettings
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
from backend.store.connections import ConnectionStore, StoredConnection
from backend.store.drafts import DraftStore
from backend.store.secrets import Keychain
from backend.store.settings import SettingsStore

from .backups.overrides import backups_folder, kept_overrides, overrides_of, settings_of
from .checks import check_color, check_name, check_rules, check_table, existing_folder
from .local_postgres import LocalPostgres
from .own_folder import PASSWORD, URL, write_own_files
from .toolbox import tool_named
from .url_secrets import UrlSecrets, masked, understand
from .variables import Variables


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
        self._secrets = UrlSecrets(variables, keychain, settings)
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
        engine, checked = understand(url.strip())
        stored = StoredConnection(
            id=self.store.new_id(name),
            name=name,
            engine=str(engine.name),
            tool=str(engine.tool),
            url=checked,
            environment=str(environment),
            read_only=read_only,
            color=check_color(color),
            migrations_table=check_table(migrations_table) or engine.default_migrations_table,
            sample=sample,
            options=dict(options or {}),
            schema_file="schema.json" if engine.tool == ToolName.MIGRATE_MONGO else "schema.sql",
        )
        if migrations_dir:
            stored.migrations_dirs = [str(existing_folder(migrations_dir))]
        folder = self.store.create(stored)
        try:
            with storage_errors(folder, "create the migrations folder"):
                (folder / "migrations").mkdir(exist_ok=True, mode=0o700)
            stored = self._secrets.take_out(stored, engine, checked, secret)
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
            new.migrations_table = check_table(changes["migrations_table"]) or stored.migrations_table
        if changes.get("migrations_dir") is not None:
            new.migrations_dirs = [str(existing_folder(changes["migrations_dir"]))]
        if changes.get("disabled_rules") is not None:
            new.options = {**new.options, "disabled_rules": check_rules(changes["disabled_rules"])}
        if changes.get("require_rehearsal") is not None:
            new.options = {**new.options, "require_rehearsal": bool(changes["require_rehearsal"])}
        if changes.get("backups") is not None:
            new.options = {**new.options, "backups": kept_overrides(changes["backups"])}
        if changes.get("url") is not None or changes.get("secret") is not None:
            new = self._secrets.change(stored, new, changes.get("url"), changes.get("secret"))
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
        url = resolved.engine.check_url(self._secrets.full_url(stored))
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

    def test(self, *, connection: str | None, url: str | None) -> ConnectionTest:
        """Probe the server and run the tool's own version."""
        if (connection is None) == (url is None):
            raise InvalidRequest("Give a connection or a url to test.")
        if url is not None and connection is None:
            engine, checked = understand(url.strip())
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

    def backup_settings(self, stored: StoredConnection) -> BackupSettings:
        return settings_of(stored, self._settings.current().backups)

    def backups_folder(self, stored: StoredConnection) -> Path:
        """Where its backups are; it need not exist. Raises InvalidRequest where another is set that is no path."""
        return backups_folder(stored, self._settings.current().backups, self.store.folder(stored.id))

    # -- inside --------------------------------------------------------------------------------------------------

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
        if stored.options.get("require_rehearsal") and changes.get("require_rehearsal") is False:
            losses.append(f"{stored.name} would take files that nobody rehearsed.")
        if losses:
            raise ConfirmationRequired(
                f"{stored.name} is a production connection.", confirm=stored.name, losses=losses
            )

    def _model(self, stored: StoredConnection) -> Connection:
        folder = Path(stored.adopted) if stored.adopted else self.store.folder(stored.id)
        dirs = [str(Path(one) if Path(one).is_absolute() else folder / one) for one in stored.migrations_dirs]
        schema = Path(stored.schema_file)
        engine = engine_named(stored.engine)
        warnings = [*stored.warnings, *_missing_folders(stored, folder, dirs)]
        shown, parts = stored.url, {}
        try:
            full = (
                self._secrets.full_url(stored)
                if stored.adopted or stored.url == f"${{{URL}}}"
                else stored.url
            )
            shown = engine.redact_url(masked(full))
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
            disabled_rules=list(stored.options.get("disabled_rules", [])),
            require_rehearsal=bool(stored.options.get("require_rehearsal", False)),
            backups=overrides_of(stored),
        )


def _missing_folders(stored: StoredConnection, folder: Path, dirs: Sequence[str]) -> list[str]:
    """What is gone of a folder of the user's: without a word its migrations would just not be there."""
    if stored.adopted and not folder.is_dir():
        return [f"The project's folder {folder} is no longer there."]
    return [
        f"The migrations folder {one} is no longer there."
        for one in dirs
        if not Path(one).is_dir() and not any(one in known for known in stored.warnings)
    ]


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
