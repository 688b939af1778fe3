"""Backups of MongoDB: bytes as they are, mongodump's own layout, damage found, a failed restore taken back."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import bson
import pytest
from bson import Binary, Code, DBRef, Decimal128, Int64, MaxKey, MinKey, ObjectId, Regex, Timestamp
from bson.codec_options import CodecOptions, DatetimeConversion
from bson.datetime_ms import DatetimeMS
from bson.raw_bson import RawBSONDocument
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pymongo import MongoClient
from pymongo.database import Database

from backend.core.errors import BackupFailed, Cancelled, Conflict, DatabaseMissing
from backend.engine.backup import backup_tools
from backend.engine.target import CancelToken, Target
from backend.engines.mongodb import ENGINE
from backend.engines.mongodb.backup import layout
from backend.engines.mongodb.backup.restore import BEFORE
from backend.engines.mongodb.backup.write import batches
from backend.engines.mongodb.connect import LOCK_COLLECTION
from tests.servers import Server

Document = dict[str, Any]
TOOLS = backup_tools("mongodb")

ODD_NAMES = ("a/b", "ä%2F ü", "q?*<>|", "orders.2026", "x" * 200)


def quiet(*_: object) -> None:
    """Nobody watches."""


def target_of(url: str, folder: Path) -> Target:
    return Target(engine="mongodb", url=url, working_dir=folder, migrations_table="changelog")


@pytest.fixture
def target(mongodb_url: str, tmp_path: Path) -> Target:
    return target_of(mongodb_url, tmp_path)


@pytest.fixture
def shop(target: Target) -> Iterator[Database[Document]]:
    client: MongoClient[Document] = MongoClient(target.url)
    yield client.get_default_database()
    client.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "backup"
    made.mkdir()
    return made


def rich(shop: Database[Document]) -> None:
    """Every kind of collection, and values of every type."""
    shop.create_collection("users")
    shop.create_collection("words", collation={"locale": "en", "strength": 2})
    shop.words.insert_one({"_id": "a"})
    shop.users.insert_many(
        [
            {"_id": 1, "email": "ada@example.org", "n": Int64(2**40), "d": Decimal128("1.10")},
            {"_id": MinKey(), "x": MaxKey(), "when": datetime(1, 1, 1, tzinfo=UTC), "ref": DBRef("users", 1)},
            {"_id": ObjectId(), "b": Binary(b"\0\xff", 128), "r": Regex("^a", "i"), "t": Timestamp(1, 2)},
            {"_id": "c", "c": Code("return 1", {"x": 1}), "none": None, "f": float("-inf"), "z": -0.0},
        ]
    )
    shop.command(
        {
            "createIndexes": "users",
            "indexes": [
                {"key": {"email": 1}, "name": "by_email", "unique": True,
                 "partialFilterExpression": {"email": {"$exists": True}}, "collation": {"locale": "simple"}},
                {"key": {"seen": 1}, "name": "seen", "expireAfterSeconds": 3600, "sparse": True},
            ],
        }
    )  # fmt: skip
    # Documents that stand against a rule which came later.
    shop.command(
        {"collMod": "users", "validator": {"email": {"$regex": "@", "$options": "i"}},
         "validationLevel": "moderate", "validationAction": "error"}
    )  # fmt: skip
    shop.create_collection("log", capped=True, size=100_000, max=50)
    shop.log.insert_many([{"_id": number} for number in (3, 1, 2)])
    shop.create_collection("clustered", clusteredIndex={"key": {"_id": 1}, "unique": True})
    shop.clustered.insert_one({"_id": 5})
    shop.create_collection("heat", timeseries={"timeField": "at", "metaField": "room"})
    shop.heat.insert_many([{"at": datetime(2026, 1, day, tzinfo=UTC), "room": 1, "c": day} for day in (1, 2)])
    shop.create_collection("empty")
    shop["fs.files"].insert_one({"_id": 1, "length": 3, "filename": "a.txt"})
    shop["fs.chunks"].insert_one({"_id": 1, "files_id": 1, "n": 0, "data": b"abc"})
    shop["fs.chunks"].create_index([("files_id", 1), ("n", 1)], unique=True)
    for name in ODD_NAMES:
        shop[name].insert_one({"_id": name})
    shop.create_collection("a_second", viewOn="z_first", pipeline=[{"$match": {"email": {"$regex": "a"}}}])
    shop.create_collection("z_first", viewOn="users", pipeline=[])
    shop.changelog.insert_one({"_id": 1, "fileName": "1-a.js", "appliedAt": datetime(2026, 1, 1, tzinfo=UTC)})


def raw(shop: Database[Document], name: str) -> list[bytes]:
    return [bytes(one) for batch in batches(shop, name) for one in layout.split(batch)]


def metadata(folder: Path, name: str) -> Document:
    (path,) = folder.glob(f"dump/*/{layout.file_stem(name)}.metadata.json.gz")
    found: Document = json.loads(gzip.decompress(path.read_bytes()))
    return found


def test_everything_comes_back_byte_by_byte_and_what_came_later_goes(
    shop: Database[Document], target: Target, folder: Path
) -> None:
    rich(shop)
    schema, before = ENGINE.fingerprint(target), TOOLS.contents(target, quiet, CancelToken())
    written = TOOLS.write(target, folder, quiet, CancelToken())
    read = TOOLS.read_back(folder, quiet, CancelToken(), digest=True)
    assert read == before
    assert written.objects == schema
    assert [(one.table, one.rows) for one in written.tables or []] == [(one.table, one.rows) for one in read]
    bytes_before = {one.table: raw(shop, one.table) for one in before}
    indexes = [dict(one) for one in shop.users.list_indexes()]

    shop.users.delete_many({"_id": {"$ne": 1}})
    shop.users.drop_indexes()
    shop.users.update_one({"_id": 1}, {"$set": {"email": "x@y"}})
    shop.empty.drop()
    shop.z_first.drop()
    shop.later.insert_one({})
    shop.create_collection("later_view", viewOn="later", pipeline=[])
    shop.create_collection("later_series", timeseries={"timeField": "t"})
    notes = TOOLS.restore(folder, target, quiet, CancelToken(), replace=True)

    assert TOOLS.contents(target, quiet, CancelToken()) == before
    assert ENGINE.fingerprint(target) == schema
    assert {name: raw(shop, name) for name in bytes_before} == bytes_before
    assert [dict(one) for one in shop.users.list_indexes()] == indexes
    assert list(shop.log.find()) == [{"_id": 3}, {"_id": 1}, {"_id": 2}]
    assert any("time-to-live" in note for note in notes)
    assert not [name for name in shop.list_collection_names() if name.startswith("dbtoolkit")]


def test_a_backup_goes_into_another_database_and_not_into_one_that_holds_something(
    shop: Database[Document], target: Target, folder: Path
) -> None:
    rich(shop)
    TOOLS.write(target, folder, quiet, CancelToken())
    with pytest.raises(Conflict):
        TOOLS.restore(folder, target, quiet, CancelToken(), replace=False)
    other = TOOLS.elsewhere(target, f"{shop.name}_new")
    try:
        TOOLS.restore(folder, other, quiet, CancelToken(), replace=False)
        assert TOOLS.contents(other, quiet, CancelToken()) == TOOLS.contents(target, quiet, CancelToken())
        assert ENGINE.fingerprint(other) == ENGINE.fingerprint(target)
    finally:
        shop.client.drop_database(f"{shop.name}_new")


def test_the_lease_is_neither_backed_up_nor_taken_from_its_holder(
    shop: Database[Document], target: Target, folder: Path
) -> None:
    shop.users.insert_one({"_id": 1})
    with ENGINE.run_lock(target, {"user": "ada"}):
        lease = shop[LOCK_COLLECTION].find_one({})
        assert lease is not None
        TOOLS.write(target, folder, quiet, CancelToken())
        assert not list(folder.rglob(f"{LOCK_COLLECTION}*"))
        # As a bare mongodump would have written it, with somebody else's lease.
        (inside,) = (folder / "dump").iterdir()
        stale = bson.encode({"_id": "run", "token": "stale"})
        (inside / f"{LOCK_COLLECTION}.bson.gz").write_bytes(gzip.compress(stale))
        text = layout.metadata_text(LOCK_COLLECTION, "collection", {}, [], "")
        (inside / f"{LOCK_COLLECTION}.metadata.json.gz").write_bytes(gzip.compress(text.encode()))
        TOOLS.restore(folder, target, quiet, CancelToken(), replace=True)
        now = shop[LOCK_COLLECTION].find_one({})
        assert now is not None
        assert now["token"] == lease["token"]


def test_the_layout_is_that_of_mongodump(shop: Database[Document], target: Target, folder: Path) -> None:
    rich(shop)
    TOOLS.write(target, folder, quiet, CancelToken())
    inside = folder / "dump" / shop.name
    names = {path.name for path in inside.iterdir()}
    assert {"users.bson.gz", "users.metadata.json.gz", "a%2Fb.bson.gz", "prelude.json.gz"} <= names
    assert {"%C3%A4%252F%20%C3%BC.bson.gz", "q%3F%2A%3C%3E%7C.bson.gz"} <= names
    assert "z_first.metadata.json.gz" in names
    assert "z_first.bson.gz" not in names
    prelude = json.loads(gzip.decompress((inside / "prelude.json.gz").read_bytes()))
    assert prelude == {"ServerVersion": shop.client.server_info()["version"], "ToolVersion": ""}
    users = metadata(folder, "users")
    assert list(users) == ["options", "indexes", "uuid", "collectionName", "type"]
    assert users["collectionName"] == "users"
    assert len(users["uuid"]) == 32
    by_email = next(one for one in users["indexes"] if one["name"] == "by_email")
    assert by_email["key"] == {"email": {"$numberInt": "1"}}
    assert users["options"]["validator"] == {"email": {"$regex": "@", "$options": "i"}}
    assert metadata(folder, "a_second")["options"]["viewOn"] == "z_first"
    data = gzip.decompress((inside / "users.bson.gz").read_bytes())
    assert data == b"".join(raw(shop, "users"))
    shell = TOOLS.by_hand(folder, "other")
    assert f"--nsInclude='{shop.name}.*'" in shell
    assert "--nsTo='other.*'" in shell


def test_a_name_too_long_for_a_file_is_shortened_as_mongodump_does() -> None:
    name = "aVery" + "Very" * 60 + "LongCollectionName"
    stem = layout.file_stem(name)
    assert len(stem) == 238
    assert stem[:208] == name[:208]
    assert stem[208:211] == "%24"


@pytest.mark.parametrize(
    "damage", ["flip", "cut", "no metadata", "no documents", "half a document", "not gzip"]
)
def test_damage_is_found(shop: Database[Document], target: Target, folder: Path, damage: str) -> None:
    shop.users.insert_many([{"_id": number, "text": f"text {number}" * 9} for number in range(50)])
    TOOLS.write(target, folder, quiet, CancelToken())
    (data,) = folder.rglob("users.bson.gz")
    content = data.read_bytes()
    if damage == "flip":
        middle = len(content) // 2
        data.write_bytes(content[:middle] + bytes([content[middle] ^ 16]) + content[middle + 1 :])
    elif damage == "cut":
        data.write_bytes(content[:-9])
    elif damage == "no metadata":
        data.with_name("users.metadata.json.gz").unlink()
    elif damage == "no documents":
        data.unlink()
    elif damage == "half a document":
        data.write_bytes(gzip.compress(gzip.decompress(content)[:-7]))
    else:
        data.write_bytes(b"nothing of the kind")
    with pytest.raises(BackupFailed) as found:
        TOOLS.read_back(folder, quiet, CancelToken())
    assert found.value.details["reason"] == "damaged"
    with pytest.raises(BackupFailed):
        TOOLS.restore(folder, target, quiet, CancelToken(), replace=True)
    assert shop.users.count_documents({}) == 50
    assert shop.list_collection_names() == ["users"]


def test_a_restore_that_fails_leaves_the_old_database_as_it_was(
    shop: Database[Document], target: Target, folder: Path
) -> None:
    shop.users.insert_many([{"_id": 1, "n": 1}, {"_id": 2, "n": 2}])
    shop.create_collection("v", viewOn="users", pipeline=[])
    TOOLS.write(target, folder, quiet, CancelToken())
    (path,) = folder.rglob("users.metadata.json.gz")
    (view,) = folder.rglob("v.metadata.json.gz")
    whole, whole_view = path.read_bytes(), view.read_bytes()
    shop.users.insert_one({"_id": 3, "n": 2})
    shop.other.insert_one({"_id": 1})
    schema, before = ENGINE.fingerprint(target), TOOLS.contents(target, quiet, CancelToken())

    def fails_untouched() -> None:
        with pytest.raises(BackupFailed) as found:
            TOOLS.restore(folder, target, quiet, CancelToken(), replace=True)
        assert found.value.details["state"] == "untouched"
        assert ENGINE.fingerprint(target) == schema
        assert TOOLS.contents(target, quiet, CancelToken()) == before

    # While it is built: an index that this server does not make.
    bad = {"v": 2, "key": {"n": "nonsense"}, "name": "bad"}
    text = layout.metadata_text("users", "collection", {}, [bad], "")
    path.write_bytes(gzip.compress(text.encode()))
    fails_untouched()
    # While it takes the old one's place: a view whose name is a collection's, when all else is done.
    path.write_bytes(whole)
    text = layout.metadata_text("users", "view", {"viewOn": "other", "pipeline": []}, [], "")
    view.write_bytes(gzip.compress(text.encode()))
    fails_untouched()
    view.write_bytes(whole_view)
    TOOLS.restore(folder, target, quiet, CancelToken(), replace=True)
    assert shop.users.count_documents({}) == 2


def test_what_a_crash_left_is_cleared_or_kept_as_it_should_be(
    shop: Database[Document], target: Target, folder: Path
) -> None:
    shop.users.insert_one({"_id": 1})
    shop[f"{layout.STAGED}1234_0"].insert_one({"_id": "half built"})
    shop[f"{BEFORE}1234_0_users"].insert_one({"_id": "somebody's only copy"})
    TOOLS.write(target, folder, quiet, CancelToken())
    tables = [one.table for one in TOOLS.read_back(folder, quiet, CancelToken())]
    assert tables == [f"{BEFORE}1234_0_users", "users"]
    TOOLS.restore(folder, target, quiet, CancelToken(), replace=True)
    assert sorted(shop.list_collection_names()) == tables


def test_cancel_stops_each_of_them_and_changes_nothing(
    shop: Database[Document], target: Target, folder: Path, tmp_path: Path
) -> None:
    shop.users.insert_many([{"_id": number} for number in range(2_500)])
    TOOLS.write(target, folder, quiet, CancelToken())
    shop.users.delete_one({"_id": 1})
    works = (
        lambda p, c: TOOLS.write(target, tmp_path / "second", p, c),
        lambda p, c: TOOLS.read_back(folder, p, c),
        lambda p, c: TOOLS.contents(target, p, c),
        lambda p, c: TOOLS.restore(folder, target, p, c, replace=True),
    )
    for work in works:
        cancel = CancelToken()
        with pytest.raises(Cancelled):
            work(lambda *_, cancel=cancel: cancel.cancel(), cancel)
    assert shop.users.count_documents({}) == 2_499
    assert shop.list_collection_names() == ["users"]


def test_what_is_not_there_is_said(target: Target, folder: Path) -> None:
    with pytest.raises(DatabaseMissing):
        TOOLS.size(target)
    with pytest.raises(DatabaseMissing):
        TOOLS.write(target, folder, quiet, CancelToken())


def test_no_file_holds_the_password(
    shop: Database[Document], target: Target, folder: Path, mongodb_server: Server
) -> None:
    shop.users.insert_one({"_id": 1})
    written = TOOLS.write(target, folder, quiet, CancelToken())
    assert written.notes[0].startswith("Users and roles")  # and not that it is of several moments
    secret = mongodb_server.password.encode()
    for path in folder.rglob("*.gz"):
        assert secret not in gzip.decompress(path.read_bytes())
    assert mongodb_server.password not in TOOLS.by_hand(folder, shop.name)


def test_bytes_that_no_driver_would_write_are_read_back_as_they_are(folder: Path) -> None:
    twice = b"\x10a\x00\x01\x00\x00\x00" * 2
    no_utf8 = b"\x02s\x00\x04\x00\x00\x00\xff\xfeb\x00"
    inside = folder / "dump" / "shop"
    inside.mkdir(parents=True)
    documents = [(len(body) + 5).to_bytes(4, "little") + body + b"\0" for body in (twice, no_utf8)]
    documents.append(bson.encode({"_id": DatetimeMS(2**62)}))
    documents.append(bson.encode({"_id": 1, "s": "x" * ((16 << 20) - 60)}))
    (inside / "odd.bson.gz").write_bytes(gzip.compress(b"".join(documents), 1))
    text = layout.metadata_text("odd", "collection", {}, [], "")
    (inside / "odd.metadata.json.gz").write_bytes(gzip.compress(text.encode()))
    assert [bytes(one) for one in layout.documents(inside / "odd.bson.gz")] == documents
    (found,) = TOOLS.read_back(folder, quiet, CancelToken(), digest=True)
    assert found.rows == 4
    expected = layout.Digest()
    for one in reversed(documents):
        expected.add(one)
    assert found.digest == expected.text


DECIMALS = st.decimals(-9999, 9999, places=3).map(lambda number: Decimal128(str(number)))
INTEGERS = st.integers(-(2**31), 2**31 - 1) | st.integers(-(2**63), 2**63 - 1).map(Int64)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | INTEGERS
    | st.floats(allow_nan=False)
    | TEXTS
    | st.binary(max_size=30)
    | st.builds(DatetimeMS, st.integers(-(2**45), 2**47))
    | DECIMALS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text("abcé_", min_size=1, max_size=4), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(
    max_examples=12, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip
@given(st.lists(st.dictionaries(st.text("xyzü", min_size=1, max_size=4), VALUES, max_size=4), max_size=6))
def test_any_documents_come_back_equal(
    shop: Database[Document],
    target: Target,
    tmp_path_factory: pytest.TempPathFactory,
    documents: list[Document],
) -> None:
    folder = tmp_path_factory.mktemp("backup")
    shop.any.drop()
    shop.create_collection("any")
    if documents:
        shop.any.insert_many([{"_id": number, **one} for number, one in enumerate(documents)])
    options: CodecOptions[Document] = CodecOptions(datetime_conversion=DatetimeConversion.DATETIME_MS)
    expected = [RawBSONDocument(one) for one in raw(shop, "any")]
    read = shop.get_collection("any", codec_options=options)
    TOOLS.write(target, folder, quiet, CancelToken())
    before = list(read.find())
    shop.any.delete_many({})
    TOOLS.restore(folder, target, quiet, CancelToken(), replace=True)
    assert [RawBSONDocument(one) for one in raw(shop, "any")] == expected
    assert list(read.find()) == before
    assert TOOLS.contents(target, quiet, CancelToken()) == TOOLS.read_back(
        folder, quiet, CancelToken(), digest=True
    )
