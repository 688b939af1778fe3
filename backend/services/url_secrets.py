"""The secrets of a connection's URL: taken out where it is saved, put back where it is used, kept through an edit."""

from __future__ import annotations

import os
from dataclasses import replace
from urllib.parse import unquote

from backend.core.errors import InvalidRequest, InvalidUrl, PasswordNeeded
from backend.core.redaction import learn_secret
from backend.engine.port import Engine
from backend.engine.registry import engine_for_url, engine_named
from backend.models.connection import SecretPlace
from backend.store import env_file
from backend.store.connections import StoredConnection
from backend.store.secrets import Keychain
from backend.store.settings import SettingsStore

from .own_folder import PASSWORD, URL
from .placeholders import fill, names_in
from .project_config import CONFIG_URL, project_url
from .variables import Variables

KEPT_PASSWORD = "***"
_KEPT_PLACES = {SecretPlace.KEYCHAIN, SecretPlace.ENV_FILE, SecretPlace.ASK}


def understand(url: str) -> tuple[Engine, str]:
    """The engine of a URL as typed and its checked form, `${NAMES}` left in place."""
    if not url:
        raise InvalidUrl("The URL is empty.", hint="For example postgres://user:password@localhost:5432/shop")
    if (
        names_in(url)
        and "://" not in url.split("${", 1)[0]
        and not url.split("${", 1)[0].rstrip().endswith(":")
    ):
        filled = fill(url, os.environ.get)
        return engine_for_url(filled), url
    engine = engine_for_url(url)
    return engine, engine.check_url(url)


class UrlSecrets:
    """Where the secret parts of a URL live: the keychain, .env, a variable of the user's, memory."""

    def __init__(self, variables: Variables, keychain: Keychain, settings: SettingsStore) -> None:
        self._variables = variables
        self._keychain = keychain
        self._settings = settings

    def full_url(self, stored: StoredConnection) -> str:
        """The URL with everything filled in. Raises InvalidUrl naming what has no value, PasswordNeeded."""

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

    def take_out(
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

    def change(
        self, stored: StoredConnection, new: StoredConnection, url: str | None, place: str | None
    ) -> StoredConnection:
        engine = engine_named(stored.engine)
        if url is None:
            if stored.adopted and stored.secret == SecretPlace.VARIABLE:
                return new
            checked = self._with_own_secrets(stored)
        else:
            typed = url.strip()
            other, checked = understand(typed)
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
        return self.take_out(
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


def masked(url: str) -> str:
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
