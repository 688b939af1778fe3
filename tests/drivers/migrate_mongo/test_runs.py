"""Runs of real migrations on a real server: what happens in the database, and what is told of it."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path
from typing import Any

import pytest

from backend.core.errors import (
    Cancelled,
    ConnectionFailed,
    ConstraintViolation,
    MigrationInvalid,
    SqlFailed,
    SyntaxProblem,
)
from backend.drivers import process
from backend.engine.target import CancelToken

from .project import Project, target_of


def test_up_runs_exactly_the_given_files_in_one_block(project: Project) -> None:
    for number in (1, 2, 3):
        project.migration(
            f"2026010{number}000000-m{number}.js", f'await db.collection("log").insertOne({{ n: {number} }});'
        )
    outcome = project.up("20260101000000-m1.js", "20260103000000-m3.js")
    assert (outcome.exit_code, outcome.error_text) == (0, "")
    assert project.applied() == ["20260101000000-m1.js", "20260103000000-m3.js"]
    assert [row["n"] for row in project.db.log.find()] == [1, 3]
    first, second = project.changelog()
    assert set(first) == {"fileName", "appliedAt", "migrationBlock"}
    assert first["migrationBlock"] == second["migrationBlock"]
    assert abs(first["migrationBlock"] / 1000 - time.time()) < 60
    assert project.told("start") == project.told("done") == project.applied()
    assert all(
        event.duration_ms and event.duration_ms > 0 for event in project.events if event.kind == "done"
    )


def test_down_runs_exactly_the_given_files_newest_first(project: Project) -> None:
    names = [f"2026010{number}000000-m{number}.js" for number in (1, 2, 3)]
    for name in names:
        project.migration(name, "", f'await db.collection("log").insertOne({{ down: "{name}" }});')
    project.up(*names)
    assert project.down(names[2], names[0]).exit_code == 0
    assert project.applied() == [names[1]]
    assert [row["down"] for row in project.db.log.find()] == [names[2], names[0]]


def test_what_was_applied_can_be_read_by_the_bare_tool(project: Project) -> None:
    project.config()
    project.migration("20260101000000-a.js", "")
    project.migration("20260102000000-b.js", "")
    project.up("20260101000000-a.js")
    shown = project.bare("status").stdout
    assert "PENDING" in next(line for line in shown.splitlines() if "-b.js" in line)
    assert "PENDING" not in next(line for line in shown.splitlines() if "-a.js" in line)


def test_a_failure_names_the_line_and_what_came_before_it_stays(project: Project) -> None:
    project.migration("1-a.js", "")
    project.write(
        "2-b.js",
        """
        module.exports = {
          async up(db) {
            await db.collection("made").insertOne({ _id: 1 });
            throw new Error("boom at fifty percent");
          },
        };
        """,
    )
    project.migration("3-c.js", "")
    outcome = project.up("1-a.js", "2-b.js", "3-c.js")
    assert (outcome.exit_code, outcome.failed_file) == (1, "2-b.js")
    assert project.applied() == ["1-a.js"]
    assert outcome.details["failure"]["migrated"] == ["1-a.js"]
    error = project.explain(outcome)
    assert isinstance(error, SqlFailed)
    assert "boom at fifty percent" in error.message
    assert (error.details["file"], error.details["line"], error.details["column"]) == ("2-b.js", 4, 11)
    assert error.details["line_of_file"] is True
    assert project.db.made.count_documents({}) == 1


def test_a_duplicate_key_names_collection_index_and_value(project: Project) -> None:
    project.db.users.create_index("email", unique=True)
    project.db.users.insert_one({"email": "a@example.com"})
    project.migration(
        "1-a.js", 'const x = 1;\nawait db.collection("users").insertOne({ email: "a@example.com" });'
    )
    error = project.explain(project.up("1-a.js"))
    assert isinstance(error, ConstraintViolation)
    assert "a@example.com" in error.message and "in users" in error.message and "email_1" in error.message
    assert (error.details["line"], error.details["errno"]) == (4, 11000)


def test_a_duplicate_in_a_bulk_write_is_explained_the_same(project: Project) -> None:
    project.db.users.create_index("email", unique=True)
    project.migration("1-a.js", 'await db.collection("users").insertMany([{ email: "x" }, { email: "x" }]);')
    error = project.explain(project.up("1-a.js"))
    assert isinstance(error, ConstraintViolation)
    assert "email_1" in error.message and error.details["line"] == 3


def test_a_refused_document_is_named_with_its_rule(project: Project) -> None:
    rule = {
        "$jsonSchema": {
            "required": ["name"],
            "properties": {"age": {"bsonType": "int", "description": "years"}},
        }
    }
    project.db.create_collection("users", validator=rule)
    project.migration("1-a.js", 'await db.collection("users").insertOne({ _id: "first", age: "x" });')
    error = project.explain(project.up("1-a.js"))
    assert isinstance(error, ConstraintViolation)
    assert "first" in error.message and "name is missing" in error.message
    assert error.details["errno"] == 121


def test_a_missing_package_is_named_with_the_way_out(project: Project) -> None:
    project.write("1-a.js", 'const _ = require("lodash/fp");\nmodule.exports = { async up() {} };')
    outcome = project.up("1-a.js")
    error = project.explain(outcome)
    assert isinstance(error, MigrationInvalid)
    assert error.details["command"] == "npm install lodash"
    assert str(project.folder) in str(error.hint) and error.details["line"] == 1
    assert project.applied() == []


def test_a_missing_package_of_an_es_module_is_named_with_its_line(project: Project) -> None:
    project.write("1-a.mjs", '// first\nimport x from "@scope/thing/sub";\nexport const up = async () => x;')
    error = project.explain(project.up("1-a.mjs"))
    assert (error.details["module"], error.details["line"]) == ("@scope/thing", 2)


def test_a_missing_file_of_the_project_is_named(project: Project) -> None:
    project.write("1-a.js", 'const x = require("../src/model");\nmodule.exports = { async up() {} };')
    error = project.explain(project.up("1-a.js"))
    assert "../src/model" in error.message and "npm install" not in str(error.hint)


def test_a_syntax_error_in_the_last_file_keeps_all_from_running(project: Project) -> None:
    project.migration("1-a.js", 'await db.collection("ran").insertOne({});')
    project.write("2-b.js", "module.exports = {\n  async up(db) {\n    const a = ;\n  },\n};\n")
    outcome = project.up("1-a.js", "2-b.js")
    error = project.explain(outcome)
    assert isinstance(error, SyntaxProblem)
    assert (error.details["file"], error.details["line"], error.details["column"]) == ("2-b.js", 3, 15)
    assert project.db.ran.count_documents({}) == 0


def test_es_modules_and_typescript_run(project: Project) -> None:
    project.write("models.ts", 'export enum Kind { Admin = "admin" }\n', project.folder / "src")
    project.write(
        "1-esm.mjs",
        """
        import { ObjectId } from "mongodb";
        export const up = async (db) => { await db.collection("log").insertOne({ _id: new ObjectId(), from: "esm" }); };
        export const down = async (db) => { await db.collection("log").deleteMany({ from: "esm" }); };
        """,
    )
    project.write(
        "2-ts.ts",
        """
        import type { Db } from "mongodb";
        import { Kind } from "../src/models";
        interface Row { from: string }
        export async function up(db: Db): Promise<void> {
          await db.collection<Row>("log").insertOne({ from: Kind.Admin } satisfies Row);
        }
        """,
    )
    project.write(
        "3-default.mts",
        """
        export default { up: async (db: any) => { await db.collection("log").insertOne({ from: "default" }); } };
        """,
    )
    outcome = project.up("1-esm.mjs", "2-ts.ts", "3-default.mts")
    assert outcome.exit_code == 0, outcome.error_text
    assert [row["from"] for row in project.db.log.find()] == ["esm", "admin", "default"]


def test_an_es_module_with_top_level_await_runs(project: Project) -> None:
    project.write(
        "1-tla.mjs",
        'const name = await Promise.resolve("later");\nexport const up = (db) => db.collection(name).insertOne({});',
    )
    assert project.up("1-tla.mjs").exit_code == 0
    assert project.db.later.count_documents({}) == 1


def test_files_of_several_folders_run_in_place(project: Project) -> None:
    project.write("helper.js", 'module.exports = "helped";', project.folder / "more")
    first = project.migration("1-a.js", "")
    second = project.write(
        "2-b.js",
        'const x = require("./helper");\nmodule.exports = { up: (db) => db.collection(x).insertOne({}) };',
        project.folder / "more",
    )
    assert project.up(first, second).exit_code == 0
    assert project.applied() == ["1-a.js", "2-b.js"] and project.db.helped.count_documents({}) == 1


def test_what_a_migration_prints_is_told_apart(project: Project) -> None:
    project.migration(
        "1-a.js", 'console.log("hello"); console.error("careful"); await db.command({ ping: 1 });'
    )
    outcome = project.up("1-a.js")
    streams = {event.text: event.stream for event in project.events if event.kind == "output"}
    assert streams == {"hello": "console", "careful": "stderr"}
    assert "hello" in outcome.output


def test_a_transaction_in_a_migration_undoes_its_own_work(project: Project) -> None:
    project.db.users.insert_one({"_id": 0})
    project.migration(
        "1-a.js",
        """
        const session = client.startSession();
        try {
          await session.withTransaction(async () => {
            await db.collection("users").insertOne({ _id: 1 }, { session });
            throw new Error("undo");
          });
        } finally {
          await session.endSession();
        }
        """,
    )
    assert project.up("1-a.js").exit_code == 1
    assert [row["_id"] for row in project.db.users.find()] == [0]


def test_record_and_forget_write_the_changelog_alone(project: Project) -> None:
    project.migration("1-a.js", 'await db.collection("ran").insertOne({});')
    assert project.record("1-a.js", "gone.js").exit_code == 0
    assert project.applied() == ["1-a.js", "gone.js"]
    assert project.record("1-a.js").exit_code == 0
    assert len(project.changelog()) == 2
    assert set(project.changelog()[0]) == {"fileName", "appliedAt", "migrationBlock"}
    assert project.forget("gone.js", "1-a.js").exit_code == 0
    assert project.applied() == [] and project.db.ran.count_documents({}) == 0


def test_record_keeps_the_hash_where_the_project_uses_it(project: Project) -> None:
    project.config(useFileHash=True)
    path = project.migration("1-a.js", "")
    project.record("1-a.js")
    assert project.changelog()[0]["fileHash"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert "PENDING" not in project.bare("status").stdout


def test_cancel_ends_the_run_within_seconds_and_records_nothing(project: Project) -> None:
    project.migration(
        "1-a.js", 'await db.collection("log").insertOne({});\nawait new Promise((r) => setTimeout(r, 60000));'
    )
    cancel = CancelToken()
    run = project.up_in_background("1-a.js", cancel=cancel)
    deadline = time.monotonic() + 20
    while project.db.log.count_documents({}) == 0 and time.monotonic() < deadline:
        time.sleep(0.05)
    started = time.monotonic()
    cancel.cancel()
    outcome = run.result()
    assert time.monotonic() - started < 3
    assert outcome.cancelled and project.applied() == []
    assert isinstance(project.explain(outcome), Cancelled)


def test_a_migration_that_ignores_sigterm_is_killed(project: Project) -> None:
    project.migration("1-a.js", 'await db.collection("log").insertOne({});\nfor (;;) {}')
    cancel = CancelToken()
    run = project.up_in_background("1-a.js", cancel=cancel)
    while project.db.log.count_documents({}) == 0:
        time.sleep(0.05)
    time.sleep(0.2)
    cancel.cancel()
    assert run.result(10).cancelled


def test_a_run_that_takes_too_long_is_ended(project: Project) -> None:
    project.migration("1-a.js", "await new Promise((r) => setTimeout(r, 60000));")
    outcome = project.up("1-a.js", timeout_s=2)
    assert outcome.exit_code != 0 and not outcome.cancelled
    assert project.applied() == []


def test_no_argument_and_no_output_holds_the_password(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    real = process.Command.__init__

    def watching(self: process.Command, argv: object, **more: object) -> None:
        seen.append(str(argv) + str(more.get("env")))
        real(self, argv, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(process.Command, "__init__", watching)
    project.migration("1-a.js", "console.log(process.argv, process.env); throw new Error('x');")
    outcome = project.up("1-a.js")
    assert seen and "Tk7" not in "".join(seen)
    assert "Tk7" not in outcome.output + outcome.error_text + str(outcome.details)


def test_a_server_that_is_down_is_told_within_seconds(tmp_path: Path) -> None:
    from backend.drivers.migrate_mongo import TOOL
    from backend.engine.target import FailedBlock
    from backend.engine.tool import ToolRun
    from backend.engines.mongodb import ENGINE
    from backend.models.migration import Direction

    (tmp_path / "1-a.js").write_text(TOOL.compose("", ""))
    target = target_of("mongodb://u:Tk7-not-for-logs@127.0.0.1:1/shop", tmp_path, connect_timeout_s=1.0)
    setup = ENGINE.tool_setup(target, "tag")
    outcome = TOOL.run(
        ToolRun(target, setup, Direction.UP, [tmp_path / "1-a.js"]), lambda event: None, CancelToken()
    )
    error = ENGINE.explain_failure(FailedBlock(outcome.error_text))
    assert isinstance(error, ConnectionFailed) and "127.0.0.1:1" in error.message
    assert "Tk7" not in outcome.error_text


def test_events_come_through_standard_error_where_no_descriptor_can_be_handed_down(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = process.Command.__init__

    def as_on_windows(self: process.Command, argv: Any, **more: Any) -> None:
        real(self, argv, **{**more, "events": "stderr"})

    monkeypatch.setattr(process.Command, "__init__", as_on_windows)
    project.migration("1-a.js", 'console.error("plain"); process.stderr.write("no newline");')
    outcome = project.up("1-a.js")
    assert (outcome.exit_code, project.told("done"), project.applied()) == (0, ["1-a.js"], ["1-a.js"])
    assert "plain" in outcome.output and "no newline" in outcome.output and '"event"' not in outcome.output
