"""A connection's environment variables: for the URL's `${NAMES}` and for migrations. Secret values never leave."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from backend.core.errors import InvalidRequest, NotFound
from backend.core.events import EventBus
from backend.core.redaction import learn_secret
from backend.core.steering import without_steering
from backend.models.connection import ToolName, Variable
from backend.store import env_file
from backend.store.connections import ConnectionStore, StoredConnection
from backend.store.secrets import Keychain

# Written for the bare tool; not the user's to edit one by one.
_OWN_NAMES = {"DATABASE_URL", "DBMATE_MIGRATIONS_DIR", "DBMATE_SCHEMA_FILE", "DBMATE_MIGRATIONS_TABLE"}


class Variables:
    def __init__(self, store: ConnectionStore, keychain: Keychain, events: EventBus) -> None:
        self._store = store
        self._keychain = keychain
        self._events = events
        self._asked: dict[tuple[str, str], str] = {}

    def list(self, connection_id: str) -> list[Variable]:
        """The connection's own variables and those of an adopted project's .env; secret values are null."""
        stored = self._store.load(connection_id)
        own = env_file.read(self.own_env(stored))
        found: dict[str, Variable] = {}
        for name, value in self._project(stored).items():
            hidden = self._is_secret(stored, name, value)
            found[name] = Variable(
                name=name, value=None if hidden else value, secret=hidden, source="project"
            )
        for name, value in own.items():
            if stored.adopted is None and name in _OWN_NAMES:
                continue
            hidden = self._is_secret(stored, name, value)
            found[name] = Variable(
                name=name, value=None if hidden else value, secret=hidden, source="connection"
            )
        for name in stored.secret_variables:
            if name not in found:
                found[name] = Variable(name=name, value=None, secret=True, source="connection")
        return sorted(found.values(), key=lambda variable: variable.name)

    def set(self, connection_id: str, name: str, value: str, *, secret: bool) -> None:
        """Set a variable. A secret goes to the keychain where there is one, else to the .env at 0600."""
        env_file.check_name(name)
        if "\0" in value:
            raise InvalidRequest("A variable cannot hold a NUL character.")
        stored = self._store.load(connection_id)
        if stored.adopted is None and name in _OWN_NAMES:
            raise InvalidRequest(
                f"{name} is written by DB Toolkit for the bare tool.",
                hint="Change the connection's URL, folder or migrations table instead.",
            )
        if secret:
            learn_secret(value)
        kept = secret and self._keychain.set(connection_id, name, value)
        env_file.change(self.own_env(stored), {name: None if kept else value})
        if not kept:
            self._keychain.delete(connection_id, name)
        names = [known for known in stored.secret_variables if known != name] + ([name] if secret else [])
        self._store.save(replace(stored, secret_variables=sorted(names)))
        self._events.publish("connection:changed", connection=connection_id)

    def remove(self, connection_id: str, name: str) -> None:
        stored = self._store.load(connection_id)
        own = env_file.read(self.own_env(stored))
        if name not in own and name not in stored.secret_variables:
            raise NotFound(f"The connection has no variable {name!r} of its own.")
        env_file.change(self.own_env(stored), {name: None})
        self._keychain.delete(connection_id, name)
        self._store.save(
            replace(stored, secret_variables=[one for one in stored.secret_variables if one != name])
        )
        self._events.publish("connection:changed", connection=connection_id)

    def remember_for_now(self, connection_id: str, name: str, value: str) -> None:
        """Keep a value in memory until the app ends."""
        learn_secret(value)
        self._asked[connection_id, name] = value

    def forget_for_now(self, connection_id: str, name: str) -> None:
        self._asked.pop((connection_id, name), None)

    def value(self, stored: StoredConnection, name: str) -> str | None:
        """One variable's value: asked, keychain, the connection's .env, the project's .env, the environment.

        dbmate lets the environment win over .env; here the files win, for one app serves many projects and the
        target must not depend on the shell that started it.
        """
        asked = self._asked.get((stored.id, name))
        if asked is not None:
            return asked
        kept = self._keychain.get(stored.id, name) if name in stored.secret_variables else None
        found = kept
        if found is None:
            found = env_file.read(self.own_env(stored)).get(name)
        if found is None:
            found = self._project(stored).get(name)
        if found is None:
            found = os.environ.get(name)
        if found is not None and name in stored.secret_variables:
            learn_secret(found)
        return found

    def for_process(self, stored: StoredConnection) -> dict[str, str]:
        """What migrations see: the project's and the connection's variables. What steers programs is taken from the
        connection's own alone, which only its user can set."""
        values = {**without_steering(self._project(stored)), **env_file.read(self.own_env(stored))}
        for name in stored.secret_variables:
            value = self.value(stored, name)
            if value is not None:
                values[name] = value
        return values

    def own_env(self, stored: StoredConnection) -> Path:
        return self._store.folder(stored.id) / ".env"

    def _project(self, stored: StoredConnection) -> dict[str, str]:
        return read_project_env(Path(stored.env_file), stored.tool) if stored.env_file else {}

    @staticmethod
    def _is_secret(stored: StoredConnection, name: str, value: str) -> bool:
        if name in stored.secret_variables:
            return True
        lowered = name.lower()
        return any(
            word in lowered for word in ("password", "passwd", "secret", "token", "key", "credential")
        ) or ("://" in value and "@" in value)


def read_project_env(path: Path, tool: str) -> dict[str, str]:
    """A project's .env by the rules of the one who reads it there: dbmate itself, or npm's dotenv in a config."""
    return env_file.read(path, "node" if tool == ToolName.MIGRATE_MONGO else "dbmate")
