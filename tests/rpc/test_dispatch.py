"""The one dispatch: envelope, validation, jobs; and that every channel is documented."""

from __future__ import annotations

import json
import threading

import pytest

from backend.rpc.registry import channels
from tests.kit import ChannelFailed, Shop, Toolkit


def test_an_unknown_channel_is_named(toolkit: Toolkit) -> None:
    answer = toolkit.envelope("migration:explode")
    assert answer["error"]["code"] == "invalid_request" and "migration:explode" in answer["error"]["message"]


def test_a_missing_and_an_unknown_field_are_named(toolkit: Toolkit) -> None:
    error = toolkit.envelope("migration:read", connection="shop", versoin="1")["error"]
    assert error["code"] == "invalid_request"
    assert "'version' is missing" in error["message"] and "'versoin' is not a field" in error["message"]


@pytest.mark.parametrize("payload", [[], "text", 5, True])
def test_a_payload_that_is_no_object_is_refused(toolkit: Toolkit, payload: object) -> None:
    assert toolkit.dispatcher.invoke("connection:list", payload)["error"]["code"] == "invalid_request"


def test_both_forms_of_the_envelope_agree(sqlite_shop: Shop) -> None:
    sqlite_shop.new("users", "CREATE TABLE users (id INTEGER);", "DROP TABLE users;")
    sqlite_shop.up()
    dispatcher = sqlite_shop.toolkit.dispatcher
    for channel, payload in [
        ("migration:status", {"connection": "shop"}),
        ("migration:list", {"connection": "shop", "query": "users"}),
        ("connection:get", {"connection": "nobody"}),
    ]:
        assert json.loads(dispatcher.invoke_json(channel, payload)) == dispatcher.invoke(channel, payload)


def test_status_shows_a_change_at_once(sqlite_shop: Shop) -> None:
    """The answer is kept while nothing changes, and only then."""
    dispatcher = sqlite_shop.toolkit.dispatcher
    before = dispatcher.invoke_json("migration:status", {"connection": "shop"})
    sqlite_shop.write("20260101000000_a.sql", "-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT 1;\n")
    after = dispatcher.invoke_json("migration:status", {"connection": "shop"})
    assert json.loads(before)["data"]["total"] == 0 and json.loads(after)["data"]["total"] == 1


def test_every_channel_has_a_summary_and_both_schemas() -> None:
    for channel in channels().values():
        schema = channel.schema()
        assert schema["summary"], channel.name
        assert schema["request"]["type"] == "object", channel.name
        assert schema["answer"], channel.name


def test_the_channels_of_the_contract_are_there() -> None:
    wanted = """
    connection:create connection:list connection:get connection:update connection:delete connection:test
    connection:adopt migration:detect-type migration:new migration:list migration:status migration:read migration:update
    migration:delete migration:up migration:down migration:retry migration:baseline migration:redo database:create
    database:drop database:wait schema:dump schema:load collection:create collection:create-index
    collection:set-validator job:list job:get job:cancel"""
    assert set(wanted.split()) <= set(channels())


def test_a_job_can_be_followed_and_its_id_is_not_taken_twice(sqlite_shop: Shop) -> None:
    events = sqlite_shop.toolkit.services.events.subscribe()
    sqlite_shop.new("users", "CREATE TABLE users (id INTEGER);", "DROP TABLE users;")
    sqlite_shop.up(job_id="mine")
    seen = []
    while event := events.next(0.01):
        seen.append(event)
    names = [name for name, data in seen if data.get("job_id") == "mine"]
    assert names[0] == "job:started" and names[-1] == "job:finished"
    states = [data["state"] for name, data in seen if name == "job:file"]
    assert states == ["running", "ran", "applied"]
    assert sqlite_shop.toolkit.call("job:get", job_id="mine")["state"] == "done"
    with pytest.raises(ChannelFailed) as failure:
        sqlite_shop.up(job_id="mine")
    assert failure.value.code == "conflict"


def test_a_second_run_on_the_same_connection_is_refused(sqlite_shop: Shop) -> None:
    numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60000000)"
    slow = f"{numbers} INSERT INTO t SELECT max(i) FROM n;"
    sqlite_shop.new("slow", f"CREATE TABLE t (i INTEGER);\n{slow}", "DROP TABLE t;")
    first = threading.Thread(
        target=lambda: sqlite_shop.toolkit.envelope("migration:up", connection="shop", job_id="slow")
    )
    first.start()
    try:
        _wait_for_file(sqlite_shop.toolkit, "slow")
        with pytest.raises(ChannelFailed) as failure:
            sqlite_shop.up()
        assert failure.value.code == "busy"
    finally:
        sqlite_shop.toolkit.call("job:cancel", job_id="slow")
        first.join(timeout=30)
    job = sqlite_shop.toolkit.call("job:get", job_id="slow")
    assert job["state"] == "cancelled" and job["error"]["code"] == "cancelled"
    assert sqlite_shop.tables() == set() and sqlite_shop.status()["applied"] == 0


def _wait_for_file(toolkit: Toolkit, job_id: str) -> None:
    import time

    for _ in range(200):
        jobs = {job["job_id"]: job for job in toolkit.call("job:list")["jobs"]}
        if jobs.get(job_id, {}).get("files"):
            return
        time.sleep(0.05)
    raise AssertionError("the run did not start")
