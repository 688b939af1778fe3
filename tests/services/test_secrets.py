"""Where a password is kept, and that it is nowhere else: not in the app's files, its answers, or a process list."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import keyring
import pytest

from backend.drivers import tools
from tests.kit import ChannelFailed, Toolkit
from tests.servers import PASSWORD
from tests.services.keychain import MemoryKeychain

UP, DOWN = "CREATE TABLE users (id INTEGER);", "DROP TABLE users;"


@pytest.fixture
def keychain(tmp_path: Path) -> Iterator[MemoryKeychain]:
    before = keyring.get_keyring()
    backend = MemoryKeychain()
    keyring.set_keyring(backend)
    yield backend
    keyring.set_keyring(before)


@pytest.fixture
def keeping(keychain: MemoryKeychain, tmp_path: Path) -> Iterator[Toolkit]:
    """An app with a keychain."""
    toolkit = Toolkit(tmp_path / "home")
    yield toolkit
    toolkit.close()


def env_of(toolkit: Toolkit, connection: str = "shop") -> Path:
    return toolkit.home / "connections" / connection / ".env"


def files_with(folder: Path, secret: str) -> list[str]:
    """The files under a folder that hold the text, in UTF-8 or UTF-16."""
    found = []
    for path in folder.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            if secret.encode() in data or secret.encode("utf-16-le") in data:
                found.append(path.relative_to(folder).as_posix())
    return sorted(found)


# -- places --------------------------------------------------------------------------------------------------------


def test_a_password_goes_to_the_keychain_and_to_no_file(
    keeping: Toolkit, keychain: MemoryKeychain, postgres_url: str
) -> None:
    shop = keeping.connect(postgres_url)
    assert shop.connection["secret"] == "keychain" and keychain.kept == {
        ("db-toolkit", "shop/DB_PASSWORD"): PASSWORD
    }
    shop.new("users", UP, DOWN)
    assert shop.up()["ok"]
    assert files_with(keeping.home, PASSWORD) == []
    again = Toolkit(keeping.home)
    assert again.call("migration:status", connection="shop")["applied"] == 1, "after a restart too"
    again.close()
    shop.call("connection:delete", delete_files=True)
    assert keychain.kept == {}


def test_without_a_keychain_it_goes_to_env_for_its_owner_alone(toolkit: Toolkit, postgres_url: str) -> None:
    shop = toolkit.connect(postgres_url)
    assert shop.connection["secret"] == "env_file" and shop.call("connection:test")["database_exists"]
    assert files_with(toolkit.home, PASSWORD) == ["connections/shop/.env"]
    assert env_of(toolkit).stat().st_mode & 0o777 == 0o600
    assert env_of(toolkit).parent.stat().st_mode & 0o077 == 0
    assert ".env" in (env_of(toolkit).parent / ".gitignore").read_text().splitlines()


def test_a_keychain_that_refuses_falls_back_to_env(
    keeping: Toolkit, keychain: MemoryKeychain, postgres_url: str
) -> None:
    keychain.refuses = True
    shop = keeping.connect(postgres_url)
    assert shop.connection["secret"] == "env_file" and shop.call("connection:test")["database_exists"]


def test_a_password_is_taken_from_a_variable(
    toolkit: Toolkit, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = toolkit.connect(postgres_url.replace(PASSWORD, "${SHOP_PW}"))
    assert shop.connection["secret"] == "variable" and "${SHOP_PW}" in shop.connection["url"]
    with pytest.raises(ChannelFailed, match="SHOP_PW") as failure:
        shop.call("connection:test")
    assert failure.value.code == "invalid_url" and "SHOP_PW" in (failure.value.hint or "")
    assert shop.status()["problem"]["code"] == "invalid_url"
    monkeypatch.setenv("SHOP_PW", PASSWORD)
    assert shop.call("connection:test")["database_exists"]
    monkeypatch.delenv("SHOP_PW")
    shop.call("connection:set-variable", name="SHOP_PW", value=PASSWORD, secret=True)
    assert shop.call("connection:test")["database_exists"]
    assert shop.call("connection:variables")["variables"] == [
        {"name": "SHOP_PW", "value": None, "secret": True, "source": "connection"}
    ]
    assert files_with(toolkit.home, PASSWORD) == ["connections/shop/.env"]


def test_variables_may_stand_anywhere_in_the_url(toolkit: Toolkit, postgres_url: str) -> None:
    parts = urlsplit(postgres_url)
    shop = toolkit.connect(f"postgres://${{PGU}}:{PASSWORD}@${{PGH}}:{parts.port}/${{PGD}}?{parts.query}")
    for name, value in (("PGU", parts.username), ("PGH", parts.hostname), ("PGD", parts.path.strip("/"))):
        shop.call("connection:set-variable", name=name, value=value)
    assert shop.call("connection:test")["database_exists"]
    shop.call("connection:update", secret="ask")
    shop.call("connection:unlock", password=PASSWORD)
    stored = json.loads((toolkit.home / "connections" / "shop" / "connection.json").read_text())
    assert "${PGH}" in stored["url"], "moving the password leaves the user's variables"


def test_a_password_that_is_asked_for_is_kept_in_memory_only(
    keeping: Toolkit, keychain: MemoryKeychain, postgres_url: str
) -> None:
    shop = keeping.connect(postgres_url, secret="ask")
    with pytest.raises(ChannelFailed) as failure:
        shop.call("connection:test")
    assert failure.value.code == "password_needed" and failure.value.details["unlock"] is True
    with pytest.raises(ChannelFailed) as failure:
        shop.call("connection:unlock", password="wrong")
    assert failure.value.code == "authentication_failed"
    assert shop.call("connection:unlock", password=PASSWORD)["database_exists"]
    shop.new("users", UP, DOWN)
    assert shop.up()["ok"]
    again = Toolkit(keeping.home)
    assert again.call("migration:status", connection="shop")["problem"]["details"]["unlock"] is True
    again.close()
    assert files_with(keeping.home, PASSWORD) == [] and keychain.kept == {}


@pytest.mark.parametrize("before", ["env_file", "keychain"])
@pytest.mark.parametrize("after", ["env_file", "keychain", "ask"])
def test_moving_a_password_leaves_none_behind(
    keeping: Toolkit, keychain: MemoryKeychain, postgres_url: str, before: str, after: str
) -> None:
    shop = keeping.connect(postgres_url, secret=before)
    assert shop.connection["secret"] == before
    assert shop.call("connection:update", secret=after)["secret"] == after
    assert bool(keychain.kept) == (after == "keychain")
    assert bool(files_with(keeping.home, PASSWORD)) == (after == "env_file")
    if after == "ask":
        shop.call("connection:unlock", password=PASSWORD)
    assert shop.call("connection:test")["database_exists"]


def test_a_variable_that_is_no_variable_is_refused(toolkit: Toolkit, postgres_url: str) -> None:
    with pytest.raises(ChannelFailed, match="password") as failure:
        toolkit.connect(postgres_url, secret="variable")
    assert failure.value.code == "invalid_request" and "${" in (failure.value.hint or "")


# -- changes -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", ["env_file", "keychain"])
def test_stars_in_an_update_keep_the_password(keeping: Toolkit, postgres_url: str, place: str) -> None:
    shop = keeping.connect(postgres_url, secret=place)
    shown = shop.call("connection:get")["url"]
    assert ":***@" in shown and PASSWORD not in shown
    changed = shop.call("connection:update", url=shown + "&application_name=x")
    assert changed["secret"] == place and changed["url"] == shown + "&application_name=x"
    assert shop.call("connection:test")["database_exists"]


def test_stars_keep_every_secret_parameter_too(keeping: Toolkit, keychain: MemoryKeychain) -> None:
    url = "mongodb://app:pw-one@127.0.0.1:1/shop?tls=true&tlsCertificateKeyFilePassword=pw-two"
    shop = keeping.connect(url)
    (kept,) = keychain.kept.values()
    assert "pw-one" in kept and "pw-two" in kept
    assert files_with(keeping.home, "pw-one") == files_with(keeping.home, "pw-two") == []
    shown = shop.call("connection:get")["url"]
    assert shown.count("***") == 2 and "pw-" not in shown
    shop.call("connection:update", url=shown.replace("127.0.0.1", "localhost"))
    (kept,) = keychain.kept.values()
    assert "pw-one" in kept and "pw-two" in kept and "localhost" in kept


@pytest.mark.parametrize("place", ["ask", "env_file", None])
def test_a_secret_parameter_is_in_no_shared_file_wherever_the_password_is(
    toolkit: Toolkit, place: str | None
) -> None:
    password = "${MY_PW}" if place is None else "pw-three"
    url = f"mongodb://app:{password}@127.0.0.1:1/shop?tlsCertificateKeyFilePassword=pw-four"
    shop = toolkit.connect(url, secret=place)
    assert files_with(toolkit.home, "pw-four") == ["connections/shop/.env"]
    assert shop.connection["secret"] == (place or "variable")
    if place == "ask":
        assert files_with(toolkit.home, "pw-three") == []
        assert shop.status()["problem"]["details"]["unlock"] is True
    if place is None:
        assert "MY_PW" in shop.status()["problem"]["message"]


def test_a_new_password_replaces_the_old_one(
    keeping: Toolkit, keychain: MemoryKeychain, postgres_url: str
) -> None:
    shop = keeping.connect(postgres_url.replace(PASSWORD, "first-password"))
    shop.call("connection:update", url=postgres_url)
    assert list(keychain.kept.values()) == [PASSWORD] and shop.call("connection:test")["database_exists"]


def test_a_name_changes_and_the_password_stays(toolkit: Toolkit, postgres_url: str) -> None:
    shop = toolkit.connect(postgres_url)
    assert shop.call("connection:update", name="Other", color="#ff0000")["secret"] == "env_file"
    assert shop.call("connection:test")["database_exists"]


# -- nowhere else --------------------------------------------------------------------------------------------------


def _argv_of_everyone() -> str:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                found.append((entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace"))
            except OSError:
                continue
    return "\n".join(found)


@pytest.mark.parametrize("kind", ["postgres_url", "mysql_url", "mongodb_url"])
def test_the_password_is_in_no_answer_no_file_and_no_process_list(
    keeping: Toolkit, kind: str, request: pytest.FixtureRequest
) -> None:
    """Every channel, runs that fail, runs under way, the app's files: all of it is searched."""
    url = request.getfixturevalue(kind)
    is_mongo = kind == "mongodb_url"
    if PASSWORD not in url:
        parts = urlsplit(url)
        url = f"mongodb://toolkit:{PASSWORD}@{parts.hostname}:{parts.port}{parts.path}?{parts.query}"
    shop = keeping.connect(url)
    slow = {
        "postgres_url": f"SELECT pg_sleep(1.2); SELECT '{PASSWORD}';",
        "mysql_url": f"SELECT SLEEP(1.2); SELECT '{PASSWORD}';",
        "mongodb_url": f"    await new Promise(r => setTimeout(r, 1200)); console.log('{PASSWORD}');",
    }[kind]
    broken = (
        f"    throw new Error('{PASSWORD} leaks');"
        if is_mongo
        else f"SELECT {PASSWORD.replace('-', '_')}, '{PASSWORD}' FROM nowhere;"
    )
    shop.new("slow", slow, "")
    shop.new("broken", broken, "")
    events = keeping.services.events.subscribe()
    answers: list[Any] = []
    seen: list[str] = []
    run = threading.Thread(
        target=lambda: answers.append(
            keeping.dispatcher.invoke("migration:up", {"connection": "shop", "job_id": "j"})
        )
    )
    run.start()
    while run.is_alive():
        seen.append(_argv_of_everyone())
        run.join(0.1)
    assert any("dbmate" in one or "runner.mjs" in one for one in seen), "the tool was seen while it ran"
    assert not any(PASSWORD in one for one in seen)
    everywhere = [
        ("job:get", {"job_id": "j"}), ("job:list", {}), ("connection:list", {}), ("connection:get", {"connection": "shop"}),
        ("connection:test", {"connection": "shop"}), ("connection:test", {"url": url.replace(PASSWORD, PASSWORD + "x")}),
        ("connection:variables", {"connection": "shop"}), ("migration:status", {"connection": "shop"}),
        ("migration:list", {"connection": "shop"}), ("migration:plan", {"connection": "shop"}),
        ("migration:up", {"connection": "shop"}), ("schema:dump", {"connection": "shop"}),
        ("schema:read", {"connection": "shop"}),
        ("schema:catalog", {"connection": "shop"}), ("app:info", {}), ("settings:get", {}),
        ("draft:list", {"connection": "shop"}),
        ("connection:create", {"name": "x", "url": url + "\nx"}),
        ("connection:update", {"connection": "shop", "url": url + "\n&x"}), ("migration:detect-type", {"url": url}),
    ]  # fmt: skip
    for channel, payload in everywhere:
        answer = keeping.dispatcher.invoke(channel, payload)
        assert PASSWORD not in json.dumps(answer), (channel, answer)
    failed = answers[0]["error"]
    assert failed["code"] == "migration_failed" or is_mongo
    assert PASSWORD not in json.dumps(answers)
    heard = []
    while (event := events.next(0)) is not None:
        heard.append(event)
    assert heard and PASSWORD not in json.dumps(heard, default=str)
    of_the_user = {f"connections/shop/migrations/{path.name}" for path in shop.folder.iterdir()}
    ledger = {"toolkit.db", "toolkit.db-wal", "toolkit.db-shm"}
    # The migrations themselves spell it here; their text is kept in the ledger as it ran. Nothing else may hold it.
    assert set(files_with(keeping.home, PASSWORD)) <= of_the_user | ledger
    database = keeping.services.jobs._database.connection()
    for table, columns in {
        "run": "output || coalesce(error, '')",
        "run_migration": "coalesce(error, '')",
        "job": "message",
    }.items():
        for (text,) in database.execute(f"SELECT {columns} FROM {table}"):
            assert PASSWORD not in text, table


def test_split_url_is_the_one_place_that_gives_a_password_back(toolkit: Toolkit) -> None:
    """The form needs it: the caller sent it in the same breath."""
    parts = toolkit.call("connection:split-url", url="postgres://app:typed-pw@h/x")
    assert parts["fields"]["password"] == "typed-pw"


# -- the bare tools ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["postgres_url", "mysql_url", "sqlite_url"])
def test_the_bare_dbmate_works_in_the_connections_own_folder(
    toolkit: Toolkit, kind: str, request: pytest.FixtureRequest
) -> None:
    shop = toolkit.connect(request.getfixturevalue(kind), migrations_table="my_versions")
    shop.new("users", UP, DOWN)
    shop.new("orders", UP.replace("users", "orders"), DOWN.replace("users", "orders"))
    shop.up(count=1)

    def dbmate(*arguments: str) -> str:
        said = subprocess.run(
            [tools.dbmate_path(), *arguments],
            cwd=env_of(toolkit).parent,
            capture_output=True,
            text=True,
            env={},
        )
        assert said.returncode == 0, said.stderr
        return said.stdout

    said = dbmate("status")
    assert "Applied: 1" in said and "Pending: 1" in said
    dbmate("--no-dump-schema", "up")
    assert shop.statuses() == {"users": "applied", "orders": "applied"}
    dbmate("--no-dump-schema", "rollback")
    assert shop.statuses() == {"users": "applied", "orders": "pending"}


def test_the_bare_migrate_mongo_works_in_the_connections_own_folder(
    toolkit: Toolkit, mongodb_url: str
) -> None:
    shop = toolkit.connect(mongodb_url)
    shop.new("users", "    await db.createCollection('users');", "    await db.collection('users').drop();")
    shop.new(
        "orders", "    await db.createCollection('orders');", "    await db.collection('orders').drop();"
    )
    shop.up(count=1)
    command = [tools.node_path(), tools.npm_modules_dir() / "migrate-mongo" / "bin" / "migrate-mongo.js"]
    folder = env_of(toolkit).parent

    def migrate_mongo(verb: str) -> str:
        said = subprocess.run([*command, verb], cwd=folder, capture_output=True, text=True, env={})
        assert said.returncode == 0, said.stdout + said.stderr
        return said.stdout

    assert migrate_mongo("status").count("PENDING") == 1
    migrate_mongo("up")
    assert shop.statuses() == {"users": "applied", "orders": "applied"}
    migrate_mongo("down")
    assert shop.statuses() == {"users": "applied", "orders": "pending"}
