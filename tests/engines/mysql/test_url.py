"""MySQL URLs: dbmate and our own driver reach the same database with the same login, or the URL is refused."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from backend.core.errors import InvalidUrl
from backend.engine.target import Target
from backend.engines.mysql import ENGINE, url
from tests.engines.mysql.helpers import run
from tests.engines.sqlite.project import Project

PRINTABLE = string.ascii_letters + string.digits + string.punctuation + " äß€🔑"
PASSWORDS = st.text(st.sampled_from(PRINTABLE), min_size=1, max_size=16)
NAMES = st.text(
    st.sampled_from(string.ascii_letters + string.digits + "_-$@. ü#&=;'\""), min_size=1, max_size=10
)


@pytest.mark.parametrize(
    ("raw", "used"),
    [
        ("mysql://u:p@h:3307/db", "mysql://u:p@h:3307/db"),
        ("mariadb://u:p@h/db", "mysql://u:p@h/db"),
        ("mysql://u:p@ss/w#rd?%@h:3306/db?tls=true", "mysql://u:p%40ss%2Fw%23rd%3F%25@h:3306/db?tls=true"),
        ("mysql://u:p%40ss@h/db", "mysql://u:p%40ss@h/db"),
        ("mysql://u:a@b@h/db", "mysql://u:a%40b@h/db"),
        ("mysql://u:50%@h/db", "mysql://u:50%25@h/db"),
        ("mysql://u@h/a b", "mysql://u@h/a%20b"),
        ("mysql:///db", "mysql://127.0.0.1/db"),
        ("mysql://u:p@[::1]:3306/db", "mysql://u:p@[::1]:3306/db"),
        ("mysql://u:p@/db?socket=/run/my.sock", "mysql://u:p@/db?socket=%2Frun%2Fmy.sock"),
        ("mysql://u:p@localhost/db?socket=/run/my.sock", "mysql://u:p@/db?socket=%2Frun%2Fmy.sock"),
        ("mysql://u:${PW}@${HOST}:${PORT}/${DB}", "mysql://u:${PW}@${HOST}:${PORT}/${DB}"),
        ("mysql://u:p@h/db?lock_wait_timeout=3&x=a@b", "mysql://u:p@h/db?lock_wait_timeout=3&x=a%40b"),
    ],
)
def test_a_url_is_mended_to_what_dbmate_takes(raw: str, used: str) -> None:
    assert ENGINE.check_url(raw) == used
    assert ENGINE.check_url(used) == used


@pytest.mark.parametrize(
    ("raw", "word"),
    [
        ("mysql://u:p@h/", "database"),
        ("mysql://u:p@h", "database"),
        ("mysql://us%3Aer:p@h/db", "colon"),
        ("mysql://u:p@h/a%2Fb", "/"),
        ("mysql://u:p@h/a%3Fb", "?"),
        ("mysql://u:p@h/a%25b", "%"),
        ("mysql://u:p@h:99999/db", "port"),
        ("mysql://u:p@h/db?sslmode=disable", "sslmode"),
        ("mysql://u:p@h/db?ssl-mode=DISABLED", "ssl-mode"),
        ("mysql://u:p@h/db?tls=custom", "tls"),
        ("mysql://u:p@h/db?socket=rel.sock", "full path"),
        ("mysql://u:p@h/db?socket=/a@b.sock", "socket"),
        ("mysql://u:p@h/db?a-b=1", "session variable"),
        ("mysql://u:p/w?x@h/a/b", "/"),
        ("mysql://u:p@h1,h2/db", "host"),
        ("sqlite:x.db", "mysql://"),
    ],
)
def test_a_url_dbmate_would_misread_is_refused_without_repeating_the_password(raw: str, word: str) -> None:
    with pytest.raises(InvalidUrl) as caught:
        ENGINE.check_url(raw.replace(":p", ":s3cret"))
    said = f"{caught.value.message} {caught.value.hint}"
    assert word in said and "s3cret" not in said


@given(user=NAMES, password=st.one_of(st.just(""), PASSWORDS), database=NAMES, socket=st.booleans())
def test_a_form_comes_back_from_its_url(user: str, password: str, database: str, socket: bool) -> None:
    fields = {
        "user": user,
        "password": password,
        "database": database,
        "tls": "preferred",
        "options": "a=1&b=x%26y",
    }
    fields |= {"socket": "/run/my sql.sock"} if socket else {"host": "db.example.org", "port": "3307"}
    fields = {key: value for key, value in fields.items() if value}
    built = ENGINE.build_url(fields)
    assert ENGINE.split_url(built) == fields
    if password and not re.fullmatch(r"\$\{\w+\}", password):
        assert ENGINE.password_of(built) == password
        assert ENGINE.with_password(ENGINE.with_password(built, "x"), password) == built


@given(st.text(st.sampled_from("ab:/@?#%${}[] .=&"), max_size=30))
@example("?[=")
@example("?b=")
def test_hiding_never_fails_and_never_shows_a_password(text: str) -> None:
    assert "s3cret" not in ENGINE.redact_url(
        f"mysql://u{text.replace('@', '').replace('/', '')}:s3cret{text}@h/db"
    )
    ENGINE.redact_url(text)


def test_a_placeholder_is_shown_and_a_password_is_not() -> None:
    assert ENGINE.redact_url("mysql://u:${PW}@h/db") == "mysql://u:${PW}@h/db"
    assert ENGINE.redact_url("mysql://u:a@b@h/db") == "mysql://u:***@h/db"
    assert ENGINE.redact_url("mysql://u:a:b/c") == "mysql://***"
    target = Target("mysql", "mysql://u:s3cret@h/db", Path("/"), "t")
    assert "s3cret" not in repr(target) and "s3cret" not in repr(url.parse(target.url))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(password=PASSWORDS.filter(lambda text: not re.fullmatch(r"\$\{\w+\}", text)))
def test_any_password_reaches_the_server_through_dbmate_and_through_us(shop: Project, password: str) -> None:
    escaped = password.replace("\\", "\\\\").replace("'", "''")
    run(shop, "CREATE OR REPLACE USER 'pw:test'@'%' IDENTIFIED BY 'x'", "DROP USER 'pw:test'@'%'")
    run(
        shop, f"CREATE OR REPLACE USER pwtest@'%' IDENTIFIED BY '{escaped}'", "GRANT ALL ON *.* TO pwtest@'%'"
    )
    fields = {**ENGINE.split_url(shop.url), "user": "pwtest", "password": password}
    other = Project(shop.folder, ENGINE.build_url(fields), ENGINE)
    shop.write("1_a.sql", "SELECT 1;")
    done = other.dbmate("--no-dump-schema", "status")
    assert done.returncode == 0, done.stderr
    assert other.applied() == []


def test_every_printable_character_at_once_connects(shop: Project) -> None:
    password = string.punctuation + " ü%41€"
    run(
        shop,
        "CREATE OR REPLACE USER pwall@'%' IDENTIFIED BY '{}'".format(
            password.replace("\\", "\\\\").replace("'", "''")
        ),
    )
    run(shop, "GRANT ALL ON *.* TO pwall@'%'")
    fields = {**ENGINE.split_url(shop.url), "user": "pwall", "password": password}
    other = Project(shop.folder, ENGINE.build_url(fields), ENGINE)
    other.write("1_a.sql", "CREATE TABLE t (id int);")
    assert other.up().returncode == 0
    assert other.applied() == ["1"]
    assert "CREATE TABLE `t`" in ENGINE.dump_schema(other.target)
    run(shop, "DROP USER pwall@'%'")


@pytest.mark.parametrize("name", ["a b", "ü-x", "a#b", "a`b", "a.b", "a'b", 'a"b'])
def test_an_odd_database_name_is_the_same_for_dbmate_and_for_us(shop: Project, name: str) -> None:
    fields = {**ENGINE.split_url(shop.url), "database": name}
    other = Project(shop.folder, ENGINE.build_url(fields), ENGINE)
    ENGINE.drop_database(other.target)
    ENGINE.create_database(other.target)
    try:
        other.write("1_a.sql", "CREATE TABLE t (id int);")
        assert other.dbmate("--no-dump-schema", "migrate").returncode == 0
        assert other.applied() == ["1"]
        assert ENGINE.fingerprint(other.target).keys() == {"table t", "column t.id"}
    finally:
        ENGINE.drop_database(other.target)


def test_the_lock_timeout_goes_to_the_tool_as_session_variables(shop: Project) -> None:
    url_used = ENGINE.tool_setup(shop.with_(lock_timeout_s=0.4).target, "tag").env["DATABASE_URL"]
    assert "lock_wait_timeout=1" in url_used and "innodb_lock_wait_timeout=1" in url_used
    assert "GET_LOCK" in url_used
    assert ENGINE.tool_setup(shop.target, "tag").flags == ()


def test_a_socket_is_used_by_dbmate_and_by_us(shop: Project, mariadb_server: object) -> None:
    socket = mariadb_server.socket  # type: ignore[attr-defined]
    fields = {**ENGINE.split_url(shop.url), "socket": str(socket)}
    other = Project(
        shop.folder, ENGINE.build_url({k: v for k, v in fields.items() if k not in ("host", "port")}), ENGINE
    )
    other.write("1_a.sql", "CREATE TABLE t (id int);")
    assert other.up().returncode == 0
    assert other.applied() == ["1"] and "CREATE TABLE `t`" in ENGINE.dump_schema(other.target)
