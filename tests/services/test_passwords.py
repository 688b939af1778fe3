"""Passwords of every printable character, from the form to the real tool and back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import keyring
import pytest

from tests.kit import Toolkit
from tests.servers import Server
from tests.services.keychain import MemoryKeychain

PRINTABLE = "".join(chr(code) for code in range(32, 127))
HARD = [
    PRINTABLE,
    PRINTABLE[::-1],
    " begins and ends with a blank ",
    "'\"\\$HOME${PATH}$(id)`id`#%20@/:?&=;",
    "ends with a backslash\\",
    "'quoted'",
    '"quoted"',
    "***",
    "päßwörd-日本",
]
SetPassword = Callable[[str], str]
"""Gives the user this password and answers the user's name."""


@pytest.fixture
def toolkit(toolkit: Toolkit, request: pytest.FixtureRequest) -> Iterator[Toolkit]:
    """The app with the keychain the test names: none (so .env), or one in memory."""
    before = keyring.get_keyring()
    if "keychain" in request.node.callspec.id:
        keyring.set_keyring(MemoryKeychain())
        again = Toolkit(toolkit.home)
        yield again
        again.close()
        keyring.set_keyring(before)
    else:
        yield toolkit


@pytest.fixture
def postgres_password(postgres_server: Server, postgres_url: str) -> Iterator[SetPassword]:
    import psycopg
    from psycopg import sql

    with psycopg.connect(postgres_server.admin_url, autocommit=True) as admin:
        database = urlsplit(postgres_url).path.strip("/")
        name = f"app_{database}"
        admin.execute(sql.SQL("CREATE ROLE {} LOGIN SUPERUSER").format(sql.Identifier(name)))

        def change(password: str) -> str:
            admin.execute(
                sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(name), sql.Literal(password))
            )
            return name

        yield change
        admin.execute(sql.SQL("REASSIGN OWNED BY {} TO CURRENT_USER").format(sql.Identifier(name)))
        with psycopg.connect(postgres_url, autocommit=True) as own:
            own.execute(sql.SQL("REASSIGN OWNED BY {} TO CURRENT_USER").format(sql.Identifier(name)))
        admin.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(name)))


@pytest.fixture
def mysql_password(mariadb_server: Server, mysql_url: str) -> Iterator[SetPassword]:
    import pymysql

    parts = urlsplit(mariadb_server.admin_url)
    admin = pymysql.connect(
        host=mariadb_server.host, port=mariadb_server.port, user=parts.username, password=parts.password or "",
        autocommit=True, charset="utf8mb4",
    )  # fmt: skip
    name = f"app_{urlsplit(mysql_url).path.strip('/')}"
    with admin, admin.cursor() as cursor:
        cursor.execute("CREATE USER %s@'%%'", (name,))
        cursor.execute("GRANT ALL ON *.* TO %s@'%%'", (name,))

        def change(password: str) -> str:
            cursor.execute("ALTER USER %s@'%%' IDENTIFIED BY %s", (name, password))
            return name

        yield change
        cursor.execute("DROP USER %s@'%%'", (name,))


def _fields(toolkit: Toolkit, url: str, **changes: str) -> dict[str, str]:
    fields: dict[str, str] = toolkit.call("connection:split-url", url=url)["fields"]
    return {**fields, **changes}


def _create_test_and_run(
    toolkit: Toolkit, engine: str, url: str, set_password: SetPassword, password: str
) -> None:
    """As the form does: fields to a URL, the URL to a connection, the connection to the real tool."""
    fields = _fields(toolkit, url, user=set_password(password), password=password)
    built = toolkit.call("connection:build-url", engine=engine, fields=fields)["url"]
    assert _fields(toolkit, built)["password"] == password
    assert toolkit.call("connection:test", url=built)["database_exists"]
    shop = toolkit.connect(built, name="Shop")
    assert shop.call("connection:test")["database_exists"]
    shop.new("users", "CREATE TABLE users (id INTEGER);", "DROP TABLE users;")
    assert shop.up()["ok"] and shop.tables() == {"users"}
    again = Toolkit(toolkit.home)
    assert again.call("migration:status", connection=shop.id)["applied"] == 1, "after a restart"
    again.close()
    assert password not in shop.call("connection:get")["url"] or password == "***"
    assert shop.down()["ok"]


@pytest.mark.parametrize("place", ["env", "keychain"])
@pytest.mark.parametrize("password", HARD, ids=range(len(HARD)))
def test_postgres(
    toolkit: Toolkit, postgres_url: str, postgres_password: SetPassword, password: str, place: str
) -> None:
    _create_test_and_run(toolkit, "postgres", postgres_url, postgres_password, password)


@pytest.mark.parametrize("place", ["env", "keychain"])
@pytest.mark.parametrize("password", HARD, ids=range(len(HARD)))
def test_mariadb(
    toolkit: Toolkit, mysql_url: str, mysql_password: SetPassword, password: str, place: str
) -> None:
    _create_test_and_run(toolkit, "mysql", mysql_url, mysql_password, password)


@pytest.mark.parametrize(
    ("engine", "url"),
    [
        ("postgres", "postgres://a:b@h/x"),
        ("mysql", "mysql://a:b@h/x"),
        ("mongodb", "mongodb://a:b@h/x"),
        ("clickhouse", "clickhouse://a:b@h/x"),
    ],
)
@pytest.mark.parametrize("place", ["env", "keychain"])
def test_each_character_survives_the_form_and_the_store(
    toolkit: Toolkit, engine: str, url: str, place: str
) -> None:
    connections = toolkit.services.connections
    for number, char in enumerate([*PRINTABLE, *HARD]):
        for password in (char, f"x{char}y"):
            if not password.strip():
                continue
            built = toolkit.call(
                "connection:build-url", engine=engine, fields=_fields(toolkit, url, password=password)
            )
            assert _fields(toolkit, built["url"])["password"] == password
            if number % 11 == 0 or not char.isalnum():
                shop = toolkit.connect(built["url"], name="c")
                kept = connections.target(connections.resolve(shop.id))
                assert connections.resolve(shop.id).engine.password_of(kept.url) == password
                shop.call("connection:delete", delete_files=True)
