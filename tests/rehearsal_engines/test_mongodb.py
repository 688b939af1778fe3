"""MongoDB: the commands of a rehearsal are those that the server received; nothing but the scratch is reached."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from backend.core.errors import Cancelled
from backend.engine.rehearsal.port import Block, Played, rehearsal_tools
from backend.engine.schema.port import schema_tools
from backend.engine.target import CancelToken, Target
from backend.engines.mongodb import ENGINE
from backend.engines.mongodb.url import database_of
from backend.models.migration import Direction
from backend.models.rehearsal import RowsWanted
from tests.rehearsal_engines.relay import relay
from tests.servers import Server

# One after another: the server's list of what rehearsals do is the whole server's.
pytestmark = pytest.mark.xdist_group("rehearsals-mongodb")

TOOLS = rehearsal_tools("mongodb")
SCHEMA = schema_tools("mongodb")


@pytest.fixture(scope="module")
def shop(mongodb_server: Server) -> Iterator[Target]:
    """Three collections, a view, a rule that old documents break."""
    database = mongodb_server.new_database()
    with MongoClient[dict[str, Any]](database.url) as client:
        db = client.get_default_database()
        db.users.insert_many([{"_id": n, "age": n % 50, "mail": f"u{n}@example.org"} for n in range(700)])
        db.users.create_index("mail", unique=True, name="by_mail")
        db.command("collMod", "users", validator={"$jsonSchema": {"required": ["name"]}})
        db.create_collection("log", capped=True, size=100_000)
        db.log.insert_many([{"at": n} for n in range(30)])
        db.create_collection("young", viewOn="users", pipeline=[{"$match": {"age": {"$lt": 18}}}])
        db.changelog.insert_one({"fileName": "0-old.js"})
    try:
        yield Target("mongodb", database.url, Path("/"), "changelog", connect_timeout_s=3.0)
    finally:
        mongodb_server.drop_database(database.name)


@pytest.fixture
def scratch(shop: Target) -> Iterator[Target]:
    with SCHEMA.scratch(shop, "rehearsal") as made:
        TOOLS.copy(shop, made, RowsWanted.SAMPLE, 100, CancelToken())
        yield made


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "package.json").write_text("{}")
    (tmp_path / "migrations").mkdir()
    return tmp_path


def play(
    scratch: Target, project: Path, up: str, *, down: str = "", direction: Direction = Direction.UP,
    limit_s: float = 60, cancel: CancelToken | None = None, head: str = "",
) -> Played:  # fmt: skip
    file = project / "migrations" / "1-change.js"
    file.write_text(
        f"{head}\nmodule.exports = {{\n  async up(db, client) {{\n{up}\n  }},\n  async down(db) {{\n{down}\n  }},\n}};\n"
    )
    block = Block("", direction, False, path=file)
    heard: list[int] = []
    played = TOOLS.play(scratch, block, lambda one: heard.append(one.index), cancel or CancelToken(), limit_s)
    assert sorted(heard) == list(range(len(played.statements)))
    return played


def told(played: Played) -> str:
    assert played.error is not None
    return f"{played.error['code']}: {played.error['message']}"


# -- copies ------------------------------------------------------------------------------------------------------------


def test_a_copy_has_options_rules_indexes_views_and_documents_and_leaves_the_source(shop: Target) -> None:
    before = (SCHEMA.snapshot(shop).sha256, SCHEMA.row_digest(shop))
    with SCHEMA.scratch(shop, "copy") as made:
        copied = TOOLS.copy(shop, made, RowsWanted.ALL, 0, CancelToken())
        assert (copied.tables, copied.rows, copied.missing) == (2, 730, ())
        assert (SCHEMA.snapshot(made).sha256, SCHEMA.row_digest(made)) == before
        assert ENGINE.applied(made) == []
    assert (SCHEMA.snapshot(shop).sha256, SCHEMA.row_digest(shop)) == before
    size = TOOLS.size(shop)
    assert size.tables == 3 and size.rows is not None and size.rows >= 730


def test_a_cancelled_copy_raises(shop: Target) -> None:
    token = CancelToken()
    token.cancel()
    with SCHEMA.scratch(shop, "copy") as made, pytest.raises(Cancelled):
        TOOLS.copy(shop, made, RowsWanted.ALL, 0, token)


# -- what was sent -----------------------------------------------------------------------------------------------------

EVERYTHING = """
    await db.createCollection('teams');
    await db.collection('teams').insertMany([{ _id: 1 }, { _id: 2 }], { bypassDocumentValidation: true });
    await db.collection('users').createIndex({ age: 1 }, { name: 'by_age' });
    const as = { bypassDocumentValidation: true };
    await db.collection('users').updateMany({ age: { $lt: 10 } }, { $set: { child: true } }, as);
    await db.collection('users').find({ mail: 'u7@example.org' }).toArray();
    await db.collection('users').countDocuments({ child: true });
    await db.collection('users').deleteOne({ _id: 3 });
    await db.collection('log').aggregate([{ $match: { at: 3 } }]).toArray();
    const session = client.startSession();
    await session.withTransaction(async () => { await db.collection('teams').deleteMany({ _id: 2 }, { session }); });
    await session.endSession();
    await db.collection('teams').drop();
"""


def test_the_commands_told_are_those_that_the_server_received(
    scratch: Target, project: Path, mongodb_server: Server
) -> None:
    with relay(mongodb_server.host, mongodb_server.port) as between:
        through = replace(
            scratch,
            url=scratch.url.replace(f":{mongodb_server.port}/", f":{between.port}/")
            + "&directConnection=true",
        )
        played = play(through, project, EVERYTHING)
        assert played.ok, played.error
        own = database_of(scratch.url)
        hidden = {"hello", "endSessions", "ping"}
        received = [
            (next(iter(one)), one[next(iter(one))], one.get("updates") or one.get("deletes") or one.get("filter"))
            for one in between.received
            if (one.get("$db") == own or "abortTransaction" in one or "commitTransaction" in one)
            and next(iter(one)) not in hidden and one.get("lsid") and "changelog" not in one.values()
            and "explain" not in one and "listCollections" not in one
        ]  # fmt: skip
    sent = []
    for one in played.statements:
        command = json.loads(one.text)
        sent.append(
            (
                one.kind,
                command[one.kind],
                command.get("updates") or command.get("deletes") or command.get("filter"),
            )
        )
    assert [name for name, *_ in sent] == [
        "create", "insert", "createIndexes", "update", "find", "aggregate", "delete", "aggregate", "delete",
        "commitTransaction", "drop",
    ]  # fmt: skip
    assert sent == received[: len(sent)]
    assert not any("lsid" in one.text or "$clusterTime" in one.text for one in played.statements)


def test_counts_and_plans_are_the_servers(scratch: Target, project: Path) -> None:
    played = play(scratch, project, EVERYTHING)
    by_kind = {one.kind: one for one in reversed(played.statements)}
    assert (by_kind["insert"].rows, by_kind["update"].rows, by_kind["delete"].rows) == (2, 20, 1)
    assert by_kind["update"].counts == {"n": 20, "nModified": 20} and by_kind["find"].rows is None
    assert by_kind["find"].counts["nReturned"] == 1
    assert (
        by_kind["find"].plan is not None
        and by_kind["find"].plan.stage == "IXSCAN"
        and by_kind["find"].plan.index == "by_mail"
    )
    assert by_kind["aggregate"].plan is not None and by_kind["aggregate"].plan.stage == "COLLSCAN"
    assert all(one.duration_ms is not None and one.locks is None for one in played.statements)
    many = play(scratch, project, "for (const n of [1, 2]) await db.collection('users').findOne({ _id: n });")
    first, second = (one.plan for one in many.statements)
    assert first is not None and second is not None and first.stage == second.stage
    assert first.returned == 1 and second.returned is None  # asked for one of them only
    gone = [one for one in played.statements if one.kind == "delete" and one.collection == "teams"]
    assert gone[0].plan is None and any("gone after the file" in why for why in gone[0].unknown)


def test_down_runs_also_where_the_scratch_never_saw_up_and_up_runs_again(
    scratch: Target, project: Path
) -> None:
    up, down = "await db.createCollection('a');", "await db.collection('a').drop();"
    for direction in (Direction.UP, Direction.DOWN, Direction.UP):
        assert play(scratch, project, up, down=down, direction=direction).ok
    with SCHEMA.scratch(scratch, "fresh") as fresh:
        played = play(
            fresh, project, up, down="await db.collection('users').deleteMany({});", direction=Direction.DOWN
        )
        assert played.ok and [one.kind for one in played.statements] == ["delete"]


# -- bad files ---------------------------------------------------------------------------------------------------------


def test_a_command_that_was_not_awaited_is_named(scratch: Target, project: Path) -> None:
    played = play(
        scratch, project,
        "db.collection('users').updateMany({}, { $set: { late: 1 } }, { bypassDocumentValidation: true });"
        "\nsetTimeout(() => db.collection('log').insertOne({ at: 99 }), 30);",
    )  # fmt: skip
    late = {one.kind: one.warnings for one in played.statements}
    assert (
        "after the function had returned" in late["update"][0]
        and "after the function had returned" in late["insert"][0]
    )
    assert "put await before each call" in played.output and "timer" in played.output


def test_an_unhandled_rejection_and_a_call_of_process_exit_are_told_for_what_they_are(
    scratch: Target, project: Path
) -> None:
    rejected = play(scratch, project, "db.collection('users').insertOne({ _id: 1 });")
    assert "did not await failed" in told(rejected) and not rejected.ok
    ended = play(scratch, project, "await db.collection('log').insertOne({ at: 1 });\nprocess.exit(0);")
    assert "process.exit()" in told(ended) and ended.error is not None and ended.error["details"]["line"] == 5  # type: ignore[index]
    assert [one.kind for one in ended.statements] == ["insert"]


OTHER = {
    "a write": "await client.db('SHOP').collection('users').deleteMany({});",
    "a read": "await client.db('SHOP').collection('users').findOne({});",
    "a client of its own": "const c = new (require('mongodb').MongoClient)('URL'); await c.db().collection('users').drop();",
    "an error caught": "try { await client.db('SHOP').dropDatabase(); } catch {}",
    "$out": "await db.collection('users').aggregate([{ $out: { db: 'SHOP', coll: 'users' } }]).toArray();",
    "$merge": "await db.collection('log').aggregate([{ $merge: { into: { db: 'SHOP', coll: 'users' } } }]).toArray();",
    "a rename": "await client.db('admin').command({ renameCollection: db.databaseName + '.users', to: 'SHOP.users2' });",
    "not acknowledged": "await client.db('SHOP').collection('users').deleteMany({}, { writeConcern: { w: 0 } });",
}


@pytest.mark.parametrize("way", OTHER)
def test_another_database_is_never_reached(shop: Target, scratch: Target, project: Path, way: str) -> None:
    name = database_of(shop.url)
    before = SCHEMA.row_digest(shop)
    played = play(scratch, project, OTHER[way].replace("SHOP", name).replace("URL", shop.url))
    assert f"in the database {name}, which is not the scratch: it was not sent" in told(played)
    assert SCHEMA.row_digest(shop) == before
    assert any(one.error is not None and not one.ok for one in played.statements)


ALONE = {
    "await client.db('admin').command({ createUser: 'x', pwd: 'secret-pw', roles: [] });": "changes the whole server",
    "await db.command({ createUser: 'x', pwd: 'secret-pw', roles: [] });": "changes the whole server",
    "await db.command({ applyOps: [{ op: 'c', ns: 'admin.$cmd', o: { dropDatabase: 1 } }] });": "changes the whole server",
    "await db.command({ killAllSessions: [] });": "changes the whole server",
    "await fetch('http://127.0.0.1:9/');": "nothing but the scratch is reached",
    "require('fs').writeFileSync('FOLDER/x', '');": "writes a file",
    "require('child_process').execSync('true');": "starts another program",
}


@pytest.mark.parametrize("line", ALONE)
def test_what_would_happen_for_real_is_not_done(scratch: Target, project: Path, line: str) -> None:
    played = play(scratch, project, line.replace("FOLDER", str(project)))
    if "fetch" in line:
        assert not played.ok
        return
    assert ALONE[line] in told(played) and "secret-pw" not in str(played)
    assert sorted(one.name for one in project.iterdir()) == ["migrations", "package.json"]


def test_files_that_it_requires_stay_in_place(scratch: Target, project: Path) -> None:
    (project / "lib").mkdir()
    (project / "lib" / "names.js").write_text("module.exports = ['a', 'b'];")
    played = play(
        scratch,
        project,
        "for (const n of names) await db.createCollection(n);",
        head="const names = require('../lib/names');",
    )
    assert played.ok and [json.loads(one.text)["create"] for one in played.statements] == ["a", "b"]


@pytest.mark.parametrize("rest", ["for (;;) {}", "await new Promise((r) => setTimeout(r, 60000));"])
def test_one_that_never_ends_is_ended_with_what_it_ran(scratch: Target, project: Path, rest: str) -> None:
    played = play(scratch, project, f"await db.collection('log').insertOne({{ at: 1 }});\n{rest}", limit_s=3)
    assert played.stopped and told(played).startswith("timeout") and played.statements[0].rows == 1
    assert left_running(scratch) == []


def test_cancel_ends_the_process_and_its_sessions(scratch: Target, project: Path) -> None:
    token = CancelToken()
    done: list[Played] = []
    body = (
        "const session = client.startSession(); session.startTransaction();\n"
        "await db.collection('users').deleteOne({ _id: 1 }, { session });\n"
        "await new Promise((r) => setTimeout(r, 60000));"
    )
    thread = threading.Thread(target=lambda: done.append(play(scratch, project, body, cancel=token)))
    thread.start()
    with MongoClient[dict[str, Any]](scratch.url) as client:
        while not running(scratch):
            time.sleep(0.02)
        time.sleep(0.3)
        token.cancel()
        thread.join()
        client.get_default_database().users.delete_one({"_id": 1})  # nobody holds it any more
    assert done[0].stopped and told(done[0]).startswith("cancelled") and left_running(scratch) == []


def running(scratch: Target) -> list[str]:
    """The server's own list of what rehearsals do."""
    with MongoClient[dict[str, Any]](scratch.url) as client:
        listed = client.admin.command({"currentOp": 1, "$all": True, "$ownOps": True})["inprog"]
        return [str(item) for item in listed if "dbtoolkit-rehearsal" in str(item)]


def left_running(scratch: Target) -> list[str]:
    """The same, once the server has noticed who is gone: a client's heartbeat may wait there for ten seconds more."""
    deadline = time.monotonic() + 30
    while (found := running(scratch)) and time.monotonic() < deadline:
        time.sleep(0.1)
    return found
