"""MongoDB's URLs: form and text, passwords of every kind, what is hidden, what is refused."""

from __future__ import annotations

import string
from pathlib import Path
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymongo import MongoClient
from pymongo.uri_parser import parse_uri

from backend.core.errors import AuthenticationFailed, InvalidUrl
from backend.engines.mongodb import ENGINE
from tests.drivers.migrate_mongo.project import target_of
from tests.servers import Server

PRINTABLE = "".join(sorted(set(string.printable) - set(string.whitespace))) + " é用😀"
text = st.text(st.sampled_from(PRINTABLE), min_size=1, max_size=30)
names = st.text(st.sampled_from(string.ascii_letters + string.digits + "-_é"), min_size=1, max_size=20)
hosts = st.sampled_from(
    ["localhost", "10.0.0.1", "[::1]", "db1:27017,db2:27018,db3", "/tmp/mongodb-27017.sock", "${HOST}"]
)


def is_plain(value: str) -> bool:
    return "${" not in value


@given(
    text, text.filter(is_plain), hosts, names, st.sampled_from(["", "admin"]), st.sampled_from(["", "27018"])
)
@settings(max_examples=300, deadline=None)
def test_what_is_built_is_split_again_and_read_the_same_by_the_driver(
    user: str, password: str, host: str, database: str, auth_source: str, port: str
) -> None:
    fields = {"user": user, "password": password, "host": host, "database": database}
    fields |= {"auth_source": auth_source} if auth_source else {}
    fields |= {"port": port} if port and "," not in host and not host.startswith("/") else {}
    url = ENGINE.build_url(fields)
    assert ENGINE.split_url(url) == fields
    assert ENGINE.check_url(url) == url
    assert ENGINE.password_of(url) == password
    assert ENGINE.with_password(ENGINE.with_password(url, "x"), password) == url
    if "${" not in url:
        read = parse_uri(url)
        assert (read["username"], read["password"], read["database"]) == (user, password, database)


def test_a_password_of_every_printable_character_logs_in(mongodb_server: Server) -> None:
    password = PRINTABLE.replace("😀", "")  # the driver itself refuses emoji (RFC 4013)
    with MongoClient(mongodb_server.admin_url) as client:
        client.admin.command("createUser", "odd@user:1", pwd=password, roles=["root"])
        try:
            url = ENGINE.build_url(
                {
                    "user": "odd@user:1",
                    "password": password,
                    "host": mongodb_server.host,
                    "port": str(mongodb_server.port),
                    "database": "x",
                    "auth_source": "admin",
                }
            )
            with MongoClient(url) as own:
                own.x.y.find_one()
        finally:
            client.admin.command("dropUser", "odd@user:1")


def test_a_password_the_driver_refuses_is_told_so(mongodb_server: Server, tmp_path: Path) -> None:
    with pytest.raises(AuthenticationFailed) as caught:
        ENGINE.probe(target_of(ENGINE.with_password(mongodb_server.url("x"), "secret😀"), tmp_path))
    assert "secret" not in caught.value.message and "RFC 4013" in str(caught.value.hint)


@given(text.filter(lambda value: is_plain(value) and " " not in value))
@settings(max_examples=300, deadline=None)
def test_a_password_pasted_raw_is_read_literally_or_refused_never_misread(password: str) -> None:
    """Where it cannot be told from an encoded one or from the rest of the URL, an error says what to encode."""
    url = f"mongodb://app:{password}@db.example.com:27017/shop"
    redacted = ENGINE.redact_url(url)
    try:
        read = ENGINE.split_url(url)
    except InvalidUrl as error:
        refusal = error
    else:
        refusal = None
    if refusal is not None:
        assert "%40" in str(refusal.hint)
        return
    assert (read["user"], read["host"], read["database"]) == ("app", "db.example.com", "shop")
    assert read.get("password") in {password, unquote(password)}
    assert redacted == "mongodb://app:***@db.example.com:27017/shop"
    assert parse_uri(ENGINE.check_url(url))["password"] == read["password"]


@pytest.mark.parametrize(
    ("url", "password"),
    [
        ("mongodb://u:p@ss/w#rd@h/db", "p@ss/w#rd"),
        ("mongodb://u:p?x@h/db", "p?x"),
        ("mongodb://u:1?x=1@h/db", "1?x=1"),
        ("mongodb://u:a@x?b=c@h/db", "a@x?b=c"),
        ("mongodb://u:a@x/y?b=c@h:1/db?d=e", "a@x/y?b=c"),
        ("mongodb://u:100%@h/db", "100%"),
        ("mongodb://u:a:b@h/db", "a:b"),
        ("mongodb://u:p%40ss@h/db?appName=x@y", "p@ss"),
        ("mongodb://u:p@h1:1,h2:2/db?replicaSet=rs", "p"),
        ("mongodb://u:${DB_PASSWORD}@${HOST}:${PORT}/${NAME}", "${DB_PASSWORD}"),
        ("mongodb+srv://u:p@cluster.example.net/db?retryWrites=true", "p"),
    ],
)
def test_the_password_of_a_pasted_url(url: str, password: str) -> None:
    assert ENGINE.password_of(url) == password
    shown = ENGINE.redact_url(url)
    assert (
        password.startswith("${")
        or (password not in shown.replace("mongodb+srv", "") and "***" in shown)
        or password == "p"
    )
    assert ENGINE.password_of(ENGINE.check_url(url)) == password


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("mongodb://u:secret@h1:1,h2:2/db?authSource=admin", "mongodb://u:***@h1:1,h2:2/db?authSource=admin"),
        ("mongodb://u:s@c/r#t@h/db", "mongodb://u:***@h/db"),
        ("mongodb://u:${PW}@h/db", "mongodb://u:${PW}@h/db"),
        ("mongodb://h/db", "mongodb://h/db"),
        (
            "mongodb://h/db?tlsCertificateKeyFilePassword=secret&x=1",
            "mongodb://h/db?tlsCertificateKeyFilePassword=***&x=1",
        ),
        (
            "mongodb://h/?authMechanismProperties=AWS_SESSION_TOKEN:abc%2F",
            "mongodb://h/?authMechanismProperties=AWS_SESSION_TOKEN:***",
        ),
        ("mongodb://u:sec ret@", "mongodb://u:***@"),
        ("mongodb:/u:secret@h/db", "***"),
        ("mongodb://u:a%41/secret@h:bad/db", "mongodb://u:***@h:bad/db"),
    ],
)
def test_secrets_are_hidden_in_good_and_bad_urls(url: str, shown: str) -> None:
    assert ENGINE.redact_url(url) == shown


@pytest.mark.parametrize(
    ("url", "part"),
    [
        ("mongodb://localhost", "names no database"),
        ("mongodb://localhost/", "names no database"),
        ("mongodb://localhost/a b", "does not allow a space"),
        ("mongodb://localhost/a.b", "does not allow"),
        ("mongodb://localhost/a$b", "does not allow"),
        ("mongodb://localhost/" + "x" * 64, "63 bytes"),
        ("mongodb://", "names no server"),
        ("mongodb:shop", "starts with"),
        ("mongodb://host:99999/db", "cannot be read"),
        ("mongodb+srv://host:27017/db", "without a port"),
        ("mongodb://u:a%41/b@host/db", "two ways"),
        ("mongodb://u:100%and%41@host/db", "two ways"),
    ],
)
def test_what_cannot_be_right_is_refused_with_the_reason(url: str, part: str) -> None:
    with pytest.raises(InvalidUrl) as caught:
        ENGINE.check_url(url)
    assert part in caught.value.message


def test_a_database_added_to_a_url_without_one_keeps_the_login_working() -> None:
    """Without a database the user is looked up in admin; with one, in that database, unless authSource says admin."""
    fields = ENGINE.split_url("mongodb://u:p@h/?retryWrites=true")
    assert fields["auth_source"] == "admin" and "database" not in fields
    url = ENGINE.build_url({**fields, "database": "shop"})
    assert url == "mongodb://u:p@h/shop?authSource=admin&retryWrites=true"


def test_a_whole_placeholder_stays_as_it_is() -> None:
    assert ENGINE.check_url("${MONGODB_URL}") == "${MONGODB_URL}"
    assert (
        ENGINE.build_url({"host": "h", "database": "d", "user": "u", "password": "${PW}"})
        == "mongodb://u:${PW}@h/d"
    )
    assert "%24%7BPW%7D" in ENGINE.with_password("mongodb://u:x@h/d", "a${PW}")
    assert ENGINE.check_url("mongodb://u:%24%7BPW%7D@h/d") == "mongodb://u:%24%7BPW%7D@h/d"


def test_a_url_in_the_drivers_own_message_is_hidden() -> None:
    from backend.engines.mongodb.url import scrub

    assert "s3cret" not in scrub("failed for mongodb://u:s3cret@h/db?x=1 and mongodb+srv://u:s3cret@h")
