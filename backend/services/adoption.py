"""Existing projects: what a folder holds, and using it in place. Nothing of the user's is moved or written."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from backend.core.errors import AppError, InvalidRequest, NotFound
from backend.core.paths import given_path
from backend.core.redaction import learn_secret
from backend.core.steering import without_steering
from backend.engine.registry import engine_for_url, engine_named
from backend.models.connection import Connection, EngineName, SecretPlace, ToolName
from backend.store import env_file
from backend.store.connections import ConnectionStore, StoredConnection

from .checks import check_color, check_name
from .connections import Connections
from .detection import engine_of_file
from .placeholders import fill
from .project_config import CONFIG_URL
from .toolbox import tool_named
from .variables import read_project_env

_ENV_NAMES = (".env", ".env.local", ".env.development")
_DBMATE_DIRS = ("db/migrations", "migrations", "database/migrations", "sql/migrations", "db")


@dataclass
class Project:
    """What was found in a folder."""

    folder: Path
    tool: ToolName | None = None
    engine: EngineName | None = None
    migrations_dirs: list[Path] = field(default_factory=list)
    files: int = 0
    url: str | None = field(default=None, repr=False)
    url_source: str | None = None
    env_file: Path | None = None
    config_file: Path | None = None
    schema_file: Path | None = None
    migrations_table: str | None = None
    database_name: str | None = None
    options: dict[str, Any] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    lasting: list[str] = field(default_factory=list)
    """Those warnings that stay true; the others are looked for again whenever the connection is shown."""


class Adoption:
    def __init__(self, connections: Connections, store: ConnectionStore) -> None:
        self._connections = connections
        self._store = store

    def inspect(self, path: str) -> dict[str, Any]:
        """A folder's report, for showing before it is adopted."""
        project = find_project(_folder(path), trusted=False)
        shown = None
        if project.url and project.engine:
            shown = engine_named(project.engine).redact_url(project.url)
        return {
            "path": str(project.folder),
            "tool": project.tool,
            "engine": project.engine,
            "migrations_dirs": [str(one) for one in project.migrations_dirs],
            "files": project.files,
            "url": shown,
            "url_source": project.url_source,
            "program": project.config_file.name if project.config_file else None,
            "suggested_name": project.folder.name or "project",
            "warnings": project.warnings,
        }

    def adopt(
        self,
        path: str,
        name: str | None = None,
        url: str | None = None,
        environment: str = "development",
        read_only: bool = False,
        color: str | None = None,
    ) -> Connection:
        """A connection that uses the folder in place."""
        project = find_project(_folder(path))
        if project.tool is None:
            raise NotFound(
                f"There are no dbmate or migrate-mongo migrations in {project.folder}.",
                hint="Choose the project's folder (the one with .env or migrate-mongo-config.js) or its migrations folder.",
            )
        given = url.strip() if url else None
        engine = (
            engine_for_url(given) if given else (engine_named(project.engine) if project.engine else None)
        )
        if engine is None:
            raise InvalidRequest(
                f"{project.folder} has no DATABASE_URL and no config that names the database.",
                hint="Give the URL too.",
                field="url",
            )
        if engine.tool != project.tool:
            raise InvalidRequest(
                f"{engine.label} is run by {engine.tool}, but the folder holds {project.tool} migrations."
            )
        name = check_name(name or project.folder.name or "project")
        template = f"${{{CONFIG_URL if project.config_file else 'DATABASE_URL'}}}"
        stored = StoredConnection(
            id=self._store.new_id(name),
            name=name,
            engine=str(engine.name),
            tool=str(project.tool),
            url=template,
            environment=str(environment),
            read_only=read_only,
            color=check_color(color),
            migrations_dirs=[str(one) for one in project.migrations_dirs] or [str(project.folder)],
            schema_file=str(project.schema_file),
            migrations_table=project.migrations_table or engine.default_migrations_table,
            adopted=str(project.folder),
            env_file=str(project.env_file) if project.env_file else None,
            config_file=str(project.config_file) if project.config_file else None,
            secret=str(SecretPlace.VARIABLE),
            database_name=project.database_name,
            warnings=project.lasting,
            options=project.options,
        )
        if project.schema_file is None:
            # migrate-mongo has no schema file: ours is not put into the user's project.
            stored.schema_file = str(self._store.folder(stored.id) / "schema.json")
        connection = self._connections.add(stored)
        if given:
            # The URL the user gave is this connection's own; the project's files stay as they are.
            try:
                connection = self._connections.update(stored.id, {"url": given}, confirm=stored.name)
            except BaseException:
                self._store.remove(stored.id, keep_files=False)
                raise
        return connection

    def detect(
        self, url: str | None = None, path: str | None = None, connection: str | None = None
    ) -> dict[str, Any]:
        """Engine, tool and what told them."""
        if sum(one is not None for one in (url, path, connection)) != 1:
            raise InvalidRequest("Give a url, a path or a connection.")
        if connection is not None:
            stored = self._store.load(connection)
            return {"engine": stored.engine, "tool": stored.tool, "reason": f"the connection {stored.name}"}
        if url is not None:
            engine = engine_for_url(url.strip())
            scheme = url.strip().split(":", 1)[0]
            return {"engine": engine.name, "tool": engine.tool, "reason": f"the URL's scheme {scheme}"}
        place = given_path(path or "")
        if not place.exists():
            raise NotFound(f"There is no file or folder {place}.")
        if place.is_file():
            return self._detect_file(place)
        project = find_project(place.resolve(), trusted=False)
        if project.tool is None:
            return {"engine": None, "tool": None, "reason": "the folder holds no migrations"}
        engine_name, reason = project.engine, project.url_source or "the migration files"
        if engine_name is None and project.migrations_dirs:
            engine_name, reason = _engine_by_files(project, reason)
        return {"engine": engine_name, "tool": project.tool, "reason": reason}

    def _detect_file(self, path: Path) -> dict[str, Any]:
        engine, tool, reason = engine_of_file(path)
        if engine is None and tool == ToolName.DBMATE:
            project = find_project(path.resolve().parent, trusted=False)
            if project.engine is not None:
                return {"engine": project.engine, "tool": tool, "reason": project.url_source or reason}
        return {"engine": engine, "tool": tool, "reason": reason}


def find_project(folder: Path, *, trusted: bool = True) -> Project:
    """What a folder holds; where it is a migrations folder itself, the project around it is looked for.

    `trusted`: its user has taken it on. A folder that is only looked at runs nothing outside a sealed process.
    """
    from backend.drivers.migrate_mongo.config import find_config

    for candidate in (folder, *list(folder.parents)[:2]):
        if find_config(candidate) is not None and (candidate == folder or _holds_scripts(folder)):
            return _mongo_project(candidate, trusted=trusted)
    dbmate = _dbmate_project(folder)
    if dbmate.tool is not None:
        return dbmate
    scripts = folder / "migrations" if (folder / "migrations").is_dir() else folder
    if _holds_scripts(scripts):
        return _bare_mongo_project(folder, scripts)
    return dbmate


def _mongo_project(folder: Path, *, trusted: bool) -> Project:
    from backend.drivers.migrate_mongo.config import find_config, read_config

    config = find_config(folder)
    project = Project(folder, ToolName.MIGRATE_MONGO, EngineName.MONGODB, config_file=config)
    project.env_file = _env_of(folder)
    project.migrations_dirs = [folder / "migrations"]
    try:
        told = read_config(folder, env=_env_values(project), trusted=trusted)
    except AppError as error:
        project.warnings.append(error.message)
        project.files = _count(project)
        return project
    if told is not None:
        project.migrations_dirs = [told.migrations_dir]
        project.migrations_table = told.changelog
        project.database_name = told.database_name
        project.options = {"extension": told.extension, "module_system": told.module_system}
        project.url, project.url_source = told.url, told.file.name if told.url else None
        if told.use_file_hash:
            project.lasting.append("useFileHash is on: migrate-mongo runs an edited migration again.")
            project.warnings += project.lasting
        if not told.url:
            project.warnings.append(f"{told.file.name} gives no URL; set the variable it reads it from.")
    learn_secret(_password(project))
    project.files = _count(project)
    return project


def _env_values(project: Project) -> dict[str, str]:
    if project.env_file is None:
        return {}
    return without_steering(read_project_env(project.env_file, ToolName.MIGRATE_MONGO))


def _bare_mongo_project(folder: Path, scripts: Path) -> Project:
    project = Project(folder, ToolName.MIGRATE_MONGO, EngineName.MONGODB, migrations_dirs=[scripts])
    project.warnings.append("There is no migrate-mongo-config.js; give the URL of the database.")
    project.env_file = _env_of(folder)
    project.files = _count(project)
    return project


def _dbmate_project(folder: Path) -> Project:
    project = Project(folder)
    for candidate in (folder, *list(folder.parents)[:2]):
        env = _env_of(candidate)
        if env is not None:
            values = _read_env(env, project)
            if values.get("DATABASE_URL") or values.get("DBMATE_MIGRATIONS_DIR") or candidate == folder:
                project.folder, project.env_file = candidate, env
                _take_env(project, values)
                break
    if not project.migrations_dirs:
        project.migrations_dirs = _find_sql_dirs(folder) or (
            _find_sql_dirs(project.folder) if project.folder != folder else []
        )
    if not project.migrations_dirs:
        return Project(folder, warnings=project.warnings)
    if project.env_file is None and folder in project.migrations_dirs and folder.name == "migrations":
        project.folder = folder.parent.parent if folder.parent.name == "db" else folder.parent
    project.tool = ToolName.DBMATE
    project.files = _count(project)
    if project.schema_file is None:
        project.schema_file = project.folder / "db" / "schema.sql"
    if project.url is None and os.environ.get("DATABASE_URL"):
        _take_url(project, os.environ["DATABASE_URL"], "DATABASE_URL of the environment")
    if project.url is None:
        project.warnings.append("No DATABASE_URL was found in .env or the environment.")
    return project


def _take_env(project: Project, values: dict[str, str]) -> None:
    folder = project.folder
    if values.get("DBMATE_MIGRATIONS_DIR"):
        # Several folders stand with commas between, as dbmate takes them.
        named = [folder / part.strip() for part in values["DBMATE_MIGRATIONS_DIR"].split(",") if part.strip()]
        project.migrations_dirs = [one.resolve() for one in named]
        for one in project.migrations_dirs:
            if not one.is_dir():
                project.warnings.append(f"The migrations folder {one} named in .env does not exist yet.")
    if values.get("DBMATE_SCHEMA_FILE"):
        project.schema_file = (folder / values["DBMATE_SCHEMA_FILE"]).resolve()
    project.migrations_table = values.get("DBMATE_MIGRATIONS_TABLE") or None
    if values.get("DATABASE_URL") and project.env_file:
        _take_url(project, values["DATABASE_URL"], f"DATABASE_URL in {project.env_file.name}")


def _take_url(project: Project, url: str, source: str) -> None:
    try:
        filled = fill(url, os.environ.get)
        engine = engine_for_url(filled)
        learn_secret(engine.password_of(filled))
        project.url, project.url_source, project.engine = filled, source, engine.name
    except AppError as error:
        project.warnings.append(f"{source}: {error.message}")


def _read_env(path: Path, project: Project) -> dict[str, str]:
    try:
        return env_file.read(path)
    except AppError as error:
        project.warnings.append(error.message)
        return {}


def _find_sql_dirs(folder: Path) -> list[Path]:
    """The folder itself where it holds migrations, else the usual places below it."""
    if _holds_sql(folder):
        return [folder]
    found = [folder / name for name in _DBMATE_DIRS if _holds_sql(folder / name)]
    if found:
        return found[:1]
    usual = folder / "db" / "migrations"
    return [usual] if usual.is_dir() else []


def _holds_sql(folder: Path) -> bool:
    tool = tool_named(ToolName.DBMATE)
    try:
        return any(tool.is_migration(entry.name) for entry in os.scandir(folder))
    except OSError:
        return False


def _holds_scripts(folder: Path) -> bool:
    tool = tool_named(ToolName.MIGRATE_MONGO)
    try:
        return any(
            tool.is_migration(e.name) and e.name[:8].isdigit() and e.is_file() for e in os.scandir(folder)
        )
    except OSError:
        return False


def _env_of(folder: Path) -> Path | None:
    return next((folder / name for name in _ENV_NAMES if (folder / name).is_file()), None)


def _engine_by_files(project: Project, otherwise: str) -> tuple[EngineName | None, str]:
    for folder in project.migrations_dirs:
        for path in sorted(folder.glob("*.sql"))[:50]:
            engine, _, reason = engine_of_file(path)
            if engine is not None:
                return engine, reason
    return None, otherwise


def _count(project: Project) -> int:
    tool = tool_named(project.tool or ToolName.DBMATE)
    total = 0
    for folder in project.migrations_dirs:
        try:
            total += sum(
                1 for entry in os.scandir(folder) if entry.is_file() and tool.is_migration(entry.name)
            )
        except OSError:
            continue
    return total


def _password(project: Project) -> str | None:
    if project.url is None or project.engine is None:
        return None
    try:
        return engine_named(project.engine).password_of(project.url)
    except AppError:
        return None


def _folder(path: str) -> Path:
    folder = given_path(path)
    if not folder.is_dir():
        raise NotFound(f"There is no folder {folder}.", hint="Give the project's folder.")
    return folder.resolve()
