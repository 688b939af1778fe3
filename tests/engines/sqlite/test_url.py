"""SQLite URLs: what dbmate opens is what we open, or the URL is refused."""

from __future__ import annotations

import re
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.core.errors import InvalidUrl
from backend.engine.target import Target
from backend.engines.sqlite import ENGINE
from backend.engines.sqlite.connect import database_file
from tests.engines.sqlite.project import Project

NAMES = st.text(
    st.characters(
        min_codepoint=32,
        max_codepoint=0x2FFF,
        exclude_categories=("Cs", "Cc", "Cn"),
        exclude_characters="/?\\",
    ),
    min_size=1,
    max_size=12,
).filter(lambda name: not re.search(r"%[0-9A-Fa-f]{2}", name) and name not in (".", "..") and name.strip())


def target_of(url: str, folder: Path) -> Target:
    return Target(engine="sqlite", url=url, working_dir=folder, migrations_table="schema_migrations")


@pytest.mark.parametrize(
    ("url", "used"),
    [
        ("sqlite:rel.db", "sqlite:rel.db"),
        ("sqlite3:rel.db", "sqlite:rel.db"),
        ("SQLITE:./db/x.db", "sqlite:./db/x.db"),
        ("sqlite:///abs/x.db", "sqlite:/abs/x.db"),
        ("sqlite:////abs/x.db", "sqlite:/abs/x.db"),
        ("sqlite:/a b/ü.db", "sqlite:/a%20b/ü.db"),
        ("sqlite:/a%20b/x.db", "sqlite:/a%20b/x.db"),
        ("sqlite:h#x.db", "sqlite:h%23x.db"),
        ("sqlite:/100%/x.db", "sqlite:/100%25/x.db"),
        (r"sqlite:C:\data\x.db", "sqlite:C:/data/x.db"),
        ("sqlite:///C:/data/x.db", "sqlite:C:/data/x.db"),
        ("sqlite:x.db?_foreign_keys=on&_txlock=immediate", "sqlite:x.db?_foreign_keys=on&_txlock=immediate"),
        ("sqlite:${DATA}/x.db", "sqlite:${DATA}/x.db"),
        ("sqlite:///${DATA}/x.db", "sqlite:/${DATA}/x.db"),
    ],
)
def test_a_url_is_mended_to_what_dbmate_opens(url: str, used: str) -> None:
    assert ENGINE.check_url(url) == used
    assert ENGINE.check_url(used) == used


@pytest.mark.parametrize(
    ("url", "hint"),
    [
        ("sqlite://t.db", "sqlite:t.db"),
        ("sqlite://./t.db", "sqlite:t.db"),
        ("sqlite://data/t.db", "sqlite:/data/t.db"),
        ("sqlite:q?x.db", "rename"),
        ("sqlite:q%3Fx.db", "Rename"),
        ("sqlite:p%2520x.db", "Rename"),
        ("sqlite:file:z.db", "sqlite:z.db"),
        ("sqlite:file:///z.db?mode=rwc", "sqlite:/z.db"),
        ("sqlite::memory:", "sqlite:db/shop.db"),
        ("sqlite:x.db?mode=memory", "mode=memory"),
        ("sqlite:", "sqlite:db/shop.db"),
        ("sqlite:folder/", "folder/shop.db"),
        ("postgres://h/x", "sqlite:db/shop.db"),
    ],
)
def test_a_url_that_would_open_another_file_is_refused_with_the_right_spelling(url: str, hint: str) -> None:
    with pytest.raises(InvalidUrl) as caught:
        ENGINE.check_url(url)
    assert hint in (caught.value.hint or "")


@given(
    name=NAMES, folder=st.sampled_from(["", "sub/", "/data/", "../"]), keys=st.sampled_from(["", "on", "off"])
)
def test_a_form_comes_back_from_its_url(name: str, folder: str, keys: str) -> None:
    fields = {"path": folder + name, "foreign_keys": keys, "options": "_txlock=immediate&_loc=a%26b"}
    fields = {key: value for key, value in fields.items() if value}
    if folder == "" and re.match(r"file:|~", name):
        return
    assert ENGINE.split_url(ENGINE.build_url(fields)) == fields


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=NAMES.filter(lambda name: len(name.encode()) < 60), absolute=st.booleans())
def test_dbmate_opens_the_very_file_we_open(name: str, absolute: bool) -> None:
    folder = Path(tempfile.mkdtemp())
    try:
        path = f"{folder.as_posix()}/{name}" if absolute else f"./{name}"
        shop = Project(folder, ENGINE.build_url({"path": path}), ENGINE)
        shop.write("1_a.sql", "CREATE TABLE t (id int);")
        done = shop.up(ENGINE.tool_setup(shop.target, "tag").env["DATABASE_URL"] if absolute else shop.url)
        assert done.returncode == 0, done.stderr
        assert database_file(shop.target).is_file()
        assert shop.applied() == ["1"]
        assert sorted(child.name for child in folder.iterdir()) == sorted([name, "m"])
    finally:
        shutil.rmtree(folder)


def test_a_relative_path_starts_in_the_working_directory(tmp_path: Path) -> None:
    target = target_of("sqlite:db/../x.db", tmp_path)
    assert database_file(target) == tmp_path / "x.db"
    assert ENGINE.tool_setup(target, "t").env["DATABASE_URL"] == f"sqlite:{tmp_path.as_posix()}/x.db"


def test_the_lock_timeout_and_read_only_go_to_the_tool_as_options(shop: Project) -> None:
    setup = ENGINE.tool_setup(shop.with_(lock_timeout_s=1.5, read_only=True).target, "tag")
    assert setup.env["DATABASE_URL"].endswith("shop.db?_busy_timeout=1500&_query_only=true")
    assert setup.flags == ()


def test_secret_options_are_hidden() -> None:
    assert ENGINE.redact_url("sqlite:x.db?_auth_user=a&_auth_pass=s3&cache=shared") == (
        "sqlite:x.db?_auth_user=a&_auth_pass=***&cache=shared"
    )
    assert ENGINE.redact_url("sqlite:x.db?_auth_pass=${P}") == "sqlite:x.db?_auth_pass=${P}"
