"""migrate-mongo's traps: what the bare tool really does, and that a run through DB Toolkit does not fall in."""

# ruff: noqa: F811

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import threading
import time
from pathlib import Path

import pytest
from pymongo import MongoClient

from backend.core.errors import Busy, MigrationInvalid, SqlFailed
from backend.drivers import tools
from backend.drivers.migrate_mongo import TOOL
from backend.drivers.migrate_mongo.node import ask
from backend.engine.target import CancelToken
from backend.engines.mongodb import ENGINE
from tests.drivers.migrate_mongo.fixtures import project  # noqa: F401
from tests.drivers.migrate_mongo.project import Project

OWNER = {"host": "here", "user": "me", "pid": "1", "app": "test"}


def in_node(script: str, cwd: Path) -> str:
    """What an ES module prints."""
    done = subprocess.run(
        [tools.node_path(), "--input-type=module", "--eval", script],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
        env={"PATH": os.environ["PATH"]},
    )
    return done.stdout.strip()


# -- the API --------------------------------------------------------------------------------------------------------


def test_require_of_migrate_mongo_gives_promises_and_import_gives_functions() -> None:
    script = """
        import { createRequire } from "node:module";
        const required = createRequire(process.cwd() + "/x.js")("migrate-mongo");
        const imported = await import("migrate-mongo");
        console.log(typeof required.up.then, typeof imported.up, typeof imported.config.set);
    """
    assert in_node(script, tools.npm_modules_dir().parent) == "function function function"


def test_the_list_of_files_can_be_narrowed_to_apply_one_and_to_roll_back_a_chosen_one(
    project: Project,
) -> None:
    names = ["1-a.js", "2-b.js", "3-c.js"]
    for name in names:
        project.migration(name, "", "")
    project.up("2-b.js")
    assert project.applied() == ["2-b.js"]
    project.up("1-a.js", "3-c.js")
    project.down("2-b.js")
    assert project.applied() == ["1-a.js", "3-c.js"]


def test_the_projects_own_mongodb_package_is_used_or_bson_version_error_follows(project: Project) -> None:
    modules = project.folder / "node_modules"
    shutil.copytree(
        tools.npm_modules_dir(), modules, ignore=shutil.ignore_patterns("@dbmate", "migrate-mongo")
    )
    own = modules / "bson" / "lib" / "bson.cjs"
    text = own.read_text("utf-8")
    changed = text.replace("BSON_MAJOR_VERSION = 7", "BSON_MAJOR_VERSION = 6")
    assert changed != text, "the bundled bson changed its way of naming its version"
    own.write_text(changed, "utf-8")
    project.config()
    project.migration(
        "1-a.js",
        """
        const { ObjectId } = require("mongodb");
        await db.collection("log").insertOne({ _id: new ObjectId("6b02e9a0dd2e0fe399875f00") });
        """,
    )
    assert "Unsupported BSON version" in project.bare("up").stderr
    outcome = project.up("1-a.js")
    assert outcome.exit_code == 0, outcome.error_text
    assert outcome.details["packages"]["mongodb"]["source"] == "project"
    assert outcome.details["packages"]["migrateMongo"]["source"] == "bundled"
    assert project.db.log.count_documents({}) == 1


def test_a_folder_without_node_modules_may_still_require_mongodb(project: Project) -> None:
    project.config()
    project.migration(
        "1-a.js", 'await db.collection("log").insertOne({ _id: new (require("mongodb").ObjectId)() });'
    )
    assert "Cannot find module 'mongodb'" in project.bare("up").stderr
    outcome = project.up("1-a.js")
    assert outcome.exit_code == 0, outcome.error_text
    assert outcome.details["packages"]["mongodb"]["source"] == "bundled"


def test_an_es_module_is_loaded_where_require_is_refused(project: Project) -> None:
    project.write("package.json", '{"type": "module"}', project.folder)
    project.write("1-a.js", "const later = await Promise.resolve(1);\nexport const up = async () => {};")
    assert project.up("1-a.js").exit_code == 0


# -- output and exit codes -------------------------------------------------------------------------------------------


def test_a_migration_that_prints_migrated_up_fake_js_fools_nobody(project: Project) -> None:
    project.config()
    project.migration("1-a.js", 'console.log("MIGRATED UP: fake.js"); throw new Error("no");')
    assert "MIGRATED UP: fake.js" in project.bare("up").stdout
    outcome = project.up("1-a.js")
    assert project.told("done") == [] and outcome.failed_file == "1-a.js"
    assert project.applied() == []


def test_a_migration_that_prints_the_runners_own_events_fools_nobody(project: Project) -> None:
    project.migration(
        "1-a.js",
        """
        console.log(JSON.stringify({ event: "done", file: "fake.js", durationMs: 1 }));
        require("fs").writeSync(1, '{"event":"end","ok":true}\\n');
        console.log("events channel:", process.env.DB_TOOLKIT_EVENTS);
        """,
    )
    project.up("1-a.js")
    assert project.told("done") == ["1-a.js"]
    assert "events channel: undefined" in project.printed()


def test_a_partly_applied_run_prints_nothing_about_what_was_applied(project: Project) -> None:
    project.config()
    project.migration("1-a.js", "")
    project.migration("2-b.js", 'throw new Error("no");')
    bare = project.bare("up")
    assert (bare.returncode, "MIGRATED UP" in bare.stdout) == (1, False)
    assert project.applied() == ["1-a.js"]
    project.db.changelog.drop()
    outcome = project.up("1-a.js", "2-b.js")
    assert outcome.details["failure"]["migrated"] == project.told("done") == project.applied() == ["1-a.js"]


def test_process_exit_in_up_ends_with_code_0_and_nothing_recorded(project: Project) -> None:
    project.config()
    project.write(
        "1-a.js",
        """
        module.exports = {
          async up(db) {
            await db.collection("log").insertOne({});
            process.exit(0);
          },
        };
        """,
    )
    assert project.bare("up").returncode == 0
    assert project.applied() == []
    outcome = project.up("1-a.js")
    assert outcome.exit_code == 1 and project.applied() == []
    error = project.explain(outcome)
    assert "process.exit()" in error.message and error.details["line"] == 4
    parsed = TOOL.parse(project.migrations / "1-a.js", (project.migrations / "1-a.js").read_bytes())
    assert [
        (problem.code, problem.line, problem.severity)
        for problem in parsed.problems
        if problem.code == "process_exit"
    ] == [("process_exit", 4, "warning")]


def test_a_promise_not_awaited_is_recorded_as_applied_regardless(project: Project) -> None:
    project.config()
    project.db.users.create_index("email", unique=True)
    project.db.users.insert_one({"email": "x"})
    project.migration(
        "1-a.js",
        """
        (async () => {
          for (let i = 0; i < 20; i++) await db.collection("users").findOne({});
          await db.collection("users").insertOne({ email: "x" });
        })();
        """,
    )
    project.bare("up")
    assert project.applied() == ["1-a.js"], "the bare tool does not wait, and records"
    project.db.changelog.drop()
    outcome = project.up("1-a.js")
    assert project.applied() == [] and outcome.exit_code == 1
    error = project.explain(outcome)
    assert "did not await" in error.message and "email_1" in error.message


def test_a_promise_not_awaited_that_succeeds_is_waited_for_and_named(project: Project) -> None:
    project.migration(
        "1-a.js",
        """
        [1, 2, 3].forEach(async (n) => {
          await db.collection("log").insertOne({ n });
          await db.collection("log").updateOne({ n }, { $set: { second: true } });
        });
        """,
    )
    outcome = project.up("1-a.js")
    assert outcome.exit_code == 0 and project.db.log.count_documents({"second": True}) == 3
    assert [warning["code"] for warning in outcome.details["warnings"]] == ["not_awaited"]
    assert "await" in project.printed()


def test_a_migration_that_closes_the_client_is_told_so(project: Project) -> None:
    project.migration("1-a.js", "await client.close();")
    outcome = project.up("1-a.js")
    # The driver may open the connection again for the changelog; only the changelog says which it was.
    if outcome.exit_code:
        assert "client.close()" in str(project.explain(outcome).hint) and project.applied() == []
    else:
        assert project.applied() == ["1-a.js"]


# -- changelog -------------------------------------------------------------------------------------------------------


def test_the_changelog_of_both_holds_filename_time_and_block(project: Project) -> None:
    project.config()
    project.migration("1-a.js", "")
    project.migration("2-b.js", "")
    project.up("1-a.js")
    project.bare("up")
    ours, bare = project.changelog()
    assert {name: type(value) for name, value in ours.items()} == {
        name: type(value) for name, value in bare.items()
    }
    rows = ENGINE.applied(project.target)
    assert rows[1].block == bare["migrationBlock"] and rows[1].applied_at is not None


def test_down_reverts_the_last_by_filename_not_the_last_applied(project: Project) -> None:
    project.config()
    project.migration("1-a.js", "", "")
    project.migration("2-b.js", "", "")
    project.up("2-b.js")
    project.up("1-a.js")
    assert "MIGRATED DOWN: 2-b.js" in project.bare("down").stdout
    project.up("2-b.js")
    project.down("1-a.js")
    assert project.applied() == ["2-b.js"]


def test_down_by_block_with_none_applied_throws_a_type_error(project: Project) -> None:
    project.config()
    project.migration("1-a.js", "", "")
    assert "Cannot read properties of undefined" in project.bare("down", "--block").stderr
    assert project.down("1-a.js").exit_code == 0, "nothing is applied, so nothing is rolled back"


def test_a_failed_files_writes_stay(project: Project) -> None:
    project.migration("1-a.js", 'await db.collection("log").insertOne({});\nthrow new Error("later");')
    before = ENGINE.fingerprint(project.target)
    project.up("1-a.js")
    after = ENGINE.fingerprint(project.target)
    assert not ENGINE.capabilities()["transactional_ddl"].supported
    assert {key: value for key, value in after.items() if before.get(key) != value} == {
        "collection log": after["collection log"],
        "documents log": "1",
    }


def test_a_renamed_file_runs_again_and_a_missing_one_is_hidden(project: Project) -> None:
    project.config()
    first = project.migration("1-a.js", 'await db.collection("log").insertOne({});', "")
    project.up("1-a.js")
    first.rename(project.migrations / "1-renamed.js")
    shown = project.bare("status").stdout
    assert "1-a.js" not in shown and "PENDING" in shown
    project.bare("up")
    assert project.db.log.count_documents({}) == 2
    assert TOOL.version_of("1-a.js") == "1-a.js"
    assert project.applied() == ["1-a.js", "1-renamed.js"], "the changelog still shows both"


def test_use_file_hash_reruns_edited_files(project: Project) -> None:
    project.config(useFileHash=True)
    project.migration("1-a.js", 'await db.collection("log").insertOne({});', "")
    project.bare("up")
    project.migration("1-a.js", 'await db.collection("log").insertOne({}); // edited', "")
    project.bare("up")
    assert project.db.log.count_documents({}) == 2 and len(project.changelog()) == 2
    rows = ENGINE.applied(project.target)
    assert [row.version for row in rows] == ["1-a.js"], "one file is one migration"


def test_use_file_hash_down_removes_every_entry_even_of_an_edited_file(project: Project) -> None:
    project.config(useFileHash=True)
    for comment in ("", "// edited", "// and again"):
        project.migration(
            "1-a.js",
            f"await db.command({{ ping: 1 }}); {comment}",
            'await db.collection("undone").insertOne({});',
        )
        if comment != "// and again":
            project.bare("up")
    assert "MIGRATED DOWN" not in project.bare("down").stdout, (
        "the bare tool takes the edited file for pending"
    )
    assert len(project.changelog()) == 2
    assert project.down("1-a.js").exit_code == 0
    assert project.changelog() == [] and project.db.undone.count_documents({}) == 1


def test_use_file_hash_turned_on_in_an_old_project_reruns_everything(project: Project) -> None:
    project.config()
    project.migration("1-a.js", 'await db.collection("log").insertOne({});')
    project.bare("up")
    project.config(useFileHash=True)
    project.bare("up")
    assert project.db.log.count_documents({}) == 2
    assert [row.version for row in ENGINE.applied(project.target)] == ["1-a.js"]


# -- locks -----------------------------------------------------------------------------------------------------------


def test_two_unlocked_runs_apply_a_file_twice_and_the_lease_lets_one_in(project: Project) -> None:
    project.config()
    project.migration(
        "1-a.js",
        """
        await db.collection("log").insertOne({});
        for (let i = 0; i < 400 && (await db.collection("log").countDocuments()) < 2; i++) {
          await new Promise((r) => setTimeout(r, 25));
        }
        """,
    )
    runs = [threading.Thread(target=project.bare, args=("up",)) for _ in range(2)]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    assert project.db.log.count_documents({}) == 2 and len(project.changelog()) == 2
    with ENGINE.run_lock(project.target, OWNER), pytest.raises(Busy) as caught:
        with ENGINE.run_lock(project.target, OWNER):
            pass
    assert caught.value.details["holder"]["user"] == "me"


def test_the_tools_own_lock_needs_a_collection_and_a_ttl(project: Project) -> None:
    project.migration("1-a.js", "")
    project.db.changelog_lock.insert_one({"createdAt": None})
    project.config(lockCollectionName="changelog_lock", lockTtl=0)
    assert "MIGRATED UP: 1-a.js" in project.bare("up").stdout, "a TTL of 0, the default, switches it off"


def test_the_tools_own_lock_survives_a_kill_and_is_explained(project: Project) -> None:
    project.config(lockCollectionName="changelog_lock", lockTtl=600)
    project.migration(
        "1-a.js", 'await db.collection("log").insertOne({});\nawait new Promise((r) => setTimeout(r, 60000));'
    )
    script = tools.npm_modules_dir() / "migrate-mongo" / "bin" / "migrate-mongo.js"
    running = subprocess.Popen([tools.node_path(), script, "up"], cwd=project.folder)
    _wait_for_one(project.db.log)
    running.send_signal(signal.SIGKILL)
    running.wait()
    assert project.db.changelog_lock.count_documents({}) == 1
    outcome = project.up("1-a.js")
    error = project.explain(outcome)
    assert isinstance(error, Busy) and "lockTtl" in str(error.hint)


def test_a_cancelled_run_leaves_none_of_the_tools_own_locks_behind(project: Project) -> None:
    project.config(lockCollectionName="changelog_lock", lockTtl=600)
    project.migration(
        "1-a.js", 'await db.collection("log").insertOne({});\nawait new Promise((r) => setTimeout(r, 60000));'
    )
    cancel = CancelToken()
    run = project.up_in_background("1-a.js", cancel=cancel)
    _wait_for_one(project.db.log)
    assert project.db.changelog_lock.count_documents({}) == 1
    cancel.cancel()
    run.result()
    assert project.db.changelog_lock.count_documents({}) == 0


def _wait_for_one(collection) -> None:  # type: ignore[no-untyped-def]
    deadline = time.monotonic() + 20
    while collection.count_documents({}) == 0:
        assert time.monotonic() < deadline, "the migration did not begin"
        time.sleep(0.05)


# -- files -----------------------------------------------------------------------------------------------------------


def test_any_stray_js_in_the_directory_counts(project: Project) -> None:
    project.config()
    for name in (
        ".hidden.js",
        "helper.js",
        "migrate-mongo-config.js",
        "sample-migration.js",
        "notes.txt",
        "x.ts",
        ".js",
    ):
        project.write(name, "module.exports = { helper: 1 };")
    (project.migrations / "dir.js").mkdir()
    seen = ask("list", project.folder, {}).result
    assert seen == [".hidden.js", "dir.js", "helper.js", "migrate-mongo-config.js"]
    tool = TOOL.configured(".js")
    listed = [path.name for path in project.migrations.iterdir()]
    assert sorted(filter(tool.is_migration, listed), key=tool.sort_key) == seen
    assert "dir.js" in project.bare("up").stderr or "is not a function" in project.bare("up").stderr
    stray = TOOL.parse(project.migrations / "helper.js", (project.migrations / "helper.js").read_bytes())
    assert [problem.code for problem in stray.problems] == ["no_up"] and not stray.is_valid


def test_a_stray_file_that_is_run_nevertheless_fails_with_its_reason(project: Project) -> None:
    project.write("helper.js", "module.exports = { helper: 1 };")
    error = project.explain(project.up("helper.js"))
    assert isinstance(error, MigrationInvalid) and "no up function" in error.message


def test_a_file_without_down_is_valid_and_its_rollback_changes_nothing(project: Project) -> None:
    path = project.write("1-a.js", "module.exports = { async up() {} };")
    parsed = TOOL.parse(path, path.read_bytes())
    assert parsed.is_valid and not parsed.has_down and [p.code for p in parsed.problems] == ["no_down"]
    project.up("1-a.js")
    assert isinstance(project.explain(project.down("1-a.js")), MigrationInvalid)
    assert project.applied() == ["1-a.js"]


def test_a_default_export_hides_the_named_ones(project: Project) -> None:
    project.config(migrationFileExtension=".mjs")
    path = project.write("1-a.mjs", "export const up = async () => {};\nexport default { name: 'x' };")
    assert "up is not a function" in project.bare("up").stderr
    assert [problem.code for problem in TOOL.parse(path, path.read_bytes()).problems] == ["default_hides_up"]


# -- server ----------------------------------------------------------------------------------------------------------


def test_a_server_that_is_down_keeps_the_driver_waiting_30_seconds_by_default(project: Project) -> None:
    script = 'import { MongoClient } from "mongodb"; console.log(new MongoClient("mongodb://h/x").options.serverSelectionTimeoutMS);'
    assert in_node(script, tools.npm_modules_dir().parent) == "30000"
    options = ENGINE.tool_setup(project.target, "tag").options["clientOptions"]
    assert isinstance(options, dict) and options["serverSelectionTimeoutMS"] <= 5000


def test_no_line_of_output_and_no_exit_code_is_the_truth(project: Project) -> None:
    """The changelog entry is taken away behind the run's back: the outcome says done, the database does not."""
    project.migration(
        "1-a.js",
        """
        setTimeout(async () => {}, 0);
        process.on("exit", () => { process.exitCode = 0; });
        """,
    )
    project.migration("2-b.js", 'await db.collection("changelog").deleteMany({});')
    outcome = project.up("1-a.js", "2-b.js")
    assert outcome.exit_code == 0 and project.told("done") == ["1-a.js", "2-b.js"]
    assert project.applied() == ["2-b.js"]


def test_a_thrown_value_that_is_no_error_is_still_told(project: Project) -> None:
    project.migration("1-a.js", 'throw "just text";')
    error = project.explain(project.up("1-a.js"))
    assert isinstance(error, SqlFailed) and "just text" in error.message


def test_a_killed_runner_is_told_as_such(project: Project) -> None:
    project.migration("1-a.js", 'process.kill(process.pid, "SIGKILL"); await new Promise(() => {});')
    outcome = project.up("1-a.js")
    assert outcome.exit_code == -signal.SIGKILL and project.applied() == []
    assert "ended before its report" in project.explain(outcome).message


def test_the_database_a_run_works_on_is_the_one_of_the_connection(project: Project) -> None:
    """An adopted project's own URL may point elsewhere; the connection's counts."""
    project.config(mongodb={"url": "mongodb://127.0.0.1:1/elsewhere", "databaseName": "elsewhere"})
    project.migration("1-a.js", 'await db.collection("log").insertOne({});')
    assert project.up("1-a.js").exit_code == 0
    with MongoClient(project.url) as client:
        assert client.get_default_database().log.count_documents({}) == 1
