"""connections/<id>/connection.json: one folder a connection, usable by the bare tools. No secret is in it."""

from __future__ import annotations

import json
import logging
import shutil
import threading
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from backend.core.clock import utc_now
from backend.core.errors import AppError, ConnectionNotFound, StorageFailed
from backend.core.paths import inside, slug, storage_errors, write_atomically
from backend.models.connection import EngineName, EnvironmentKind, SecretPlace, ToolName

_log = logging.getLogger(__name__)


@dataclass
class StoredConnection:
    """What connection.json holds. `url` has `${NAMES}` where the secret goes; paths are absolute, or relative to `folder`."""

    id: str
    name: str
    engine: str
    tool: str
    url: str
    environment: str = "development"
    read_only: bool = False
    color: str | None = None
    migrations_dirs: list[str] = field(default_factory=lambda: ["migrations"])
    schema_file: str = "schema.sql"
    migrations_table: str = "schema_migrations"
    adopted: str | None = None
    """The user's project folder, where it is one."""
    env_file: str | None = None
    """The project's own .env, read and never written, where it is adopted."""
    config_file: str | None = None
    """The project's migrate-mongo config."""
    secret: str = "none"
    secret_variables: list[str] = field(default_factory=list)
    """Names whose values are hidden."""
    database_name: str | None = None
    """MongoDB: where config names the database rather than the URL."""
    options: dict[str, Any] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    sample: bool = False
    created_at: str | None = None


class ConnectionStore:
    """The connection folders. Reads are cached by the file's time and size."""

    def __init__(self, root: Path, trash: Path) -> None:
        self.root = root
        self._trash = trash
        self._lock = threading.RLock()
        self._cache: dict[str, tuple[tuple[int, int], StoredConnection]] = {}

    def folder(self, connection_id: str) -> Path:
        return inside(self.root, connection_id)

    def load(self, connection_id: str) -> StoredConnection:
        """Raises ConnectionNotFound naming those that exist."""
        path = self.folder(connection_id) / "connection.json"
        with self._lock:
            try:
                stat = path.stat()
            except (FileNotFoundError, NotADirectoryError):
                known = ", ".join(self.ids()) or "none yet"
                raise ConnectionNotFound(f"No connection {connection_id!r}. Known: {known}.") from None
            mark = (stat.st_mtime_ns, stat.st_size)
            cached = self._cache.get(connection_id)
            if cached and cached[0] == mark:
                return cached[1]
            with storage_errors(path, "read"):
                data = path.read_bytes()
            stored = _read(connection_id, path, data)
            self._cache[connection_id] = (mark, stored)
            return stored

    def ids(self) -> list[str]:
        if not self.root.is_dir():
            return []
        return sorted(entry.name for entry in self.root.iterdir() if (entry / "connection.json").is_file())

    def all(self) -> tuple[list[StoredConnection], list[str]]:
        """Every connection that can be read, and a sentence for each that cannot."""
        found, problems = [], []
        for connection_id in self.ids():
            try:
                found.append(self.load(connection_id))
            except ConnectionNotFound:
                # Another app removed it between the listing and the look.
                continue
            except AppError as error:
                _log.warning("Connection %s cannot be read", connection_id, exc_info=True)
                problems.append(error.message)
        return found, problems

    def new_id(self, name: str) -> str:
        """A free slug for the name; not one of a connection in the trash, whose runs the ledger still has by its id."""
        base = slug(name)
        candidate, number = base, 2
        removed = (
            {one.name.partition("-")[2] for one in self._trash.iterdir() if one.is_dir()}
            if self._trash.is_dir()
            else set()
        )
        while candidate in removed or (self.root / candidate).exists():
            candidate, number = f"{base}-{number}", number + 1
        return candidate

    def create(self, stored: StoredConnection) -> Path:
        """Make the folder (owner only) and save. Returns the folder; `stored.id` is another where another app was first."""
        while True:
            folder = self.folder(stored.id)
            try:
                with storage_errors(folder, "create the connection's folder"):
                    # By itself: a parent that mkdir makes on the way gets the umask's mode.
                    self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
                    folder.mkdir(mode=0o700)
            except StorageFailed:
                if not folder.is_dir():
                    raise
                stored.id = self.new_id(stored.name)
                continue
            break
        stored.created_at = stored.created_at or utc_now().isoformat()
        self.save(stored)
        return folder

    def save(self, stored: StoredConnection) -> None:
        text = json.dumps(
            {k: v for k, v in asdict(stored).items() if k != "id"}, indent=2, ensure_ascii=False
        )
        with self._lock:
            write_atomically(self.folder(stored.id) / "connection.json", text.encode(), mode=0o600)
            self._cache.pop(stored.id, None)

    def remove(self, connection_id: str, *, keep_files: bool) -> None:
        """Take the connection out. Its folder goes to the trash; with `keep_files` the migrations stay where they are."""
        folder = self.folder(connection_id)
        with self._lock, storage_errors(folder, "remove"):
            self._cache.pop(connection_id, None)
            if keep_files:
                (folder / "connection.json").rename(
                    folder / f"connection.removed-{utc_now():%Y%m%d%H%M%S}.json"
                )
                return
            self._trash.mkdir(parents=True, exist_ok=True, mode=0o700)
            shutil.move(folder, self._trash / f"{utc_now():%Y%m%d%H%M%S%f}-{connection_id}")

    # -- the trash -----------------------------------------------------------------------------------------------

    def trash_file(self, path: Path) -> Path:
        """Move a file into the trash; returns where it is now."""
        self._trash.mkdir(parents=True, exist_ok=True, mode=0o700)
        target = self._trash / f"{utc_now():%Y%m%d%H%M%S%f}-{path.name}"
        with storage_errors(path, "move to the trash"):
            shutil.move(path, target)
        return target

    def trash_copy(self, path: Path) -> Path:
        """Put a copy of a file into the trash; returns where it is."""
        self._trash.mkdir(parents=True, exist_ok=True, mode=0o700)
        target = self._trash / f"{utc_now():%Y%m%d%H%M%S%f}-{path.name}"
        with storage_errors(path, "copy to the trash"):
            shutil.copy2(path, target)
        return target


def _read(connection_id: str, path: Path, data: bytes) -> StoredConnection:
    """What the file holds; a field of a newer version is passed over. Raises StorageFailed naming what is wrong."""
    try:
        raw = json.loads(data.decode("utf-8-sig"))
    except ValueError as error:
        raise _damaged(path, f"it is not JSON ({error})") from None
    if not isinstance(raw, dict):
        raise _damaged(path, "it is not a JSON object")
    known = {item.name: item for item in fields(StoredConnection)}
    given = {**{key: value for key, value in raw.items() if key in known}, "id": connection_id}
    missing = [name for name in ("name", "engine", "tool", "url") if not isinstance(given.get(name), str)]
    if missing:
        raise _damaged(path, f"{', '.join(missing)} is missing or not a text")
    stored = StoredConnection(**given)
    blank = StoredConnection(connection_id, "", "", "", "")
    for name, value in given.items():
        usual = getattr(blank, name)
        is_text_or_none = usual is None and (value is None or isinstance(value, str))
        if not is_text_or_none and type(value) is not type(usual):
            raise _damaged(path, f"{name} is not what it should be")
    for choices, value in (
        (EngineName, stored.engine),
        (ToolName, stored.tool),
        (SecretPlace, stored.secret),
    ):
        if value not in set(choices):
            raise _damaged(path, f"{value!r} is unknown to this version")
    if (
        stored.environment not in set(EnvironmentKind)
        or not all(
            isinstance(one, str)
            for one in (*stored.migrations_dirs, *stored.secret_variables, *stored.warnings)
        )
        or not stored.migrations_dirs
    ):
        raise _damaged(
            path, "environment, migrations_dirs, secret_variables or warnings are not what they should be"
        )
    return stored


def _damaged(path: Path, why: str) -> StorageFailed:
    return StorageFailed(
        f"{path} cannot be read: {why}.",
        hint="Mend the file, or move its folder away and create the connection again; its migrations stay there.",
        path=str(path),
    )
