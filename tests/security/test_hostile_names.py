"""Every text field of every channel is given what would lead out of its folder: nothing outside changes, and the answer is
an error of the catalogue. The fields are read from the channel registry, so a new channel is attacked without asking."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from backend.rpc.registry import channels
from tests.kit import Shop, Toolkit
from tests.security.marks import tree

FILE = "20260101000000_users.sql"
SQL = "-- migrate:up\nCREATE TABLE users (id INTEGER);\n\n-- migrate:down\nDROP TABLE users;\n"
# They start a server or wait for one; their requests are of the same shapes as the others'.
SLOW = {"connection:sample", "connection:create-local", "database:wait", "app:self-check"}
PATHS = {"path", "file", "migrations_dir", "url", "folder", "location"}
"""Fields where the user names a place on purpose: that very place may be written to, and no other."""
GOOD: dict[str, Any] = {
    "connection": "shop", "version": FILE, "versions": [FILE], "name": "fine", "content": SQL, "up": "SELECT 1;",
    "down": "SELECT 1;", "key": "draft", "url": "sqlite:a.db", "query": "users", "format": "json", "table": "users",
    "collection": "users", "field": "id", "value": "x", "password": "x", "confirm": "shop", "sql": "SELECT 1;",
    "from": {"connection": "shop"}, "to": {"connection": "shop"}, "source": {"connection": "shop"}, "text": "SELECT 1;",
    "changes": {}, "template": "blank", "overwrite": True, "cascade": False, "job_id": "job",
}  # fmt: skip


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to stand in, deep enough that `../../x` is still the test's."""
    deep = tmp_path / "outside" / "a" / "b"
    deep.mkdir(parents=True)
    (tmp_path / "outside" / "canary.sql").write_text(SQL)
    os.mkfifo(tmp_path / "outside" / "pipe")
    monkeypatch.chdir(deep)
    return tmp_path / "outside"


@pytest.fixture
def shop(toolkit: Toolkit, place: Path) -> Shop:
    toolkit.connect(f"sqlite:{place.parent / 'other.db'}", name="other").write(FILE, SQL)
    shop = toolkit.connect(f"sqlite:{place.parent / 'shop.db'}")
    shop.write(FILE, SQL)
    return shop


def hostile(place: Path) -> list[str]:
    return [
        "../../x",
        f"../../other/migrations/{FILE}",
        "../../../settings.json",
        str(place / "canary.sql"),
        "/nowhere/x",
        "..\\..\\x",
        "..%2f..%2fx",
        "\u2025/\uff0e\uff0e/x",
        "\u202egnp.sql",
        "a\0b",
        "a\nb",
        "x" * 5000,
        "CON",
        "nul.sql",
        "a:b",
        ".",
        "~",
        "~root/x",
        "-rf",
        "--output=x",
        "$(touch pwned)`touch pwned`;touch pwned|touch pwned",
        str(place / "pipe"),
        "/dev/null",
        "/proc/self/environ",
    ]


def text_fields(model: type[BaseModel]) -> Iterator[tuple[str, Any]]:
    """(alias, how to wrap a text for it) of each field that takes text, also in lists and in models inside."""
    for name, about in model.model_fields.items():
        alias = about.alias or name
        yield from ((alias, wrap) for wrap in _wraps(about.annotation))


def _wraps(kind: Any) -> Iterator[Any]:
    if kind is str:
        yield lambda text: text
    elif isinstance(kind, type) and issubclass(kind, BaseModel):
        for inner, wrap in text_fields(kind):
            yield lambda text, inner=inner, wrap=wrap: {inner: wrap(text)}
    elif getattr(kind, "__origin__", None) is list:
        for wrap in _wraps(get_args(kind)[0]):
            yield lambda text, wrap=wrap: [wrap(text)]
    elif getattr(kind, "__origin__", None) is dict:
        yield lambda text: {text: text}
    else:
        for part in get_args(kind):
            if part is not type(None):
                yield from _wraps(part)


def within(seconds: float, call: Any) -> Any:
    """The call's answer, None where it does not come back."""
    answers: list[Any] = []
    thread = threading.Thread(target=lambda: answers.append(call()), daemon=True)
    thread.start()
    thread.join(seconds)
    return answers[0] if answers else None


@pytest.mark.parametrize("name", sorted(set(channels()) - SLOW))
def test_no_text_leads_out_of_its_folder(toolkit: Toolkit, shop: Shop, place: Path, name: str) -> None:
    model = channels()[name].request
    known = {about.alias or field for field, about in model.model_fields.items()}
    needed = {about.alias or field for field, about in model.model_fields.items() if about.is_required()}
    base = {
        field: GOOD[field] for field in known if field in GOOD and (field in needed or field == "confirm")
    }
    other = toolkit.home / "connections" / "other"
    mine = toolkit.home / "connections" / "shop"
    outside, others = tree(place), tree(other)
    for field, wrap in text_fields(model):
        for text in hostile(place):
            if not (mine / "connection.json").exists():
                # The attack had the right name, and the channel deletes.
                toolkit.connect(f"sqlite:{place.parent / 'shop.db'}")
            answer = within(60, lambda: toolkit.dispatcher.invoke(name, {**base, field: wrap(text)}))  # noqa: B023
            assert answer is not None, f"{name} {field}={text[:60]!r} does not come back"
            if not answer["ok"]:
                assert answer["error"]["code"] != "internal_error", (field, text[:60], answer["error"])
                assert answer["error"]["message"]
            now = tree(place)
            if field in PATHS:
                # A new file or folder stands where the user named it; what was there is as it was.
                now = {path: data for path, data in now.items() if path in outside}
            assert now == outside, (field, text[:60])
            if not (name == "connection:delete" and text == "other"):
                assert tree(other) == others, (field, text[:60])
        outside = tree(place)
    assert not (place / "a" / "b" / "pwned").exists() and not (place.parent / "pwned").exists()


def test_every_channel_is_attacked_or_named() -> None:
    assert set(channels()) >= SLOW, "a channel of this list is gone"
    attacked = [
        name for name in channels() if name not in SLOW and list(text_fields(channels()[name].request))
    ]
    assert len(attacked) > 60, "the fields are not found any more"
