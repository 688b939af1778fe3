"""MongoDB rolls nothing back by itself: the commands of a file that throws in its middle stay."""

from __future__ import annotations

import pytest

from tests.kit import Shop, Toolkit

from .kit import fails, open_ways, recommended, schema_of, states, ways

UP = """\
await db.createCollection('orders');
await db.collection('users').createIndex({ email: 1 }, { name: 'by_email' });
await db.collection('users').updateMany({}, { $set: { active: true } });
await db.collection('orders').insertMany([{ _id: 1 }, { _id: 2 }]);
await db.collection('users').insertOne({ _id: 1 });
await db.collection('users').drop();
"""


@pytest.fixture
def shop(toolkit: Toolkit, mongodb_url: str) -> Shop:
    shop = toolkit.connect(mongodb_url)
    shop.new(
        "users",
        "await db.collection('users').insertMany([{ _id: 1, email: 'a' }, { _id: 2, email: 'b' }]);",
        "await db.collection('users').drop();",
    )
    shop.up()
    return shop


def test_the_commands_that_ran_are_named_and_the_clean_up_takes_the_schema_back(shop: Shop) -> None:
    before = schema_of(shop)
    version = shop.new("grow", UP, "await db.collection('orders').drop();")["version"]
    fails(shop)
    shown = shop.call("failure:show", version=version)
    assert shown["partial"]
    assert states(shown) == ["landed"] * 4 + ["not_landed"], "the drop was never sent"
    assert [one["failed_here"] for one in shown["statements"]] == [False] * 4 + [True]
    assert '"updateMany"' in shown["statements"][2]["sql"] or '"update"' in shown["statements"][2]["sql"]
    assert "2 documents" in shown["statements"][2]["why"]
    assert "duplicate key" in shown["statements"][4]["why"].lower()
    assert {"+ collection orders", "+ index users.by_email"} <= set(shown["objects"])
    assert "in its middle" in ways(shown)["run_remainder"]["reason"]
    assert open_ways(shown) == {"clean_up", "mark_applied"} and recommended(shown) == "clean_up"
    assert ways(shown)["clean_up"]["losses"] == ["Collection orders is dropped with 2 documents."]

    done = shop.agree("failure:resolve", version=version, way="clean_up")
    assert done["ok"] and done["left"] == [] and schema_of(shop) == before
    assert shop.flags()["grow"] == [] and shop.statuses()["grow"] == "failed"
    names = {one["name"] for one in shop.call("schema:catalog")["tables"]}
    assert not [name for name in names if name.startswith("dbtoolkit_repair")]
    assert [one["name"] for one in shop.status()["migrations"]] == ["users", "grow"]


def test_what_ran_in_a_transaction_that_was_not_committed_did_not_land(shop: Shop) -> None:
    up = """\
await db.createCollection('orders');
const session = client.startSession();
await session.withTransaction(async () => {
  await db.collection('users').updateMany({}, { $set: { active: true } }, { session });
  throw new Error('stopped');
});
"""
    version = shop.new("grow", up, "")["version"]
    fails(shop)
    shown = shop.call("failure:show", version=version)
    assert states(shown) == ["landed", "not_landed"]
    assert "not committed" in shown["statements"][1]["why"]
