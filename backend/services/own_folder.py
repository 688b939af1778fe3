"""The files that make a connection's own folder work with the bare tool: .env for dbmate, a config for migrate-mongo."""

from __future__ import annotations

from pathlib import Path

from backend.core.errors import AppError
from backend.core.paths import write_atomically
from backend.engine.port import Engine
from backend.models.connection import SecretPlace, ToolName
from backend.store import env_file
from backend.store.connections import StoredConnection

from .placeholders import fill
from .variables import Variables

PASSWORD = "DB_PASSWORD"
URL = "DATABASE_URL"

_GITIGNORE = ".env\nbackups/\nconnection.json\nnode_modules/\n"


def write_own_files(stored: StoredConnection, folder: Path, engine: Engine, variables: Variables) -> None:
    """Write .env (0600), .gitignore and, for MongoDB, migrate-mongo-config.js. An existing config is left alone.

    Where the password is not kept in .env the bare tool needs DATABASE_URL from its environment.
    """
    values: dict[str, str | None] = {}
    if stored.url != f"${{{URL}}}":
        values[URL] = None
        if stored.secret in {SecretPlace.NONE, SecretPlace.ENV_FILE}:
            try:
                values[URL] = fill(stored.url, lambda name: variables.value(stored, name))
            except AppError:
                values[URL] = None
    if stored.tool == ToolName.DBMATE:
        values["DBMATE_MIGRATIONS_DIR"] = (
            stored.migrations_dirs[0] if _is_elsewhere(stored) else "./migrations"
        )
        values["DBMATE_SCHEMA_FILE"] = f"./{stored.schema_file}"
        default_table = stored.migrations_table == engine.default_migrations_table
        values["DBMATE_MIGRATIONS_TABLE"] = None if default_table else stored.migrations_table
    env_file.change(folder / ".env", values)
    ignore = folder / ".gitignore"
    if not ignore.exists():
        write_atomically(ignore, _GITIGNORE.encode())
    if stored.tool == ToolName.MIGRATE_MONGO and not (folder / "migrate-mongo-config.js").exists():
        from backend.drivers.migrate_mongo.config import config_text

        text = config_text(
            migrations_dir=stored.migrations_dirs[0], changelog=stored.migrations_table, url_variable=URL
        )
        write_atomically(folder / "migrate-mongo-config.js", text.encode())


def _is_elsewhere(stored: StoredConnection) -> bool:
    return Path(stored.migrations_dirs[0]).is_absolute()
