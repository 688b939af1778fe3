"""Requests no one should send: each is answered with a stable code, a message and a hint; nothing is made of them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.rpc.registry import channels
from tests.kit import ChannelFailed, Shop, Toolkit

_FOREIGN = [
    5,
    1.5,
    True,
    "text",
    [],
    [1],
    {},
    {"a": {"b": []}},
    None,
    "\ud800",
    "a\0b",
    "x" * 10_000,
    -1,
    10**40,
]

# They wait for a server or start one; their requests are of the same shapes as the others'.
_SLOW = {"connection:sample", "database:wait", "app:self-check"}


@pytest.mark.parametrize("name", sorted(set(channels()) - _SLOW))
def test_foreign_values_in_any_field_are_no_internal_error(
    toolkit: Toolkit, sqlite_shop: Shop, name: str
) -> None:
    """Whatever a field holds, the answer is an envelope whose code is one a program can act on."""
    fields = list(channels()[name].request.model_fields)
    base = {"connection": sqlite_shop.id} if "connection" in fields else {}
    for field in fields:
        for value in _FOREIGN:
            answer = toolkit.dispatcher.invoke(name, {**base, field: value})
            if not answer["ok"]:
                assert answer["error"]["code"] != "internal_error", (field, value, answer["error"])
                assert answer["error"]["message"]
        toolkit.dispatcher.invoke_json(name, {**base, field: "\udcff"}).decode()


@pytest.mark.parametrize("payload", [5, "x", [], [{}], True, 1.5])
def test_a_payload_that_is_no_object_is_refused(toolkit: Toolkit, payload: Any) -> None:
    for name in channels():
        answer = toolkit.dispatcher.invoke(name, payload)
        assert answer["error"]["code"] == "invalid_request" and name in answer["error"]["message"]


def test_an_unknown_field_and_an_unknown_channel_are_named(toolkit: Toolkit) -> None:
    refused = toolkit.envelope("connection:create", name="a", url="sqlite:a.db", pasword="x")["error"]
    assert "'pasword' is not a field" in refused["message"] and "url" in refused["hint"]
    unknown = toolkit.envelope("migration:upp")["error"]
    assert "'migration:upp'" in unknown["message"] and unknown["code"] == "invalid_request"


def test_an_error_never_repeats_the_value_it_refuses(toolkit: Toolkit) -> None:
    refused = toolkit.dispatcher.invoke(
        "connection:create", {"name": ["q8-secret"], "url": {"p": "q8-secret"}}
    )
    assert "q8-secret" not in str(refused)


_TREE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@given(
    st.sampled_from(["migration:list", "migration:new", "draft:save", "settings:update", "migration:plan"]),
    _TREE,
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_json_at_all_is_an_internal_error(toolkit: Toolkit, name: str, tree: Any) -> None:
    for payload in (
        tree,
        {"connection": tree},
        {"connection": "shop", "name": tree, "changes": tree, "versions": tree},
    ):
        answer = toolkit.dispatcher.invoke(name, payload)
        assert answer["ok"] or answer["error"]["code"] != "internal_error", answer["error"]


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("../../etc/passwd", "etc_passwd"),
        ("a/b\\c", "a_b_c"),
        ("first\nsecond", "first_second"),
        ("nul\0byte", "nul_byte"),
        ('it\'s "quoted"; DROP', "it_s_quoted_DROP"),
        ("über 日本 ñ", "über_日本_ñ"),
        ("CON", "CON"),
        ("-- migrate:down", "migrate_down"),
        ("create users.sql", "create_users_sql"),
        ("x" * 5000, "x" * 100),
    ],
)
def test_a_migrations_name_stays_inside_its_folder(sqlite_shop: Shop, name: str, stem: str) -> None:
    made = sqlite_shop.new(name, "SELECT 1;", "SELECT 1;")
    assert made["filename"][15:].removesuffix(".sql").lower() == stem.lower()
    (only,) = sqlite_shop.folder.iterdir()
    assert only.name == made["filename"] and sqlite_shop.up()["ok"]


@pytest.mark.parametrize("name", ["", "   ", "..", "///", "💾", "\n"])
def test_a_name_with_nothing_in_it_is_refused(sqlite_shop: Shop, name: str) -> None:
    with pytest.raises(ChannelFailed) as failure:
        sqlite_shop.new(name, "SELECT 1;", "SELECT 1;")
    assert failure.value.code == "invalid_request" and failure.value.hint
    assert list(sqlite_shop.folder.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "connection_id"),
    [
        ("../../etc", "etc"), ("a  b\n c", "a-b-c"), ("日本", "connection"), ("CON", "c-con"), ("nul", "c-nul"),
        ('q"uo\'te', "q-uo-te"), ("x" * 100, "x" * 60), (".", "connection"), ("Über", "uber"),
    ],
)  # fmt: skip
def test_a_connections_name_becomes_a_plain_folder(toolkit: Toolkit, name: str, connection_id: str) -> None:
    shop = toolkit.connect("sqlite:a.db", name=name)
    assert shop.id == connection_id and (toolkit.home / "connections" / connection_id).is_dir()
    assert [path.name for path in (toolkit.home / "connections").iterdir()] == [connection_id]


@pytest.mark.parametrize("name", ["", " ", "x" * 101, "a\0b", "a\x1bb", "\ud800"])
def test_a_name_nobody_can_type_is_refused(toolkit: Toolkit, name: str) -> None:
    with pytest.raises(ChannelFailed) as failure:
        toolkit.connect("sqlite:a.db", name=name)
    assert failure.value.code == "invalid_request"
    assert not (toolkit.home / "connections").exists() or not list((toolkit.home / "connections").iterdir())


@pytest.mark.parametrize("connection", ["nope", "", "..", "../shop", "a/b", "x" * 300, "a\0b"])
def test_a_connection_that_is_not_there(toolkit: Toolkit, sqlite_shop: Shop, connection: str) -> None:
    with pytest.raises(ChannelFailed) as failure:
        toolkit.call("migration:status", connection=connection)
    assert failure.value.code in {"connection_not_found", "invalid_request"}
    if connection == "nope":
        assert "shop" in failure.value.message


@pytest.mark.parametrize(
    ("url", "code", "says"),
    [
        ("", "invalid_url", "empty"),
        ("localhost:5432/shop", "invalid_url", ""),
        ("oracle://h/x", "invalid_url", "oracle"),
        ("postgres://h:99999/x", "invalid_url", "99999"),
        ("postgres://app:p@h/x\ny", "invalid_url", "control"),
        ("sqlite:", "invalid_url", "file"),
        ("x" * 100_000, "invalid_url", ""),
    ],
)
def test_a_url_that_is_none(toolkit: Toolkit, url: str, code: str, says: str) -> None:
    for channel in ("connection:test", "connection:create"):
        more = {"name": "a"} if channel == "connection:create" else {}
        with pytest.raises(ChannelFailed) as failure:
            toolkit.call(channel, url=url, **more)
        assert failure.value.code == code and failure.value.hint and len(failure.value.message) < 1000
        assert says in failure.value.message
    assert toolkit.call("connection:list")["connections"] == []


@pytest.mark.parametrize(
    "channel", ["connection:inspect-folder", "connection:adopt", "app:folders", "migration:detect-type"]
)
@pytest.mark.parametrize("path", ["/nonexistent/x", "a\0b", "/" + "x" * 5000, "~nobody-here/x", "\ud800"])
def test_a_path_that_is_none(toolkit: Toolkit, channel: str, path: str) -> None:
    with pytest.raises(ChannelFailed) as failure:
        toolkit.call(channel, path=path)
    assert failure.value.code in {"not_found", "invalid_request"}


def test_a_variables_name_and_value_are_checked(sqlite_shop: Shop) -> None:
    for name, value in (
        ("A=B", "x"),
        ("", "x"),
        ("1A", "x"),
        ("A\nB", "x"),
        ("A", "nul\0byte"),
        ("DATABASE_URL", "x"),
    ):
        with pytest.raises(ChannelFailed) as failure:
            sqlite_shop.call("connection:set-variable", name=name, value=value)
        assert failure.value.code == "invalid_request"
    assert sqlite_shop.call("connection:variables")["variables"] == []
